#include "streams/streams.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <set>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/handles.h"
#include "images/host_memory.h"
#include "memory/memory.h"
#include "memory/mirrors.h"
#include "memory/state.h"
#include "streams/captures.h"
#include "streams/per_thread.h"

namespace sim {

namespace {

struct Queued {
  std::shared_ptr<Stream> stream;
  Operation operation;
  uint64_t number;
};

Handles<CUstream, Stream> streams(&counters.streams_live);
std::shared_ptr<Stream> default_stream = std::make_shared<Stream>();
OfContext<std::deque<Queued>> queue;
uint64_t numbers;
std::map<std::string, int> priorities;

// The threads' default streams, each made at its first use.
OfContext<std::map<std::thread::id, std::shared_ptr<Stream>>> of_threads;
thread_local bool null_is_per_thread;

const CUstream LEGACY = reinterpret_cast<CUstream>(1), PER_THREAD = reinterpret_cast<CUstream>(2);

// Lower numbers are greater priorities.
constexpr int LEAST_PRIORITY = 0, GREATEST_PRIORITY = -5, NO_PRIORITY = 1;

// Overwrites the target of a copy, so that a host that reads it before waiting does not find the right bytes by luck.
// What earlier work needs, or has poisoned, is left alone.
void poison(const HostRange& host) {
  if (!host.written || !writable(const_cast<char*>(host.start), host.size)) {
    return;
  }
  auto start = reinterpret_cast<Address>(host.start);
  for (const Queued& earlier : queue) {
    for (const Reached& one : earlier.operation.reached) {
      if (start < one.end() && one.start < start + host.size) {
        return;
      }
    }
  }
  std::memset(const_cast<char*>(host.start), 0xff, host.size);
}

void guard_for(const Operation& operation) {
  for (const Reached& one : operation.reached) {
    if (!host_has_waited_for(operation.moment)) {
      guard(one.start, one.size, one.written);
    }
  }
}

// While an object lives, queued work runs and may access everything.
class Unguarded {
 public:
  Unguarded() {
    if (depth_++ == 0) {
      look_at_touches();
      open_guards();
    }
  }
  ~Unguarded() {
    if (--depth_ == 0) {
      std::for_each(queue.begin(), queue.end(), [](const Queued& one) { guard_for(one.operation); });
    }
  }
  Unguarded(const Unguarded&) = delete;

 private:
  inline static int depth_;
};

bool has(const std::vector<std::string>& names, const std::string& what) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return what == name || what == "kernel " + name;
  });
}

// Replaces an operation of the given name by a fault that the environment asks for.
void put_fault(Operation& operation) {
  const std::string& what = operation.what;
  if (has(settings.endless, what)) {
    operation.run = [what] {
      context.endless = what;
      return CUDA_SUCCESS;
    };
  } else if (has(settings.faulty, what)) {
    operation.run = [what] {
      return fail_process(CUDA_ERROR_ILLEGAL_ADDRESS, what + ": CHARLSTM_SIM_FAULTS has it fail");
    };
  }
}

CUresult carry_out(const Operation& operation) {
  AtWork here(operation.type == CU_GRAPH_NODE_TYPE_KERNEL ? operation.device : OF_ALL);
  Mirrored host_memory;
  priorities[operation.what] = operation.priority;
  bool of_host = operation.type == CU_GRAPH_NODE_TYPE_HOST;
  if (of_host) {
    // A host function may tell host threads that all earlier operations are over.
    host_waited_for(operation.moment.known);
  }
  bool accesses = !of_host && operation.type != CU_GRAPH_NODE_TYPE_EMPTY;
  bool compares = operation.compare || streams_run_side_by_side();
  if (!accesses || (!compares && !context.launches_early && operation.touches.empty())) {
    return operation.run();
  }
  begin_footprint();
  begin_overlap(operation.overlap.get());
  CUresult result = operation.run();
  begin_overlap(nullptr);
  Footprint footprint = end_footprint();
  if (operation.overlap) {
    operation.overlap->ran = std::make_shared<Ran>(Ran{operation.what, footprint});
  }
  for (const std::shared_ptr<Touch>& touch : operation.touches) {
    compare_with_touch(*touch, operation.what, operation.moment, footprint);
  }
  if (result == CUDA_SUCCESS && operation.compare) {
    result = operation.compare(footprint);
  }
  if (result == CUDA_SUCCESS && compares) {
    compare_with_others(operation.what, operation.moment, std::move(footprint));
  }
  return result;
}

std::vector<Stream*> capturing_streams() {
  std::vector<Stream*> found;
  auto look_at = [&](auto& entry) {
    if (entry.second->capturing()) {
      found.push_back(entry.second.get());
    }
  };
  std::for_each(streams.begin(), streams.end(), look_at);
  std::for_each(of_threads.begin(), of_threads.end(), look_at);
  return found;
}

bool blocking_capture() {
  for (Stream* stream : capturing_streams()) {
    if (stream->blocking) {
      stream->capture->invalidated = true;
      return true;
    }
  }
  return false;
}

