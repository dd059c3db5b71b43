// cuBLAS: handles and their settings.
#include "cublas/handle.h"

#include "memory/ranges.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

Handles<cublasHandle_t, Cublas> handles(&counters.cublas_live);

}

cublasStatus_t cublas_answer(Needs needs, const char* name, const std::function<void()>& call) {
  constexpr Statuses statuses{CUBLAS_STATUS_NOT_INITIALIZED, CUBLAS_STATUS_ALLOC_FAILED, CUBLAS_STATUS_INVALID_VALUE,
                              CUBLAS_STATUS_INTERNAL_ERROR, CUBLAS_STATUS_EXECUTION_FAILED};
  return cublasStatus_t(
      answer(needs, name, call, statuses, [](int, const std::string& message) { complain(message); }));
}

Cublas& find_cublas(cublasHandle_t handle) {
  return *find_object(handles, handle, CUBLAS_STATUS_NOT_INITIALIZED, "handle");
}

void cublasCreate_v2(cublasHandle_t* handle) {
  refuse_if(forbidden_by_capture(), CUBLAS_STATUS_NOT_INITIALIZED, "called during a capture");
  create_object(handles, handle, INVALID);
}

void cublasDestroy_v2(cublasHandle_t handle) {
  find_cublas(handle);
  refuse_if(forbidden_by_capture(), CUBLAS_STATUS_EXECUTION_FAILED, "called during a capture");
  handles.remove(handle);
  // Destroying a handle waits for the device, as in cuBLAS.
  if (context.failed == CUDA_SUCCESS) {
    require_success(run_everything());
  }
}

void cublasSetStream_v2(cublasHandle_t handle, CUstream stream) {
  Cublas& cublas = find_cublas(handle);
  refuse_if(!find_stream(stream), INVALID, "stream: no stream, or one that was destroyed");
  // This also restores the library's own workspace, as documented.
  cublas = Cublas{stream, 0, 0, cublas.math, cublas.scalars};
}

void cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
  Cublas& cublas = find_cublas(handle);
  auto start = reinterpret_cast<Address>(workspace);
  refuse_if(bytes == 0, INVALID, "workspaceSizeInBytes: 0");
  refuse_for(INVALID, misplaced({{"workspace", start, bytes, Use::SCRATCH, 256}}));
  cublas.workspace = start;
  cublas.workspace_size = bytes;
}

void cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  Cublas& cublas = find_cublas(handle);
  refuse_if(mode != CUBLAS_DEFAULT_MATH && mode != CUBLAS_PEDANTIC_MATH && mode != CUBLAS_TF32_TENSOR_OP_MATH, INVALID,
            "mode: " + std::to_string(int(mode)) + " is none of 0, 2 and 3");
  cublas.math = mode;
}

void cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode) {
  Cublas& cublas = find_cublas(handle);
  refuse_if(mode != CUBLAS_POINTER_MODE_HOST && mode != CUBLAS_POINTER_MODE_DEVICE, INVALID,
            "mode: " + std::to_string(int(mode)) + " is neither 0 nor 1");
  cublas.scalars = mode;
}

}
