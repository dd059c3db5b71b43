// A program's own kernels, each of which breaks a rule.

extern "C" __global__ void missing_own_barrier(const float* x, float* y) {
  __shared__ float values[64];
  values[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = values[63 - threadIdx.x];
}

extern "C" __global__ void own_barrier_for_half(float* y) {
  if (threadIdx.x < 16) {
    __syncthreads();
  }
  y[threadIdx.x] = 1.0f;
  __syncthreads();
}

extern "C" __global__ void past_the_end(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x + 1];
}

extern "C" __global__ void past_a_row(float* y) {
  __shared__ float tile[2][32];
  float* row = tile[1];
  row[threadIdx.x + 1] = 1.0f;
  y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void past_dynamic(float* y) {
  extern __shared__ float buffer[];
  buffer[threadIdx.x] = 1.0f;
  y[threadIdx.x] = buffer[threadIdx.x];
}

// A sum that only looks atomic.
extern "C" __global__ void lost_additions(float* y) {
  y[0] += 1.0f;
}

extern "C" __global__ void atomic_beside_plain(float* y) {
  __shared__ int count[1];
  if (threadIdx.x == 0) {
    count[0] = 0;
  }
  __syncthreads();
  if (threadIdx.x < 32) {
    atomicAdd(count, 1);
  } else {
    count[0] = 1;
  }
  y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void atomic_after_plain(float* y) {
  __shared__ int count[1];
  if (threadIdx.x == 0) {
    count[0] = 0;
  } else if (threadIdx.x == 1) {
    atomicAdd(count, 1);
  }
  y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void read_beside_atomics(float* y) {
  __shared__ int count[1];
  if (threadIdx.x == 0) {
    count[0] = 0;
  }
  __syncthreads();
  atomicAdd(count, 1);
  y[threadIdx.x] = threadIdx.x == 63 ? count[0] : 0;
}

extern "C" __global__ void atomic_after_read(float* y) {
  __shared__ int count[1];
  if (threadIdx.x == 0) {
    count[0] = 0;
  }
  __syncthreads();
  y[threadIdx.x] = count[0];
  if (threadIdx.x == 63) {
    atomicAdd(count, 1);
  }
}

extern "C" __global__ void atomic_on_nothing(float* y) {
  __shared__ int count[1];
  atomicAdd(count, 1);
  y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void block_reads_atomic(float* y) {
  if (blockIdx.x == 0) {
    atomicAdd(y, 1.0f);
  } else {
    y[blockIdx.x] = y[0];
  }
}

extern "C" __global__ void block_changes_what_is_read(float* y) {
  if (blockIdx.x == 0) {
    y[1] = y[0];
  } else {
    atomicAdd(y, 1.0f);
  }
}

extern "C" __global__ void block_changes_what_is_written(float* y) {
  if (blockIdx.x == 0) {
    y[0] = 1.0f;
  } else {
    atomicAdd(y, 1.0f);
  }
}

extern "C" __global__ void atomic_past_the_end(float* y) {
  atomicAdd(y + 64, 1.0f);
}

extern "C" __global__ void atomic_misaligned(char* y) {
  atomicAdd((int*)(y + 1), 1);
}

extern "C" __global__ void atomic_past_shared(float* y) {
  __shared__ int count[2];
  atomicAdd(count + 2, 1);
  y[threadIdx.x] = 1.0f;
}

// Found whatever atomic operations do beside it: their results are not looked at.
extern "C" __global__ void order_beside_atomics(float* y) {
  atomicAdd((int*)y + 1, 1);
  y[0] = 2.0f * y[0] + threadIdx.x;
}

__device__ int counter = 3;

extern "C" __global__ void write_own_variable(int* y) {
  y[0] = counter;
  counter = 4;
}

extern "C" __global__ void failing_assertion(float* y) {
  assert(threadIdx.x < 5);
  y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void trapped(float* y) {
  if (threadIdx.x == 3) {
    __trap();
  }
  y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void wait_for_ever(int* y) {
  while (atomicCAS(y, 1, 2) != 1) {
  }
}

extern "C" __global__ void CLUSTER_OF(2) read_beside_atomics_in_cluster(float* y) {
  __shared__ int count[1];
  if (threadIdx.x == 0) {
    count[0] = 0;
  }
  __syncthreads();
  atomicAdd(count, 1);
  y[blockIdx.x * 32 + threadIdx.x] = float(count[0]);
}
