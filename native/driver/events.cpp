// Events: marks in a stream that the host can wait for, and the time between them.
#include <chrono>

#include "driver/calls.h"
#include "driver/handles.h"
#include "driver/streams.h"
#include "machine/state.h"

namespace sim {

namespace {

struct Event {
  std::shared_ptr<Stream> stream;
  bool passed = true;
  bool timed = false;
  std::chrono::steady_clock::time_point at;
};

Handles<CUevent, Event> events(&counters.events_live);

}

CUresult cuEventCreate(CUevent* handle, unsigned int flags) {
  if (!handle || (flags & ~unsigned(CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING)) != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto event = std::make_shared<Event>();
  event->timed = (flags & CU_EVENT_DISABLE_TIMING) == 0;
  *handle = events.add(event);
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent handle, CUstream stream) {
  std::shared_ptr<Event> event = events.find(handle);
  std::shared_ptr<Stream> at = find_stream(stream);
  if (!event || !at) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  event->stream = at;
  event->passed = false;
  return enqueue(stream, {[event] {
                            event->passed = true;
                            event->at = std::chrono::steady_clock::now();
                            return CUDA_SUCCESS;
                          },
                          {}});
}

CUresult cuEventSynchronize(CUevent handle) {
  std::shared_ptr<Event> event = events.find(handle);
  if (!event) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (event->passed) {
    return CUDA_SUCCESS;
  }
  if (event->stream->capturing) {
    event->stream->invalidated = true;
    return CUDA_ERROR_CAPTURED_EVENT;
  }
  return run_queued(event->stream.get());
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  std::shared_ptr<Event> first = events.find(start);
  std::shared_ptr<Event> last = events.find(end);
  if (!first || !last || !first->timed || !last->timed || !first->stream || !last->stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!milliseconds) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (!first->passed || !last->passed) {
    return CUDA_ERROR_NOT_READY;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(last->at - first->at).count();
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return events.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

}
