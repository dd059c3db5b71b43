// Calls without a stream: each is the stream's call in the default stream, followed by a wait.
#pragma once
#include "calls/calls.h"
#include "streams/streams.h"

namespace sim {

template <typename Call, typename... Arguments>
CUresult at_once(Call call, Arguments... arguments) {
  require_no_capture();
  require_success(call(arguments..., CUstream()));
  return sim::cuStreamSynchronize(nullptr);
}

// Begins a call within the device, which does not make the host wait ("API synchronization behavior").
template <typename Call, typename... Arguments>
CUresult begun(Call call, Arguments... arguments) {
  require_no_capture();
  require_success(call(arguments..., CUstream()));
  return run_queued(nullptr);
}

}
