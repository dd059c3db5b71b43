// libcublas: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/absent.h"
#include "calls/forward.h"
#include "cublas/calls.h"
#include "cublas/statuses.h"

#define CALL FORWARD_CUBLAS
#include "api/cublas_calls.h"

ANSWER_ABSENT(CUBLAS_STATUS_NOT_SUPPORTED)

// The version is the shim's own, because one source serves both libraries. The real cuBLAS needs no GPU for this,
// either.
EXPORT cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
  if (!value || type < MAJOR_VERSION || type > PATCH_LEVEL) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const int parts[] = {CHARLSTM_CUBLAS_VERSION / 10000, CHARLSTM_CUBLAS_VERSION / 100 % 100,
                       CHARLSTM_CUBLAS_VERSION % 100};
  *value = parts[type];
  return CUBLAS_STATUS_SUCCESS;
}

// Functions that explain errors are never refused and never made to fail; otherwise no message could be tested.
EXPORT const char* cublasGetStatusName(cublasStatus_t status) {
  return name_of(status);
}

EXPORT const char* cublasGetStatusString(cublasStatus_t status) {
  return name_of(status);
}

EXPORT size_t cublasGetCudartVersion() {
  return CUDA_OF_SHIM;
}
