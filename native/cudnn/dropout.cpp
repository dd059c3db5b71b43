// cuDNN's dropout is described, with its states, and never applied: a pass that would drop anything is refused.
#include "calls/calls.h"
#include "cudnn/objects.h"
#include "memory/ranges.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM;

// As 9.1.0 has it, for every thread that the card can run at a time.
constexpr size_t STATE = 24;

size_t states_size() {
  int multiprocessors = 0, threads = 0;
  sim::cuDeviceGetAttribute(&multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0);
  sim::cuDeviceGetAttribute(&threads, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 0);
  return STATE * multiprocessors * threads;
}

CUresult draw(const char* call, const Ranges& ranges, unsigned long long seed) {
  if (!usable(call, ranges)) {
    return context.failed;
  }
  char* states = reinterpret_cast<char*>(ranges[0].start);
  for (size_t at = 0; at < ranges[0].bytes; at++) {
    states[at] = char(seed >> at % 8 * 8);
  }
  leave(ranges);
  return CUDA_SUCCESS;
}

}

cudnnStatus_t cudnnDropoutGetStatesSize(cudnnHandle_t handle, size_t* sizeInBytes) {
  const char* call = "cudnnDropoutGetStatesSize";
  if (!find_cudnn(call, handle)) {
    return BAD;
  }
  if (!sizeInBytes) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, call, "sizeInBytes: null");
  }
  *sizeInBytes = states_size();
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetDropoutDescriptor(cudnnDropoutDescriptor_t descriptor, cudnnHandle_t handle, float dropout,
                                        void* states, size_t stateSizeInBytes, unsigned long long seed) {
  const char* call = "cudnnSetDropoutDescriptor";
  std::shared_ptr<Dropout> found = find_dropout(call, descriptor);
  std::shared_ptr<Cudnn> cudnn = found ? find_cudnn(call, handle) : nullptr;
  if (!cudnn) {
    return BAD;
  }
  // Without states nothing else is looked at.
  if (states) {
    if (!(dropout >= 0 && dropout <= 1)) {
      return refuse(BAD, call, "dropout: not from 0 to 1");
    }
    if (stateSizeInBytes < states_size()) {
      return refuse(CUDNN_STATUS_INVALID_VALUE, call, "stateSizeInBytes: " + std::to_string(stateSizeInBytes) +
                                                          ", but " + std::to_string(states_size()) + " are needed");
    }
    Ranges ranges{{"states", reinterpret_cast<Address>(states), states_size(), Use::WRITE}};
    std::string wrong = misplaced(ranges);
    if (!wrong.empty()) {
      return refuse(BAD, call, wrong);
    }
    CUresult result = enqueue(cudnn->stream, {call, [=] { return draw(call, ranges, seed); },
                                             CU_GRAPH_NODE_TYPE_KERNEL});
    if (result != CUDA_SUCCESS) {
      return result == CUDA_ERROR_INVALID_HANDLE ? refuse(BAD, call, "handle: its stream was destroyed")
                                                 : cudnn_status(result);
    }
  }
  found->rate = dropout;
  return CUDNN_STATUS_SUCCESS;
}

}
