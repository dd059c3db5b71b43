#include <cstdio>

extern "C" __global__ void write_one(int* y) {
  y[threadIdx.x] = 1;
}

extern "C" __global__ void write_last(int* y) {
  y[0] = threadIdx.x;
}

int main(int arguments, char**) {
  int* y = nullptr;
  cudaMalloc(&y, 31 * sizeof(int));
  if (arguments > 1) {
    write_last<<<1, 32>>>(y);
  } else {
    write_one<<<1, 32>>>(y);
  }
  cudaDeviceSynchronize();
  std::puts("PASS");
}
