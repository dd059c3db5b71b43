// libcublasLt: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/forward.h"
#include "cublas/calls.h"

#define CALL FORWARD_CUBLAS
#include "api/cublaslt_calls.h"

// The version is the shim's own: one source serves both libraries.
EXPORT size_t cublasLtGetVersion() {
  return CHARLSTM_CUBLAS_VERSION;
}
