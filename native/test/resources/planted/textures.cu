// Textures, surfaces and arrays.
#include "planted.h"

struct Image {
  cudaArray_t array = nullptr;
  cudaTextureObject_t texture = 0;
  cudaSurfaceObject_t surface = 0;

  Image(int width, int height, cudaTextureDesc how = {}) {
    std::vector<float> values(width * height, 1.0f);
    cudaChannelFormatDesc format = cudaCreateChannelDesc<float>();
    cudaMallocArray(&array, &format, width, height, cudaArraySurfaceLoadStore);
    cudaMemcpy2DToArray(array, 0, 0, values.data(), width * sizeof(float), width * sizeof(float), height,
                        cudaMemcpyHostToDevice);
    cudaResourceDesc what = {};
    what.resType = cudaResourceTypeArray;
    what.res.array.array = array;
    cudaCreateTextureObject(&texture, &what, &how, nullptr);
    cudaCreateSurfaceObject(&surface, &what);
  }
  ~Image() {
    cudaDestroyTextureObject(texture);
    cudaDestroySurfaceObject(surface);
    cudaFreeArray(array);
  }
};

template <bool MENDED>
__global__ void fetch(cudaTextureObject_t texture, float* y) {
  y[threadIdx.x] = tex1Dfetch<float>(texture, threadIdx.x);  // told
}

template <bool MENDED>
void fetch_past_the_end() {
  Counted<float> x(32), y(64);
  cudaResourceDesc what = {};
  what.resType = cudaResourceTypeLinear;
  what.res.linear = {x.at, cudaCreateChannelDesc<float>(), 32 * sizeof(float)};
  cudaTextureDesc how = {};
  cudaTextureObject_t texture;
  cudaCreateTextureObject(&texture, &what, &how, nullptr);
  fetch<MENDED><<<1, MENDED ? 32 : 64>>>(texture, y);
  cudaDestroyTextureObject(texture);
}
PLANT(fetch_past_the_end);

template <bool MENDED>
__global__ void sample(cudaTextureObject_t texture, float* y) {
  y[threadIdx.x] = tex2D<float>(texture, threadIdx.x + 0.5f, 0.5f);  // told
}

template <bool MENDED>
void texture_after_its_end() {
  Counted<float> y(16);
  Image image(16, 4);
  if (!MENDED) {
    cudaDestroyTextureObject(image.texture);
  }
  sample<MENDED><<<1, 16>>>(image.texture, y);
  cudaDeviceSynchronize();
}
PLANT(texture_after_its_end);

template <bool MENDED>
void array_freed_under_its_texture() {
  Counted<float> y(16);
  Image image(16, 4);
  if (!MENDED) {
    cudaFreeArray(image.array);
  }
  sample<MENDED><<<1, 16>>>(image.texture, y);
  cudaDeviceSynchronize();
}
PLANT(array_freed_under_its_texture);

template <bool MENDED>
__global__ void sample_whole(cudaTextureObject_t texture, int* y) {
  if constexpr (MENDED) {
    y[threadIdx.x] = int(tex2D<float>(texture, threadIdx.x + 0.5f, 0.5f));
  } else {
    y[threadIdx.x] = tex2D<int>(texture, threadIdx.x + 0.5f, 0.5f);  // told
  }
}

template <bool MENDED>
void texture_of_another_type() {
  Counted<int> y(16);
  Image image(16, 4);
  sample_whole<MENDED><<<1, 16>>>(image.texture, y);
  cudaDeviceSynchronize();
}
PLANT(texture_of_another_type);

// The first coordinate of a surface is in bytes.
template <bool MENDED>
__global__ void put(cudaSurfaceObject_t surface) {
  surf2Dwrite(float(threadIdx.x), surface, threadIdx.x * (MENDED ? sizeof(float) : 1), 0);  // told
}

template <bool MENDED>
void surface_in_elements() {
  Image image(16, 4);
  put<MENDED><<<1, 16>>>(image.surface);
  cudaDeviceSynchronize();
}
PLANT(surface_in_elements);

template <bool MENDED>
void surface_past_its_width() {
  Image image(16, 4);
  put<true><<<1, MENDED ? 16 : 20>>>(image.surface);
  cudaDeviceSynchronize();
}
PLANT(surface_past_its_width);

template <bool MENDED>
__global__ void put_and_sample(cudaSurfaceObject_t surface, cudaTextureObject_t texture, float* y) {
  int i = threadIdx.x;
  if constexpr (!MENDED) {
    surf2Dwrite(float(i), surface, i * sizeof(float), 0);
  }
  __syncthreads();
  y[i] = tex2D<float>(texture, 15.5f - i, 0.5f);  // told
}

template <bool MENDED>
void texture_of_what_the_launch_writes() {
  Counted<float> y(16);
  Image image(16, 4);
  put_and_sample<MENDED><<<1, 16>>>(image.surface, image.texture, y);
  cudaDeviceSynchronize();
}
PLANT(texture_of_what_the_launch_writes);

template <bool MENDED>
void filter_of_whole_numbers() {
  Counted<int> x(64);
  cudaResourceDesc what = {};
  what.resType = cudaResourceTypePitch2D;
  what.res.pitch2D = {x.at, cudaCreateChannelDesc<int>(), 8, 1, 256};
  cudaTextureDesc how = {};
  how.filterMode = MENDED ? cudaFilterModePoint : cudaFilterModeLinear;
  cudaTextureObject_t texture;
  if (cudaCreateTextureObject(&texture, &what, &how, nullptr) == cudaSuccess) {
    cudaDestroyTextureObject(texture);
  }
}
PLANT(filter_of_whole_numbers);

template <bool MENDED>
void pitch_of_the_host_for_a_texture() {
  Counted<float> x(1024);
  cudaResourceDesc what = {};
  what.resType = cudaResourceTypePitch2D;
  what.res.pitch2D = {x.at, cudaCreateChannelDesc<float>(), 10, 8, size_t(MENDED ? 512 : 40)};
  cudaTextureDesc how = {};
  cudaTextureObject_t texture;
  if (cudaCreateTextureObject(&texture, &what, &how, nullptr) == cudaSuccess) {
    cudaDestroyTextureObject(texture);
  }
}
PLANT(pitch_of_the_host_for_a_texture);

// The texture takes coordinates from 0 to 1 as well as those of elements.
template <bool MENDED>
void coordinates_of_elements() {
  Counted<float> y(16);
  cudaTextureDesc how = {};
  how.normalizedCoords = MENDED ? 0 : 1;
  Image image(16, 4, how);
  sample<MENDED><<<1, 16>>>(image.texture, y);
  cudaDeviceSynchronize();
}
PLANT(coordinates_of_elements);
