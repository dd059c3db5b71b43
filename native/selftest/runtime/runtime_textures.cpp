// Arrays and textures by CUDA's runtime, over what the driver's own calls say of them.
#include "api/cuda_runtime.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "selftest/harness.h"

extern "C" {
cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w, cudaChannelFormatKind kind);
cudaError_t cudaMallocArray(cudaArray_t* array, const cudaChannelFormatDesc*, size_t width, size_t height, unsigned);
cudaError_t cudaMalloc3DArray(cudaArray_t* array, const cudaChannelFormatDesc*, cudaExtent extent, unsigned flags);
cudaError_t cudaFreeArray(cudaArray_t array);
cudaError_t cudaArrayGetInfo(cudaChannelFormatDesc* channels, cudaExtent* extent, unsigned* flags, cudaArray_t array);
cudaError_t cudaMemcpy2D(void* to, size_t, const void* from, size_t, size_t width, size_t height, cudaMemcpyKind kind);
cudaError_t cudaMemcpy2DToArray(cudaArray_t to, size_t x, size_t y, const void* from, size_t pitch, size_t width,
                                size_t height, cudaMemcpyKind kind);
cudaError_t cudaMemcpy2DFromArray(void* to, size_t pitch, cudaArray_const_t from, size_t x, size_t y, size_t width,
                                  size_t height, cudaMemcpyKind kind);
cudaError_t cudaMemcpyToArray(cudaArray_t to, size_t x, size_t y, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyFromArray(void* to, cudaArray_const_t from, size_t x, size_t y, size_t bytes, cudaMemcpyKind);
cudaError_t cudaMemcpyArrayToArray(cudaArray_t to, size_t x, size_t y, cudaArray_const_t from, size_t, size_t,
                                   size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms* copy);
cudaError_t cudaCreateTextureObject(cudaTextureObject_t* texture, const cudaResourceDesc* resource,
                                    const cudaTextureDesc* how, const cudaResourceViewDesc* view);
cudaError_t cudaDestroyTextureObject(cudaTextureObject_t texture);
cudaError_t cudaCreateSurfaceObject(cudaSurfaceObject_t* surface, const cudaResourceDesc* resource);
cudaError_t cudaDestroySurfaceObject(cudaSurfaceObject_t surface);
cudaError_t cudaDeviceReset();
}

namespace {

using Bytes = std::vector<unsigned char>;

Bytes counted(size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; i++) {
    bytes[i] = static_cast<unsigned char>(i + 1);
  }
  return bytes;
}