// Whether one stream's work waits for another stream's earlier work. The shared default stream and blocking streams
// wait for each other.
bool waits_for(const Stream* later, const Stream* earlier) {
  bool shared = later == default_stream.get() || earlier == default_stream.get();
  return later == earlier || (shared && later->blocking && earlier->blocking);
}

// The queue positions of the operations that must run, in order, to finish a stream, or everything for null.
std::vector<size_t> due(const Stream* stream, uint64_t up_to) {
  std::vector<size_t> places;
  std::set<const Stream*> later;
  for (size_t i = queue.size(); i-- > 0;) {
    const Stream* of = queue[i].stream.get();
    if (((!stream || of == stream) && queue[i].number <= up_to) ||
        std::any_of(later.begin(), later.end(), [=](const Stream* one) { return waits_for(one, of); })) {
      later.insert(of);
      places.push_back(i);
    }
  }
  std::reverse(places.begin(), places.end());
  return places;
}

// A stream that the host may query; the progress of a capturing stream is unknown.
std::shared_ptr<Stream> stream_to_look_at(CUstream handle) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  if (stream->capturing()) {
    spoil(*stream->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
  require(stream != default_stream || !blocking_capture(), CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  return stream;
}

}

NullIsPerThread::NullIsPerThread() : before_(null_is_per_thread) {
  null_is_per_thread = true;
}

NullIsPerThread::~NullIsPerThread() {
  null_is_per_thread = before_;
}

std::shared_ptr<Stream> find_stream(CUstream handle) {
  if (handle == PER_THREAD || (handle == nullptr && null_is_per_thread)) {
    std::shared_ptr<Stream>& own = of_threads[std::this_thread::get_id()];
    if (!own) {
      own = std::make_shared<Stream>();
      own->number = add_to_order(true);
    }
    return own;
  }
  return handle == nullptr || handle == LEGACY ? default_stream : streams.find(handle);
}

bool is_default(const Stream& stream) {
  return &stream == default_stream.get();
}

int nearest_priority(int priority) {
  return std::clamp(priority, GREATEST_PRIORITY, LEAST_PRIORITY);
}

int priority_of_last(const std::string& what) {
  auto found = priorities.find(what);
  return found == priorities.end() ? NO_PRIORITY : found->second;
}

void look_at_touches() {
  for (const Touch& each : take_touches()) {
    auto touch = std::make_shared<Touch>(each);
    for (Queued& queued : queue) {
      Operation& operation = queued.operation;
      if (host_has_waited_for(operation.moment)) {
        continue;
      }
      if (operation.type == CU_GRAPH_NODE_TYPE_KERNEL) {
        operation.touches.push_back(touch);
        continue;
      }
      for (const Reached& one : operation.reached) {
        if (one.start <= touch->address && touch->address < one.end() && (one.written || touch->writes)) {
          tell_touch(*touch, operation.what, operation.moment, one.written);
        }
      }
    }
  }
}

namespace {

// A program may end without a wait.
void look_at_last_touches() {
  look_at_touches();
  if (std::any_of(queue.begin(), queue.end(), [](const Queued& one) { return !one.operation.touches.empty(); })) {
    run_everything();
  }
}

}

CUresult enqueue(CUstream handle, Operation operation, bool own_priority) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!own_priority) {
    operation.priority = stream->priority;
  }
  if (stream->capturing()) {
    return record(*stream, std::move(operation));
  }
  if (stream == default_stream && blocking_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  }
  put_fault(operation);
  bool in_graph = bool(operation.overlap), kernel = operation.type == CU_GRAPH_NODE_TYPE_KERNEL;
  if (kernel && !in_graph) {
    bool over = stream->latest && host_has_waited_for(stream->latest_moment);
    operation.overlap = std::make_shared<Overlap>();
    operation.overlap->before = operation.early && !over ? stream->latest : nullptr;
  }
  operation.moment = next_moment(stream->number, stream->blocking);
  stream->latest = in_graph ? nullptr : operation.overlap;
  stream->latest_moment = operation.moment;
  if (!settings.deferred) {
    return context.endless.empty() ? carry_out(operation) : CUDA_SUCCESS;
  }
  static const bool looks_at_end = std::atexit(look_at_last_touches) == 0;
  (void)looks_at_end;
  look_at_touches();
  poison(operation.host);
  guard_for(operation);
  queue.push_back({stream, std::move(operation), ++numbers});
  return CUDA_SUCCESS;
}

uint64_t last_queued() {
  return numbers;
}

