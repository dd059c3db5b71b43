// Settings of a context, which a program can read back. Only the limit of the heap has an effect here.
#include <map>

#include "calls/calls.h"
#include "calls/of_context.h"
#include "memory/heap.h"

namespace sim {

namespace {

// Defaults of cuda.h's limits: those of an H100 are known; the heap's and the print buffer's are documented.
const std::map<int, size_t> DEFAULTS = {{CU_LIMIT_STACK_SIZE, 1024}, {1, 1 << 20}, {CU_LIMIT_MALLOC_HEAP_SIZE, 8 << 20},
                                        {4, 2048}, {5, 64}, {CU_LIMIT_PERSISTING_L2_CACHE_SIZE, 0}};

OfContext<std::map<int, size_t>> limits;
CUfunc_cache cache = CU_FUNC_CACHE_PREFER_NONE;

}

CUresult cuCtxGetLimit(size_t* value, CUlimit limit) {
  require(DEFAULTS.count(limit), CUDA_ERROR_UNSUPPORTED_LIMIT);
  return tell(value, limits.count(limit) ? limits[limit] : DEFAULTS.at(limit));
}

CUresult cuCtxSetLimit(CUlimit limit, size_t value) {
  require(DEFAULTS.count(limit), CUDA_ERROR_UNSUPPORTED_LIMIT);
  limits[limit] = value;
  heap_limit = limit == CU_LIMIT_MALLOC_HEAP_SIZE ? value : heap_limit;
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCacheConfig(CUfunc_cache* preference) {
  return tell(preference, cache);
}

CUresult cuCtxSetCacheConfig(CUfunc_cache preference) {
  require(preference >= CU_FUNC_CACHE_PREFER_NONE && preference <= CU_FUNC_CACHE_PREFER_EQUAL);
  cache = preference;
  return CUDA_SUCCESS;
}

// By the manual, banks of shared memory have a fixed width on newer cards, and requests for another have no effect.
CUresult cuCtxGetSharedMemConfig(CUsharedconfig* banks) {
  return tell(banks, CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE);
}

CUresult cuCtxSetSharedMemConfig(CUsharedconfig banks) {
  return require(banks <= CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE);
}

// There is no profiler.
CUresult cuProfilerStart() { return CUDA_SUCCESS; }
CUresult cuProfilerStop() { return CUDA_SUCCESS; }

}
