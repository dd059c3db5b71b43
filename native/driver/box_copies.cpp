// Copies of rows and of boxes of rows.
#include "calls/calls.h"
#include "driver/arrays.h"
#include "driver/device_memory.h"
#include "driver/node_operations.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/at_once.h"

namespace sim {

namespace {

// One end of a copy: where its first row begins, and how far apart rows and layers are.
struct End {
  bool host;
  Address start;
  size_t pitch, layer;
  HostPlace place;

  Address row(size_t number, size_t of) const { return start + of * layer + number * pitch; }
  void* host_row(size_t number, size_t of) const { return reinterpret_cast<void*>(row(number, of)); }
};

struct Box {
  size_t width, rows, layers;
};

// Bytes from the beginning of the first row to the end of the last.
size_t extent(const End& end, const Box& box) {
  return (box.layers - 1) * end.layer + (box.rows - 1) * end.pitch + box.width;
}

bool is_whole(const End& end, const Box& box) {
  size_t bytes = extent(end, box);
  void* first = end.host_row(0, 0);
  return end.host ? first && within_pinned_memory(first, bytes) && readable(first, bytes)
                  : allocation_of(end.start, bytes) != nullptr;
}

CUresult copy_row(const End& to, const End& from, size_t row, size_t layer, size_t width) {
  if (!to.host && !from.host) {
    return copy_on_device(to.row(row, layer), from.row(row, layer), width);
  }
  if (!to.host) {
    return copy_to_device(to.row(row, layer), from.host_row(row, layer), from.place, width);
  }
  return from.host ? copy_on_host(to.host_row(row, layer), to.place, from.host_row(row, layer), from.place, width)
                   : copy_to_host(to.host_row(row, layer), to.place, from.row(row, layer), width);
}

bool known(CUmemorytype type) {
  return type == CU_MEMORYTYPE_HOST || type == CU_MEMORYTYPE_DEVICE || type == CU_MEMORYTYPE_UNIFIED;
}

// Pitches that hold a row, and heights that hold a layer; neither matters of one alone.
bool fits(const Box& box, size_t x, size_t y, size_t pitch, size_t height) {
  size_t most = TOTAL_MEMORY / box.rows / box.layers;
  return pitch <= most && box.width <= most && (box.rows == 1 || pitch >= x + box.width) &&
         (box.layers == 1 || (height >= y + box.rows && height <= TOTAL_MEMORY / std::max(pitch, size_t(1))));
}

End end_of(CUmemorytype type, const void* host, CUdeviceptr device, size_t pitch, size_t height, size_t x, size_t y,
           size_t z) {
  Address base = type == CU_MEMORYTYPE_HOST ? reinterpret_cast<Address>(host) : device;
  Address start = base + (z * height + y) * pitch + x;
  bool of_the_host = type == CU_MEMORYTYPE_HOST || (type == CU_MEMORYTYPE_UNIFIED && of_host(start));
  return {of_the_host, start, pitch, pitch * height, HostPlace(reinterpret_cast<void*>(start))};
}

bool within_array(CUarray handle, const Box& box, size_t x, size_t y, size_t z) {
  const Texels* array = find_array(handle);
  auto within = [](size_t from, size_t count, size_t all) { return from <= all && count <= all - from; };
  return array && within(x, box.width, array->pitch) && within(y, box.rows, array->size[1]) &&
         within(z, box.layers, array->size[2]);
}

// An end that is an array, by the memory that it has.
void as_memory(CUarray handle, CUmemorytype& type, CUdeviceptr& device, size_t& pitch, size_t& height) {
  const Texels* array = find_array(handle);
  type = CU_MEMORYTYPE_DEVICE;
  device = array->start;
  pitch = array->pitch;
  height = array->size[1];
}

CUDA_MEMCPY3D as_box(const CUDA_MEMCPY2D& copy) {
  CUDA_MEMCPY3D box{};
  box.srcXInBytes = copy.srcXInBytes;
  box.srcY = copy.srcY;
  box.srcMemoryType = copy.srcMemoryType;
  box.srcHost = copy.srcHost;
  box.srcDevice = copy.srcDevice;
  box.srcArray = copy.srcArray;
  box.srcPitch = copy.srcPitch;
  box.dstXInBytes = copy.dstXInBytes;
  box.dstY = copy.dstY;
  box.dstMemoryType = copy.dstMemoryType;
  box.dstHost = copy.dstHost;
  box.dstDevice = copy.dstDevice;
  box.dstArray = copy.dstArray;
  box.dstPitch = copy.dstPitch;
  box.WidthInBytes = copy.WidthInBytes;
  box.Height = copy.Height;
  box.Depth = 1;
  return box;
}

}

CUresult box_copy(const CUDA_MEMCPY3D& wanted, Operation& operation) {
  CUDA_MEMCPY3D copy = wanted;
  Box box{copy.WidthInBytes, copy.Height, copy.Depth};
  bool from_array = copy.srcMemoryType == CU_MEMORYTYPE_ARRAY, to_array = copy.dstMemoryType == CU_MEMORYTYPE_ARRAY;
  if (from_array && within_array(copy.srcArray, box, copy.srcXInBytes, copy.srcY, copy.srcZ)) {
    as_memory(copy.srcArray, copy.srcMemoryType, copy.srcDevice, copy.srcPitch, copy.srcHeight);
  }
  if (to_array && within_array(copy.dstArray, box, copy.dstXInBytes, copy.dstY, copy.dstZ)) {
    as_memory(copy.dstArray, copy.dstMemoryType, copy.dstDevice, copy.dstPitch, copy.dstHeight);
  }
  if (!known(copy.srcMemoryType) || !known(copy.dstMemoryType) || copy.srcLOD || copy.dstLOD ||
      !fits(box, copy.srcXInBytes, copy.srcY, copy.srcPitch, copy.srcHeight) ||
      !fits(box, copy.dstXInBytes, copy.dstY, copy.dstPitch, copy.dstHeight)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  End from = end_of(copy.srcMemoryType, copy.srcHost, copy.srcDevice, copy.srcPitch, copy.srcHeight, copy.srcXInBytes,
                    copy.srcY, copy.srcZ);
  End to = end_of(copy.dstMemoryType, copy.dstHost, copy.dstDevice, copy.dstPitch, copy.dstHeight, copy.dstXInBytes,
                  copy.dstY, copy.dstZ);
  if (!is_whole(from, box) || !is_whole(to, box)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto parameters = std::make_shared<NodeParameters>();
  parameters->copy = copy;
  operation.parameters = parameters;
  operation.what = "a copy of rows";
  operation.type = CU_GRAPH_NODE_TYPE_MEMCPY;
  operation.run = [=] {
    CUresult result = CUDA_SUCCESS;
    for (size_t i = 0; i < box.rows * box.layers && result == CUDA_SUCCESS; i++) {
      result = copy_row(to, from, i % box.rows, i / box.rows, box.width);
    }
    return result;
  };
  return CUDA_SUCCESS;
}

CUresult cuMemcpy3DAsync_v2(const CUDA_MEMCPY3D* copy, CUstream stream) {
  if (!readable(copy, sizeof *copy)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (copy->WidthInBytes == 0 || copy->Height == 0 || copy->Depth == 0) {
    return CUDA_SUCCESS;
  }
  Operation operation;
  CUresult result = box_copy(*copy, operation);
  return result == CUDA_SUCCESS ? enqueue(stream, std::move(operation)) : result;
}

CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* copy, CUstream stream) {
  if (!readable(copy, sizeof *copy)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  CUDA_MEMCPY3D box = as_box(*copy);
  return sim::cuMemcpy3DAsync_v2(&box, stream);
}

CUresult cuMemcpy3D_v2(const CUDA_MEMCPY3D* copy) {
  return at_once(sim::cuMemcpy3DAsync_v2, copy);
}

CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* copy) {
  return at_once(sim::cuMemcpy2DAsync_v2, copy);
}

CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D* copy) {
  return at_once(sim::cuMemcpy2DAsync_v2, copy);
}

}
