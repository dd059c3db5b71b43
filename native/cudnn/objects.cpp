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

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM, UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

template <typename Handle, typename Object>
cudnnStatus_t create(const char* call, Handles<Handle, Object>& objects, Handle* handle) {
  if (!handle) {
    return refuse(BAD, call, "null");
  }
  *handle = objects.add(std::make_shared<Object>());
  return CUDNN_STATUS_SUCCESS;
}

template <typename Handle, typename Object>
cudnnStatus_t destroy(const char* call, Handles<Handle, Object>& objects, Handle handle) {
  if (!handle) {
    return CUDNN_STATUS_SUCCESS;
  }
  if (!objects.remove(handle)) {
    return refuse(BAD, call, "no such object, or one that was destroyed");
  }
  return CUDNN_STATUS_SUCCESS;
}

template <typename Handle, typename Object>
std::shared_ptr<Object> find(const char* call, const char* name, Handles<Handle, Object>& objects, Handle handle) {
  std::shared_ptr<Object> found = objects.find(handle);
  if (!found) {
    refuse(BAD, call, std::string(name) + ": no such object, or one that was destroyed");
  }
  return found;
}

template <typename Object>
std::shared_ptr<Object> as_wanted(const char* call, const char* name, std::shared_ptr<Object> found, Want want) {
  if (found && want == Want::SET && !found->set) {
    refuse(BAD, call, std::string(name) + ": created but never set");
    return nullptr;
  }
  return found;
}

}

cudnnStatus_t refuse(cudnnStatus_t status, const char* call, const std::string& why) {
  (status / 1000 == UNSUPPORTED / 1000 ? keep_message : complain)(std::string(call) + ": " + why);
  return status;
}

std::shared_ptr<Cudnn> find_cudnn(const char* call, cudnnHandle_t handle) {
  return find(call, "handle", handles, handle);
}

std::shared_ptr<Tensor> find_tensor(const char* call, const char* name, cudnnTensorDescriptor_t descriptor, Want want) {
  return as_wanted(call, name, find(call, name, tensors, descriptor), want);
}

std::shared_ptr<RnnData> find_data(const char* call, const char* name, cudnnRNNDataDescriptor_t descriptor, Want want) {
  return as_wanted(call, name, find(call, name, sequences, descriptor), want);
}

std::shared_ptr<Rnn> find_rnn(const char* call, cudnnRNNDescriptor_t descriptor, Want want) {
  return as_wanted(call, "rnnDesc", find(call, "rnnDesc", networks, descriptor), want);
}

std::shared_ptr<Dropout> find_dropout(const char* call, cudnnDropoutDescriptor_t descriptor) {
  return find(call, "dropoutDesc", dropouts, descriptor);
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  return forbidden_by_capture() ? refuse(CUDNN_STATUS_NOT_INITIALIZED, "cudnnCreate", "called during a capture")
                                : create("cudnnCreate", handles, handle);
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  if (forbidden_by_capture()) {
    return refuse(CUDNN_STATUS_EXECUTION_FAILED, "cudnnDestroy", "called during a capture");
  }
  cudnnStatus_t status = destroy("cudnnDestroy", handles, handle);
  // It waits for the device, as cuDNN does.
  return status == CUDNN_STATUS_SUCCESS && context.failed == CUDA_SUCCESS ? cudnn_status(run_everything()) : status;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, CUstream stream) {
  std::shared_ptr<Cudnn> cudnn = find_cudnn("cudnnSetStream", handle);
  if (!cudnn) {
    return BAD;
  }
  if (!find_stream(stream)) {
    return refuse(BAD, "cudnnSetStream", "streamId: no stream, or one that was destroyed");
  }
  cudnn->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

#define DESCRIPTOR(kind, objects)                                                        \
  cudnnStatus_t cudnnCreate##kind##Descriptor(cudnn##kind##Descriptor_t* descriptor) {   \
    return create("cudnnCreate" #kind "Descriptor", objects, descriptor);                \
  }                                                                                      \
  cudnnStatus_t cudnnDestroy##kind##Descriptor(cudnn##kind##Descriptor_t descriptor) {   \
    return destroy("cudnnDestroy" #kind "Descriptor", objects, descriptor);              \
  }

DESCRIPTOR(Dropout, dropouts)
DESCRIPTOR(Tensor, tensors)
DESCRIPTOR(RNNData, sequences)
DESCRIPTOR(RNN, networks)

}
