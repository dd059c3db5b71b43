// Each kernel breaks one rule about who runs before whom.

extern "C" __global__ void missing_barrier(const float* x, float* y) {
  SHARED_ARRAY(float, values, 64);
  values[threadIdx.x] = 0.0f;
  __syncthreads();
  values[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = values[threadIdx.x == 0 ? 0 : threadIdx.x - 1];
}

// Lower threads write what higher ones have read: forward, only the record of readers can tell.
extern "C" __global__ void write_after_read(const float* x, float* y) {
  SHARED_ARRAY(float, values, 64);
  values[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = values[0];
  if (threadIdx.x == 63) {
    values[0] = 5.0f;
  }
}

extern "C" __global__ void two_writers(float* y) {
  SHARED_ARRAY(float, value, 1);
  value[0] = 1.0f;
  __syncthreads();
  y[threadIdx.x] = value[0];
}

// Two warps are not ordered by a barrier of each alone.
extern "C" __global__ void warp_barrier_across_warps(const float* x, float* y) {
  SHARED_ARRAY(float, values, 64);
  values[threadIdx.x] = x[threadIdx.x];
  __syncwarp();
  y[threadIdx.x] = values[threadIdx.x < 32 ? threadIdx.x : threadIdx.x - 32];
}

extern "C" __global__ void barrier_for_half(float* y) {
  if (threadIdx.x < 16) {
    __syncthreads();
  }
  y[threadIdx.x] = 1.0f;
  __syncthreads();
}

// Thread 3 comes to no barrier after what it wrote.
extern "C" __global__ void reads_of_the_gone(float* y) {
  SHARED_ARRAY(float, held, 32);
  held[threadIdx.x] = 1.0f;
  if (threadIdx.x == 3) {
    return;
  }
  __syncthreads();
  y[threadIdx.x] = held[3];
}

extern "C" __global__ void shuffle_without_some(const float* x, float* y) {
  if (threadIdx.x < 20) {
    y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, x[threadIdx.x], 16);
  }
}

extern "C" __global__ void blocks_write_same(float* y) {
  y[0] = 1.0f;
}

extern "C" __global__ void block_reads_other(float* y) {
  y[blockIdx.x] = 1.0f;
  if (blockIdx.x > 0) {
    y[blockIdx.x] = y[blockIdx.x - 1];
  }
}

extern "C" __global__ void block_writes_what_others_read(float* y) {
  float first = y[0];
  if (blockIdx.x == 2) {
    y[0] = first + 1.0f;
  }
}

// Within a block, through global memory, without a barrier: only another order of threads shows it.
extern "C" __global__ void depends_on_order(float* y) {
  y[0] = 2.0f * y[0] + threadIdx.x;
}

// A count that the kernel keeps to itself, where no check sees it: the result is the same whether blocks run forward or
// backward, and only another order shows it.
static unsigned started;

__attribute__((noinline, no_sanitize("thread"))) static unsigned count_this_block() {
  return started++;
}

extern "C" __global__ void depends_on_shuffling(float* y) {
  unsigned rank = count_this_block() % gridDim.x;
  y[blockIdx.x] = rank == blockIdx.x || rank == gridDim.x - 1 - blockIdx.x;
}

// One thread writes the word, and one of the other warp a byte of it.
extern "C" __global__ void byte_of_a_word(float* y) {
  SHARED_ARRAY(unsigned int, word, 1);
  if (threadIdx.x == 0) {
    word[0] = 7;
  } else if (threadIdx.x == 32) {
    ((unsigned char*)word)[2] = 9;
  }
  y[threadIdx.x] = 1.0f;
}

// The mark of one byte says nothing of those beside it.
extern "C" __global__ void word_after_a_byte(float* y) {
  SHARED_ARRAY(unsigned int, word, 1);
  if (threadIdx.x == 33) {
    ((unsigned char*)word)[3] = 1;
  }
  __syncthreads();
  y[threadIdx.x] = (float)word[0];
}
