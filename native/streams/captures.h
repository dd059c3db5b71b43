// Streams whose operations are recorded.
#pragma once
#include "calls/refused.h"
#include "streams/streams.h"

namespace sim {

// How much captures under way forbid this thread.
extern thread_local CUstreamCaptureMode mode_of_thread;

// Ends a call that spoils a capture.
[[noreturn]] void spoil(Capture& capture, CUresult answer);

// Adds to the capture of a stream that is capturing.
CUresult record(Stream& stream, Operation operation);

// Lets what a stream does next come after these nodes of a capture, and draws it in if it is not of it.
void wait_in_capture(Stream& stream, const std::shared_ptr<Capture>& capture, const std::vector<size_t>& nodes);

}
