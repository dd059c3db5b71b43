// Streams: queues of operations that run at once or, when deferred, not before somebody waits for them.
#pragma once
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "api/cuda.h"

namespace sim {

// Host memory that an operation reads or writes when it runs.
struct HostRange {
  const char* start = nullptr;
  size_t size = 0;
  bool written = false;
};

struct Operation {
  std::function<CUresult()> run;
  HostRange host;
};

struct Stream {
  bool blocking = true;
  bool capturing = false;
  bool invalidated = false;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  std::thread::id capturer;
  std::vector<Operation> captured;
};

// Null for a handle that is no stream. The default stream has the handle null, as for CUDA.
std::shared_ptr<Stream> find_stream(CUstream handle);

// Runs the operation, queues it, or records it, as the stream stands.
CUresult enqueue(CUstream handle, Operation operation);

// Runs all that the stream has queued; for null, all that any stream has.
CUresult run_queued(const Stream* stream);
CUresult run_everything();

// True if a capture under way forbids this thread a call that may wait for the device. It also spoils that capture.
bool forbidden_by_capture();

}
