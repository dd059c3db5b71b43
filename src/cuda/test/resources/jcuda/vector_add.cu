__constant__ float factor = 1.0f;
__device__ unsigned calls;

extern "C" __global__ void vector_add(int n, const float* a, const float* b, float* sum) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    sum[i] = a[i] + factor * b[i];
    atomicAdd(&calls, 1u);
  }
}
