// Copies of bytes, of rows and of boxes of rows, between any two places.
#include <cstring>

#include "calls/calls.h"
#include "driver/arrays.h"
#include "driver/device_memory.h"
#include "driver/node_operations.h"
#include "driver/refuse.h"
#include "memory/findings.h"
#include "memory/footprint.h"
#include "streams/at_once.h"

namespace sim {

namespace {

struct Box {
  size_t width, rows = 1, layers = 1;
};

// One side of a copy: the beginning of its first row, and the distances of rows and layers.
struct End {
  Address start;
  bool host;
  size_t pitch = 0, layer = 0;
  HostPlace place = HostPlace(reinterpret_cast<void*>(start));

  void* memory() const { return reinterpret_cast<void*>(start); }
  // The bytes from the beginning of the first row to the end of the last.
  size_t bytes(const Box& box) const { return (box.layers - 1) * layer + (box.rows - 1) * pitch + box.width; }
  End moved(size_t by) const { return {start + by, host, pitch, layer, place}; }
};

End on_host(const void* address) {
  return {reinterpret_cast<Address>(address), true};
}

End on_device(CUdeviceptr address) {
  return {address, false};
}

// Whether a copy treats an address as host memory, which includes pinned memory.
bool of_host(Address address) {
  return !in_device_space(address) || pinned_at(reinterpret_cast<void*>(address));
}

// An end whose address shows whether it is host or device memory.
End anywhere(CUdeviceptr address) {
  return {address, of_host(address)};
}

std::string direction(const End& to, const End& from) {
  return to.host ? from.host ? "copy on the host" : "copy to the host"
                 : from.host ? "copy to the device" : "copy on the device";
}

// Requires a written source: a copy to the host of wholly unwritten memory is an error. Otherwise this is a warning,
// because the host may know which parts have values, and the device has not used any yet.
CUresult require_written(const std::string& what, const Allocation& source, Address from, size_t bytes, bool to_host) {
  std::string hole = unwritten_value(source, from, bytes);
  size_t first = from - source.start;
  if (hole.empty()) {
    return CUDA_SUCCESS;
  }
  bool all = source.written.first(first, bytes, true) >= first + bytes;
  if (to_host && all) {
    return fail_context(Flaw::UNWRITTEN, what, what + " of " + hole);
  }
  remark_on({Grade::WARNING, Flaw::UNWRITTEN, what, what + " of " + hole + (all ? "" : ", beside some that is written"),
             "", "Copy only what was written"});
  return CUDA_SUCCESS;
}

// Copies the marks: unwritten memory stays unwritten in the target, except for padding.
void mark_copied(Allocation& target, Address to, const Allocation* source, Address from, size_t bytes) {
  mark_written(target, to, bytes);
  if (!source || unwritten_value(*source, from, bytes).empty()) {
    return;
  }
  size_t first = from - source->start, last = first + bytes;
  for (size_t at = first; at < last;) {
    size_t hole = source->written.first(at, last - at, false);
    at = source->written.first(hole, last - hole, true);
    target.written.set(to - target.start + hole - first, at - hole, 0);
  }
}

// Notes an access to pinned memory, which the device may be accessing, too.
void note(const End& end, size_t bytes, bool writes) {
  if (allocation_of(end.start, bytes)) {
    note_access(end.start, bytes, writes);
  }
}

// Copies a row when the operation runs; a failure has failed the context.
CUresult copy(const End& to, const End& from, size_t bytes) {
  std::string what = direction(to, from);
  Allocation* source = from.host ? nullptr : allocation_of(from.start, bytes);
  Allocation* target = to.host ? nullptr : allocation_of(to.start, bytes);
  if ((!source && !from.host) || (!target && !to.host)) {
    return freed_too_early(what, bytes, source || from.host ? to.start : from.start);
  }
  if (CUresult hole = source ? require_written(what, *source, from.start, bytes, to.host) : CUDA_SUCCESS) {
    return hole;
  }
  if (to.place.gone() || from.place.gone()) {
    return fail_context(Flaw::USE_AFTER_FREE, what, what + ": its pinned host memory was freed before it ran");
  }
  if ((to.host && !writable(to.memory(), bytes)) || (from.host && !readable(from.memory(), bytes))) {
    return fail_context(Flaw::OUT_OF_BOUNDS, what, what + " of host memory that cannot be reached");
  }
  note(from, bytes, false);
  note(to, bytes, true);
  std::memmove(to.memory(), from.memory(), bytes);
  if (target) {
    mark_copied(*target, to.start, source, from.start, bytes);
  }
  counters.copies_to_device += from.host && target;
  counters.bytes_to_device += from.host && target ? bytes : 0;
  counters.copies_to_host += to.host && source;
  counters.bytes_to_host += to.host && source ? bytes : 0;
  return CUDA_SUCCESS;
}

// Rows are in ascending order, since layers do not lie in each other.
bool overlap(const End& to, const End& from, const Box& box) {
  if (to.start >= from.start + from.bytes(box) || from.start >= to.start + to.bytes(box)) {
    return false;
  }
  auto row = [&](const End& end, size_t i) { return end.start + i / box.rows * end.layer + i % box.rows * end.pitch; };
  size_t target = 0, rows = box.rows * box.layers;
  for (size_t i = 0; i < rows; i++) {
    while (target < rows && row(to, target) + box.width <= row(from, i)) {
      target++;
    }
    if (target < rows && row(to, target) < row(from, i) + box.width) {
      return true;
    }
  }
  return false;
}

// Reports an overlap, which cudaMemcpy's documentation forbids because a card copies in any order.
void tell_overlap(const End& to, const End& from, const Box& box) {
  if (!to.host && !from.host && overlap(to, from, box)) {
    std::string what = direction(to, from);
    remark_on({Grade::WARNING, Flaw::MISUSE, what, what + " of " + std::to_string(box.width) + " bytes" +
               (box.rows * box.layers > 1 ? " in each of " + std::to_string(box.rows * box.layers) + " rows" : "") +
               ", whose source and target overlap", "", "Copy by way of other memory"});
  }
}

bool is_plain(const Allocation* memory) {
  const Given* how = memory ? how_given(memory->start) : nullptr;
  return how && how->kind != Given::MANAGED;
}

// Reports a wrong direction, which is undefined by cudaMemcpy's documentation. Here the copy is carried out.
void tell_direction(const End& to, const End& from) {
  for (const End& end : {to, from}) {
    if (end.host && is_plain(allocation_of(end.start, 1))) {
      std::string what = direction(to, from);
      remark_on({Grade::WARNING, Flaw::MISUSE, what, what + (end.start == from.start ? " from " : " to ") +
                 bytes_at(end.start, 1).substr(11) + ", which is device memory", "",
                 "Name the copy's true direction (cudaMemcpyKind)"});
    }
  }
}

// Ends a call whose copy goes beyond an allocation or pinned memory.
void check(const End& to, const End& from, const Box& box) {
  for (const End& end : {to, from}) {
    if (!end.host && !allocation_of(end.start, end.bytes(box))) {
      refuse_misplaced(direction(to, from), end.bytes(box), end.start);
    }
  }
  for (const End& end : {to, from}) {
    require(!end.host || end.memory());
    if (end.host && !within_pinned_memory(end.memory(), end.bytes(box))) {
      refuse_misplaced(direction(to, from), end.bytes(box), end.start);
    }
  }
  require(!from.host || readable(from.memory(), from.bytes(box)));
  tell_overlap(to, from, box);
  tell_direction(to, from);
}

// Reports an address that is not memory of the device that the call names.
void tell_place(const char* which, CUdeviceptr address, CUcontext handle) {
  int device = context.device_of(reinterpret_cast<unsigned long long>(handle));
  require(!handle || device >= 0, CUDA_ERROR_INVALID_CONTEXT);
  const Allocation* memory = allocation_of(address, 1);
  if (handle && memory && memory->device != OF_ALL && memory->device != device) {
    remark_on({Grade::WARNING, Flaw::MISUSE, "copy between devices",
               std::string("copy between devices: the ") + which + " is memory of device " +
                   std::to_string(memory->device) + ", not of device " + std::to_string(device), "",
               "Name the device that the memory was allocated on"});
  }
}

CUresult copy_bytes(const End& to, const End& from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  check(to, from, {bytes});
  Operation operation = {"a " + direction(to, from), [=] { return copy(to, from, bytes); }, CU_GRAPH_NODE_TYPE_MEMCPY};
  operation.reached = {{to.start, bytes, true}, {from.start, bytes, false}};
  if (to.host || from.host) {
    operation.host = {static_cast<const char*>((to.host ? to : from).memory()), bytes, to.host};
  }
  return enqueue(stream, std::move(operation));
}

// One side of a copy of rows, as a program describes it.
struct Side {
  CUmemorytype type;
  const void* host;
  CUdeviceptr device;
  CUarray array;
  size_t pitch, height, x, y, z, level;
};

bool within(size_t from, size_t count, size_t all) {
  return from <= all && count <= all - from;
}

// Describes an array by its memory.
Side as_memory(const Side& side, const Box& box) {
  const Texels& array = *found(find_array(side.array), CUDA_ERROR_INVALID_VALUE);
  require(within(side.x, box.width, array.pitch) && within(side.y, box.rows, array.size[1]) &&
          within(side.z, box.layers, array.size[2]));
  return {CU_MEMORYTYPE_DEVICE, nullptr, array.start, nullptr, array.pitch, array.size[1], side.x, side.y, side.z,
          side.level};
}

// A pitch must hold a row, and a height a layer; a single row or layer needs neither.
End end_of(const Side& described, const Box& box) {
  Side side = described.type == CU_MEMORYTYPE_ARRAY ? as_memory(described, box) : described;
  size_t most = TOTAL_MEMORY / box.rows / box.layers;
  bool unified = side.type == CU_MEMORYTYPE_UNIFIED, host = side.type == CU_MEMORYTYPE_HOST;
  require((unified || host || side.type == CU_MEMORYTYPE_DEVICE) && side.level == 0);
  require(side.pitch <= most && box.width <= most && (box.rows == 1 || side.pitch >= side.x + box.width));
  require(box.layers == 1 ||
          (side.height >= side.y + box.rows && side.height <= TOTAL_MEMORY / std::max(side.pitch, size_t(1))));
  Address base = host ? reinterpret_cast<Address>(side.host) : side.device;
  Address start = base + (side.z * side.height + side.y) * side.pitch + side.x;
  return {start, host || (unified && of_host(start)), side.pitch, side.pitch * side.height};
}

CUDA_MEMCPY3D as_box(const CUDA_MEMCPY2D& copy) {
  return {copy.srcXInBytes, copy.srcY, 0, 0, copy.srcMemoryType, copy.srcHost, copy.srcDevice, copy.srcArray, nullptr,
          copy.srcPitch, 0, copy.dstXInBytes, copy.dstY, 0, 0, copy.dstMemoryType, copy.dstHost, copy.dstDevice,
          copy.dstArray, nullptr, copy.dstPitch, 0, copy.WidthInBytes, copy.Height, 1};
}

}

Operation operation_of(const CUDA_MEMCPY3D& wanted) {
  require(wanted.WidthInBytes && wanted.Height && wanted.Depth);
  Box box{wanted.WidthInBytes, wanted.Height, wanted.Depth};
  End from = end_of({wanted.srcMemoryType, wanted.srcHost, wanted.srcDevice, wanted.srcArray, wanted.srcPitch,
                     wanted.srcHeight, wanted.srcXInBytes, wanted.srcY, wanted.srcZ, wanted.srcLOD}, box);
  End to = end_of({wanted.dstMemoryType, wanted.dstHost, wanted.dstDevice, wanted.dstArray, wanted.dstPitch,
                   wanted.dstHeight, wanted.dstXInBytes, wanted.dstY, wanted.dstZ, wanted.dstLOD}, box);
  check(to, from, box);
  Operation operation = {"a copy of rows", [=] {
                           CUresult result = CUDA_SUCCESS;
                           for (size_t i = 0; i < box.rows * box.layers && result == CUDA_SUCCESS; i++) {
                             size_t row = i % box.rows, layer = i / box.rows;
                             result = copy(to.moved(layer * to.layer + row * to.pitch),
                                           from.moved(layer * from.layer + row * from.pitch), box.width);
                           }
                           return result;
                         }, CU_GRAPH_NODE_TYPE_MEMCPY};
  for (const auto& [end, written] : {std::pair(to, true), std::pair(from, false)}) {
    // Between rows that lie apart there may be others.
    if (end.bytes(box) == box.width * box.rows * box.layers) {
      operation.reached.push_back({end.start, end.bytes(box), written});
    }
  }
  operation.parameters = parameters_of(wanted);
  return operation;
}

CUresult cuMemcpy3DAsync_v2(const CUDA_MEMCPY3D* copy, CUstream stream) {
  const CUDA_MEMCPY3D& wanted = passed(copy);
  bool empty = wanted.WidthInBytes == 0 || wanted.Height == 0 || wanted.Depth == 0;
  return empty ? CUDA_SUCCESS : enqueue(stream, operation_of(wanted));
}

CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* copy, CUstream stream) {
  CUDA_MEMCPY3D box = as_box(passed(copy));
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

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return copy_bytes(on_device(to), on_host(from), bytes, stream);
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_bytes(on_host(to), on_device(from), bytes, stream);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_bytes(on_device(to), on_device(from), bytes, stream);
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_bytes(anywhere(to), anywhere(from), bytes, stream);
}

