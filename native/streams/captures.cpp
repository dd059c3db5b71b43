#include "streams/captures.h"

#include <algorithm>

#include "api/of_thread.h"
#include "calls/admission.h"
#include "calls/calls.h"
#include "streams/graphs.h"

namespace sim {

thread_local CUstreamCaptureMode mode_of_thread = CU_STREAM_CAPTURE_MODE_GLOBAL;

namespace {

CUgraph handle_of(Capture& capture) {
  if (!capture.handle) {
    capture.handle = add_graph(capture.graph);
  }
  return capture.handle;
}

// Whether the last nodes of the capture's first stream come after all other recorded nodes.
bool all_joined(const std::vector<Node>& nodes, const std::vector<size_t>& last, size_t from) {
  std::vector<bool> joined(nodes.size());
  for (size_t node : last) {
    joined[node] = true;
  }
  for (size_t i = nodes.size(); i-- > from;) {
    if (!joined[i]) {
      return false;
    }
    for (size_t earlier : nodes[i].after) {
      joined[earlier] = true;
    }
  }
  return true;
}

}

CUresult record(Stream& stream, Operation operation) {
  Capture& capture = *stream.capture;
  if (capture.invalidated) {
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  }
  add_node(capture.graph, {std::move(operation), stream.last, stream.rank});
  stream.last.assign(1, capture.graph->nodes.size() - 1);
  return CUDA_SUCCESS;
}

void wait_in_capture(Stream& stream, const std::shared_ptr<Capture>& capture, const std::vector<size_t>& nodes) {
  if (stream.capturing() && stream.capture != capture) {
    stream.capture->invalidated = true;
    spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_MERGE);
  }
  require(!capture->over, CUDA_ERROR_CAPTURED_EVENT);
  require(!capture->invalidated, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  if (is_default(stream)) {
    spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
  if (!stream.capturing()) {
    stream.capture = capture;
    stream.rank = capture->streams++;
    stream.last.clear();
  }
  for (size_t node : nodes) {
    if (std::find(stream.last.begin(), stream.last.end(), node) == stream.last.end()) {
      stream.last.push_back(node);
    }
  }
}

namespace {

CUresult begin(CUstream handle, CUstreamCaptureMode mode, std::shared_ptr<Graph> graph, CUgraph graph_handle,
               std::vector<size_t> after) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  require(!is_default(*stream), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  require(!stream->capturing(), CUDA_ERROR_ILLEGAL_STATE);
  stream->capture = std::make_shared<Capture>();
  stream->capture->mode = mode;
  stream->capture->capturer = std::this_thread::get_id();
  stream->capture->graph = std::move(graph);
  stream->capture->found = stream->capture->graph->nodes.size();
  stream->capture->handle = graph_handle;
  stream->rank = 0;
  stream->last = std::move(after);
  return CUDA_SUCCESS;
}

}

void spoil(Capture& capture, CUresult answer) {
  capture.invalidated = true;
  throw Refused{answer};
}

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  return begin(handle, mode, std::make_shared<Graph>(), nullptr, {});
}

CUresult cuStreamBeginCaptureToGraph(CUstream handle, CUgraph graph_handle, const CUgraphNode* dependencies,
                                     const CUgraphEdgeData*, size_t count, CUstreamCaptureMode mode) {
  std::shared_ptr<Graph> graph = graph_of(graph_handle);
  return begin(handle, mode, graph, graph_handle, numbers_of(*graph, dependencies, count));
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  require(graph);
  *graph = nullptr;
  require(stream->capturing(), CUDA_ERROR_ILLEGAL_STATE);
  Capture& capture = *stream->capture;
  require(capture.mode == CU_STREAM_CAPTURE_MODE_RELAXED || capture.capturer == std::this_thread::get_id(),
          CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  if (stream->rank != 0) {
    spoil(capture, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  }
  capture.over = true;
  require(!capture.invalidated, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  require(all_joined(capture.graph->nodes, stream->last, capture.found), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  // A capture that fails at its end is over, too, and leaves no graph.
  return tell(graph, answer_in_any_case == CUDA_SUCCESS ? handle_of(capture) : nullptr);
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  return tell(status, !stream->capturing()             ? CU_STREAM_CAPTURE_STATUS_NONE
                      : stream->capture->invalidated ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                                     : CU_STREAM_CAPTURE_STATUS_ACTIVE);
}

// In relaxed mode a thread may make calls that wait, while this or another thread captures.
CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  require(mode && *mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && *mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
  std::swap(mode_of_thread, *mode);
  return CUDA_SUCCESS;
}

CUresult cuStreamGetCaptureInfo_v3(CUstream handle, CUstreamCaptureStatus* state, uint64_t* id, CUgraph* graph,
                                   const CUgraphNode** dependencies, const CUgraphEdgeData** edges, size_t* count) {
  auto& told = of_thread<struct Told, std::vector<CUgraphNode>>();
  sim::cuStreamIsCapturing(handle, state);
  if (*state != CU_STREAM_CAPTURE_STATUS_ACTIVE) {
    return CUDA_SUCCESS;
  }
  std::shared_ptr<Stream> stream = find_stream(handle);
  Capture& capture = *stream->capture;
  told.clear();
  for (size_t number : stream->last) {
    told.push_back(capture.graph->nodes[number].handle);
  }
  if (id) {
    *id = reinterpret_cast<uint64_t>(&capture);
  }
  if (graph) {
    *graph = handle_of(capture);
  }
  if (dependencies) {
    *dependencies = told.data();
  }
  if (edges) {
    *edges = nullptr;
  }
  if (count) {
    *count = told.size();
  }
  return CUDA_SUCCESS;
}

}
