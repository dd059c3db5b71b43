// Copies to shared memory that run beside a kernel.
#include "kernels/device.h"

// Two groups of copies, the first of which is used while the second is under way.
extern "C" __global__ void copy_in_two_groups(const Four* x, Four* y) {
  SHARED_ARRAY(Four, pieces, 128);
  int i = threadIdx.x;
  copy_ahead(&pieces[i], &x[i]);
  commit_copies();
  copy_ahead(&pieces[i + 64], &x[i + 64]);
  commit_copies();
  wait_for_copies<1>();
  __syncthreads();
  y[i] = pieces[63 - i];
  wait_for_copies<0>();
  __syncthreads();
  y[i + 64] = pieces[127 - i];
}

extern "C" __global__ void read_before_wait(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  y[threadIdx.x] = piece[threadIdx.x];
  wait_for_copies<0>();
}

extern "C" __global__ void wait_for_too_few(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  wait_for_copies<1>();
  y[threadIdx.x] = piece[threadIdx.x];
  wait_for_copies<0>();
}

extern "C" __global__ void wait_without_commit(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  wait_for_copies<0>();
  y[threadIdx.x] = piece[threadIdx.x];
}

extern "C" __global__ void write_under_copy(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  piece[threadIdx.x] = {{0.0f, 0.0f, 0.0f, 0.0f}};
  wait_for_copies<0>();
  y[threadIdx.x] = piece[threadIdx.x];
}

// A wait is for one's own copies alone, and no barrier.
extern "C" __global__ void copy_without_barrier(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  wait_for_copies<0>();
  y[threadIdx.x] = piece[threadIdx.x == 0 ? 0 : threadIdx.x - 1];
}

// The barrier comes before the wait: it does not make what others copy be there.
extern "C" __global__ void barrier_before_wait(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  __syncthreads();
  wait_for_copies<0>();
  y[threadIdx.x] = piece[threadIdx.x == 0 ? 0 : threadIdx.x - 1];
}

// Over what another thread may still read.
extern "C" __global__ void copy_over_readers(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  piece[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = piece[(threadIdx.x + 1) % 64];
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  wait_for_copies<0>();
}

extern "C" __global__ void copy_never_waited_for(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 64);
  copy_ahead(&piece[threadIdx.x], &x[threadIdx.x]);
  commit_copies();
  y[threadIdx.x] = x[threadIdx.x];
}

extern "C" __global__ void copy_misaligned(const float* x, Four* y, int to, int from) {
  SHARED_ARRAY(Four, piece, 2);
  copy_ahead((float*)piece + to, x + from);
  commit_copies();
  wait_for_copies<0>();
  y[0] = piece[0];
}

extern "C" __global__ void copy_past_end(const Four* x, Four* y, int to, int from) {
  SHARED_ARRAY(Four, piece, 2);
  copy_ahead(piece + to, x + from);
  commit_copies();
  wait_for_copies<0>();
  y[0] = piece[0];
}

extern "C" __global__ void copy_to_global(const Four* x, Four* y) {
  copy_ahead(y, x);
  commit_copies();
  wait_for_copies<0>();
}

extern "C" __global__ void copy_from_shared(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 2);
  piece[0] = x[0];
  copy_ahead(piece + 1, piece);
  commit_copies();
  wait_for_copies<0>();
  y[0] = piece[1];
}

extern "C" __global__ void source_changes(const Four* x, Four* y) {
  SHARED_ARRAY(Four, piece, 1);
  y[0] = x[0];
  copy_ahead(piece, y);
  commit_copies();
  y[0] = x[1];
  wait_for_copies<0>();
  y[1] = piece[0];
}

// Launched early, it must wait for what the launch before has written.
extern "C" __global__ void copies_early(const float* from, float* to, int waits) {
  if (waits) {
    wait_for_launch_before();
  }
  float value = from[threadIdx.x];
  let_next_launch_begin();
  to[threadIdx.x] = value;
}
