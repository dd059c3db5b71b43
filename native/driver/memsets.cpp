// Fills of device memory, in rows or in one piece.
#include "calls/calls.h"
#include "driver/device_memory.h"
#include "driver/node_operations.h"
#include "memory/footprint.h"
#include "memory/state.h"
#include "streams/at_once.h"

namespace sim {

namespace {

struct Rows {
  Address start = 0;
  size_t pitch = 0;   // from one row to the next, in bytes
  size_t width = 0;   // of a row, in bytes
  size_t count = 1;

  size_t bytes() const { return (count - 1) * pitch + width; }
};

// Whether the product is larger than any memory.
bool too_many(size_t count, size_t bytes) {
  return bytes != 0 && count > TOTAL_MEMORY / bytes;
}

template <typename Value>
CUresult fill(const Rows& rows, Value value) {
  Allocation* target = allocation_of(rows.start, rows.bytes());
  if (!target) {
    return freed_too_early("memset", rows.bytes(), rows.start);
  }
  for (size_t row = 0; row < rows.count; row++) {
    Address start = rows.start + row * rows.pitch;
    note_access(start, rows.width, true);
    auto* values = reinterpret_cast<Value*>(start);
    for (size_t i = 0; i < rows.width / sizeof value; i++) {
      values[i] = value;
    }
    mark_written(*target, start, rows.width);
  }
  return CUDA_SUCCESS;
}

// The pitch of a single row is not used.
template <typename Value>
Operation make_fill(CUdeviceptr to, size_t pitch, Value value, size_t width, size_t height) {
  pitch = height == 1 ? 0 : pitch;
  require(!too_many(width, sizeof value) && !too_many(height, pitch) && (height <= 1 || pitch >= width * sizeof value));
  require(to % sizeof value == 0 && pitch % sizeof value == 0);
  Rows rows{to, pitch, width * sizeof value, height};
  if (!allocation_of(rows.start, rows.bytes())) {
    refuse_misplaced("memset", rows.bytes(), rows.start);
  }
  std::string what = height == 1 ? "a memset" : "a 2D memset of " + std::to_string(height) + " rows of " +
                                                    std::to_string(rows.width) + " bytes";
  Operation operation = {what, [=] { return fill(rows, value); }, CU_GRAPH_NODE_TYPE_MEMSET};
  if (rows.bytes() == rows.width * rows.count) {
    operation.reached = {{rows.start, rows.bytes(), true}};
  }
  operation.parameters = parameters_of(CUDA_MEMSET_NODE_PARAMS{to, pitch, value, sizeof value, width, height});
  return operation;
}

template <typename Value>
CUresult fill_rows(CUdeviceptr to, size_t pitch, Value value, size_t width, size_t height, CUstream stream) {
  return width == 0 || height == 0 ? CUDA_SUCCESS : enqueue(stream, make_fill(to, pitch, value, width, height));
}

}

Operation operation_of(const CUDA_MEMSET_NODE_PARAMS& node) {
  require(node.width && node.height);
  switch (node.elementSize) {
    case 1: return make_fill(node.dst, node.pitch, uint8_t(node.value), node.width, node.height);
    case 2: return make_fill(node.dst, node.pitch, uint16_t(node.value), node.width, node.height);
    case 4: return make_fill(node.dst, node.pitch, node.value, node.width, node.height);
    default: throw Refused{CUDA_ERROR_INVALID_VALUE};
  }
}

#define FILLS(bits, type)                                                                                             \
  CUresult cuMemsetD##bits##Async(CUdeviceptr to, type value, size_t count, CUstream stream) {                        \
    return fill_rows(to, 0, value, count, 1, stream);                                                                 \
  }                                                                                                                   \
  CUresult cuMemsetD##bits##_v2(CUdeviceptr to, type value, size_t count) {                                           \
    return begun(sim::cuMemsetD##bits##Async, to, value, count);                                                      \
  }                                                                                                                   \
  CUresult cuMemsetD2D##bits##Async(CUdeviceptr to, size_t pitch, type value, size_t width, size_t height,            \
                                    CUstream stream) {                                                                \
    return fill_rows(to, pitch, value, width, height, stream);                                                        \
  }                                                                                                                   \
  CUresult cuMemsetD2D##bits##_v2(CUdeviceptr to, size_t pitch, type value, size_t width, size_t height) {            \
    return begun(sim::cuMemsetD2D##bits##Async, to, pitch, value, width, height);                                     \
  }
FILLS(8, unsigned char)
FILLS(16, unsigned short)
FILLS(32, unsigned int)

}
