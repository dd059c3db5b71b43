// cuBLAS's handles, as the calls that set them left them.
#pragma once
#include <memory>
#include <string>

#include "cublas/calls.h"
#include "memory/memory.h"

namespace sim {

struct Cublas {
  CUstream stream = nullptr;
  // Null stands for the library's own workspace.
  Address workspace = 0;
  size_t workspace_size = 0;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
  // Where scalars are, such as alpha and the result of a dot product.
  cublasPointerMode_t scalars = CUBLAS_POINTER_MODE_HOST;
};

// Answers with the status, after telling on stderr what is wrong.
cublasStatus_t refuse(cublasStatus_t status, const char* call, const std::string& why);

// Null, after saying so, for a handle that is stale or of another kind.
std::shared_ptr<Cublas> find_cublas(const char* call, cublasHandle_t handle);

}
