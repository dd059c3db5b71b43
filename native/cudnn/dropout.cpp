// cuDNN's dropout has a descriptor and states, but is never applied: a pass that would drop a value is refused.
#include "calls/calls.h"
#include "cudnn/objects.h"
#include "memory/ranges.h"
#include "memory/state.h"

namespace sim {

namespace {

// Bytes of state that 9.1.0 needs for every thread that the card can run at a time.
constexpr size_t STATE = 24;

size_t states_size() {
  int multiprocessors = 0, threads = 0;
  sim::cuDeviceGetAttribute(&multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0);
  sim::cuDeviceGetAttribute(&threads, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 0);
  return STATE * multiprocessors * threads;
}

}

void cudnnDropoutGetStatesSize(cudnnHandle_t handle, size_t* sizeInBytes) {
  find_cudnn(handle);
  refuse_if(!sizeInBytes, NONE, "sizeInBytes: null");
  *sizeInBytes = states_size();
}

void cudnnSetDropoutDescriptor(cudnnDropoutDescriptor_t descriptor, cudnnHandle_t handle, float dropout, void* states,
                               size_t stateSizeInBytes, unsigned long long seed) {
  std::shared_ptr<Dropout> found = find_dropout(descriptor);
  const Cudnn& cudnn = find_cudnn(handle);
  // Without states, the other arguments are not checked.
  if (states) {
    refuse_if(!(dropout >= 0 && dropout <= 1), BAD, "dropout: not from 0 to 1");
    refuse_if(stateSizeInBytes < states_size(), CUDNN_STATUS_INVALID_VALUE,
              "stateSizeInBytes: " + std::to_string(stateSizeInBytes) + ", but " + std::to_string(states_size()) +
                  " are needed");
    Ranges ranges{{"states", reinterpret_cast<Address>(states), states_size(), Use::WRITE}};
    refuse_for(BAD, misplaced(ranges));
    enqueue(cudnn, [=, call = std::string(current_call)] {
      if (!usable(call.c_str(), ranges)) {
        return context.failed;
      }
      for (size_t at = 0; at < ranges[0].bytes; at++) {
        static_cast<char*>(states)[at] = char(seed >> at % 8 * 8);
      }
      leave(ranges);
      return CUDA_SUCCESS;
    });
  }
  found->rate = dropout;
}

}
