#include "cudnn/support.h"

#include <algorithm>
#include <cstdlib>

#include "memory/state.h"

namespace sim {

namespace {

// The most units for cuDNN 9.1.0 to give the size of temporary space, on a card of 80 multiprocessors or more. PyTorch
// runs the backward pass with another algorithm above small_backward.
struct Most {
  size_t fixed, small, small_backward;
};

Most most_units(const Rnn& rnn) {
  bool plain = rnn.cell == CUDNN_RNN_RELU || rnn.cell == CUDNN_RNN_TANH;
  return plain ? Most{2560, 384, 256} : Most{1536, 192, 128};
}

// Not read at cuInit, because programs may call these functions earlier.
size_t set_in(const char* name, size_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

}

size_t cudnnGetVersion() {
  return set_in("CHARLSTM_SIM_CUDNN", 91300);
}

size_t cudnnGetCudartVersion() {
  return set_in("CHARLSTM_SIM_CUDART", settings.driver_version / 1000 * 1000);
}

size_t cudnnGetMaxDeviceVersion() {
  return set_in("CHARLSTM_SIM_CUDNN_CAPABILITY", 1200);
}

void check_support(const Rnn& rnn, bool training) {
  std::string lack = "rnnDesc: the simulated cuDNN has no ";
  refuse_if(rnn.input_mode == CUDNN_SKIP_INPUT, UNSUPPORTED, lack + "input that skips the first layer's matrices");
  refuse_if(rnn.type == CUDNN_DATA_HALF, UNSUPPORTED, lack + "networks of half");
  refuse_if(rnn.type == CUDNN_DATA_DOUBLE, UNSUPPORTED, lack + "networks of float64");
  refuse_if(training && rnn.layers > 1 && rnn.dropout && rnn.dropout->rate != 0, UNSUPPORTED,
            "dropoutDesc: the simulated cuDNN has no dropout between layers: its rate must be 0");
}

void check_algorithm(const char* when, const Rnn& rnn) {
  size_t most = rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC           ? most_units(rnn).fixed
                : rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H ? most_units(rnn).small
                                                                    : SIZE_MAX;
  refuse_if(rnn.hidden > most, UNSUPPORTED,
            "rnnDesc: the algorithm wants a hiddenSize of at most " + std::to_string(most));
  refuse_as_set(when, rnn.algo);
}

void check_backward(const Rnn& rnn) {
  size_t most = most_units(rnn).small_backward;
  refuse_if(rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H && rnn.hidden > most, UNSUPPORTED,
            "rnnDesc: the algorithm goes backward over at most " + std::to_string(most) + " units");
}

int set_to_answer(const char* when, cudnnRNNAlgo_t algo) {
  std::string start = std::to_string(algo) + ":" + when + ":";
  for (const std::string& setting : settings.rnn) {
    if (setting.rfind(start, 0) == 0) {
      return std::atoi(setting.c_str() + start.size());
    }
  }
  return CUDNN_STATUS_SUCCESS;
}

void refuse_as_set(const char* when, cudnnRNNAlgo_t algo) {
  int status = set_to_answer(when, algo);
  refuse_if(status != CUDNN_STATUS_SUCCESS, status, "rnnDesc: CHARLSTM_SIM_RNN says so");
}

bool set_to(const char* fault, cudnnRNNAlgo_t algo) {
  return std::count(settings.rnn.begin(), settings.rnn.end(), std::to_string(algo) + ":" + fault) > 0;
}

RnnSizes sizes_of(const Rnn& rnn, const Sequences& x) {
  return {cell_of(rnn), rnn.layers, rnn.input, rnn.hidden, x.steps, x.batch, rnn.directions(), rnn.projection,
          x.lengths};
}

size_t workspace_size(const Rnn& rnn, size_t batch) {
  return 4 * rnn.hidden * batch * size_of(rnn.element()) + 512 * (1 + rnn.algo);
}

size_t reserve_size(const RnnSizes& sizes) {
  return RnnReserve::count(sizes) * sizeof(float);
}

void cudnnGetRNNTempSpaceSizes(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnForwardMode_t fwdMode,
                               cudnnRNNDataDescriptor_t xDesc, size_t* workSpaceSize, size_t* reserveSpaceSize) {
  find_cudnn(handle);
  const Rnn& rnn = find_rnn(rnnDesc);
  const Sequences& x = find_data("xDesc", xDesc);
  bool training = fwdMode == CUDNN_FWD_MODE_TRAINING;
  refuse_if(!workSpaceSize || (training && !reserveSpaceSize), NONE, "workSpaceSize or reserveSpaceSize: null");
  refuse_if(unsigned(fwdMode) > CUDNN_FWD_MODE_TRAINING, BAD, "fwdMode: no such value");
  check_algorithm("spaces", rnn);
  refuse_if(x.type != rnn.type, BAD, "xDesc: its dataType is not rnnDesc's");
  refuse_if(x.vector != rnn.input, BAD, "xDesc: its vectorSize is not rnnDesc's inputSize");
  check_support(rnn, training);
  *workSpaceSize = workspace_size(rnn, x.batch);
  if (reserveSpaceSize) {
    *reserveSpaceSize = training ? reserve_size(sizes_of(rnn, x)) : 0;
  }
}

}
