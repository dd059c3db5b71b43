// libcuda.so.1: NVIDIA's names, forwarded.
#include <map>
#include <string>
#include <vector>

#include "calls/calls.h"
#include "calls/forward.h"
#include "streams/per_thread.h"

#define CALL(needs, name, parameters, arguments) FORWARD_AS(CUresult, CUresult, needs, name, parameters, arguments)
#define IN_THREADS_STREAM(alias, name, parameters, arguments) \
  EXPORT CUresult alias parameters {                          \
    sim::NullIsPerThread here;                                \
    return ::name arguments;                                  \
  }
#define STREAM_CALL(needs, name, parameters, arguments) \
  CALL(needs, name, parameters, arguments)              \
  IN_THREADS_STREAM(name##_ptsz, name, parameters, arguments)
#define DEFAULT_CALL(needs, name, parameters, arguments) \
  CALL(needs, name, parameters, arguments)               \
  IN_THREADS_STREAM(name##_ptds, name, parameters, arguments)
#define OWN_CALL(name, parameters) EXPORT CUresult name parameters;
#include "api/driver_calls.h"

// A capture whose end fails is over all the same, and leaves no graph.
EXPORT CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  sim::Admission admission(sim::Needs::CONTEXT_TO_RELEASE);
  CUresult result = admission.granted() ? sim::cuStreamEndCapture(stream, graph) : CUDA_SUCCESS;
  CUresult answer = admission.answer(result);
  if (admission.granted() && result == CUDA_SUCCESS && answer != CUDA_SUCCESS) {
    sim::cuGraphDestroy(*graph);
    *graph = nullptr;
  }
  return answer;
}
IN_THREADS_STREAM(cuStreamEndCapture_ptsz, cuStreamEndCapture, (CUstream stream, CUgraph* graph), (stream, graph))

// To explain an error is never refused and never made to fail, or no message could be tested.
EXPORT CUresult cuGetErrorName(CUresult code, const char** name) {
  return sim::cuGetErrorName(code, name);
}

EXPORT CUresult cuGetErrorString(CUresult code, const char** words) {
  return sim::cuGetErrorString(code, words);
}

namespace {

// A function of this library: where null is the thread's own stream it may be another. Of several versions of a name
// each came with a CUDA.
struct Exported {
  std::string name;
  void *function, *per_thread;
};

#define CALL(needs, name, parameters, arguments) {#name, reinterpret_cast<void*>(::name), nullptr},
#define STREAM_CALL(needs, name, parameters, arguments) \
  {#name, reinterpret_cast<void*>(::name), reinterpret_cast<void*>(name##_ptsz)},
#define DEFAULT_CALL(needs, name, parameters, arguments) \
  {#name, reinterpret_cast<void*>(::name), reinterpret_cast<void*>(name##_ptds)},
#define OWN_STREAM_CALL(name, parameters) STREAM_CALL(NOTHING, name, parameters, ())
const std::vector<Exported>& exported() {
  static const std::vector<Exported> all = {
#include "api/driver_calls.h"
  };
  return all;
}

// By cudaTypedefs.h, of names that have changed since those programs were written that are compiled today.
const std::map<std::string, int> SINCE = {
    {"cuCtxCreate_v3", 11040}, {"cuCtxCreate_v4", 12050}, {"cuDeviceGetUuid_v2", 11040},
    {"cuDevicePrimaryCtxRelease_v2", 11000}, {"cuDevicePrimaryCtxReset_v2", 11000},
    {"cuDevicePrimaryCtxSetFlags_v2", 11000}, {"cuEventElapsedTime_v2", 12080}, {"cuGetProcAddress_v2", 12000},
    {"cuGraphAddDependencies_v2", 12030}, {"cuGraphAddKernelNode_v2", 12000},
    {"cuGraphExecKernelNodeSetParams_v2", 12000}, {"cuGraphExecUpdate_v2", 12000}, {"cuGraphGetEdges_v2", 12030},
    {"cuGraphKernelNodeGetParams_v2", 12000}, {"cuGraphKernelNodeSetParams_v2", 12000},
    {"cuGraphNodeGetDependencies_v2", 12030}, {"cuGraphNodeGetDependentNodes_v2", 12030},
    {"cuGraphRemoveDependencies_v2", 12030}, {"cuMemAdvise_v2", 12020}, {"cuMemPrefetchAsync_v2", 12020},
    {"cuStreamGetCaptureInfo_v2", 11030}, {"cuStreamGetCaptureInfo_v3", 12030}};

int since(const std::string& name) {
  auto found = SINCE.find(name);
  return found == SINCE.end() ? 0 : found->second;
}

}

// The newest of the name that the caller's CUDA has.
EXPORT CUresult cuGetProcAddress_v2(const char* name, void** function, int version, uint64_t flags,
                                    CUdriverProcAddressQueryResult* found) {
  if (!name || !function || flags > CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *function = nullptr;
  CUdriverProcAddressQueryResult how = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  int newest = -1;
  for (const Exported& one : exported()) {
    std::string base = one.name.substr(0, one.name.rfind("_v"));
    if (base == name && since(one.name) <= version && since(one.name) >= newest) {
      newest = since(one.name);
      bool per_thread = flags == CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM && one.per_thread;
      *function = per_thread ? one.per_thread : one.function;
      how = CU_GET_PROC_ADDRESS_SUCCESS;
    } else if (base == name && how != CU_GET_PROC_ADDRESS_SUCCESS) {
      how = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
    }
  }
  if (found) {
    *found = how;
  }
  return CUDA_SUCCESS;
}

EXPORT CUresult cuGetProcAddress(const char* name, void** function, int version, uint64_t flags) {
  return cuGetProcAddress_v2(name, function, version, flags, nullptr);
}
