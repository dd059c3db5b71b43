// Events: points in a stream that the host can wait for, and the time between them.
#include <chrono>

#include "calls/calls.h"
#include "calls/handles.h"
#include "memory/state.h"
#include "streams/captures.h"
#include "streams/streams.h"

namespace sim {

namespace {

struct Event {
  std::shared_ptr<Stream> stream;
  uint64_t number = 0;   // of its record in the stream's queue
  StreamClock order;     // what is over when it has passed
  uint64_t records = 0;  // how often it was recorded, since only the last record counts
  std::shared_ptr<Capture> capture;  // that it was recorded in, if it was
  std::vector<size_t> nodes;         // what the stream had come to there
  bool passed = true;
  bool timed = false;
  std::chrono::steady_clock::time_point at;
};

Handles<CUevent, Event> events(&counters.events_live);

CUresult refuse_to_look_at(const std::shared_ptr<Event>& event) {
  if (!event) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (event->capture) {
    event->capture->invalidated = true;
    return CUDA_ERROR_CAPTURED_EVENT;
  }
  return CUDA_SUCCESS;
}

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
  if (at->capturing()) {
    if (at->capture->invalidated) {
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    event->capture = at->capture;
    event->nodes = at->last;
    return CUDA_SUCCESS;
  }
  event->stream = at;
  event->capture = nullptr;
  event->passed = false;
  CUresult result = enqueue(stream, {"an event", [event, record = ++event->records] {
                                       if (event->records == record) {
                                         event->passed = true;
                                         event->at = std::chrono::steady_clock::now();
                                       }
                                       return CUDA_SUCCESS;
                                     }});
  event->number = last_queued();
  event->order = order_of_stream(at->number);
  return result;
}

CUresult cuEventRecordWithFlags(CUevent handle, CUstream stream, unsigned int flags) {
  return flags == 0 ? sim::cuEventRecord(handle, stream) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent event_handle, unsigned int flags) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  std::shared_ptr<Event> event = events.find(event_handle);
  if (!stream || !event) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (flags != CU_EVENT_WAIT_DEFAULT) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (event->capture) {
    return wait_in_capture(*stream, event->capture, event->nodes);
  }
  if (stream->capturing()) {
    stream->capture->invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
  }
  // Queued waits know of this record alone: the event may be recorded again, or destroyed.
  come_after(stream->number, event->order);
  return enqueue(handle, {"a wait", [of = event->stream, number = event->number] {
                            return of ? run_queued(of.get(), number) : CUDA_SUCCESS;
                          }});
}

CUresult cuEventQuery(CUevent handle) {
  std::shared_ptr<Event> event = events.find(handle);
  CUresult refusal = refuse_to_look_at(event);
  if (refusal != CUDA_SUCCESS) {
    return refusal;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  CUresult result = event->passed ? CUDA_SUCCESS : query_queued(event->stream.get());
  if (result == CUDA_SUCCESS) {
    host_waited_for(event->order);
  }
  return result;
}

CUresult cuEventSynchronize(CUevent handle) {
  std::shared_ptr<Event> event = events.find(handle);
  CUresult refusal = refuse_to_look_at(event);
  if (refusal != CUDA_SUCCESS) {
    return refusal;
  }
  CUresult result = event->passed ? CUDA_SUCCESS : run_queued(event->stream.get(), event->number);
  host_waited_for(event->order);
  return result;
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
  if (first->capture || last->capture) {
    return CUDA_ERROR_CAPTURED_EVENT;
  }
  if (!first->passed || !last->passed) {
    return CUDA_ERROR_NOT_READY;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(last->at - first->at).count();
  return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  return sim::cuEventElapsedTime(milliseconds, start, end);
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return events.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

}
