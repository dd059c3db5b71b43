// Arrays, their copies, and texture and surface objects.
#include <algorithm>
#include <cstring>

#include "runtime/runtime.h"

namespace cudart {

namespace {

struct Format {
  CUarray_format format;
  cudaChannelFormatKind kind;
  int bits;
};

constexpr Format FORMATS[] = {
    {CU_AD_FORMAT_UNSIGNED_INT8, cudaChannelFormatKindUnsigned, 8},
    {CU_AD_FORMAT_UNSIGNED_INT16, cudaChannelFormatKindUnsigned, 16},
    {CU_AD_FORMAT_UNSIGNED_INT32, cudaChannelFormatKindUnsigned, 32},
    {CU_AD_FORMAT_SIGNED_INT8, cudaChannelFormatKindSigned, 8},
    {CU_AD_FORMAT_SIGNED_INT16, cudaChannelFormatKindSigned, 16},
    {CU_AD_FORMAT_SIGNED_INT32, cudaChannelFormatKindSigned, 32},
    {CU_AD_FORMAT_HALF, cudaChannelFormatKindFloat, 16},
    {CU_AD_FORMAT_FLOAT, cudaChannelFormatKindFloat, 32}};

// Finds the format and number of channels; false for channels that differ, are three, or of an unknown kind.
bool is_known(const cudaChannelFormatDesc& channels, CUarray_format& format, unsigned& count) {
  const int bits[4] = {channels.x, channels.y, channels.z, channels.w};
  count = unsigned(std::find(bits, bits + 4, 0) - bits);
  bool alike = count != 0 && count != 3 && std::all_of(bits, bits + count, [&](int one) { return one == bits[0]; });
  for (const Format& one : FORMATS) {
    if (alike && one.kind == channels.f && one.bits == bits[0]) {
      format = one.format;
      return true;
    }
  }
  return false;
}

cudaChannelFormatDesc channels_of(CUarray_format format, unsigned count) {
  const Format* found = std::find_if(FORMATS, FORMATS + 8, [=](const Format& one) { return one.format == format; });
  return {found->bits, count > 1 ? found->bits : 0, count > 2 ? found->bits : 0, count > 3 ? found->bits : 0,
          found->kind};
}

size_t element_of(const CUDA_ARRAY3D_DESCRIPTOR& array) {
  return size_t(channels_of(array.Format, 1).x) / 8 * array.NumChannels;
}

CUarray driver_array(cudaArray_const_t array) {
  return reinterpret_cast<CUarray>(const_cast<cudaArray*>(array));
}

// One end of a copy: an array, or pitched memory; x counts bytes.
struct End {
  cudaArray_const_t array = nullptr;
  const void* start = nullptr;
  size_t pitch = 0, height = 0, x = 0, y = 0, z = 0;
};

CUmemorytype type_of(const End& end, bool on_host, cudaMemcpyKind kind) {
  return end.array ? CU_MEMORYTYPE_ARRAY
         : kind == cudaMemcpyDefault ? CU_MEMORYTYPE_UNIFIED
         : on_host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
}

CUresult box_between(const End& to, const End& from, cudaExtent box, cudaMemcpyKind kind, CUDA_MEMCPY3D& copy) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return CUresult(cudaErrorInvalidMemcpyDirection);
  }
  copy = {};
  copy.srcXInBytes = from.x;
  copy.srcY = from.y;
  copy.srcZ = from.z;
  copy.srcMemoryType = type_of(from, kind == cudaMemcpyHostToDevice || kind == cudaMemcpyHostToHost, kind);
  copy.srcHost = from.start;
  copy.srcDevice = device(from.start);
  copy.srcArray = driver_array(from.array);
  copy.srcPitch = from.pitch;
  copy.srcHeight = from.height;
  copy.dstXInBytes = to.x;
  copy.dstY = to.y;
  copy.dstZ = to.z;
  copy.dstMemoryType = type_of(to, kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyHostToHost, kind);
  copy.dstHost = const_cast<void*>(to.start);
  copy.dstDevice = device(to.start);
  copy.dstArray = driver_array(to.array);
  copy.dstPitch = to.pitch;
  copy.dstHeight = to.height;
  copy.WidthInBytes = box.width;
  copy.Height = box.height;
  copy.Depth = box.depth;
  return CUDA_SUCCESS;
}

