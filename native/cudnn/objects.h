// cuDNN's handles and descriptors, with the values that calls have set.
#pragma once
#include <memory>
#include <vector>

#include "cudnn/calls.h"
#include "cudnn/sequences.h"

namespace sim {

constexpr cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM, NONE = CUDNN_STATUS_BAD_PARAM_NULL_POINTER;
constexpr cudnnStatus_t UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

struct Cudnn {
  CUstream stream = nullptr;
};

struct Dropout {
  float rate = 0;
};

struct Tensor {
  bool set = false;
  // Empty if the weight is absent.
  std::vector<int> dims, strides;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
};

struct Rnn {
  bool set = false;
  cudnnRNNAlgo_t algo = CUDNN_RNN_ALGO_STANDARD;
  cudnnRNNMode_t cell = CUDNN_LSTM;
  cudnnRNNBiasMode_t bias = CUDNN_RNN_DOUBLE_BIAS;
  cudnnDirectionMode_t direction = CUDNN_UNIDIRECTIONAL;
  cudnnRNNInputMode_t input_mode = CUDNN_LINEAR_INPUT;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
  size_t input = 0, hidden = 0, projection = 0, layers = 0;
  // Null for no dropout. The descriptor may be set again later.
  std::shared_ptr<Dropout> dropout;
  bool padded = false;
  // The batch that PERSIST_DYNAMIC was built for; 0 for none.
  size_t built_for = 0;

  Element element() const { return element_of(type); }
  size_t directions() const { return direction == CUDNN_BIDIRECTIONAL ? 2 : 1; }
};

// Refuses types of networks and sequences that this version of cuDNN does not know.
void check_type(cudnnDataType_t type);

// Whether a descriptor only has to exist, or also to be set.
enum class Want { ANY, SET };

// These functions refuse a handle that is stale or of another kind.
Cudnn& find_cudnn(cudnnHandle_t handle);
std::shared_ptr<Dropout> find_dropout(cudnnDropoutDescriptor_t descriptor);
Tensor& find_tensor(const char* name, cudnnTensorDescriptor_t descriptor, Want want);
Sequences& find_data(const char* name, cudnnRNNDataDescriptor_t descriptor, Want want = Want::SET);
Rnn& find_rnn(cudnnRNNDescriptor_t descriptor, Want want = Want::SET);

// Enqueues work on the handle's stream under the current call's name.
void enqueue(const Cudnn& cudnn, std::function<CUresult()> run);

}
