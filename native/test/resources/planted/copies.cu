// Copies and fills by the host: their directions, sizes, pitches and symbols.
#include "planted.h"

template <bool MENDED>
void direction_to_the_host() {
  Counted<int> x(32);
  std::vector<int> host(32);
  cudaMemcpy(x, host.data(), 128, MENDED ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost);
}
PLANT(direction_to_the_host);

template <bool MENDED>
void direction_to_the_device() {
  Counted<int> x(32);
  std::vector<int> host(32);
  cudaMemcpy(host.data(), x, 128, MENDED ? cudaMemcpyDeviceToHost : cudaMemcpyHostToDevice);
}
PLANT(direction_to_the_device);

template <bool MENDED>
void direction_on_the_device() {
  Counted<int> x(32);
  std::vector<int> host(32);
  cudaMemcpy(x, host.data(), 128, MENDED ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToDevice);
}
PLANT(direction_on_the_device);

template <bool MENDED>
void copy_too_large() {
  Counted<int> x(32);
  std::vector<int> host(64);
  cudaMemcpy(x, host.data(), (MENDED ? 32 : 64) * sizeof(int), cudaMemcpyHostToDevice);
}
PLANT(copy_too_large);

template <bool MENDED>
void copy_from_too_little() {
  Counted<int> x(32);
  std::vector<int> host(64);
  cudaMemcpy(host.data(), x, (MENDED ? 32 : 64) * sizeof(int), cudaMemcpyDeviceToHost);
}
PLANT(copy_from_too_little);

template <bool MENDED>
void copy_past_pinned_memory() {
  Counted<int> x(64);
  int* host;
  cudaMallocHost(&host, 32 * sizeof(int));
  cudaMemcpy(host, x, (MENDED ? 32 : 64) * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFreeHost(host);
}
PLANT(copy_past_pinned_memory);

template <bool MENDED>
void copy_past_memory_of_the_host() {
  Counted<int> x(64);
  std::vector<int> host(1024);
  host.resize(32);
  cudaMemcpy(host.data(), x, (MENDED ? 32 : 64) * sizeof(int), cudaMemcpyDeviceToHost);
}
PLANT(copy_past_memory_of_the_host);

template <bool MENDED>
void fill_too_large() {
  Counted<int> x(32);
  cudaMemset(x + 8, 0, (MENDED ? 24 : 32) * sizeof(int));
}
PLANT(fill_too_large);

__constant__ int settings[8];
__device__ int result[8];

template <bool MENDED>
void symbol_too_small() {
  int values[16] = {};
  cudaMemcpyToSymbol(settings, values, (MENDED ? 8 : 16) * sizeof(int));
}
PLANT(symbol_too_small);

template <bool MENDED>
void symbol_from_an_offset() {
  int values[8] = {};
  cudaMemcpyToSymbol(settings, values, 4 * sizeof(int), (MENDED ? 4 : 6) * sizeof(int));
}
PLANT(symbol_from_an_offset);

template <bool MENDED>
void symbol_read_too_far() {
  int values[16];
  cudaMemcpyFromSymbol(values, result, (MENDED ? 8 : 16) * sizeof(int));
}
PLANT(symbol_read_too_far);

template <bool MENDED>
__global__ void use_name(int* y) {
  *y = settings[0];
}

template <bool MENDED>
void symbol_by_its_name() {
  int value = 3;
  Counted<int> y(1);
  if (MENDED) {
    cudaMemcpyToSymbol(settings, &value, sizeof value);
  } else {
    cudaMemcpyToSymbol("settings", &value, sizeof value);
  }
  use_name<MENDED><<<1, 1>>>(y);
}
PLANT(symbol_by_its_name);

template <bool MENDED>
void pitch_below_the_width() {
  std::vector<float> host(80);
  float* x;
  size_t pitch;
  cudaMallocPitch(&x, &pitch, 40, 8);
  cudaMemcpy2D(x, pitch, host.data(), MENDED ? 40 : 10, 40, 8, cudaMemcpyHostToDevice);
  cudaFree(x);
}
PLANT(pitch_below_the_width);

template <bool MENDED>
void rows_too_many() {
  std::vector<float> host(200);
  float* x;
  size_t pitch;
  cudaMallocPitch(&x, &pitch, 40, 8);
  cudaMemcpy2D(x, pitch, host.data(), 40, 40, MENDED ? 8 : 10, cudaMemcpyHostToDevice);
  cudaFree(x);
}
PLANT(rows_too_many);

// The device's pitch for the host's rows: 3,584 bytes are read of 320.
template <bool MENDED>
void pitches_exchanged() {
  std::vector<float> host(1024);
  float* x;
  size_t pitch;
  cudaMallocPitch(&x, &pitch, 40, 8);
  cudaMemcpy2D(x, MENDED ? pitch : 40, host.data(), MENDED ? 40 : pitch, 40, 8, cudaMemcpyHostToDevice);
  std::vector<float> back(80);
  cudaMemcpy2D(back.data(), 40, x, pitch, 40, 8, cudaMemcpyDeviceToHost);
  cudaFree(x);
}
PLANT(pitches_exchanged);

template <bool MENDED>
void copy_over_itself() {
  Counted<int> x(64);
  cudaMemcpy(x + (MENDED ? 32 : 8), x, 32 * sizeof(int), cudaMemcpyDeviceToDevice);
}
PLANT(copy_over_itself);

template <bool MENDED>
void volume_too_deep() {
  std::vector<float> host(4 * 4 * 4);
  cudaPitchedPtr volume;
  cudaMalloc3D(&volume, make_cudaExtent(4 * sizeof(float), 4, 2));
  cudaMemcpy3DParms copy = {};
  copy.srcPtr = make_cudaPitchedPtr(host.data(), 4 * sizeof(float), 4, 4);
  copy.dstPtr = volume;
  copy.extent = make_cudaExtent(4 * sizeof(float), 4, MENDED ? 2 : 4);
  copy.kind = cudaMemcpyHostToDevice;
  cudaMemcpy3D(&copy);
  cudaFree(volume.ptr);
}
PLANT(volume_too_deep);

// The address of the variable that holds the address.
template <bool MENDED>
void address_of_an_address() {
  std::vector<int> host(32);
  Counted<int> x(32);
  void* target = MENDED ? static_cast<void*>(x.at) : static_cast<void*>(&x.at);
  cudaMemcpy(target, host.data(), sizeof(int*), cudaMemcpyHostToDevice);
}
PLANT(address_of_an_address);

template <bool MENDED>
void fill_of_host_memory() {
  std::vector<int> host(32);
  Counted<int> x(32);
  cudaMemset(MENDED ? x.at : host.data(), 0, 128);
}
PLANT(fill_of_host_memory);