CUresult copy_box(const End& to, const End& from, cudaExtent box, cudaMemcpyKind kind, cudaStream_t stream) {
  CUDA_MEMCPY3D copy;
  CUresult result = box_between(to, from, box, kind, copy);
  return result == CUDA_SUCCESS ? CU(cuMemcpy3DAsync_v2)(&copy, stream) : result;
}

// Copies consecutive bytes, across the ends of an array's rows.
CUresult copy_bytes(End to, End from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  CUresult result = CUDA_SUCCESS;
  while (bytes > 0 && result == CUDA_SUCCESS) {
    size_t part = bytes;
    for (End* end : {&to, &from}) {
      CUDA_ARRAY3D_DESCRIPTOR array = {};
      if (end->array && (result = CU(cuArray3DGetDescriptor_v2)(&array, driver_array(end->array))) != CUDA_SUCCESS) {
        return result;
      }
      size_t row = array.Width * (end->array ? element_of(array) : 0);
      if (end->array && end->x >= row) {
        end->x -= row;
        end->y++;
      }
      part = std::min(part, end->array ? row - std::min(end->x, row) : part);
    }
    if (part == 0) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    result = copy_box(to, from, {part, 1, 1}, kind, stream);
    to.x += part;
    from.x += part;
    bytes -= part;
  }
  return result;
}

}

CUresult drivers_box(const cudaMemcpy3DParms& wanted, CUDA_MEMCPY3D& copy) {
  size_t element = 1;
  auto end_of = [&](cudaArray_t array, const cudaPitchedPtr& rows, const cudaPos& at) {
    CUDA_ARRAY3D_DESCRIPTOR told = {};
    size_t each = array && CU(cuArray3DGetDescriptor_v2)(&told, driver_array(array)) == CUDA_SUCCESS ? element_of(told)
                                                                                                     : 1;
    element = std::max(element, each);
    return End{array, rows.ptr, rows.pitch, rows.ysize, at.x * each, at.y, at.z};
  };
  End from = end_of(wanted.srcArray, wanted.srcPtr, wanted.srcPos);
  End to = end_of(wanted.dstArray, wanted.dstPtr, wanted.dstPos);
  bool twice = (wanted.srcArray && wanted.srcPtr.ptr) || (wanted.dstArray && wanted.dstPtr.ptr);
  cudaExtent box = {wanted.extent.width * element, wanted.extent.height, wanted.extent.depth};
  return twice ? CUDA_ERROR_INVALID_VALUE : box_between(to, from, box, wanted.kind, copy);
}

namespace {

CUresult copy_as(const cudaMemcpy3DParms& wanted, cudaStream_t stream) {
  CUDA_MEMCPY3D copy;
  CUresult result = drivers_box(wanted, copy);
  return result == CUDA_SUCCESS ? CU(cuMemcpy3DAsync_v2)(&copy, stream) : result;
}

CUresult and_wait(CUresult copied, cudaStream_t stream) {
  return copied == CUDA_SUCCESS ? CU(cuStreamSynchronize)(stream) : copied;
}

bool to_drivers(const cudaResourceDesc& given, CUDA_RESOURCE_DESC& resource) {
  resource.resType = CUresourcetype(given.resType);
  resource.flags = given.flags;
  switch (given.resType) {
    case cudaResourceTypeLinear:
      resource.res.linear.devPtr = device(given.res.linear.devPtr);
      resource.res.linear.sizeInBytes = given.res.linear.sizeInBytes;
      return is_known(given.res.linear.desc, resource.res.linear.format, resource.res.linear.numChannels);
    case cudaResourceTypePitch2D:
      resource.res.pitch2D.devPtr = device(given.res.pitch2D.devPtr);
      resource.res.pitch2D.width = given.res.pitch2D.width;
      resource.res.pitch2D.height = given.res.pitch2D.height;
      resource.res.pitch2D.pitchInBytes = given.res.pitch2D.pitchInBytes;
      return is_known(given.res.pitch2D.desc, resource.res.pitch2D.format, resource.res.pitch2D.numChannels);
    default: resource.res.array.hArray = driver_array(given.res.array.array); return true;
  }
}

}

}

using namespace cudart;

EXPORT cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w, cudaChannelFormatKind kind) {
  return {x, y, z, w, kind};
}

