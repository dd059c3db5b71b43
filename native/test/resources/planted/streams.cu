// The order of operations in streams and graphs, events, and what the host may do meanwhile.
#include "planted.h"

template <bool MENDED>
__global__ void produce(int* x) {
  x[threadIdx.x] = threadIdx.x;
}

template <bool MENDED>
__global__ void consume(const int* x, int* y) {
  y[threadIdx.x] = x[threadIdx.x] + 1;
}

struct Streams {
  cudaStream_t one, other;
  cudaEvent_t event;

  Streams() {
    cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
    cudaEventCreate(&event);
  }
  ~Streams() {
    cudaDeviceSynchronize();
    cudaEventDestroy(event);
    cudaStreamDestroy(one);
    cudaStreamDestroy(other);
  }
};

template <bool MENDED>
void no_event_between_streams() {
  Counted<int> x(32), y(32);
  Streams s;
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  if (MENDED) {
    cudaEventRecord(s.event, s.one);
    cudaStreamWaitEvent(s.other, s.event);
  }
  consume<MENDED><<<1, 32, 0, s.other>>>(x, y);
}
PLANT(no_event_between_streams);

template <bool MENDED>
void event_recorded_too_early() {
  Counted<int> x(32), y(32);
  Streams s;
  if (!MENDED) {
    cudaEventRecord(s.event, s.one);
  }
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  if (MENDED) {
    cudaEventRecord(s.event, s.one);
  }
  cudaStreamWaitEvent(s.other, s.event);
  consume<MENDED><<<1, 32, 0, s.other>>>(x, y);
}
PLANT(event_recorded_too_early);

template <bool MENDED>
void event_of_the_wrong_stream() {
  Counted<int> x(32), y(32);
  Streams s;
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  cudaEventRecord(s.event, MENDED ? s.one : s.other);
  cudaStreamWaitEvent(s.other, s.event);
  consume<MENDED><<<1, 32, 0, s.other>>>(x, y);
}
PLANT(event_of_the_wrong_stream);

template <bool MENDED>
void event_never_recorded() {
  Counted<int> x(32), y(32);
  Streams s;
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  if (MENDED) {
    cudaEventRecord(s.event, s.one);
  }
  cudaStreamWaitEvent(s.other, s.event);
  consume<MENDED><<<1, 32, 0, s.other>>>(x, y);
}
PLANT(event_never_recorded);

template <bool MENDED>
void null_stream_waits_for_none() {
  Counted<int> x(32), y(32);
  Streams s;
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  if (MENDED) {
    cudaStreamSynchronize(s.one);
  }
  consume<MENDED><<<1, 32>>>(x, y);
}
PLANT(null_stream_waits_for_none);

template <bool MENDED>
void fill_in_another_stream() {
  Counted<int> x(32), y(32);
  Streams s;
  cudaMemsetAsync(x, 0, 128, MENDED ? s.one : nullptr);
  consume<MENDED><<<1, 32, 0, s.one>>>(x, y);
}
PLANT(fill_in_another_stream);

template <bool MENDED>
void two_streams_write() {
  Counted<int> x(64);
  Streams s;
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  produce<MENDED><<<1, 32, 0, s.other>>>(x + (MENDED ? 32 : 16));
}
PLANT(two_streams_write);

template <bool MENDED>
void wrong_stream_waited_for() {
  Counted<int> x(32), y(32);
  Streams s;
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  cudaStreamSynchronize(MENDED ? s.one : s.other);
  consume<MENDED><<<1, 32, 0, s.other>>>(x, y);
}
PLANT(wrong_stream_waited_for);

template <bool MENDED>
void time_between_unrecorded_events() {
  Streams s;
  cudaEvent_t end;
  cudaEventCreate(&end);
  if (MENDED) {
    cudaEventRecord(s.event, s.one);
  }
  cudaEventRecord(end, s.one);
  cudaEventSynchronize(end);
  float time;
  cudaEventElapsedTime(&time, s.event, end);
  cudaEventDestroy(end);
}
PLANT(time_between_unrecorded_events);

