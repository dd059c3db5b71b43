// Captured operations, and what makes them ready to be launched again and again.
#include <vector>

#include "driver/calls.h"
#include "driver/handles.h"
#include "driver/streams.h"
#include "machine/state.h"

namespace sim {

namespace {

struct Graph {
  std::vector<Operation> operations;
};

Handles<CUgraph, Graph> graphs(&counters.graphs_live);
Handles<CUgraphExec, Graph> executables(&counters.graphs_live);

}

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (stream == find_stream(nullptr)) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  if (stream->capturing) {
    return CUDA_ERROR_ILLEGAL_STATE;
  }
  stream->capturing = true;
  stream->invalidated = false;
  stream->mode = mode;
  stream->capturer = std::this_thread::get_id();
  stream->captured.clear();
  return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!graph) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *graph = nullptr;
  if (!stream->capturing) {
    return CUDA_ERROR_ILLEGAL_STATE;
  }
  if (stream->mode != CU_STREAM_CAPTURE_MODE_RELAXED && stream->capturer != std::this_thread::get_id()) {
    return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  }
  stream->capturing = false;
  auto captured = std::make_shared<Graph>();
  captured->operations.swap(stream->captured);
  if (stream->invalidated) {
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  }
  *graph = graphs.add(captured);
  return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle, unsigned long long flags) {
  std::shared_ptr<Graph> graph = graphs.find(handle);
  if (!executable || !graph || flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *executable = executables.add(std::make_shared<Graph>(*graph));
  counters.graphs_instantiated++;
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  std::shared_ptr<Graph> executable = executables.find(handle);
  if (!executable) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  for (const Operation& operation : executable->operations) {
    CUresult result = enqueue(stream, operation);
    if (result != CUDA_SUCCESS) {
      return result;
    }
  }
  if (!find_stream(stream)) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  counters.graph_launches++;
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  return graphs.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return executables.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}
