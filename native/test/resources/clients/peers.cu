// Two GPUs: each adds to its own numbers, and a copy between them brings both together. Ends with 0 if they are right.
#include <cstdio>

__global__ void add(int* numbers, int what) {
  numbers[threadIdx.x] += what;
}

int main() {
  int devices = 0;
  cudaGetDeviceCount(&devices);
  if (devices < 2) {
    std::printf("%d devices\n", devices);
    return 1;
  }
  int* numbers[2];
  int got[64];
  for (int i = 0; i < 2; i++) {
    cudaSetDevice(i);
    cudaMalloc(&numbers[i], sizeof got);
    cudaMemset(numbers[i], 0, sizeof got);
    add<<<1, 64>>>(numbers[i], i + 1);
    cudaDeviceSynchronize();
  }
  cudaMemcpyPeer(numbers[0], 0, numbers[1], 1, sizeof got / 2);
  cudaMemcpy(got, numbers[0], sizeof got, cudaMemcpyDefault);
  for (int i = 0; i < 64; i++) {
    if (got[i] != (i < 32 ? 2 : 1)) {
      std::printf("number %d is %d\n", i, got[i]);
      return 1;
    }
  }
  return cudaGetLastError() == cudaSuccess ? 0 : 1;
}
