// A recurrent network as a caller of cuDNN sets one up. All arguments are members, so that a test can spoil one of
// them.
#pragma once
#include "api/cudnn.h"
#include "selftest/harness.h"

struct RnnShape {
  int layers, input, hidden, steps, batch;
  int directions = 1;
  // Columns of an output of a direction: 0 stands for hidden.
  int output = 0;
  // The steps of each sequence; empty where each has all.
  std::vector<int> lengths = {};
  cudnnRNNDataLayout_t layout = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
  // The value for what y has beyond a sequence's end.
  std::vector<float> fill = {};

  int outputs() const { return output ? output : hidden; }
  int columns() const { return directions * outputs(); }
};

class Network {
 public:
  Network(Driver& driver, RnnShape shape, cudnnRNNAlgo_t algo = CUDNN_RNN_ALGO_STANDARD,
          cudnnRNNBiasMode_t bias = CUDNN_RNN_DOUBLE_BIAS, cudnnDataType_t type = CUDNN_DATA_FLOAT,
          cudnnMathType_t math = CUDNN_FMA_MATH, cudnnRNNMode_t cell = CUDNN_LSTM);
  ~Network();

  cudnnStatus_t set(cudnnRNNAlgo_t algo, cudnnRNNBiasMode_t bias, int projection);
  cudnnStatus_t set_data(cudnnRNNDataDescriptor_t descriptor, int vector);
  cudnnStatus_t set_states(cudnnTensorDescriptor_t descriptor, int layers, int units);

  // Where a matrix or bias lies in the given weight space, and how many values it has.
  struct Part {
    CUdeviceptr address;
    size_t count;
  };
  Part part(CUdeviceptr space, int layer, int linear, bool bias);

  // Buffers of drawn values, in the type of the network, with fresh memory for results.
  void draw();
  CUdeviceptr buffer(const std::vector<float>& values);
  CUdeviceptr result(size_t count);
  CUdeviceptr memory(size_t bytes);
  std::vector<float> read(CUdeviceptr from, size_t count);
  void write(Part part, const std::vector<float>& values);
  void zero_gradients();
  // Linear maps of a layer, without that of a projection: half of them are of its input.
  int linears() const { return cell == CUDNN_LSTM ? 8 : cell == CUDNN_GRU ? 6 : 2; }
  int pseudo_layers() const { return shape.layers * shape.directions; }
  size_t states() const { return size_t(pseudo_layers()) * shape.batch * shape.outputs(); }
  size_t cells() const { return size_t(pseudo_layers()) * shape.batch * shape.hidden; }
  // With all padding, which packed sequences have not.
  size_t sequence(int vector) const;

  cudnnStatus_t forward();
  cudnnStatus_t backward_data();
  cudnnStatus_t backward_weights();
  // All three, one after the other; false if one is refused.
  bool train();

  // Everything that the passes computed.
  std::vector<float> results();

  Driver& driver;
  RnnShape shape;
  cudnnDataType_t type;
  cudnnMathType_t math;
  cudnnRNNMode_t cell;
  cudnnHandle_t handle = nullptr;
  cudnnRNNDescriptor_t rnn = nullptr;
  cudnnDropoutDescriptor_t dropout = nullptr;
  cudnnRNNDataDescriptor_t x_desc = nullptr, y_desc = nullptr;
  cudnnTensorDescriptor_t h_desc = nullptr, c_desc = nullptr, m_desc = nullptr, b_desc = nullptr;
  const int32_t* lengths = nullptr;
  cudnnForwardMode_t mode = CUDNN_FWD_MODE_TRAINING;
  cudnnWgradMode_t add = CUDNN_WGRAD_MODE_ADD;
  CUdeviceptr x = 0, y = 0, hx = 0, hy = 0, cx = 0, cy = 0;
  CUdeviceptr dx = 0, dy = 0, dhx = 0, dhy = 0, dcx = 0, dcy = 0;
  CUdeviceptr weights = 0, gradients = 0, workspace = 0, reserve = 0;
  size_t weight_bytes = 0, work_bytes = 0, reserve_bytes = 0;
  std::vector<CUdeviceptr> owned;
};

// The status must be as expected, and the last message of cuDNN's must have these words in it.
void told(cudnnStatus_t status, cudnnStatus_t expected, const char* words);
