// Arrays: device memory that kernels reach through textures and surfaces alone.
#include "driver/arrays.h"

#include <algorithm>
#include <string>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/device_memory.h"
#include "driver/modules.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

Handles<CUarray, Texels> arrays;

constexpr unsigned KNOWN = CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_SURFACE_LDST | CUDA_ARRAY3D_CUBEMAP |
                           CUDA_ARRAY3D_TEXTURE_GATHER;

// The most elements along each coordinate: of 1-D, 2-D and 3-D arrays, and of layers of the first two.
constexpr size_t MOST[3][3] = {{131072, 1, 1}, {131072, 65536, 1}, {16384, 16384, 16384}};
constexpr size_t MOST_LAYERED[2][3] = {{32768, 1, 2048}, {32768, 32768, 2048}};

Texels texels_of(const CUDA_ARRAY3D_DESCRIPTOR& wanted) {
  bool layers = wanted.Flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP);
  Texels texels;
  texels.format = wanted.Format;
  texels.channels = wanted.NumChannels;
  texels.flags = wanted.Flags;
  texels.dimensions = wanted.Depth && !layers ? 3 : wanted.Height ? 2 : 1;
  const size_t sizes[3] = {wanted.Width, wanted.Height, wanted.Depth};
  for (unsigned axis = 0; axis < 3; axis++) {
    texels.size[axis] = std::max<size_t>(sizes[axis], 1);
  }
  texels.pitch = texels.size[0] * texels.element();
  return texels;
}

bool is_possible(const CUDA_ARRAY3D_DESCRIPTOR& wanted, const Texels& texels) {
  bool layered = wanted.Flags & CUDA_ARRAY3D_LAYERED, cube = wanted.Flags & CUDA_ARRAY3D_CUBEMAP;
  const size_t(&most)[3] = layered || cube ? MOST_LAYERED[texels.dimensions - 1] : MOST[texels.dimensions - 1];
  bool fits = std::equal(texels.size, texels.size + 3, most, [](size_t size, size_t limit) { return size <= limit; });
  bool faces = wanted.Width == wanted.Height && (layered ? wanted.Depth % 6 == 0 : wanted.Depth == 6);
  return fits && wanted.Width > 0 && texels.element() > 0 && (wanted.Height || texels.dimensions == 1) &&
         (wanted.Depth || !layered) && (!cube || faces);
}

// Where a part of an array lies that copies take for rows without gaps; 0 if it is none.
CUdeviceptr part_of(CUarray handle, size_t offset, size_t bytes) {
  const Texels* texels = find_array(handle);
  bool within = texels && texels->dimensions == 1 && offset <= texels->bytes() && bytes <= texels->bytes() - offset;
  return within ? texels->start + offset : 0;
}

}

const Texels* find_array(CUarray handle) {
  return arrays.find(handle).get();
}

CUresult cuArray3DCreate_v2(CUarray* array, const CUDA_ARRAY3D_DESCRIPTOR* wanted) {
  if (!array || !readable(wanted, sizeof *wanted)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (wanted->Flags & ~KNOWN) {
    return refuse(CUDA_ERROR_NOT_SUPPORTED, "cuArray3DCreate",
                  "only layers, cubes, surfaces and gathers are simulated");
  }
  Texels texels = texels_of(*wanted);
  if (!is_possible(*wanted, texels)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  const Allocation* made = give(texels.bytes(), {Given::PLAIN, current_context});
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  texels.start = made->start;
  *array = arrays.add(std::make_shared<Texels>(texels));
  return CUDA_SUCCESS;
}

CUresult cuArrayCreate_v2(CUarray* array, const CUDA_ARRAY_DESCRIPTOR* wanted) {
  if (!readable(wanted, sizeof *wanted)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  CUDA_ARRAY3D_DESCRIPTOR whole{wanted->Width, wanted->Height, 0, wanted->Format, wanted->NumChannels, 0};
  return sim::cuArray3DCreate_v2(array, &whole);
}

CUresult cuArray3DGetDescriptor_v2(CUDA_ARRAY3D_DESCRIPTOR* descriptor, CUarray array) {
  const Texels* texels = find_array(array);
  if (!descriptor || !texels) {
    return texels ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_INVALID_HANDLE;
  }
  bool planes = texels->dimensions == 3 || texels->flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP);
  *descriptor = {texels->size[0], texels->dimensions > 1 ? texels->size[1] : 0, planes ? texels->size[2] : 0,
                 texels->format, texels->channels, texels->flags};
  return CUDA_SUCCESS;
}

CUresult cuArrayGetDescriptor_v2(CUDA_ARRAY_DESCRIPTOR* descriptor, CUarray array) {
  CUDA_ARRAY3D_DESCRIPTOR whole;
  CUresult result = sim::cuArray3DGetDescriptor_v2(&whole, array);
  if (result == CUDA_SUCCESS && descriptor) {
    *descriptor = {whole.Width, whole.Height, whole.Format, whole.NumChannels};
  }
  return descriptor ? result : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuArrayDestroy(CUarray array) {
  const Texels* texels = find_array(array);
  if (!texels) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  wait_if_endless();
  forget_given(texels->start);
  take_back(texels->start);
  arrays.remove(array);
  return CUDA_SUCCESS;
}

// Copies of bytes are of 1-D arrays alone; copies of rows are for all.

CUresult cuMemcpyHtoAAsync_v2(CUarray to, size_t offset, const void* from, size_t bytes, CUstream stream) {
  CUdeviceptr start = part_of(to, offset, bytes);
  return start ? sim::cuMemcpyHtoDAsync_v2(start, from, bytes, stream) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyAtoHAsync_v2(void* to, CUarray from, size_t offset, size_t bytes, CUstream stream) {
  CUdeviceptr start = part_of(from, offset, bytes);
  return start ? sim::cuMemcpyDtoHAsync_v2(to, start, bytes, stream) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyHtoA_v2(CUarray to, size_t offset, const void* from, size_t bytes) {
  CUdeviceptr start = part_of(to, offset, bytes);
  return start ? sim::cuMemcpyHtoD_v2(start, from, bytes) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyAtoH_v2(void* to, CUarray from, size_t offset, size_t bytes) {
  CUdeviceptr start = part_of(from, offset, bytes);
  return start ? sim::cuMemcpyDtoH_v2(to, start, bytes) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyDtoA_v2(CUarray to, size_t offset, CUdeviceptr from, size_t bytes) {
  CUdeviceptr start = part_of(to, offset, bytes);
  return start ? sim::cuMemcpyDtoD_v2(start, from, bytes) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyAtoD_v2(CUdeviceptr to, CUarray from, size_t offset, size_t bytes) {
  CUdeviceptr start = part_of(from, offset, bytes);
  return start ? sim::cuMemcpyDtoD_v2(to, start, bytes) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyAtoA_v2(CUarray to, size_t to_offset, CUarray from, size_t from_offset, size_t bytes) {
  CUdeviceptr start = part_of(to, to_offset, bytes), source = part_of(from, from_offset, bytes);
  return start && source ? sim::cuMemcpyDtoD_v2(start, source, bytes) : CUDA_ERROR_INVALID_VALUE;
}

}
