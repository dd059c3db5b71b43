// Host functions that run in order in a stream.
#include "calls/admission.h"
#include "calls/calls.h"
#include "streams/captures.h"
#include "streams/graphs.h"

namespace sim {

namespace {

struct InHostFunction {
  InHostFunction() { in_host_function = true; }
  ~InHostFunction() { in_host_function = false; }
};

}

Operation operation_of(const CUDA_HOST_NODE_PARAMS& node) {
  require(node.fn);
  Operation operation = {"a host function", [=] {
                           InHostFunction here;
                           node.fn(node.userData);
                           return CUDA_SUCCESS;
                         }, CU_GRAPH_NODE_TYPE_HOST};
  operation.parameters = parameters_of(node);
  return operation;
}

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void* data) {
  return enqueue(stream, operation_of({function, data}));
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned int flags) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  require(callback && flags == 0);
  if (stream->capturing()) {
    spoil(*stream->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
  return enqueue(handle, {"a callback", [=] {
                            InHostFunction here;
                            callback(handle, CUDA_SUCCESS, data);
                            return CUDA_SUCCESS;
                          }, CU_GRAPH_NODE_TYPE_HOST});
}

}
