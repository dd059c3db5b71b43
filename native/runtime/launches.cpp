// Launches of the program's kernels.
#include <vector>

#include "api/of_thread.h"
#include "runtime/runtime.h"

namespace cudart {

namespace {

struct Configuration {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
};

// The stack of launch configurations: <<<>>> pushes one, and the kernel's stub pops it at once.
std::vector<Configuration>& configurations() {
  return sim::of_thread<struct Configurations, std::vector<Configuration>>();
}

bool within(dim3 size, CUdevice_attribute first) {
  const unsigned sizes[] = {size.x, size.y, size.z};
  for (int i = 0; i < 3; i++) {
    int most = 0;
    CU(cuDeviceGetAttribute)(&most, CUdevice_attribute(first + i), 0);
    if (sizes[i] == 0 || sizes[i] > unsigned(most)) {
      return false;
    }
  }
  return true;
}

// The driver distinguishes the mistakes, but answers all wrong values alike.
bool possible(dim3 grid, dim3 block) {
  int threads = 0;
  CU(cuDeviceGetAttribute)(&threads, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 0);
  return within(grid, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X) && within(block, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X) &&
         1ull * block.x * block.y * block.z <= unsigned(threads);
}

template <typename Launch>
cudaError_t launch(const void* kernel, dim3 grid, dim3 block, Launch start) {
  cudaError_t why = cudaSuccess;
  CUfunction function = function_of(kernel, why);
  if (!function) {
    return why;
  }
  CUresult started = start(function);
  bool shape = started == CUDA_ERROR_INVALID_VALUE && !possible(grid, block);
  return shape ? cudaErrorInvalidConfiguration : cudaError_t(started);
}

cudaError_t launch(const void* kernel, dim3 grid, dim3 block, void** arguments, size_t shared, cudaStream_t stream) {
  return launch(kernel, grid, block, [&](CUfunction function) {
    return CU(cuLaunchKernel)(function, grid.x, grid.y, grid.z, block.x, block.y, block.z, unsigned(shared), stream,
                              arguments, nullptr);
  });
}

// The attributes of a launch are the driver's.
cudaError_t launch(const cudaLaunchConfig_t* config, const void* kernel, void** arguments, cudaStream_t stream) {
  if (!config) {
    return cudaErrorInvalidValue;
  }
  const CUlaunchConfig given = {config->gridDim.x, config->gridDim.y, config->gridDim.z, config->blockDim.x,
                                config->blockDim.y, config->blockDim.z, unsigned(config->dynamicSmemBytes), stream,
                                reinterpret_cast<CUlaunchAttribute*>(config->attrs), config->numAttrs};
  return launch(kernel, config->gridDim, config->blockDim,
                [&](CUfunction function) { return CU(cuLaunchKernelEx)(&given, function, arguments, nullptr); });
}

}

}

using namespace cudart;

EXPORT unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, CUstream_st* stream) {
  configurations().push_back({grid, block, shared, stream});
  return 0;
}

EXPORT cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared, void* stream) {
  if (configurations().empty()) {
    return told(cudaErrorMissingConfiguration);
  }
  const Configuration& last = configurations().back();
  *grid = last.grid;
  *block = last.block;
  *shared = last.shared;
  *static_cast<cudaStream_t*>(stream) = last.stream;
  configurations().pop_back();
  return cudaSuccess;
}

STREAMED_CALL(cudaLaunchKernel, (const void* kernel, dim3 grid, dim3 block, void** arguments, size_t shared,
                                 cudaStream_t stream),
              launch(kernel, grid, block, arguments, shared, stream))
STREAMED_CALL(__cudaLaunchKernel, (cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, size_t shared,
                                   cudaStream_t stream),
              launch(reinterpret_cast<const void*>(kernel), grid, block, arguments, shared, stream))
STREAMED_CALL(cudaLaunchCooperativeKernel, (const void* kernel, dim3 grid, dim3 block, void** arguments,
                                            size_t shared, cudaStream_t stream),
              launch(kernel, grid, block, [&](CUfunction function) {
                return CU(cuLaunchCooperativeKernel)(function, grid.x, grid.y, grid.z, block.x, block.y, block.z,
                                                     unsigned(shared), stream, arguments);
              }))
CALL(cudaLaunchKernelExC, (const cudaLaunchConfig_t* config, const void* kernel, void** arguments),
     launch(config, kernel, arguments, config ? config->stream : nullptr))
CALL(cudaLaunchKernelExC_ptsz, (const cudaLaunchConfig_t* config, const void* kernel, void** arguments),
     launch(config, kernel, arguments, of_this_thread(config ? config->stream : nullptr)))
