#include "streams/captures.h"

#include <algorithm>

#include "calls/calls.h"
#include "streams/graphs.h"

namespace sim {

thread_local CUstreamCaptureMode mode_of_thread = CU_STREAM_CAPTURE_MODE_GLOBAL;

namespace {

// True if the last nodes of the capture's first stream come after all others.
bool all_joined(const std::vector<Node>& nodes, const std::vector<size_t>& last) {
  std::vector<bool> joined(nodes.size());
  for (size_t node : last) {
    joined[node] = true;
  }
  for (size_t i = nodes.size(); i-- > 0;) {
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
  capture.nodes.push_back({std::move(operation), stream.last, stream.rank});
  stream.last.assign(1, capture.nodes.size() - 1);
  return CUDA_SUCCESS;
}

CUresult wait_in_capture(Stream& stream, const std::shared_ptr<Capture>& capture, const std::vector<size_t>& nodes) {
  if (stream.capturing() && stream.capture != capture) {
    stream.capture->invalidated = capture->invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_MERGE;
  }
  if (capture->over) {
    return CUDA_ERROR_CAPTURED_EVENT;
  }
  if (capture->invalidated) {
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  }
  if (is_default(stream)) {
    capture->invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
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
  return CUDA_SUCCESS;
}

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (is_default(*stream)) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  if (stream->capturing()) {
    return CUDA_ERROR_ILLEGAL_STATE;
  }
  stream->capture = std::make_shared<Capture>();
  stream->capture->mode = mode;
  stream->capture->capturer = std::this_thread::get_id();
  stream->rank = 0;
  stream->last.clear();
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
  if (!stream->capturing()) {
    return CUDA_ERROR_ILLEGAL_STATE;
  }
  Capture& capture = *stream->capture;
  if (capture.mode != CU_STREAM_CAPTURE_MODE_RELAXED && capture.capturer != std::this_thread::get_id()) {
    return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  }
  if (stream->rank != 0) {
    capture.invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  }
  capture.over = true;
  if (capture.invalidated) {
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  }
  if (!all_joined(capture.nodes, stream->last)) {
    return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
  }
  *graph = add_graph(std::move(capture.nodes));
  return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!status) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *status = !stream->capturing() ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream->capture->invalidated ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return CUDA_SUCCESS;
}

// A thread that is relaxed may make calls that wait while it, or another, records.
CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  if (!mode || *mode < CU_STREAM_CAPTURE_MODE_GLOBAL || *mode > CU_STREAM_CAPTURE_MODE_RELAXED) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::swap(mode_of_thread, *mode);
  return CUDA_SUCCESS;
}

}
