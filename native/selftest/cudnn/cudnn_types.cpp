// Types of data that cuDNN refuses: those that do not go together, and those that it is too old for.
#include <cstdlib>
#include <cstring>

#include "selftest/cudnn/network.h"

namespace {

const cudnnDataType_t SINGLE = CUDNN_DATA_FLOAT, HALF = CUDNN_DATA_BFLOAT16;
const cudnnRNNAlgo_t STANDARD = CUDNN_RNN_ALGO_STANDARD;
const cudnnRNNBiasMode_t BOTH = CUDNN_RNN_DOUBLE_BIAS;
const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS, BAD = CUDNN_STATUS_BAD_PARAM;
const RnnShape SHAPE{3, 7, 9, 6, 5};

void refused(cudnnStatus_t expected, const char* words, const std::function<void(Network&)>& spoil,
             cudnnDataType_t type = HALF) {
  Driver driver;
  Network network(driver, {2, 3, 5, 4, 2}, STANDARD, BOTH, type);
  network.draw();
  spoil(network);
  told(network.forward(), expected, words);
}

// Runs with descriptors of the other type than the network's.
template <typename Change>
void with_other_type(Network& n, Change change) {
  cudnnDataType_t own = n.type;
  n.type = own == HALF ? SINGLE : HALF;
  change();
  n.type = own;
}

void refusals() {
  for (cudnnDataType_t type : {HALF, SINGLE}) {
    for (bool of_x : {true, false}) {
      refused(BAD, "cudnnRNNForward: xDesc or yDesc: its dataType is not rnnDesc's", [of_x](Network& n) {
        with_other_type(n, [&] { n.set_data(of_x ? n.x_desc : n.y_desc, of_x ? n.shape.input : n.shape.hidden); });
      }, type);
    }
    refused(BAD, "hDesc: its dataType is not rnnDesc's", [](Network& n) {
      with_other_type(n, [&] { n.set_states(n.h_desc, n.shape.layers, n.shape.hidden); });
    }, type);
    refused(BAD, "cDesc: its dataType is not rnnDesc's", [](Network& n) {
      with_other_type(n, [&] { n.set_states(n.c_desc, n.shape.layers, n.shape.hidden); });
    }, type);
  }
  refused(BAD, "which is not aligned to 2", [](Network& n) { n.x = n.memory(500) + 1; });
  refused(BAD, "which is not aligned to 4", [](Network& n) { n.x = n.memory(500) + 2; }, SINGLE);
  refused(BAD, "which is not aligned to 16", [](Network& n) { n.weights = n.memory(9000) + 2; });
  refused(BAD, "x: 48 bytes at", [](Network& n) { n.x += 2; });
  refused(BAD, "y: 80 bytes at", [](Network& n) { n.y += 2; });
  refused(BAD, "cx: 40 bytes at", [](Network& n) { n.cx += 2; });
  Driver driver;
  Network n(driver, SHAPE, STANDARD, BOTH, HALF);
  n.draw();
  with_other_type(n, [&] { n.set_data(n.x_desc, SHAPE.input); });
  told(cudnnGetRNNTempSpaceSizes(n.handle, n.rnn, n.mode, n.x_desc, &n.work_bytes, &n.reserve_bytes), BAD,
       "cudnnGetRNNTempSpaceSizes: xDesc: its dataType is not rnnDesc's");
  const int dims[] = {1, 2, 3};
  told(cudnnSetTensorNdDescriptor(n.h_desc, cudnnDataType_t(10), 3, dims, dims), BAD, "10 is no type of a tensor");
  n.set_data(n.x_desc, SHAPE.input);
  CHECK(n.forward() == GOOD);
  n.math = CUDNN_DEFAULT_MATH;
  n.set(STANDARD, BOTH, SHAPE.hidden);
  told(n.backward_data(), CUDNN_STATUS_EXECUTION_FAILED, "rnnDesc or a size: not that of the forward pass");
}

void sums_are_float32() {
  Driver driver;
  Network n(driver, SHAPE);
  for (cudnnDataType_t type : {SINGLE, HALF}) {
    told(cudnnSetRNNDescriptor_v8(n.rnn, STANDARD, CUDNN_LSTM, BOTH, CUDNN_UNIDIRECTIONAL, CUDNN_LINEAR_INPUT, type,
                                  HALF, CUDNN_DEFAULT_MATH, 3, 5, 5, 2, n.dropout, CUDNN_RNN_PADDED_IO_ENABLED),
         CUDNN_STATUS_NOT_SUPPORTED, "mathPrec: float32");
  }
}

void versions() {
  for (const char* version : {"91299", "91300", "91400"}) {
    setenv("CHARLSTM_SIM_CUDNN", version, 1);
    Driver driver;
    Network half(driver, SHAPE, STANDARD, BOTH, HALF), single(driver, SHAPE);
    bool old = std::strcmp(version, "91299") == 0;
    CHECK((half.weight_bytes == 0) == old && single.weight_bytes > 0);
    cudnnStatus_t status = half.set(STANDARD, BOTH, SHAPE.hidden);
    if (old) {
      told(status, CUDNN_STATUS_NOT_SUPPORTED, "CUDNN_DATA_BFLOAT16 wants version 91300, and this is 91299");
    } else {
      CHECK(status == GOOD);
    }
  }
  unsetenv("CHARLSTM_SIM_CUDNN");
}

}

void test_cudnn_types() {
  refusals();
  sums_are_float32();
  versions();
}
