// cuBLAS: handles, and what is set in them.
#include "calls/handles.h"
#include "cublas/handle.h"
#include "memory/ranges.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE;

Handles<cublasHandle_t, Cublas> handles(&counters.cublas_live);

}

cublasStatus_t refuse(cublasStatus_t status, const char* call, const std::string& why) {
  complain(std::string(call) + ": " + why);
  return status;
}

std::shared_ptr<Cublas> find_cublas(const char* call, cublasHandle_t handle) {
  std::shared_ptr<Cublas> found = handles.find(handle);
  if (!found) {
    refuse(CUBLAS_STATUS_NOT_INITIALIZED, call, "handle: no cuBLAS handle, or one that was destroyed");
  }
  return found;
}

cublasStatus_t cublas_status(CUresult result) {
  switch (result) {
    case CUDA_SUCCESS: return CUBLAS_STATUS_SUCCESS;
    case CUDA_ERROR_NOT_INITIALIZED:
    case CUDA_ERROR_INVALID_CONTEXT:
    case CUDA_ERROR_CONTEXT_IS_DESTROYED: return CUBLAS_STATUS_NOT_INITIALIZED;
    case CUDA_ERROR_OUT_OF_MEMORY: return CUBLAS_STATUS_ALLOC_FAILED;
    case CUDA_ERROR_INVALID_VALUE:
    case CUDA_ERROR_INVALID_HANDLE: return CUBLAS_STATUS_INVALID_VALUE;
    case CUDA_ERROR_UNKNOWN: return CUBLAS_STATUS_INTERNAL_ERROR;
    default: return CUBLAS_STATUS_EXECUTION_FAILED;
  }
}

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  if (!handle) {
    return refuse(INVALID, "cublasCreate_v2", "handle: null");
  }
  if (forbidden_by_capture()) {
    return refuse(CUBLAS_STATUS_NOT_INITIALIZED, "cublasCreate_v2", "called during a capture");
  }
  *handle = handles.add(std::make_shared<Cublas>());
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  if (!find_cublas("cublasDestroy_v2", handle)) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  if (forbidden_by_capture()) {
    return refuse(CUBLAS_STATUS_EXECUTION_FAILED, "cublasDestroy_v2", "called during a capture");
  }
  handles.remove(handle);
  // It waits for the device, as cuBLAS does.
  return context.failed == CUDA_SUCCESS ? cublas_status(run_everything()) : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, CUstream stream) {
  std::shared_ptr<Cublas> cublas = find_cublas("cublasSetStream_v2", handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  if (!find_stream(stream)) {
    return refuse(INVALID, "cublasSetStream_v2", "stream: no stream, or one that was destroyed");
  }
  // This puts the library's own workspace back, as documented.
  *cublas = Cublas{stream, 0, 0, cublas->math, cublas->scalars};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
  std::shared_ptr<Cublas> cublas = find_cublas("cublasSetWorkspace_v2", handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  auto start = reinterpret_cast<Address>(workspace);
  if (bytes == 0) {
    return refuse(INVALID, "cublasSetWorkspace_v2", "workspaceSizeInBytes: 0");
  }
  std::string wrong = misplaced({{"workspace", start, bytes, Use::SCRATCH, 256}});
  if (!wrong.empty()) {
    return refuse(INVALID, "cublasSetWorkspace_v2", wrong);
  }
  cublas->workspace = start;
  cublas->workspace_size = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  std::shared_ptr<Cublas> cublas = find_cublas("cublasSetMathMode", handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  if (mode != CUBLAS_DEFAULT_MATH && mode != CUBLAS_PEDANTIC_MATH && mode != CUBLAS_TF32_TENSOR_OP_MATH) {
    return refuse(INVALID, "cublasSetMathMode", "mode: " + std::to_string(int(mode)) + " is none of 0, 2 and 3");
  }
  cublas->math = mode;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode) {
  std::shared_ptr<Cublas> cublas = find_cublas("cublasSetPointerMode_v2", handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  if (mode != CUBLAS_POINTER_MODE_HOST && mode != CUBLAS_POINTER_MODE_DEVICE) {
    return refuse(INVALID, "cublasSetPointerMode_v2", "mode: " + std::to_string(int(mode)) + " is neither 0 nor 1");
  }
  cublas->scalars = mode;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusName(cublasStatus_t status) {
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

}
