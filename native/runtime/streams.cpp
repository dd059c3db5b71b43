// Streams, captures and events.
#include "runtime/runtime.h"

using namespace cudart;

DIRECT(cudaStreamCreate, (cudaStream_t* stream), cuStreamCreate, (stream, CU_STREAM_DEFAULT))
DIRECT(cudaStreamCreateWithFlags, (cudaStream_t* stream, unsigned flags), cuStreamCreate, (stream, flags))
DIRECT(cudaStreamCreateWithPriority, (cudaStream_t* stream, unsigned flags, int priority), cuStreamCreateWithPriority,
       (stream, flags, priority))
DIRECT(cudaDeviceGetStreamPriorityRange, (int* least, int* greatest), cuCtxGetStreamPriorityRange, (least, greatest))
DIRECT(cudaStreamDestroy, (cudaStream_t stream), cuStreamDestroy_v2, (stream))
STREAMED(cudaStreamGetPriority, (cudaStream_t stream, int* priority), cuStreamGetPriority, (stream, priority))
STREAMED(cudaStreamGetFlags, (cudaStream_t stream, unsigned* flags), cuStreamGetFlags, (stream, flags))
STREAMED(cudaStreamSynchronize, (cudaStream_t stream), cuStreamSynchronize, (stream))
STREAMED(cudaStreamQuery, (cudaStream_t stream), cuStreamQuery, (stream))
STREAMED(cudaStreamWaitEvent, (cudaStream_t stream, cudaEvent_t event, unsigned flags), cuStreamWaitEvent,
         (stream, event, flags))
STREAMED(cudaStreamAddCallback, (cudaStream_t stream, cudaStreamCallback_t callback, void* data, unsigned flags),
         cuStreamAddCallback, (stream, reinterpret_cast<CUstreamCallback>(callback), data, flags))
STREAMED(cudaLaunchHostFunc, (cudaStream_t stream, cudaHostFn_t function, void* data), cuLaunchHostFunc,
         (stream, function, data))
STREAMED(cudaStreamAttachMemAsync, (cudaStream_t stream, void* address, size_t bytes, unsigned flags),
         cuStreamAttachMemAsync, (stream, device(address), bytes, flags))

STREAMED(cudaStreamBeginCapture, (cudaStream_t stream, cudaStreamCaptureMode mode), cuStreamBeginCapture_v2,
         (stream, CUstreamCaptureMode(mode)))
STREAMED(cudaStreamEndCapture, (cudaStream_t stream, cudaGraph_t* graph), cuStreamEndCapture, (stream, graph))
STREAMED(cudaStreamIsCapturing, (cudaStream_t stream, cudaStreamCaptureStatus* state), cuStreamIsCapturing,
         (stream, reinterpret_cast<CUstreamCaptureStatus*>(state)))
DIRECT(cudaThreadExchangeStreamCaptureMode, (cudaStreamCaptureMode* mode), cuThreadExchangeStreamCaptureMode,
       (reinterpret_cast<CUstreamCaptureMode*>(mode)))

DIRECT(cudaEventCreate, (cudaEvent_t* event), cuEventCreate, (event, CU_EVENT_DEFAULT))
DIRECT(cudaEventCreateWithFlags, (cudaEvent_t* event, unsigned flags), cuEventCreate, (event, flags))
DIRECT(cudaEventDestroy, (cudaEvent_t event), cuEventDestroy_v2, (event))
STREAMED(cudaEventRecord, (cudaEvent_t event, cudaStream_t stream), cuEventRecord, (event, stream))
STREAMED(cudaEventRecordWithFlags, (cudaEvent_t event, cudaStream_t stream, unsigned flags), cuEventRecordWithFlags,
         (event, stream, flags))
DIRECT(cudaEventQuery, (cudaEvent_t event), cuEventQuery, (event))
DIRECT(cudaEventSynchronize, (cudaEvent_t event), cuEventSynchronize, (event))
DIRECT(cudaEventElapsedTime, (float* milliseconds, cudaEvent_t start, cudaEvent_t end), cuEventElapsedTime_v2,
       (milliseconds, start, end))
// CUDA 12.8 and later have this name, too.
DIRECT(cudaEventElapsedTime_v2, (float* milliseconds, cudaEvent_t start, cudaEvent_t end), cuEventElapsedTime_v2,
       (milliseconds, start, end))