template <bool MENDED>
void time_of_events_without_one() {
  Streams s;
  cudaEvent_t end;
  cudaEventCreateWithFlags(&end, MENDED ? cudaEventDefault : cudaEventDisableTiming);
  cudaEventRecord(s.event, s.one);
  cudaEventRecord(end, s.one);
  cudaEventSynchronize(end);
  float time;
  cudaEventElapsedTime(&time, s.event, end);
  cudaEventDestroy(end);
}
PLANT(time_of_events_without_one);

template <bool MENDED>
void time_before_the_end() {
  Counted<int> x(32);
  Streams s;
  cudaEvent_t end;
  cudaEventCreate(&end);
  cudaEventRecord(s.event, s.one);
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  cudaEventRecord(end, s.one);
  if (MENDED) {
    cudaEventSynchronize(end);
  }
  float time;
  cudaEventElapsedTime(&time, s.event, end);
  cudaEventDestroy(end);
}
PLANT(time_before_the_end);

template <bool MENDED>
void stream_after_its_end() {
  Counted<int> x(32);
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  if (!MENDED) {
    cudaStreamDestroy(stream);
  }
  produce<MENDED><<<1, 32, 0, stream>>>(x);
  if (MENDED) {
    cudaStreamDestroy(stream);
  }
}
PLANT(stream_after_its_end);

template <bool MENDED>
void event_after_its_end() {
  cudaEvent_t event;
  cudaEventCreate(&event);
  if (!MENDED) {
    cudaEventDestroy(event);
  }
  cudaEventRecord(event);
  if (MENDED) {
    cudaEventDestroy(event);
  }
}
PLANT(event_after_its_end);

void end_capture(cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  cudaStreamEndCapture(stream, &graph);
  if (graph) {
    cudaGraphDestroy(graph);
  }
}

template <bool MENDED>
void wait_within_a_capture() {
  Counted<int> x(32);
  Streams s;
  cudaStreamBeginCapture(s.one, cudaStreamCaptureModeGlobal);
  produce<MENDED><<<1, 32, 0, s.one>>>(x);
  if (!MENDED) {
    cudaStreamSynchronize(s.one);
  }
  end_capture(s.one);
}
PLANT(wait_within_a_capture);

template <bool MENDED>
void capture_that_nobody_joins() {
  Counted<int> x(32), y(32);
  Streams s;
  cudaStreamBeginCapture(s.one, cudaStreamCaptureModeGlobal);
  cudaEventRecord(s.event, s.one);
  cudaStreamWaitEvent(s.other, s.event);
  produce<MENDED><<<1, 32, 0, s.other>>>(x);
  if (MENDED) {
    cudaEventRecord(s.event, s.other);
    cudaStreamWaitEvent(s.one, s.event);
  }
  end_capture(s.one);
}
PLANT(capture_that_nobody_joins);

// In the graph nothing orders both kernels.
template <bool MENDED>
void graph_without_a_dependency() {
  Counted<int> x(32), y(32);
  Streams s;
  cudaGraph_t graph;
  cudaGraphExec_t ready;
  cudaStreamBeginCapture(s.one, cudaStreamCaptureModeGlobal);
  cudaEventRecord(s.event, s.one);
  cudaStreamWaitEvent(s.other, s.event);
  produce<MENDED><<<1, 32, 0, MENDED ? s.other : s.one>>>(x);
  consume<MENDED><<<1, 32, 0, s.other>>>(x, y);
  cudaEventRecord(s.event, s.other);
  cudaStreamWaitEvent(s.one, s.event);
  cudaStreamEndCapture(s.one, &graph);
  cudaGraphInstantiate(&ready, graph, 0);
  cudaGraphLaunch(ready, s.one);
  cudaStreamSynchronize(s.one);
  cudaGraphExecDestroy(ready);
  cudaGraphDestroy(graph);
}
PLANT(graph_without_a_dependency);

// A function of the host's in a stream may not call CUDA.
template <bool MENDED>
void call_from_a_stream() {
  Streams s;
  cudaLaunchHostFunc(s.one, [](void*) {
    if (!MENDED) {
      int* x;
      cudaMalloc(&x, 64);
      cudaFree(x);
    }
  }, nullptr);
}
PLANT(call_from_a_stream);
