// Functions of the host's that run in their turn in a stream.
#include "calls/calls.h"
#include "streams/graphs.h"

namespace sim {

CUresult host_operation(const CUDA_HOST_NODE_PARAMS& node, Operation& operation) {
  if (!node.fn) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto parameters = std::make_shared<NodeParameters>();
  parameters->host = node;
  operation = {"a host function", [=] {
                 node.fn(node.userData);
                 return CUDA_SUCCESS;
               }, CU_GRAPH_NODE_TYPE_HOST};
  operation.parameters = parameters;
  return CUDA_SUCCESS;
}

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void* data) {
  Operation operation;
  CUresult result = host_operation({function, data}, operation);
  return result == CUDA_SUCCESS ? enqueue(stream, std::move(operation)) : result;
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned int flags) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!callback || flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (stream->capturing()) {
    stream->capture->invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  return enqueue(handle, {"a callback", [=] {
                            callback(handle, CUDA_SUCCESS, data);
                            return CUDA_SUCCESS;
                          }, CU_GRAPH_NODE_TYPE_HOST});
}

}
