// cuBLAS' handles, with the values that calls have set.
#pragma once
#include "cublas/calls.h"
#include "memory/memory.h"

namespace sim {

constexpr cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE, UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED;

struct Cublas {
  CUstream stream = nullptr;
  // Null means the library's own workspace.
  Address workspace = 0;
  size_t workspace_size = 0;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
  // Where scalars such as alpha and the result of a dot product lie.
  cublasPointerMode_t scalars = CUBLAS_POINTER_MODE_HOST;
};

// Refuses a handle that is stale or of another kind.
Cublas& find_cublas(cublasHandle_t handle);

}