EXPORT cudaError_t cudaMalloc3DArray(cudaArray_t* array, const cudaChannelFormatDesc* channels, cudaExtent extent,
                                     unsigned int flags) {
  return in_context([&] {
    CUDA_ARRAY3D_DESCRIPTOR wanted = {extent.width, extent.height, extent.depth, CU_AD_FORMAT_FLOAT, 0, flags};
    bool known = array && channels && is_known(*channels, wanted.Format, wanted.NumChannels);
    return known ? CU(cuArray3DCreate_v2)(reinterpret_cast<CUarray*>(array), &wanted)
                 : array && channels ? CUresult(cudaErrorInvalidChannelDescriptor) : CUDA_ERROR_INVALID_VALUE;
  });
}

EXPORT cudaError_t cudaMallocArray(cudaArray_t* array, const cudaChannelFormatDesc* channels, size_t width,
                                   size_t height, unsigned int flags) {
  return cudaMalloc3DArray(array, channels, {width, height, 0}, flags);
}

EXPORT cudaError_t cudaFreeArray(cudaArray_t array) {
  return in_context([&] { return array ? CU(cuArrayDestroy)(driver_array(array)) : CUDA_SUCCESS; });
}

EXPORT cudaError_t cudaArrayGetInfo(cudaChannelFormatDesc* channels, cudaExtent* extent, unsigned int* flags,
                                    cudaArray_t array) {
  return in_context([&] {
    CUDA_ARRAY3D_DESCRIPTOR told = {};
    CUresult result = CU(cuArray3DGetDescriptor_v2)(&told, driver_array(array));
    if (result == CUDA_SUCCESS && channels) {
      *channels = channels_of(told.Format, told.NumChannels);
    }
    if (result == CUDA_SUCCESS && extent) {
      *extent = {told.Width, told.Height, told.Depth};
    }
    if (result == CUDA_SUCCESS && flags) {
      *flags = told.Flags;
    }
    return result;
  });
}

EXPORT cudaError_t cudaGetChannelDesc(cudaChannelFormatDesc* channels, cudaArray_const_t array) {
  return channels ? cudaArrayGetInfo(channels, nullptr, nullptr, const_cast<cudaArray_t>(array))
                  : told(cudaErrorInvalidValue);
}

