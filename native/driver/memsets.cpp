// Fills of device memory, in rows or in one piece.
#include "calls/calls.h"
#include "driver/device_memory.h"
#include "driver/node_operations.h"
#include "memory/footprint.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/at_once.h"
#include "streams/streams.h"

namespace sim {

namespace {

struct Rows {
  Address start = 0;
  size_t pitch = 0;   // from one row to the next, in bytes
  size_t width = 0;   // of a row, in bytes
  size_t count = 1;

  size_t bytes() const { return (count - 1) * pitch + width; }
};

// Where the product of both is no size, nor that of any memory.
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

template <typename Value>
CUresult make_fill(Rows rows, Value value, const std::string& what, Operation& operation) {
  if (rows.start % sizeof value != 0 || rows.pitch % sizeof value != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (!allocation_of(rows.start, rows.bytes())) {
    return misplaced("memset", rows.bytes(), rows.start);
  }
  auto parameters = std::make_shared<NodeParameters>();
  parameters->fill = {rows.start, rows.pitch, value, sizeof value, rows.width / sizeof value, rows.count};
  operation = {what, [=] { return fill(rows, value); }, CU_GRAPH_NODE_TYPE_MEMSET};
  operation.parameters = parameters;
  return CUDA_SUCCESS;
}

template <typename Value>
CUresult fill_in_stream(Rows rows, Value value, const std::string& what, CUstream stream) {
  Operation operation;
  CUresult result = make_fill(rows, value, what, operation);
  return result == CUDA_SUCCESS ? enqueue(stream, std::move(operation)) : result;
}

template <typename Value>
CUresult fill_piece(CUdeviceptr to, Value value, size_t count, CUstream stream) {
  if (count == 0) {
    return CUDA_SUCCESS;
  }
  if (too_many(count, sizeof value)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return fill_in_stream(Rows{to, 0, count * sizeof value, 1}, value, "a memset", stream);
}

}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  return fill_piece(to, value, count, stream);
}

CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream stream) {
  return fill_piece(to, value, count, stream);
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t count, CUstream stream) {
  return fill_piece(to, value, count, stream);
}

namespace {

template <typename Value>
CUresult make_fill_of_rows(CUdeviceptr to, size_t pitch, Value value, size_t width, size_t height,
                           Operation& operation) {
  // The pitch of a single row is not used.
  pitch = height == 1 ? 0 : pitch;
  if (too_many(width, sizeof value) || too_many(height, pitch) || (height > 1 && pitch < width * sizeof value)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::string what = "a 2D memset of " + std::to_string(height) + " rows of " + std::to_string(width * sizeof value) +
                     " bytes";
  return make_fill(Rows{to, pitch, width * sizeof value, height}, value, what, operation);
}

template <typename Value>
CUresult fill_rows(CUdeviceptr to, size_t pitch, Value value, size_t width, size_t height, CUstream stream) {
  if (width == 0 || height == 0) {
    return CUDA_SUCCESS;
  }
  Operation operation;
  CUresult result = make_fill_of_rows(to, pitch, value, width, height, operation);
  return result == CUDA_SUCCESS ? enqueue(stream, std::move(operation)) : result;
}

}

CUresult fill_operation(const CUDA_MEMSET_NODE_PARAMS& node, Operation& operation) {
  if (node.width == 0 || node.height == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  switch (node.elementSize) {
    case 1: return make_fill_of_rows(node.dst, node.pitch, uint8_t(node.value), node.width, node.height, operation);
    case 2: return make_fill_of_rows(node.dst, node.pitch, uint16_t(node.value), node.width, node.height, operation);
    case 4: return make_fill_of_rows(node.dst, node.pitch, node.value, node.width, node.height, operation);
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

#define FILLS_OF_ROWS(name, at_once_name, type)                                                                   \
  CUresult name(CUdeviceptr to, size_t pitch, type value, size_t width, size_t height, CUstream stream) {         \
    return fill_rows(to, pitch, value, width, height, stream);                                                    \
  }                                                                                                               \
  CUresult at_once_name(CUdeviceptr to, size_t pitch, type value, size_t width, size_t height) {                  \
    return begun(sim::name, to, pitch, value, width, height);                                                     \
  }
FILLS_OF_ROWS(cuMemsetD2D8Async, cuMemsetD2D8_v2, unsigned char)
FILLS_OF_ROWS(cuMemsetD2D16Async, cuMemsetD2D16_v2, unsigned short)
FILLS_OF_ROWS(cuMemsetD2D32Async, cuMemsetD2D32_v2, unsigned int)

}
