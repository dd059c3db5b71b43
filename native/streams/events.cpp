// Events: points in a stream that the host can wait for, and the times between them.
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
  StreamClock order;     // the operations that are over when the event has passed
  uint64_t records = 0;  // the number of records, since only the last record counts
  std::shared_ptr<Capture> capture;  // in which it was recorded, if any
  std::vector<size_t> nodes;         // the stream's last nodes at that point
  bool passed = true;
  int device = device_now;
  bool timed = false;
  std::chrono::steady_clock::time_point at;
};

Handles<CUevent, Event> events(&counters.events_live);

// An event that the host may query.
std::shared_ptr<Event> event_to_look_at(CUevent handle) {
  std::shared_ptr<Event> event = found(events.find(handle));
  if (event->capture) {
    spoil(*event->capture, CUDA_ERROR_CAPTURED_EVENT);
  }
  return event;
}

}

CUresult cuEventCreate(CUevent* handle, unsigned int flags) {
  require(handle && (flags & ~unsigned(CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING)) == 0);
  auto event = std::make_shared<Event>();
  event->timed = (flags & CU_EVENT_DISABLE_TIMING) == 0;
  return tell(handle, events.add(event));
}

CUresult cuEventRecord(CUevent handle, CUstream stream) {
  std::shared_ptr<Event> event = found(events.find(handle));
  std::shared_ptr<Stream> at = found(find_stream(stream));
  require(event->device == device_of(*at), CUDA_ERROR_INVALID_HANDLE);
  if (at->capturing()) {
    require(!at->capture->invalidated, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
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
  require(flags == 0);
  return sim::cuEventRecord(handle, stream);
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent event_handle, unsigned int flags) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  std::shared_ptr<Event> event = found(events.find(event_handle));
  require(flags == CU_EVENT_WAIT_DEFAULT);
  if (event->capture) {
    wait_in_capture(*stream, event->capture, event->nodes);
    return CUDA_SUCCESS;
  }
  if (stream->capturing()) {
    spoil(*stream->capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  }
  // Queued waits refer to this record only, because the event may be recorded again or destroyed.
  come_after(stream->number, event->order);
  return enqueue(handle, {"a wait", [of = event->stream, number = event->number] {
                            return of ? run_queued(of.get(), number) : CUDA_SUCCESS;
                          }});
}

CUresult cuEventQuery(CUevent handle) {
  std::shared_ptr<Event> event = event_to_look_at(handle);
  require_no_capture();
  CUresult result = event->passed ? CUDA_SUCCESS : query_queued(event->stream.get());
  if (result == CUDA_SUCCESS) {
    host_waited_for(event->order);
  }
  return result;
}

CUresult cuEventSynchronize(CUevent handle) {
  std::shared_ptr<Event> event = event_to_look_at(handle);
  CUresult result = event->passed ? CUDA_SUCCESS : run_queued(event->stream.get(), event->number);
  host_waited_for(event->order);
  return result;
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  std::shared_ptr<Event> first = found(events.find(start)), last = found(events.find(end));
  require(first->timed && last->timed && first->stream && last->stream, CUDA_ERROR_INVALID_HANDLE);
  require(milliseconds);
  require(!first->capture && !last->capture, CUDA_ERROR_CAPTURED_EVENT);
  require(first->passed && last->passed, CUDA_ERROR_NOT_READY);
  return tell(milliseconds, std::chrono::duration<float, std::milli>(last->at - first->at).count());
}

CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  return sim::cuEventElapsedTime(milliseconds, start, end);
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return require(events.remove(handle), CUDA_ERROR_INVALID_HANDLE);
}

}
