// Each kernel breaks one rule about memory.

extern "C" __global__ void read_past_end(const float* x, float* y, int n) {
  y[threadIdx.x] = x[n + threadIdx.x];
}

extern "C" __global__ void write_past_end(float* x, int n) {
  x[n] = 1.0f;
}

extern "C" __global__ void read_before_start(const float* x, float* y) {
  y[0] = x[-1];
}

extern "C" __global__ void read_misaligned(const char* x, int* y) {
  y[0] = *(const int*)(x + 1);
}

extern "C" __global__ void read_straddling_end(const char* x, double* y, int n) {
  y[0] = *(const double*)(x + n - 4);
}

extern "C" __global__ void read_far_away(const float* x, float* y) {
  y[0] = x[1 << 28];
}

// The null pointer, the host's memory, another thread's stack: none is the device's.
extern "C" __global__ void read_at(const int* anywhere, int* y) {
  y[0] = *anywhere;
}

extern "C" __global__ void read_other_stack(int** where, int* y) {
  int mine[2] = {int(threadIdx.x), 7};
  if (threadIdx.x == 0) {
    *where = mine;
  }
  __syncthreads();
  y[threadIdx.x] = (*where)[1] + mine[0];
}

extern "C" __global__ void shared_past_end(float* y) {
  SHARED_ARRAY(float, values, 32);
  values[threadIdx.x + 1] = 1.0f;
  __syncthreads();
  y[threadIdx.x] = values[threadIdx.x];
}

extern "C" __global__ void shared_unwritten(float* y) {
  SHARED_ARRAY(float, values, 64);
  values[threadIdx.x] = 1.0f;
  __syncthreads();
  y[threadIdx.x] = values[threadIdx.x + 32];
}

extern "C" __global__ void dynamic_past_end(float* y) {
  DYNAMIC_SHARED(float, values);
  values[threadIdx.x] = 1.0f;
  y[threadIdx.x] = values[threadIdx.x];
}

extern "C" __global__ void shared_too_large(float* y) {
  SHARED_ARRAY(float, values, 12289);
  values[threadIdx.x] = 1.0f;
  y[threadIdx.x] = values[threadIdx.x];
}
