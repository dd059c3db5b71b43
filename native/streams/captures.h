// Streams whose operations are captured.
#pragma once
#include "calls/refused.h"
#include "streams/streams.h"

namespace sim {

// How strictly captures in progress restrict this thread.
extern thread_local CUstreamCaptureMode mode_of_thread;

// Invalidates the capture and ends the call with this answer.
[[noreturn]] void spoil(Capture& capture, CUresult answer);

// Adds an operation to the capture of a capturing stream.
CUresult record(Stream& stream, Operation operation);

// Makes the stream's next operation depend on these nodes of a capture, and draws the stream into that capture.
void wait_in_capture(Stream& stream, const std::shared_ptr<Capture>& capture, const std::vector<size_t>& nodes);

}
