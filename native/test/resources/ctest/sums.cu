// Adds vectors as any program of CUDA C++ does, and ends with 1 if a sum is wrong.
#include <cstdio>
#include <vector>

__global__ void add(const float* a, const float* b, float* sum, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
#ifndef PLANTED
  if (i < n)
#endif
    sum[i] = a[i] + b[i];
}

int main() {
  const int n = 1000;
  std::vector<float> a(n, 1), b(n, 2), sum(n);
  float *on_gpu[3], *host[] = {a.data(), b.data(), sum.data()};
  for (int k = 0; k < 3; k++) {
    cudaMalloc(&on_gpu[k], n * sizeof(float));
    cudaMemcpy(on_gpu[k], host[k], n * sizeof(float), cudaMemcpyHostToDevice);
  }
  add<<<(n + 255) / 256, 256>>>(on_gpu[0], on_gpu[1], on_gpu[2], n);
  cudaMemcpy(sum.data(), on_gpu[2], n * sizeof(float), cudaMemcpyDeviceToHost);
  int wrong = 0;
  for (int i = 0; i < n; i++) {
    wrong += !(sum[i] == 3);
  }
  std::printf("%d of %d sums are wrong\n", wrong, n);
  for (float* memory : on_gpu) {
    cudaFree(memory);
  }
  return wrong > 0;
}
