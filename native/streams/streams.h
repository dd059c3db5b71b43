// Streams: queues of operations that run at once or, when deferred, not before somebody waits for them.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/cuda.h"
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

struct NodeParameters;
struct Graph;

struct Operation {
  std::string what;
  std::function<CUresult()> run;
  // As of a node. A call of a library counts as a kernel; only kernels keep a priority in a graph. A point in a stream
  // is empty.
  CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
  HostRange host = {};
  int device = device_now;
  int priority = 0;  // at which it runs, the lower number being the greater
  // Where it is wanted, called with what it has accessed.
  std::function<CUresult(const Footprint&)> compare = nullptr;
  Moment moment = {};
  bool early = false;  // may begin before the kernel before it has ended
  std::shared_ptr<Overlap> overlap = nullptr;  // of a kernel
  // As a node of a graph it can be asked for these.
  std::shared_ptr<const NodeParameters> parameters = nullptr;
};

// An operation as a capture has recorded it: the numbers of those that it comes after, all lower than its own, and the
// rank of its stream, that of the capture's first being 0. A node that a program makes by itself may come after any
// other, and has a rank of its own.
struct Node {
  Operation operation;
  std::vector<size_t> after;
  unsigned rank = 0;
  CUgraphNode handle = nullptr;
  CUgraphNode cloned_from = nullptr;
  CUgraph child = nullptr;  // whose nodes run in its place
};

// One is under way until it is over. What streams that it has drawn in record goes to it too.
struct Capture {
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  std::thread::id capturer;
  bool over = false;
  bool invalidated = false;
  std::shared_ptr<Graph> graph;
  size_t found = 0;          // how many nodes the graph had before
  CUgraph handle = nullptr;  // of the graph, once somebody has it
  unsigned streams = 1;
};

struct Stream {
  unsigned number = DEFAULT_STREAM;  // in the order of streams
  bool blocking = true;
  int priority = 0;
  unsigned long long context = 0;  // that it was made in
  std::shared_ptr<Capture> capture;
  std::shared_ptr<Overlap> latest;      // of the kernel that it was asked for last, if nothing came after that
  Moment latest_moment;
  unsigned rank = 0;
  std::vector<size_t> last;  // the nodes that its next comes after

  bool capturing() const { return capture && !capture->over; }
};

// Null for a handle that is no stream. The default stream has the handle null, as for CUDA.
std::shared_ptr<Stream> find_stream(CUstream handle);

// A default stream is one of the current device.
int device_of(const Stream& stream);

// Whether it is the default stream that all threads share.
bool is_default(const Stream& stream);

// Runs the operation, queues it, or records it, as the stream stands, at the stream's priority or at its own.
CUresult enqueue(CUstream handle, Operation operation, bool own_priority = false);

// One out of range counts as the nearest.
int nearest_priority(int priority);

// That of the last operation that was described so and has run; 1, which is none, if none has.
int priority_of_last(const std::string& what);

// The number of what was queued last.
uint64_t last_queued();

// Runs all that the stream has queued, up to what has that number; for null, all that any stream has.
CUresult run_queued(const Stream* stream, uint64_t up_to = UINT64_MAX);

// The same for the host, which then knows it to be over.
CUresult wait_for(const Stream& stream);
CUresult run_everything();

// A call that waits for the device does not come back from what never ends.
void wait_if_endless();

// The host asks whether what a stream has queued is done, for null what any has. If not, the answer is NOT_READY; then
// the oldest of it runs, so that a host that asks again and again goes on as beside a device that works meanwhile.
CUresult query_queued(const Stream* stream);

// True if a capture under way forbids this thread a call that may wait for the device. It also spoils that capture.
bool forbidden_by_capture();
// Ends such a call.
void require_no_capture();

}
