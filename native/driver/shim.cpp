// libcuda.so.1: NVIDIA's names, forwarded.
#include <dlfcn.h>

#include <map>
#include <string>
#include <vector>

#include "calls/absent.h"
#include "calls/calls.h"
#include "calls/forward.h"
#include "streams/per_thread.h"

namespace {

// The result of a call, after a line if it shows a mistake.
template <typename Call>
CUresult answered(sim::Needs needs, const char* name, Call call) {
  auto told = [=](CUresult result) {
    if (result != CUDA_SUCCESS) {
      sim::tell_misuse(name, result);
    }
    return result;
  };
  return admitted<CUresult>(needs, told, [&] { return told(call()); });
}

// The version for programs whose threads each have a default stream.
template <typename Call>
CUresult in_threads_stream(sim::Needs needs, const char* name, Call call) {
  sim::NullIsPerThread here;
  return answered(needs, name, call);
}

}

#define CALL(needs, name, parameters) \
  FORWARD(CUresult, name, name, parameters, answered(sim::Needs::needs, #name, call))
#define WITH_TWIN(twin, needs, name, parameters) \
  CALL(needs, name, parameters)                \
  FORWARD(CUresult, twin, name, parameters, in_threads_stream(sim::Needs::needs, #name, call))
#define STREAM_CALL(needs, name, parameters) WITH_TWIN(name##_ptsz, needs, name, parameters)
#define DEFAULT_CALL(needs, name, parameters) WITH_TWIN(name##_ptds, needs, name, parameters)
#define OWN_CALL(name, parameters) EXPORT CUresult name parameters;
#include "api/driver_calls.h"

ANSWER_ABSENT(CUDA_ERROR_NOT_SUPPORTED)

namespace {

// An exported function, with the function in its place if null is the thread's own stream. Each version of a name came
// with a version of CUDA.
struct Exported {
  std::string name;
  void *function, *per_thread;
};

#define CALL(needs, name, parameters) {#name, reinterpret_cast<void*>(::name), nullptr},
#define STREAM_CALL(needs, name, parameters) \
  {#name, reinterpret_cast<void*>(::name), reinterpret_cast<void*>(::name##_ptsz)},
#define DEFAULT_CALL(needs, name, parameters) \
  {#name, reinterpret_cast<void*>(::name), reinterpret_cast<void*>(::name##_ptds)},
const std::vector<Exported>& exported() {
  static const std::vector<Exported> all = {
#include "api/driver_calls.h"
  };
  return all;
}

// The first CUDA versions, by cudaTypedefs.h, of names that have changed.
const std::map<std::string, int> SINCE = {
    {"cuCtxCreate_v4", 12050}, {"cuDeviceGetUuid_v2", 11040}, {"cuDevicePrimaryCtxRelease_v2", 11000},
    {"cuDevicePrimaryCtxSetFlags_v2", 11000}, {"cuEventElapsedTime_v2", 12080}, {"cuGetProcAddress_v2", 12000},
    {"cuGraphAddDependencies_v2", 12030}, {"cuGraphAddKernelNode_v2", 12000},
    {"cuGraphExecKernelNodeSetParams_v2", 12000}, {"cuGraphExecUpdate_v2", 12000}, {"cuGraphGetEdges_v2", 12030},
    {"cuGraphKernelNodeGetParams_v2", 12000}, {"cuGraphKernelNodeSetParams_v2", 12000},
    {"cuGraphNodeGetDependencies_v2", 12030}, {"cuGraphNodeGetDependentNodes_v2", 12030},
    {"cuGraphRemoveDependencies_v2", 12030}, {"cuMemAdvise_v2", 12020}, {"cuMemPrefetchAsync_v2", 12020},
    {"cuStreamGetCaptureInfo_v3", 12030}};

int since(const std::string& name) {
  auto found = SINCE.find(name);
  return found == SINCE.end() ? 0 : found->second;
}

// The function, of any version, that answers for one that is not simulated; null if NVIDIA has no such function.
void* absent(const std::string& name) {
  static void* const library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  void* function = nullptr;
  // The lookup goes on to the C library, which has a cuserid.
  if (library && name.size() > 2 && name[0] == 'c' && name[1] == 'u' && name[2] >= 'A' && name[2] <= 'Z') {
    for (const char* version : {"", "_v2", "_v3"}) {
      function = function ? function : dlsym(library, (name + version).c_str());
    }
  }
  return function;
}

}

// Finds the newest version of a name that the caller's CUDA has.
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
  if (how == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND && (*function = absent(name))) {
    how = CU_GET_PROC_ADDRESS_SUCCESS;
  }
  if (found) {
    *found = how;
  }
  return CUDA_SUCCESS;
}

EXPORT CUresult cuGetProcAddress(const char* name, void** function, int version, uint64_t flags) {
  return cuGetProcAddress_v2(name, function, version, flags, nullptr);
}
