// Streams, captures and events.
#include "runtime/runtime.h"

using namespace cudart;

EXPORT cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return in_context([&] { return CU(cuStreamCreate)(stream, CU_STREAM_DEFAULT); });
}

EXPORT cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return in_context([&] { return CU(cuStreamCreate)(stream, flags); });
}

EXPORT cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  return in_context([&] { return CU(cuStreamCreateWithPriority)(stream, flags, priority); });
}

EXPORT cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return in_context([&] { return CU(cuCtxGetStreamPriorityRange)(least, greatest); });
}

EXPORT cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return in_context([&] { return CU(cuStreamDestroy_v2)(stream); });
}

EXPORT cudaError_t cudaStreamGetPriority(cudaStream_t stream, int* priority) {
  return in_context([&] { return CU(cuStreamGetPriority)(stream, priority); });
}
ON_STREAM(cudaStreamGetPriority, (cudaStream_t stream, int* priority), (stream, priority))

EXPORT cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return in_context([&] { return CU(cuStreamSynchronize)(stream); });
}
ON_STREAM(cudaStreamSynchronize, (cudaStream_t stream), (stream))

EXPORT cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return in_context([&] { return CU(cuStreamQuery)(stream); });
}
ON_STREAM(cudaStreamQuery, (cudaStream_t stream), (stream))

EXPORT cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return in_context([&] { return CU(cuStreamWaitEvent)(stream, event, flags); });
}
ON_STREAM(cudaStreamWaitEvent, (cudaStream_t stream, cudaEvent_t event, unsigned flags), (stream, event, flags))

EXPORT cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void* data,
                                         unsigned flags) {
  return in_context([&] {
    return CU(cuStreamAddCallback)(stream, reinterpret_cast<CUstreamCallback>(callback), data, flags);
  });
}
ON_STREAM(cudaStreamAddCallback, (cudaStream_t stream, cudaStreamCallback_t callback, void* data, unsigned flags),
          (stream, callback, data, flags))

EXPORT cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return in_context([&] { return CU(cuLaunchHostFunc)(stream, function, data); });
}
ON_STREAM(cudaLaunchHostFunc, (cudaStream_t stream, cudaHostFn_t function, void* data), (stream, function, data))

EXPORT cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return in_context([&] { return CU(cuStreamBeginCapture_v2)(stream, CUstreamCaptureMode(mode)); });
}
ON_STREAM(cudaStreamBeginCapture, (cudaStream_t stream, cudaStreamCaptureMode mode), (stream, mode))

EXPORT cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return in_context([&] { return CU(cuStreamEndCapture)(stream, graph); });
}
ON_STREAM(cudaStreamEndCapture, (cudaStream_t stream, cudaGraph_t* graph), (stream, graph))

EXPORT cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return in_context([&] { return CU(cuEventCreate)(event, CU_EVENT_DEFAULT); });
}

EXPORT cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return in_context([&] { return CU(cuEventCreate)(event, flags); });
}

EXPORT cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return in_context([&] { return CU(cuEventDestroy_v2)(event); });
}

EXPORT cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return in_context([&] { return CU(cuEventRecord)(event, stream); });
}
ON_STREAM(cudaEventRecord, (cudaEvent_t event, cudaStream_t stream), (event, stream))

EXPORT cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  if (flags) {
    return told(cudaErrorNotSupported);
  }
  return cudaEventRecord(event, stream);
}
ON_STREAM(cudaEventRecordWithFlags, (cudaEvent_t event, cudaStream_t stream, unsigned flags), (event, stream, flags))

EXPORT cudaError_t cudaEventQuery(cudaEvent_t event) {
  return in_context([&] { return CU(cuEventQuery)(event); });
}

EXPORT cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return in_context([&] { return CU(cuEventSynchronize)(event); });
}

EXPORT cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return in_context([&] { return CU(cuEventElapsedTime)(milliseconds, start, end); });
}

// The name that CUDA 12.8 has too.
EXPORT cudaError_t cudaEventElapsedTime_v2(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return cudaEventElapsedTime(milliseconds, start, end);
}
