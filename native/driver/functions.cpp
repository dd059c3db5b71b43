// Attributes of functions, and their occupancy.
#include "driver/functions.h"

#include "calls/calls.h"
#include "memory/state.h"

namespace sim {

namespace {

// A compiler for GPUs would give the number; a kernel compiled for the CPU has none. At this number registers never
// limit the occupancy.
constexpr int REGISTERS_OF_A_THREAD = 32;

constexpr int WARP = 32;

int in_warps(int threads) {
  return (threads + WARP - 1) / WARP * WARP;
}

}

int blocks_at_once(const Function& function, int threads, size_t dynamic_shared) {
  if (threads > function.most_threads() || dynamic_shared > size_t(function.dynamic_shared_limit())) {
    return 0;
  }
  size_t shared = function.kernel->shared_bytes + dynamic_shared + SHARED_RESERVED_FOR_A_BLOCK;
  return std::min({MOST_BLOCKS_AT_ONCE, MOST_THREADS_AT_ONCE / in_warps(threads),
                   REGISTERS / (REGISTERS_OF_A_THREAD * in_warps(threads)),
                   int(SHARED_OF_A_MULTIPROCESSOR / shared)});
}

namespace {

// The attributes that stand for x, y and z of a cluster follow one another.
int cluster_axis(CUfunction_attribute attribute) {
  return attribute - CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH;
}

int required_cluster(const Function& function, int axis) {
  int compiled = int(function.kernel->cluster);
  return compiled == 0 ? function.cluster[axis] : axis == 0 ? compiled : 1;
}

CUresult store(int& to, int value, int least, int most) {
  require(value >= least && value <= most);
  to = value;
  return CUDA_SUCCESS;
}

// For queries whose answer to a wrong handle is that of a wrong value.
std::shared_ptr<Function> function_asked(CUfunction handle) {
  return found(find_function(handle), CUDA_ERROR_INVALID_VALUE);
}

}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction handle) {
  std::shared_ptr<Function> function = found(find_function(handle));
  require(value);
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = function->most_threads(); break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = int(function->kernel->shared_bytes); break;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: *value = int(function->kernel->constant_bytes); break;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: *value = int(function->kernel->local_bytes); break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = REGISTERS_OF_A_THREAD; break;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
      *value = function->kernel->target ? function->kernel->target : settings.capability / 10;
      break;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = settings.capability / 10; break;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = function->dynamic_shared_limit(); break;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: *value = function->carveout; break;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET: *value = function->kernel->cluster != 0; break;
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH:
      *value = required_cluster(*function, cluster_axis(attribute));
      break;
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED: *value = function->larger_clusters; break;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: *value = function->scheduling; break;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  std::shared_ptr<Function> function = found(find_function(handle));
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      return store(function->asked_shared, value, 0, SHARED_LIMIT_OPTED_IN - int(function->kernel->shared_bytes));
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return store(function->carveout, value, -1, 100);
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH:
      return function->kernel->cluster ? CUDA_ERROR_NOT_PERMITTED
                                       : store(function->cluster[cluster_axis(attribute)], value, 0, 0x7fffffff);
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED: return store(function->larger_clusters, value, 0, 1);
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: return store(function->scheduling, value, 0, 2);
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult cuFuncGetParamInfo(CUfunction handle, size_t index, size_t* offset, size_t* size) {
  std::shared_ptr<Function> function = function_asked(handle);
  const Kernel& kernel = *function->kernel;
  require(offset && index < kernel.parameters);
  size_t end = 0;
  for (size_t i = 0; i <= index; i++) {
    *offset = (end + kernel.alignments[i] - 1) / kernel.alignments[i] * kernel.alignments[i];
    end = *offset + kernel.sizes[i];
  }
  if (size) {
    *size = kernel.sizes[index];
  }
  return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction handle, int threads,
                                                     size_t dynamic_shared) {
  std::shared_ptr<Function> function = function_asked(handle);
  require(threads > 0);
  return tell(blocks, blocks_at_once(*function, threads, dynamic_shared));
}

// The flag is about caches, which are not simulated.
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction handle, int threads,
                                                              size_t dynamic_shared, unsigned int) {
  return sim::cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, handle, threads, dynamic_shared);
}

CUresult cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache) {
  found(find_function(handle));
  return CUDA_SUCCESS;
}

CUresult cuFuncSetSharedMemConfig(CUfunction handle, CUsharedconfig banks) {
  found(find_function(handle));
  return sim::cuCtxSetSharedMemConfig(banks);
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* threads, CUfunction handle, CUoccupancyB2DSize shared_for,
                                          size_t dynamic_shared, int limit) {
  std::shared_ptr<Function> function = function_asked(handle);
  require(grid && threads && limit >= 0);
  int most = limit == 0 ? function->most_threads() : std::min(limit, function->most_threads());
  *grid = *threads = 0;
  int best = 0;
  // Of two block sizes with equal occupancy the larger is chosen, because it needs fewer blocks.
  for (int warps = in_warps(most); warps > 0; warps -= WARP) {
    int size = std::min(warps, most);
    int blocks = blocks_at_once(*function, size, shared_for ? shared_for(size) : dynamic_shared);
    if (blocks * size > best) {
      best = blocks * size;
      *threads = size;
      *grid = blocks * MULTIPROCESSORS;
    }
  }
  return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid, int* threads, CUfunction handle,
                                                   CUoccupancyB2DSize shared_for, size_t dynamic_shared, int limit,
                                                   unsigned int) {
  return sim::cuOccupancyMaxPotentialBlockSize(grid, threads, handle, shared_for, dynamic_shared, limit);
}

// The dynamic shared memory that is left for each block if this many are on a multiprocessor.
CUresult cuOccupancyAvailableDynamicSMemPerBlock(size_t* bytes, CUfunction handle, int blocks, int threads) {
  std::shared_ptr<Function> function = function_asked(handle);
  require(blocks > 0 && threads > 0 && blocks <= blocks_at_once(*function, threads, 0));
  int each = SHARED_OF_A_MULTIPROCESSOR / blocks - SHARED_RESERVED_FOR_A_BLOCK - int(function->kernel->shared_bytes);
  return tell(bytes, std::clamp(each, 0, function->dynamic_shared_limit()));
}

CUresult cuFuncGetName(const char** name, CUfunction handle) {
  return tell(name, found(find_function(handle))->kernel->name);
}

}