void wait_if_endless() {
  if (!context.endless.empty()) {
    std::fprintf(stderr, "charlstm sim: a call waits for %s, which never ends\n", context.endless.c_str());
    for (;;) {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
  }
}

CUresult run_queued(const Stream* stream, uint64_t up_to) {
  wait_if_endless();
  Unguarded unguarded;
  std::vector<size_t> places = due(stream, up_to);
  std::deque<Queued> left;
  std::vector<Operation> next;
  for (size_t i = 0, at = 0; i < queue.size(); i++) {
    if (at < places.size() && places[at] == i) {
      next.push_back(std::move(queue[i].operation));
      at++;
    } else {
      left.push_back(std::move(queue[i]));
    }
  }
  queue = std::move(left);
  for (const Operation& operation : next) {
    CUresult result = carry_out(operation);
    if (result != CUDA_SUCCESS) {
      return result;
    }
    wait_if_endless();
  }
  return CUDA_SUCCESS;
}

CUresult wait_for(const Stream& stream) {
  CUresult result = run_queued(&stream == default_stream.get() ? nullptr : &stream);
  host_waited_for_stream(stream.number);
  return result;
}

CUresult run_everything() {
  CUresult result = run_queued(nullptr);
  host_waited_for_all();
  return result;
}

CUresult query_queued(const Stream* stream) {
  if (!context.endless.empty()) {
    return CUDA_ERROR_NOT_READY;
  }
  std::vector<size_t> places = due(stream, UINT64_MAX);
  if (places.empty()) {
    return CUDA_SUCCESS;
  }
  Unguarded unguarded;
  Operation operation = std::move(queue[places[0]].operation);
  queue.erase(queue.begin() + long(places[0]));
  CUresult result = carry_out(operation);
  return result == CUDA_SUCCESS ? CUDA_ERROR_NOT_READY : result;
}

bool forbidden_by_capture() {
  bool forbidden = false;
  for (Stream* stream : capturing_streams()) {
    Capture& capture = *stream->capture;
    bool mine = capture.capturer == std::this_thread::get_id();
    bool forbids_all = capture.mode == CU_STREAM_CAPTURE_MODE_GLOBAL && mode_of_thread == CU_STREAM_CAPTURE_MODE_GLOBAL;
    if (mode_of_thread != CU_STREAM_CAPTURE_MODE_RELAXED && capture.mode != CU_STREAM_CAPTURE_MODE_RELAXED &&
        (mine || forbids_all)) {
      capture.invalidated = true;
      forbidden = true;
    }
  }
  return forbidden;
}

void require_no_capture() {
  require(!forbidden_by_capture(), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
}

CUresult cuStreamCreateWithPriority(CUstream* handle, unsigned int flags, int priority) {
  require(handle && (flags == CU_STREAM_DEFAULT || flags == CU_STREAM_NON_BLOCKING));
  auto stream = std::make_shared<Stream>();
  stream->blocking = flags == CU_STREAM_DEFAULT;
  stream->context = current_context;
  stream->priority = nearest_priority(priority);
  stream->number = add_to_order(stream->blocking);
  return tell(handle, streams.add(stream));
}

CUresult cuStreamCreate(CUstream* handle, unsigned int flags) {
  return sim::cuStreamCreateWithPriority(handle, flags, LEAST_PRIORITY);
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  // The stream's queued work still runs, as on a device, because the queue keeps the stream alive.
  std::shared_ptr<Stream> stream = found(streams.find(handle));
  streams.remove(handle);
  remove_from_order(stream->number, stream->blocking);
  return CUDA_SUCCESS;
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  if (least) {
    *least = LEAST_PRIORITY;
  }
  if (greatest) {
    *greatest = GREATEST_PRIORITY;
  }
  return CUDA_SUCCESS;
}

CUresult cuStreamGetPriority(CUstream handle, int* priority) {
  return tell(priority, found(find_stream(handle))->priority);
}

// The context of a default stream is the caller's.
CUresult cuStreamGetCtx(CUstream handle, CUcontext* made_in) {
  unsigned long long of = found(find_stream(handle))->context;
  return tell(made_in, reinterpret_cast<CUcontext>(of ? of : current_context));
}

CUresult cuStreamGetFlags(CUstream handle, unsigned int* flags) {
  return tell(flags, found(find_stream(handle))->blocking ? CU_STREAM_DEFAULT : CU_STREAM_NON_BLOCKING);
}

CUresult cuStreamGetId(CUstream handle, unsigned long long* id) {
  return tell(id, reinterpret_cast<unsigned long long>(found(find_stream(handle)).get()));
}

int device_of(const Stream& stream) {
  int made_on = context.device_of(stream.context);
  return made_on < 0 ? device_now : made_on;
}

CUresult cuStreamGetDevice(CUstream handle, CUdevice* device) {
  return tell(device, device_of(*found(find_stream(handle))));
}

CUresult cuStreamSynchronize(CUstream handle) {
  return wait_for(*stream_to_look_at(handle));
}

CUresult cuStreamQuery(CUstream handle) {
  std::shared_ptr<Stream> stream = stream_to_look_at(handle);
  CUresult result = query_queued(stream == default_stream ? nullptr : stream.get());
  if (result == CUDA_SUCCESS) {
    host_waited_for_stream(stream->number);
  }
  return result;
}

}
