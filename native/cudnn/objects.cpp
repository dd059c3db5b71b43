#include "cudnn/objects.h"

#include "calls/handles.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

Handles<cudnnHandle_t, Cudnn> handles(&counters.cudnn_live);
Handles<cudnnDropoutDescriptor_t, Dropout> dropouts(&counters.cudnn_live);
Handles<cudnnTensorDescriptor_t, Tensor> tensors(&counters.cudnn_live);
Handles<cudnnRNNDataDescriptor_t, RnnData> sequences(&counters.cudnn_live);
Handles<cudnnRNNDescriptor_t, Rnn> networks(&counters.cudnn_live);

template <typename Handle, typename Object>
void create(Handles<Handle, Object>& objects, Handle* handle) {
  refuse_if(!handle, BAD, "null");
  *handle = objects.add(std::make_shared<Object>());
}

template <typename Handle, typename Object>
void destroy(Handles<Handle, Object>& objects, Handle handle) {
  refuse_if(handle && !objects.remove(handle), BAD, "no such object, or one that was destroyed");
}

template <typename Handle, typename Object>
std::shared_ptr<Object> find(const char* name, Handles<Handle, Object>& objects, Handle handle) {
  std::shared_ptr<Object> found = objects.find(handle);
  refuse_if(!found, BAD, std::string(name) + ": no such object, or one that was destroyed");
  return found;
}

template <typename Handle, typename Object>
Object& find(const char* name, Handles<Handle, Object>& objects, Handle handle, Want want) {
  Object& found = *find(name, objects, handle);
  refuse_if(want == Want::SET && !found.set, BAD, std::string(name) + ": created but never set");
  return found;
}

}

// What is just not supported is not told on stderr.
cudnnStatus_t cudnn_answer(Needs needs, const char* name, const std::function<void()>& call) {
  constexpr Statuses statuses{CUDNN_STATUS_NOT_INITIALIZED, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED,
                              CUDNN_STATUS_BAD_PARAM, CUDNN_STATUS_INTERNAL_ERROR, CUDNN_STATUS_EXECUTION_FAILED};
  return cudnnStatus_t(answer(needs, name, call, statuses, [](int status, const std::string& message) {
    (status / 1000 == UNSUPPORTED / 1000 ? keep_message : complain)(message);
  }));
}

Cudnn& find_cudnn(cudnnHandle_t handle) {
  return *find("handle", handles, handle);
}

Tensor& find_tensor(const char* name, cudnnTensorDescriptor_t descriptor, Want want) {
  return find(name, tensors, descriptor, want);
}

RnnData& find_data(const char* name, cudnnRNNDataDescriptor_t descriptor, Want want) {
  return find(name, sequences, descriptor, want);
}

Rnn& find_rnn(cudnnRNNDescriptor_t descriptor, Want want) {
  return find("rnnDesc", networks, descriptor, want);
}

std::shared_ptr<Dropout> find_dropout(cudnnDropoutDescriptor_t descriptor) {
  return find("dropoutDesc", dropouts, descriptor);
}

void enqueue(const Cudnn& cudnn, std::function<CUresult()> run) {
  CUresult result = enqueue(cudnn.stream, {current_call, run, CU_GRAPH_NODE_TYPE_KERNEL});
  refuse_if(result == CUDA_ERROR_INVALID_HANDLE, BAD, "handle: its stream was destroyed");
  pass_on(result);
}

void cudnnCreate(cudnnHandle_t* handle) {
  refuse_if(forbidden_by_capture(), CUDNN_STATUS_NOT_INITIALIZED, "called during a capture");
  create(handles, handle);
}

void cudnnDestroy(cudnnHandle_t handle) {
  refuse_if(forbidden_by_capture(), CUDNN_STATUS_EXECUTION_FAILED, "called during a capture");
  destroy(handles, handle);
  // It waits for the device, as cuDNN does.
  if (context.failed == CUDA_SUCCESS) {
    pass_on(run_everything());
  }
}

void cudnnSetStream(cudnnHandle_t handle, CUstream stream) {
  Cudnn& cudnn = find_cudnn(handle);
  refuse_if(!find_stream(stream), BAD, "streamId: no stream, or one that was destroyed");
  cudnn.stream = stream;
}

#define DESCRIPTOR(kind, objects)                                                                                      \
  void cudnnCreate##kind##Descriptor(cudnn##kind##Descriptor_t* descriptor) { create(objects, descriptor); }           \
  void cudnnDestroy##kind##Descriptor(cudnn##kind##Descriptor_t descriptor) { destroy(objects, descriptor); }

DESCRIPTOR(Dropout, dropouts)
DESCRIPTOR(Tensor, tensors)
DESCRIPTOR(RNNData, sequences)
DESCRIPTOR(RNN, networks)

}
