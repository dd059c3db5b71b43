// cuBLASLt: handles and descriptors, which accept what NVIDIA's 12.4.5 accept: only attributes' sizes are checked.
#include <cstring>

#include "cublas/lt.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

struct Lt {};

Handles<cublasLtHandle_t, Lt> light_handles(&counters.cublas_live);
Handles<cublasLtMatmulDesc_t, LtDescription> descriptions(&counters.cublas_live);
Handles<cublasLtMatrixLayout_t, LtLayout> layouts(&counters.cublas_live);
Handles<cublasLtMatmulPreference_t, LtPreference> preferences(&counters.cublas_live);

struct Attribute {
  int number;
  void* place;
  size_t size;
};

void set(const std::vector<Attribute>& known, int number, const void* from, size_t size) {
  for (const Attribute& attribute : known) {
    if (attribute.number == number) {
      refuse_if(size != attribute.size, INVALID, "sizeInBytes: " + std::to_string(size) + ", but the attribute has " +
                                                     std::to_string(attribute.size));
      refuse_if(!from || !readable(from, size), INVALID, "buf: cannot be read by the host");
      std::memcpy(attribute.place, from, size);
      return;
    }
  }
  refuse(UNSUPPORTED, "attr: the simulated cuBLASLt has no attribute " + std::to_string(number));
}

}

void check_handle(cublasLtHandle_t handle) {
  find_object(light_handles, handle, CUBLAS_STATUS_NOT_INITIALIZED, "lightHandle");
}

LtDescription& find_description(cublasLtMatmulDesc_t description) {
  return *find_object(descriptions, description, INVALID, "matmulDesc");
}

LtLayout& find_layout(const char* name, cublasLtMatrixLayout_t layout) {
  return *find_object(layouts, layout, INVALID, name);
}

LtPreference& find_preference(cublasLtMatmulPreference_t preference) {
  return *find_object(preferences, preference, INVALID, "pref");
}

void cublasLtCreate(cublasLtHandle_t* lightHandle) {
  refuse_if(forbidden_by_capture(), CUBLAS_STATUS_NOT_INITIALIZED, "called during a capture");
  create_object(light_handles, lightHandle, INVALID);
}

void cublasLtDestroy(cublasLtHandle_t lightHandle) {
  refuse_if(!lightHandle, INVALID, "lightHandle: null");
  destroy_object(light_handles, lightHandle, INVALID, "lightHandle");
}

void cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* matmulDesc, cublasComputeType_t computeType,
                              cudaDataType scaleType) {
  create_object(descriptions, matmulDesc, INVALID, {computeType, scaleType});
}

void cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t matmulDesc) {
  destroy_object(descriptions, matmulDesc, INVALID, "matmulDesc");
}

void cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t matmulDesc, cublasLtMatmulDescAttributes_t attr,
                                    const void* buf, size_t sizeInBytes) {
  LtDescription& of = find_description(matmulDesc);
  set({{CUBLASLT_MATMUL_DESC_TRANSA, &of.transa, sizeof of.transa},
       {CUBLASLT_MATMUL_DESC_TRANSB, &of.transb, sizeof of.transb},
       {CUBLASLT_MATMUL_DESC_EPILOGUE, &of.epilogue, sizeof of.epilogue},
       {CUBLASLT_MATMUL_DESC_BIAS_POINTER, &of.bias, sizeof of.bias}},
      attr, buf, sizeInBytes);
}

void cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* matLayout, cudaDataType type, uint64_t rows, uint64_t cols,
                                int64_t ld) {
  create_object(layouts, matLayout, INVALID, {type, rows, cols, ld});
}

void cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t matLayout) {
  destroy_object(layouts, matLayout, INVALID, "matLayout");
}

void cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* pref) {
  create_object(preferences, pref, INVALID);
}

void cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t pref) {
  destroy_object(preferences, pref, INVALID, "pref");
}

void cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t pref, cublasLtMatmulPreferenceAttributes_t attr,
                                          const void* buf, size_t sizeInBytes) {
  LtPreference& of = find_preference(pref);
  std::vector<Attribute> known{
      {CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &of.most_workspace, sizeof of.most_workspace}};
  for (uint32_t& alignment : of.alignments) {
    int matrix = int(&alignment - of.alignments);
    known.push_back({CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES + matrix, &alignment, sizeof alignment});
  }
  set(known, attr, buf, sizeInBytes);
}

}
