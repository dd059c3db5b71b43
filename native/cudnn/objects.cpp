#include "cudnn/objects.h"

#include <algorithm>
#include <cstring>

#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

Handles<cudnnHandle_t, Cudnn> handles(&counters.cudnn_live);
Handles<cudnnDropoutDescriptor_t, Dropout> dropouts(&counters.cudnn_live);
Handles<cudnnTensorDescriptor_t, Tensor> tensors(&counters.cudnn_live);
Handles<cudnnRNNDataDescriptor_t, Sequences> sequences(&counters.cudnn_live);
Handles<cudnnRNNDescriptor_t, Rnn> networks(&counters.cudnn_live);

template <typename Handle, typename Object>
Object& find(const Handles<Handle, Object>& objects, Handle handle, const char* name, Want want) {
  Object& found = *find_object(objects, handle, BAD, name);
  refuse_if(want == Want::SET && !found.set, BAD, std::string(name) + ": created but never set");
  return found;
}

}

// Prints nothing on stderr for a call that is right but not supported.
cudnnStatus_t cudnn_answer(Needs needs, const char* name, const std::function<void()>& call) {
  constexpr Statuses statuses{CUDNN_STATUS_NOT_INITIALIZED, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED,
                              CUDNN_STATUS_BAD_PARAM, CUDNN_STATUS_INTERNAL_ERROR, CUDNN_STATUS_EXECUTION_FAILED};
  return cudnnStatus_t(answer(needs, name, call, statuses, [](int status, const std::string& message) {
    (status / 1000 == UNSUPPORTED / 1000 ? keep_message : complain)(message);
  }));
}

void cudnnGetLastErrorString(char* message, size_t max_size) {
  if (message && max_size > 0) {
    size_t length = std::min(last_message().size(), max_size - 1);
    std::memcpy(message, last_message().data(), length);
    message[length] = '\0';
  }
}

Cudnn& find_cudnn(cudnnHandle_t handle) {
  return *find_object(handles, handle, BAD, "handle");
}

Tensor& find_tensor(const char* name, cudnnTensorDescriptor_t descriptor, Want want) {
  return find(tensors, descriptor, name, want);
}

Sequences& find_data(const char* name, cudnnRNNDataDescriptor_t descriptor, Want want) {
  return find(sequences, descriptor, name, want);
}

Rnn& find_rnn(cudnnRNNDescriptor_t descriptor, Want want) {
  return find(networks, descriptor, "rnnDesc", want);
}

std::shared_ptr<Dropout> find_dropout(cudnnDropoutDescriptor_t descriptor) {
  return find_object(dropouts, descriptor, BAD, "dropoutDesc");
}

void enqueue(const Cudnn& cudnn, std::function<CUresult()> run) {
  CUresult result = enqueue(cudnn.stream, {current_call, run, CU_GRAPH_NODE_TYPE_KERNEL});
  refuse_if(result == CUDA_ERROR_INVALID_HANDLE, BAD, "handle: its stream was destroyed");
  require_success(result);
}

void cudnnCreate(cudnnHandle_t* handle) {
  refuse_if(forbidden_by_capture(), CUDNN_STATUS_NOT_INITIALIZED, "called during a capture");
  create_object(handles, handle, BAD);
}

void cudnnDestroy(cudnnHandle_t handle) {
  refuse_if(forbidden_by_capture(), CUDNN_STATUS_EXECUTION_FAILED, "called during a capture");
  destroy_object(handles, handle, BAD, "handle");
  // Destroying a handle waits for the device, as in cuDNN.
  if (context.failed == CUDA_SUCCESS) {
    require_success(run_everything());
  }
}

void cudnnSetStream(cudnnHandle_t handle, CUstream stream) {
  Cudnn& cudnn = find_cudnn(handle);
  refuse_if(!find_stream(stream), BAD, "streamId: no stream, or one that was destroyed");
  cudnn.stream = stream;
}

#define DESCRIPTOR(kind, objects)                                                      \
  void cudnnCreate##kind##Descriptor(cudnn##kind##Descriptor_t* descriptor) {          \
    create_object(objects, descriptor, BAD);                                           \
  }                                                                                    \
  void cudnnDestroy##kind##Descriptor(cudnn##kind##Descriptor_t descriptor) {          \
    destroy_object(objects, descriptor, BAD, "descriptor");                            \
  }

DESCRIPTOR(Dropout, dropouts)
DESCRIPTOR(Tensor, tensors)
DESCRIPTOR(RNNData, sequences)
DESCRIPTOR(RNN, networks)

}
