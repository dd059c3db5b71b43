// libcuda.so.1: NVIDIA's names, forwarded.
#include "calls/calls.h"
#include "calls/forward.h"
#include "streams/per_thread.h"

#define CALL(needs, name, parameters, arguments) FORWARD_AS(CUresult, CUresult, needs, name, parameters, arguments)
#define IN_THREADS_STREAM(needs, name, alias, parameters, arguments) \
  CALL(needs, name, parameters, arguments)                           \
  EXPORT CUresult alias parameters {                                 \
    sim::NullIsPerThread here;                                       \
    return ::name arguments;                                         \
  }
#define STREAM_CALL(needs, name, parameters, arguments) \
  IN_THREADS_STREAM(needs, name, name##_ptsz, parameters, arguments)
#define DEFAULT_CALL(needs, name, parameters, arguments) \
  IN_THREADS_STREAM(needs, name, name##_ptds, parameters, arguments)
#define OWN_CALL(name, parameters)
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

// To explain an error is never refused and never made to fail, or no message could be tested.
EXPORT CUresult cuGetErrorName(CUresult code, const char** name) {
  return sim::cuGetErrorName(code, name);
}

EXPORT CUresult cuGetErrorString(CUresult code, const char** words) {
  return sim::cuGetErrorString(code, words);
}
