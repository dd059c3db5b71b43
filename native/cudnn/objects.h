// cuDNN's handles and descriptors, as the calls that set them left them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "arithmetic/precision.h"
#include "cudnn/calls.h"

namespace sim {

struct Cudnn {
  CUstream stream = nullptr;
};

struct Dropout {
  bool set = false;
};

struct Tensor {
  bool set = false;
  // None at all is how an absent weight is told.
  std::vector<int> dims, strides;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
};

struct RnnData {
  bool set = false;
  int steps = 0, batch = 0, vector = 0;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
};

struct Rnn {
  bool set = false;
  cudnnRNNAlgo_t algo = CUDNN_RNN_ALGO_STANDARD;
  cudnnRNNBiasMode_t bias = CUDNN_RNN_DOUBLE_BIAS;
  bool padded = false;
  size_t input = 0, hidden = 0, layers = 0;
  // The batch that PERSIST_DYNAMIC was built for; 0 for none.
  int built_for = 0;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;

  Element element() const { return type == CUDNN_DATA_BFLOAT16 ? Element::BFLOAT16 : Element::FLOAT32; }
};

// Answers with the status; what is wrong is told on stderr too, unless it is just not supported.
cudnnStatus_t refuse(cudnnStatus_t status, const char* call, const std::string& why);

// Whether a descriptor that was created will do, or it must also have been set.
enum class Want { ANY, SET };

// Null, after saying which argument is wrong and why, for a handle that is stale or of another kind.
std::shared_ptr<Cudnn> find_cudnn(const char* call, cudnnHandle_t handle);
std::shared_ptr<Dropout> find_dropout(const char* call, cudnnDropoutDescriptor_t descriptor, Want want);
std::shared_ptr<Tensor> find_tensor(const char* call, const char* name, cudnnTensorDescriptor_t descriptor, Want want);
std::shared_ptr<RnnData> find_data(const char* call, const char* name, cudnnRNNDataDescriptor_t descriptor,
                                   Want want = Want::SET);
std::shared_ptr<Rnn> find_rnn(const char* call, cudnnRNNDescriptor_t descriptor, Want want = Want::SET);

}
