// Interpreted kernels that order their accesses to device memory, or do not, where the last argument says how.
#include "selftest/trials/ordered.h"

// Two threads of a block, in different warps.
extern "C" __global__ void ordered_pair(u32* x, int how) {
  if (threadIdx.x == 0) {
    if (how == 2) {
      x[1] = x[0];
    } else if (how == 6) {
      reinterpret_cast<unsigned char*>(x)[0] = 1;
    } else if (how < 8) {
      x[0] = 1;
    }
  }
  if (how == 0 || how == 3) {
    __syncthreads();
  }
  if (how == 5) {
    sim::fence(Strength::GPU, false);
  }
  if (threadIdx.x == 32) {
    if (how == 2 || how == 3 || how == 4) {
      x[0] = 2;
    } else if (how == 6) {
      reinterpret_cast<unsigned char*>(x)[1] = 1;
    } else if (how != 7) {
      x[2] = x[0];
    }
  }
  if (how == 7 && threadIdx.x < 32) {
    __syncwarp();
    if (threadIdx.x == 5) {
      x[2] = x[0];
    }
  }
  if (how == 8) {
    x[4 + threadIdx.x] = x[0];
    __syncthreads();
    if (threadIdx.x == 40) {
      x[0] = 3;
    }
  }
  if (how == 9) {
    x[4 + threadIdx.x] = x[0];
    if (threadIdx.x == 40) {
      x[0] = 3;
    }
  }
}

// Each block leaves its part, and the last to take a ticket adds all.
extern "C" __global__ void ordered_last_block(u32* parts, u32* ticket, u32* sum, int how) {
  SHARED_ARRAY(u32, last, 1);
  if (threadIdx.x == 1) {
    parts[blockIdx.x] = blockIdx.x;
  }
  if (how != 7) {
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    if (how != 1 && how != 4) {
      sim::fence(how == 3 ? Strength::BLOCK : Strength::GPU, false);
    }
    u32 drawn = how == 4   ? add_acq_rel(ticket, 1, Strength::GPU)
                : how == 5 ? add_relaxed(ticket, 1, Strength::BLOCK)
                           : add_relaxed(ticket, 1, Strength::GPU);
    if (how != 2 && how != 4) {
      sim::fence(Strength::GPU, false);
    }
    last[0] = drawn == gridDim.x - 1;
  }
  __syncthreads();
  if (threadIdx.x == 40 && last[0]) {
    u32 all = 0;
    for (u32 i = 0; i < gridDim.x; i++) {
      all += parts[i];
    }
    sum[0] = all;
    if (how == 6) {
      ticket[0] = 0;
      parts[0] = 7;
    }
  }
}

// Each block waits for the one before it, which works where that has run.
extern "C" __global__ void ordered_chain(u32* flags, u32* values, int how) {
  if (blockIdx.x > 0) {
    const u32* flag = flags + blockIdx.x - 1;
    while ((how == 1 ? load_strong(flag, Strength::GPU) : load_acquire(flag, Strength::GPU)) == 0) {
      sim::let_others_run();
    }
  }
  u32 before = blockIdx.x > 1 ? values[blockIdx.x - 2] : 0;
  values[blockIdx.x] = before + 1;
  if (how == 2) {
    store_strong(flags + blockIdx.x, 1, Strength::GPU);
  } else {
    store_release(flags + blockIdx.x, 1, Strength::GPU);
  }
}

extern "C" __global__ void ordered_constants(u32* x, int how) {
  u32 block = blockIdx.x;
  if (how == 0) {
    x[1 + block] = load_constant(x);
  } else if (how == 1) {
    block == 0 ? (void)(x[1] = load_constant(x)) : (void)(x[0] = 1);
  } else if (how == 2) {
    x[0] = 1;
    x[1] = load_constant(x);
  }
}

// Strong and weak accesses of two blocks, or of two threads.
extern "C" __global__ void ordered_strengths(u32* x, int how) {
  Strength scope = how == 1 ? Strength::BLOCK : Strength::GPU;
  bool first = blockIdx.x == 0 && threadIdx.x == 0;
  if (how == 0 || how == 1) {
    store_strong(x, 1, scope);
    load_strong(x, scope);
    add_relaxed(x + 1, 1, scope);
  } else if (how == 2) {
    first ? store_strong(x, 1, scope) : (void)(x[1] = x[0]);
  } else if (how == 3) {
    first ? (void)(x[1] = x[0]) : (void)add_relaxed(x, 1, scope);
  } else if (how == 4) {
    first ? (void)(x[0] = 1) : (void)load_strong(x, scope);
  } else if (how == 5) {
    // An earlier write by the same thread does not hide another's.
    store_strong(x, 1, scope);
    if (!first) {
      x[1] = x[0];
    }
  } else if (how == 6) {
    // A change and a strong read observe what came before, and the same thread comes after that.
    while (!first && load_strong(x + 1, scope) == 0) {
      sim::let_others_run();
    }
    add_relaxed(x, 1, scope);
    if (first) {
      store_strong(x + 1, 1, scope);
    } else {
      x[0] = 0;
      x[1] = 0;
    }
  }
}
