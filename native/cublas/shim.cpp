// libcublas: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/forward.h"
#include "cublas/calls.h"

#define CALL FORWARD_CUBLAS
#include "api/cublas_calls.h"

// The version is the shim's own: one source serves both libraries. The real one needs no GPU for it either.
EXPORT cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
  if (!value || type < MAJOR_VERSION || type > PATCH_LEVEL) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const int parts[] = {CHARLSTM_CUBLAS_VERSION / 10000, CHARLSTM_CUBLAS_VERSION / 100 % 100,
                       CHARLSTM_CUBLAS_VERSION % 100};
  *value = parts[type];
  return CUBLAS_STATUS_SUCCESS;
}

// Explaining an error is never refused and never made to fail, or no message could be tested.
EXPORT const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_ARCH_MISMATCH: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
  }
  return "unknown cuBLAS status";
}
