// cuBLASLt's handles and descriptors, as the calls that set them left them.
#pragma once
#include "cublas/handle.h"
#include "cublas/lt_calls.h"

namespace sim {

struct Lt {};

struct LtDescription {
  cublasComputeType_t compute;
  cudaDataType scale;
  int transa = CUBLAS_OP_N, transb = CUBLAS_OP_N;
  unsigned epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};

struct LtLayout {
  cudaDataType type;
  uint64_t rows, columns;
  int64_t leading;
};

struct LtPreference {
  uint64_t most_workspace = 0;
  uint32_t alignments[4] = {256, 256, 256, 256};
};

// Null, after saying which argument is wrong, for a handle that is stale or of another kind.
std::shared_ptr<Lt> find_lt(const char* call, cublasLtHandle_t handle);
std::shared_ptr<LtDescription> find_description(const char* call, cublasLtMatmulDesc_t description);
std::shared_ptr<LtLayout> find_layout(const char* call, const char* name, cublasLtMatrixLayout_t layout);
std::shared_ptr<LtPreference> find_preference(const char* call, cublasLtMatmulPreference_t preference);

}