// 5 x 3 elements of two bytes each.
void rows_and_bytes() {
  cudaChannelFormatDesc two = cudaCreateChannelDesc(8, 8, 0, 0, cudaChannelFormatKindUnsigned), told = {};
  cudaArray_t array = nullptr, other = nullptr;
  cudaExtent extent = {};
  unsigned flags = 9;
  CHECK(cudaMallocArray(&array, &two, 5, 3, 0) == cudaSuccess && cudaMallocArray(&other, &two, 4, 4, 0) == cudaSuccess);
  CHECK(cudaArrayGetInfo(&told, &extent, &flags, array) == cudaSuccess && std::memcmp(&told, &two, sizeof two) == 0 &&
        extent.width == 5 && extent.height == 3 && extent.depth == 0 && flags == 0);
  Bytes from = counted(48), to(30);
  CHECK(cudaMemcpy2DToArray(array, 0, 0, from.data(), 16, 10, 3, cudaMemcpyHostToDevice) == cudaSuccess);
  CHECK(cudaMemcpy2DFromArray(to.data(), 6, array, 4, 1, 6, 2, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(std::memcmp(to.data(), from.data() + 20, 6) == 0 && std::memcmp(to.data() + 6, from.data() + 36, 6) == 0);
  // 13 bytes from the eighth of the first row on: 2 of that, a whole row, and 1.
  CHECK(cudaMemcpyToArray(array, 8, 0, from.data(), 13, cudaMemcpyHostToDevice) == cudaSuccess);
  CHECK(cudaMemcpyFromArray(to.data(), array, 0, 0, 30, cudaMemcpyDeviceToHost) == cudaSuccess);
  Bytes wanted(from.begin(), from.begin() + 8);
  wanted.insert(wanted.end(), from.begin(), from.begin() + 13);
  wanted.insert(wanted.end(), from.begin() + 33, from.begin() + 42);
  CHECK(to == wanted);
  CHECK(cudaMemcpyArrayToArray(other, 2, 0, array, 0, 1, 20, cudaMemcpyDeviceToDevice) == cudaSuccess);
  CHECK(cudaMemcpyFromArray(to.data(), other, 2, 0, 20, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(std::memcmp(to.data(), wanted.data() + 10, 20) == 0);
  CHECK(cudaMemcpyToArray(array, 8, 2, from.data(), 3, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy2D(to.data(), 4, from.data(), 8, 5, 2, cudaMemcpyHostToHost) == cudaErrorInvalidPitchValue);
  CHECK(cudaFreeArray(array) == cudaSuccess && cudaFreeArray(other) == cudaSuccess);
  cudaChannelFormatDesc three = cudaCreateChannelDesc(8, 8, 8, 0, cudaChannelFormatKindUnsigned);
  CHECK(cudaMallocArray(&array, &three, 5, 3, 0) == cudaErrorInvalidChannelDescriptor);
}

// The upper half of a box of 4 x 2 x 3 floats, and the second plane of it back.
void boxes() {
  cudaChannelFormatDesc one = cudaCreateChannelDesc(32, 0, 0, 0, cudaChannelFormatKindFloat);
  cudaArray_t array = nullptr;
  CHECK(cudaMalloc3DArray(&array, &one, {4, 2, 3}, 0) == cudaSuccess);
  Bytes from = counted(96), to(32);
  cudaMemcpy3DParms copy = {};
  copy.srcPtr = {from.data(), 16, 4, 2};
  copy.dstArray = array;
  copy.extent = {4, 2, 3};
  copy.kind = cudaMemcpyHostToDevice;
  CHECK(cudaMemcpy3D(&copy) == cudaSuccess);
  cudaMemcpy3DParms back = {};
  back.srcArray = array;
  back.srcPos = {1, 0, 1};
  back.dstPtr = {to.data(), 16, 4, 2};
  back.dstPos = {4, 0, 0};
  back.extent = {3, 2, 1};
  back.kind = cudaMemcpyDeviceToHost;
  CHECK(cudaMemcpy3D(&back) == cudaSuccess);
  CHECK(std::memcmp(to.data() + 4, from.data() + 36, 12) == 0);
  CHECK(std::memcmp(to.data() + 20, from.data() + 52, 12) == 0);
  back.srcPtr = copy.srcPtr;
  CHECK(cudaMemcpy3D(&back) == cudaErrorInvalidValue);
  CHECK(cudaFreeArray(array) == cudaSuccess);
}

void objects() {
  cudaChannelFormatDesc one = cudaCreateChannelDesc(16, 0, 0, 0, cudaChannelFormatKindFloat);
  cudaArray_t array = nullptr;
  CHECK(cudaMallocArray(&array, &one, 8, 8, CUDA_ARRAY3D_SURFACE_LDST) == cudaSuccess);
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeArray;
  resource.res.array.array = array;
  cudaTextureDesc how = {};
  how.addressMode[1] = cudaTextureAddressMode(CU_TR_ADDRESS_MODE_MIRROR);
  how.normalizedCoords = 1;
  how.borderColor[2] = 0.5f;
  how.maxMipmapLevelClamp = 3;
  cudaTextureObject_t texture = 0;
  cudaSurfaceObject_t surface = 0;
  CUDA_TEXTURE_DESC told = {};
  cudaArray_t bytes = nullptr;
  cudaChannelFormatDesc small = cudaCreateChannelDesc(8, 0, 0, 0, cudaChannelFormatKindUnsigned);
  CHECK(cudaMallocArray(&bytes, &small, 8, 8, 0) == cudaSuccess);
  how.filterMode = cudaFilterModeLinear;
  resource.res.array.array = bytes;
  CHECK(cudaCreateTextureObject(&texture, &resource, &how, nullptr) == cudaErrorInvalidFilterSetting);
  how.filterMode = cudaFilterModePoint;
  resource.res.array.array = array;
  CHECK(cudaFreeArray(bytes) == cudaSuccess);
  CHECK(cudaCreateTextureObject(&texture, &resource, &how, nullptr) == cudaSuccess);
  CHECK(cuTexObjectGetTextureDesc(&told, texture) == CUDA_SUCCESS && told.borderColor[2] == 0.5f &&
        told.flags == (CU_TRSF_READ_AS_INTEGER | CU_TRSF_NORMALIZED_COORDINATES) && told.maxMipmapLevelClamp == 3 &&
        told.addressMode[1] == CU_TR_ADDRESS_MODE_MIRROR);
  CHECK(cudaCreateSurfaceObject(&surface, &resource) == cudaSuccess);
  CHECK(cudaDestroySurfaceObject(surface) == cudaSuccess && cudaDestroyTextureObject(texture) == cudaSuccess);
  CHECK(cudaDestroyTextureObject(texture) == cudaErrorInvalidValue);
  CHECK(cudaFreeArray(array) == cudaSuccess && cudaFreeArray(nullptr) == cudaSuccess);
}

}

void test_runtime_textures() {
  setenv("CHARLSTM_SIM_STREAMS", "eager", 1);
  setenv("CHARLSTM_SIM_FAULTS", "", 1);
  cuInit(0);
  cuCtxSetCurrent(nullptr);
  rows_and_bytes();
  boxes();
  objects();
  cudaDeviceReset();
}
