// Attributes of kernels, and their occupancy.
#include "runtime/runtime.h"

namespace cudart {

namespace {

template <typename Call>
cudaError_t with_function(const void* kernel, Call call) {
  return in_context([&] {
    cudaError_t why = cudaSuccess;
    CUfunction function = function_of(kernel, why);
    return function ? cudaError_t(call(function)) : why;
  });
}

int attribute(CUfunction function, CUfunction_attribute number) {
  int value = 0;
  return CU(cuFuncGetAttribute)(&value, number, function) == CUDA_SUCCESS ? value : 0;
}

}

}

using namespace cudart;

EXPORT cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* to, const void* kernel) {
  return with_function(kernel, [&](CUfunction function) {
    if (!to) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    *to = {};
    to->sharedSizeBytes = attribute(function, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
    to->constSizeBytes = attribute(function, CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES);
    to->localSizeBytes = attribute(function, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
    to->maxThreadsPerBlock = attribute(function, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    to->numRegs = attribute(function, CU_FUNC_ATTRIBUTE_NUM_REGS);
    to->ptxVersion = attribute(function, CU_FUNC_ATTRIBUTE_PTX_VERSION);
    to->binaryVersion = attribute(function, CU_FUNC_ATTRIBUTE_BINARY_VERSION);
    to->maxDynamicSharedSizeBytes = attribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
    to->preferredShmemCarveout = attribute(function, CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT);
    to->clusterDimMustBeSet = attribute(function, CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET);
    to->requiredClusterWidth = attribute(function, CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH);
    to->requiredClusterHeight = attribute(function, CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT);
    to->requiredClusterDepth = attribute(function, CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH);
    to->nonPortableClusterSizeAllowed = attribute(function, CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
    return CUDA_SUCCESS;
  });
}

// Calls the driver's function for the kernel's `function`.
#define OF_KERNEL(name, parameters, driver, arguments)                                            \
  EXPORT cudaError_t name parameters {                                                            \
    return with_function(kernel, [&](CUfunction function) { return CU(driver) arguments; });      \
  }

OF_KERNEL(cudaFuncSetAttribute, (const void* kernel, cudaFuncAttribute number, int value), cuFuncSetAttribute,
          (function, CUfunction_attribute(number), value))
OF_KERNEL(cudaFuncSetCacheConfig, (const void* kernel, cudaFuncCache preference), cuFuncSetCacheConfig,
          (function, CUfunc_cache(preference)))
OF_KERNEL(cudaOccupancyAvailableDynamicSMemPerBlock, (size_t* bytes, const void* kernel, int blocks, int threads),
          cuOccupancyAvailableDynamicSMemPerBlock, (bytes, function, blocks, threads))
OF_KERNEL(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, (int* blocks, const void* kernel, int threads,
                                                                   size_t shared, unsigned flags),
          cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, (blocks, function, threads, shared, flags))
OF_KERNEL(cudaOccupancyMaxActiveBlocksPerMultiprocessor, (int* blocks, const void* kernel, int threads, size_t shared),
          cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, (blocks, function, threads, shared, 0))
