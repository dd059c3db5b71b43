// cuBLASLt's handles and descriptors, with the values that calls have set.
#pragma once
#include "cublas/handle.h"

namespace sim {

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

// These functions refuse a handle that is stale or of another kind.
void check_handle(cublasLtHandle_t handle);
LtDescription& find_description(cublasLtMatmulDesc_t description);
LtLayout& find_layout(const char* name, cublasLtMatrixLayout_t layout);
LtPreference& find_preference(cublasLtMatmulPreference_t preference);

}