// Addresses show their device, so copies between devices need no peer access.
CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes,
                           CUstream stream) {
  tell_place("target", to, to_context);
  tell_place("source", from, from_context);
  return sim::cuMemcpyDtoDAsync_v2(to, from, bytes, stream);
}

CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes) {
  return at_once(sim::cuMemcpyPeerAsync, to, to_context, from, from_context, bytes);
}

// An array's context and the host's are not asked for.
CUresult cuMemcpy3DPeerAsync(const CUDA_MEMCPY3D_PEER* copy, CUstream stream) {
  const CUDA_MEMCPY3D_PEER& wanted = passed(copy);
  auto tell = [](const char* which, CUmemorytype type, CUdeviceptr address, CUcontext of) {
    if (type == CU_MEMORYTYPE_DEVICE || type == CU_MEMORYTYPE_UNIFIED) {
      tell_place(which, address, of);
    }
  };
  tell("target", wanted.dstMemoryType, wanted.dstDevice, wanted.dstContext);
  tell("source", wanted.srcMemoryType, wanted.srcDevice, wanted.srcContext);
  CUDA_MEMCPY3D box;
  static_assert(sizeof box == sizeof wanted);
  std::memcpy(&box, &wanted, sizeof box);
  box.reserved0 = box.reserved1 = nullptr;
  return sim::cuMemcpy3DAsync_v2(&box, stream);
}

CUresult cuMemcpy3DPeer(const CUDA_MEMCPY3D_PEER* copy) {
  return at_once(sim::cuMemcpy3DPeerAsync, copy);
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return at_once(sim::cuMemcpyHtoDAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return at_once(sim::cuMemcpyDtoHAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return begun(sim::cuMemcpyDtoDAsync_v2, to, from, bytes);
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return of_host(to) || of_host(from) ? at_once(sim::cuMemcpyAsync, to, from, bytes)
                                      : begun(sim::cuMemcpyAsync, to, from, bytes);
}

}
