// Calls that have no stream: each is that of a stream, in the default one, and the wait for it.
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

// Within the device it comes back at once, for all that the host may count on ("API synchronization behavior").
template <typename Call, typename... Arguments>
CUresult begun(Call call, Arguments... arguments) {
  require_no_capture();
  require_success(call(arguments..., CUstream()));
  return run_queued(nullptr);
}

}
