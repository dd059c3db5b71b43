// cuBLASLt: handles, and descriptors, which take what NVIDIA's 12.4.5 take: only the sizes of attributes are looked at.
#include <cstring>

#include "calls/handles.h"
#include "cublas/lt.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS, INVALID = CUBLAS_STATUS_INVALID_VALUE;

Handles<cublasLtHandle_t, Lt> handles(&counters.cublas_live);
Handles<cublasLtMatmulDesc_t, LtDescription> descriptions(&counters.cublas_live);
Handles<cublasLtMatrixLayout_t, LtLayout> layouts(&counters.cublas_live);
Handles<cublasLtMatmulPreference_t, LtPreference> preferences(&counters.cublas_live);

template <typename All, typename Handle>
auto found(const char* call, const char* name, const All& all, Handle handle) {
  auto object = all.find(handle);
  if (!object) {
    refuse(INVALID, call, std::string(name) + ": no such object, or one that was destroyed");
  }
  return object;
}

template <typename All, typename Handle, typename Object>
cublasStatus_t made(const char* call, All& all, Handle* handle, Object object) {
  if (!handle) {
    return refuse(INVALID, call, "the result: null");
  }
  *handle = all.add(std::make_shared<Object>(object));
  return GOOD;
}

// To destroy null succeeds.
template <typename All, typename Handle>
cublasStatus_t destroyed(const char* call, const char* name, All& all, Handle handle) {
  if (handle && !found(call, name, all, handle)) {
    return INVALID;
  }
  all.remove(handle);
  return GOOD;
}

cublasStatus_t set(const char* call, void* to, size_t needed, const void* from, size_t size) {
  if (size != needed) {
    return refuse(INVALID, call, "sizeInBytes: " + std::to_string(size) + ", but the attribute has " +
                                     std::to_string(needed));
  }
  if (!from || !readable(from, size)) {
    return refuse(INVALID, call, "buf: cannot be read by the host");
  }
  std::memcpy(to, from, size);
  return GOOD;
}

cublasStatus_t unknown(const char* call, int attribute) {
  return refuse(CUBLAS_STATUS_NOT_SUPPORTED, call,
                "attr: the simulated cuBLASLt has no attribute " + std::to_string(attribute));
}

}

std::shared_ptr<Lt> find_lt(const char* call, cublasLtHandle_t handle) {
  auto lt = handles.find(handle);
  if (!lt) {
    refuse(CUBLAS_STATUS_NOT_INITIALIZED, call, "lightHandle: no cuBLASLt handle, or one that was destroyed");
  }
  return lt;
}

std::shared_ptr<LtDescription> find_description(const char* call, cublasLtMatmulDesc_t description) {
  return found(call, "matmulDesc", descriptions, description);
}

std::shared_ptr<LtLayout> find_layout(const char* call, const char* name, cublasLtMatrixLayout_t layout) {
  return found(call, name, layouts, layout);
}

std::shared_ptr<LtPreference> find_preference(const char* call, cublasLtMatmulPreference_t preference) {
  return found(call, "pref", preferences, preference);
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* lightHandle) {
  if (forbidden_by_capture()) {
    return refuse(CUBLAS_STATUS_NOT_INITIALIZED, "cublasLtCreate", "called during a capture");
  }
  return made("cublasLtCreate", handles, lightHandle, Lt{});
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t lightHandle) {
  return lightHandle ? destroyed("cublasLtDestroy", "lightHandle", handles, lightHandle)
                     : refuse(INVALID, "cublasLtDestroy", "lightHandle: null");
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* matmulDesc, cublasComputeType_t computeType,
                                        cudaDataType scaleType) {
  return made("cublasLtMatmulDescCreate", descriptions, matmulDesc, LtDescription{computeType, scaleType});
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t matmulDesc) {
  return destroyed("cublasLtMatmulDescDestroy", "matmulDesc", descriptions, matmulDesc);
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t matmulDesc, cublasLtMatmulDescAttributes_t attr,
                                              const void* buf, size_t sizeInBytes) {
  const char* call = "cublasLtMatmulDescSetAttribute";
  std::shared_ptr<LtDescription> of = find_description(call, matmulDesc);
  if (!of) {
    return INVALID;
  }
  switch (attr) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return set(call, &of->transa, sizeof of->transa, buf, sizeInBytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return set(call, &of->transb, sizeof of->transb, buf, sizeInBytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE: return set(call, &of->epilogue, sizeof of->epilogue, buf, sizeInBytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return set(call, &of->bias, sizeof of->bias, buf, sizeInBytes);
    default: return unknown(call, attr);
  }
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* matLayout, cudaDataType type, uint64_t rows,
                                          uint64_t cols, int64_t ld) {
  return made("cublasLtMatrixLayoutCreate", layouts, matLayout, LtLayout{type, rows, cols, ld});
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t matLayout) {
  return destroyed("cublasLtMatrixLayoutDestroy", "matLayout", layouts, matLayout);
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* pref) {
  return made("cublasLtMatmulPreferenceCreate", preferences, pref, LtPreference{});
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t pref) {
  return destroyed("cublasLtMatmulPreferenceDestroy", "pref", preferences, pref);
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t pref,
                                                    cublasLtMatmulPreferenceAttributes_t attr, const void* buf,
                                                    size_t sizeInBytes) {
  const char* call = "cublasLtMatmulPreferenceSetAttribute";
  std::shared_ptr<LtPreference> of = find_preference(call, pref);
  if (!of) {
    return INVALID;
  }
  if (attr == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) {
    return set(call, &of->most_workspace, sizeof of->most_workspace, buf, sizeInBytes);
  }
  int matrix = attr - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
  return matrix >= 0 && matrix < 4 ? set(call, &of->alignments[matrix], sizeof *of->alignments, buf, sizeInBytes)
                                   : unknown(call, attr);
}

}
