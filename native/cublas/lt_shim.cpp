// libcublasLt: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/absent.h"
#include "calls/forward.h"
#include "cublas/calls.h"
#include "cublas/statuses.h"

#define CALL FORWARD_CUBLAS
#include "api/cublaslt_calls.h"

ANSWER_ABSENT(CUBLAS_STATUS_NOT_SUPPORTED)

// The version is the shim's own, because one source serves both libraries.
EXPORT size_t cublasLtGetVersion() {
  return CHARLSTM_CUBLAS_VERSION;
}

EXPORT size_t cublasLtGetCudartVersion() {
  return CUDA_OF_SHIM;
}

EXPORT const char* cublasLtGetStatusName(cublasStatus_t status) {
  return name_of(status);
}

EXPORT const char* cublasLtGetStatusString(cublasStatus_t status) {
  return name_of(status);
}
