#include <cstddef>
#include <cstdio>

__global__ void add_one(int* y) {
  y[threadIdx.x]++;
}

static bool waits;

static void wait_for_all() {
  if (waits) {
    cudaDeviceSynchronize();
  }
}

// With an argument the host waits before it touches memory.
int main(int arguments, char**) {
  constexpr size_t BYTES = 4096;
  waits = arguments > 1;
  int sum = 0;
  int *device = nullptr, *pinned = nullptr, *managed = nullptr;
  cudaMalloc(&device, BYTES);
  cudaMallocHost(&pinned, BYTES);
  cudaMallocManaged(&managed, BYTES);
  cudaMemset(device, 0, BYTES);
  cudaDeviceSynchronize();

  cudaMemcpyAsync(pinned, device, BYTES, cudaMemcpyDeviceToHost);
  wait_for_all();
  sum += pinned[0];  // told
  cudaDeviceSynchronize();

  cudaMemcpyAsync(device, pinned, BYTES, cudaMemcpyHostToDevice);
  wait_for_all();
  pinned[0] = 1;  // told
  cudaDeviceSynchronize();

  managed[0] = 1;
  add_one<<<1, 32>>>(managed);
  wait_for_all();
  managed[31] = 2;  // told
  cudaDeviceSynchronize();

  add_one<<<1, 32>>>(managed);
  wait_for_all();
  sum += managed[0];  // told
  std::printf("PASS %d\n", sum != 9);
}