// NAME and NAME_ptds wait; NAMEAsync and NAMEAsync_ptsz do not.
#define COPY_AND_WAIT(name, parameters, copy) DEFAULT_STREAM_CALL(name, parameters, and_wait(copy, stream))
#define ARGUMENTS(...) __VA_ARGS__
#define COPY(name, parameters, copy)                 \
  COPY_AND_WAIT(name, (ARGUMENTS parameters), copy)  \
  STREAMED_CALL(name##Async, (ARGUMENTS parameters, cudaStream_t stream), copy)

COPY(cudaMemcpy2D, (void* to, size_t to_pitch, const void* from, size_t pitch, size_t width, size_t height,
                    cudaMemcpyKind kind),
     width > to_pitch || width > pitch
         ? CUresult(cudaErrorInvalidPitchValue)
         : copy_box({nullptr, to, to_pitch, height}, {nullptr, from, pitch, height}, {width, height, 1}, kind, stream))
COPY(cudaMemcpy2DToArray, (cudaArray_t to, size_t x, size_t y, const void* from, size_t pitch, size_t width,
                           size_t height, cudaMemcpyKind kind),
     copy_box({to, nullptr, 0, 0, x, y, 0}, {nullptr, from, pitch, height}, {width, height, 1}, kind, stream))
COPY(cudaMemcpy2DFromArray, (void* to, size_t pitch, cudaArray_const_t from, size_t x, size_t y, size_t width,
                             size_t height, cudaMemcpyKind kind),
     copy_box({nullptr, to, pitch, height}, {from, nullptr, 0, 0, x, y, 0}, {width, height, 1}, kind, stream))
COPY_AND_WAIT(cudaMemcpy2DArrayToArray, (cudaArray_t to, size_t x, size_t y, cudaArray_const_t from, size_t from_x,
                                         size_t from_y, size_t width, size_t height, cudaMemcpyKind kind),
              copy_box({to, nullptr, 0, 0, x, y, 0}, {from, nullptr, 0, 0, from_x, from_y, 0}, {width, height, 1}, kind,
                       stream))
COPY(cudaMemcpyToArray, (cudaArray_t to, size_t x, size_t y, const void* from, size_t bytes, cudaMemcpyKind kind),
     copy_bytes({to, nullptr, 0, 0, x, y, 0}, {nullptr, from}, bytes, kind, stream))
COPY(cudaMemcpyFromArray, (void* to, cudaArray_const_t from, size_t x, size_t y, size_t bytes, cudaMemcpyKind kind),
     copy_bytes({nullptr, to}, {from, nullptr, 0, 0, x, y, 0}, bytes, kind, stream))
COPY_AND_WAIT(cudaMemcpyArrayToArray, (cudaArray_t to, size_t x, size_t y, cudaArray_const_t from, size_t from_x,
                                       size_t from_y, size_t bytes, cudaMemcpyKind kind),
              copy_bytes({to, nullptr, 0, 0, x, y, 0}, {from, nullptr, 0, 0, from_x, from_y, 0}, bytes, kind, stream))
COPY(cudaMemcpy3D, (const cudaMemcpy3DParms* wanted), wanted ? copy_as(*wanted, stream) : CUDA_ERROR_INVALID_VALUE)

namespace {

bool is_of_integers(const CUDA_RESOURCE_DESC& resource) {
  CUDA_ARRAY3D_DESCRIPTOR array = {};
  bool of_rows = resource.resType == CU_RESOURCE_TYPE_PITCH2D;
  CUarray_format format = resource.res.pitch2D.format;
  if (!of_rows && resource.resType == CU_RESOURCE_TYPE_ARRAY) {
    of_rows = CU(cuArray3DGetDescriptor_v2)(&array, resource.res.array.hArray) == CUDA_SUCCESS;
    format = array.Format;
  }
  return of_rows && format != CU_AD_FORMAT_HALF && format != CU_AD_FORMAT_FLOAT;
}

}

EXPORT cudaError_t cudaCreateTextureObject(cudaTextureObject_t* texture, const cudaResourceDesc* given,
                                           const cudaTextureDesc* how, const cudaResourceViewDesc* view) {
  return in_context([&] {
    CUDA_RESOURCE_DESC resource = {};
    CUDA_TEXTURE_DESC wanted = {};
    if (!given || !how || !to_drivers(*given, resource)) {
      return given && how ? CUresult(cudaErrorInvalidChannelDescriptor) : CUDA_ERROR_INVALID_VALUE;
    }
    bool by_elements = how->readMode == cudaReadModeElementType;
    if (how->filterMode == cudaFilterModeLinear && by_elements && is_of_integers(resource)) {
      return CUresult(cudaErrorInvalidFilterSetting);
    }
    std::memcpy(wanted.addressMode, how->addressMode, sizeof wanted.addressMode);
    wanted.filterMode = CUfilter_mode(how->filterMode);
    wanted.flags = (how->readMode == cudaReadModeElementType ? 1 : 0) | (how->normalizedCoords ? 2 : 0) |
                   (how->sRGB ? 0x10 : 0) | (how->disableTrilinearOptimization ? 0x20 : 0) |
                   (how->seamlessCubemap ? 0x40 : 0);
    wanted.maxAnisotropy = how->maxAnisotropy;
    wanted.mipmapFilterMode = CUfilter_mode(how->mipmapFilterMode);
    std::memcpy(&wanted.mipmapLevelBias, &how->mipmapLevelBias, 3 * sizeof(float));
    std::memcpy(wanted.borderColor, how->borderColor, sizeof wanted.borderColor);
    return CU(cuTexObjectCreate)(texture, &resource, &wanted, reinterpret_cast<const CUDA_RESOURCE_VIEW_DESC*>(view));
  });
}

DIRECT(cudaDestroyTextureObject, (cudaTextureObject_t texture), cuTexObjectDestroy, (texture))

EXPORT cudaError_t cudaCreateSurfaceObject(cudaSurfaceObject_t* surface, const cudaResourceDesc* given) {
  return in_context([&] {
    CUDA_RESOURCE_DESC resource = {};
    bool known = given && to_drivers(*given, resource);
    return known ? CU(cuSurfObjectCreate)(surface, &resource) : CUDA_ERROR_INVALID_VALUE;
  });
}

DIRECT(cudaDestroySurfaceObject, (cudaSurfaceObject_t surface), cuSurfObjectDestroy, (surface))
