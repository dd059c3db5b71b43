// Streams: queues of operations that run at once or, in deferred mode, when the program waits for them.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/cuda.h"
#include "memory/guards.h"
#include "memory/overlap.h"
#include "memory/state.h"
#include "streams/stream_order.h"

namespace sim {

// Host memory that an operation reads or writes when it runs.
struct HostRange {
  const char* start = nullptr;
  size_t size = 0;
  bool written = false;
};

// Memory that an operation accesses, or a kernel may access, which the host perhaps reaches too.
struct Reached {
  Address start;
  size_t size;
  bool written;

  Address end() const { return start + size; }
};

struct NodeParameters;
struct Graph;

struct Operation {
  std::string what;
  std::function<CUresult()> run;
  // The type as a node. A library's call counts as a kernel, but only kernels keep a priority in a graph. EMPTY is a
  // point in a stream.
  CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
  HostRange host = {};
  std::vector<Reached> reached = {};
  // The host's touches that conflict if the kernel accesses their bytes.
  std::vector<std::shared_ptr<Touch>> touches = {};
  int device = device_now;
  int priority = 0;  // of its execution; lower numbers are greater priorities
  // If set, is called with the operation's accesses.
  std::function<CUresult(const Footprint&)> compare = nullptr;
  Moment moment = {};
  bool early = false;  // may begin before the previous kernel has ended
  std::shared_ptr<Overlap> overlap = nullptr;  // of a kernel
  // The parameters for queries of a graph's node.
  std::shared_ptr<const NodeParameters> parameters = nullptr;
};

// A captured operation, with the indices of its dependencies, all lower than its own, and its stream's rank; the
// capture's first stream has rank 0. A node that a program creates itself may depend on any other, and has a rank of
// its own.
struct Node {
  Operation operation;
  std::vector<size_t> after;
  unsigned rank = 0;
  CUgraphNode handle = nullptr;
  CUgraphNode cloned_from = nullptr;
  CUgraph child = nullptr;  // whose nodes run in its place
};

// A capture in progress. Streams that it has drawn in record into the same capture.
struct Capture {
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  std::thread::id capturer;
  bool over = false;
  bool invalidated = false;
  std::shared_ptr<Graph> graph;
  size_t found = 0;          // the number of nodes that the graph had before
  CUgraph handle = nullptr;  // of the graph, after a caller has asked for it
  unsigned streams = 1;
};

struct Stream {
  unsigned number = DEFAULT_STREAM;  // in the order of streams
  bool blocking = true;
  int priority = 0;
  unsigned long long context = 0;  // in which it was made
  std::shared_ptr<Capture> capture;
  std::shared_ptr<Overlap> latest;      // of the last enqueued kernel, if nothing was enqueued after it
  Moment latest_moment;
  unsigned rank = 0;
  std::vector<size_t> last;  // on which its next node will depend

  bool capturing() const { return capture && !capture->over; }
};

// Null for a handle that is no stream. The default stream has the null handle, as in CUDA.
std::shared_ptr<Stream> find_stream(CUstream handle);

// The device of a stream; a default stream belongs to the current device.
int device_of(const Stream& stream);

// Whether it is the default stream that all threads share.
bool is_default(const Stream& stream);

// Runs, queues or records the operation, as the stream's mode is, with the stream's priority or the operation's own.
CUresult enqueue(CUstream handle, Operation operation, bool own_priority = false);

// The nearest valid priority.
int nearest_priority(int priority);

// The priority of the last executed operation with this description; 1, which is no priority, if there was none.
int priority_of_last(const std::string& what);

// Tells of what the host has touched before it waited for queued work, or has a queued kernel find out.
void look_at_touches();

// The number of the last queued operation.
uint64_t last_queued();

// Runs a stream's queued operations up to this number; for null, all streams' operations.
CUresult run_queued(const Stream* stream, uint64_t up_to = UINT64_MAX);

// The same for the host, which then knows that these operations are over.
CUresult wait_for(const Stream& stream);
CUresult run_everything();

// A call that waits for the device does not return if work never ends.
void wait_if_endless();

// Answers whether a stream's queued operations (all streams' for null) are done. If not, the answer is NOT_READY and
// the oldest operation runs, so a host that polls makes progress, as beside a real device.
CUresult query_queued(const Stream* stream);

// Whether a capture in progress forbids this thread a call that may wait for the device. Also invalidates that capture.
bool forbidden_by_capture();
// Ends such a call.
void require_no_capture();

}
