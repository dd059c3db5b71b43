// Networks that NVIDIA's cuDNN computes and the simulated one does not are described, and refused by name where they
// are used. All that NVIDIA's 9.1.0 does not describe is refused at once.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "selftest/cudnn/network.h"

namespace {

const RnnShape SHAPE{2, 3, 5, 4, 2};
const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS, BAD = CUDNN_STATUS_BAD_PARAM;
const cudnnStatus_t UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

// A description of a network, an LSTM of two layers unless something else is set in it.
struct Description {
  int algo = 0, cell = 2, bias = 2, direction = 0, input_mode = 0, type = 0, sums = 0, math = 3;
  int input = 3, hidden = 5, projection = 5, layers = 2;
  cudnnDropoutDescriptor_t dropout = nullptr;
  unsigned flags = 1;

  cudnnStatus_t set(cudnnRNNDescriptor_t rnn) const {
    return cudnnSetRNNDescriptor_v8(rnn, cudnnRNNAlgo_t(algo), cudnnRNNMode_t(cell), cudnnRNNBiasMode_t(bias),
                                    cudnnDirectionMode_t(direction), cudnnRNNInputMode_t(input_mode),
                                    cudnnDataType_t(type), cudnnDataType_t(sums), cudnnMathType_t(math), input, hidden,
                                    projection, layers, dropout, flags);
  }
};

using Change = std::function<void(Description&)>;

cudnnStatus_t spaces(Network& n, cudnnForwardMode_t mode) {
  size_t work, reserve;
  return cudnnGetRNNTempSpaceSizes(n.handle, n.rnn, mode, n.x_desc, &work, &reserve);
}

// Every call that computes must refuse with these words what the others have taken.
void refused_by_name(const char* words, const std::function<cudnnStatus_t(Network&)>& describe) {
  Driver driver;
  Network n(driver, SHAPE);
  n.draw();
  CHECK(n.forward() == GOOD);
  CHECK(describe(n) == GOOD);
  size_t weight_bytes = 0;
  CHECK(cudnnGetRNNWeightSpaceSize(n.handle, n.rnn, &weight_bytes) == GOOD && weight_bytes > 0);
  told(spaces(n, CUDNN_FWD_MODE_TRAINING), UNSUPPORTED, words);
  for (auto pass : {&Network::forward, &Network::backward_data, &Network::backward_weights}) {
    told((n.*pass)(), UNSUPPORTED, words);
  }
  CHECK(driver.synchronise() == CUDA_SUCCESS);
}

void network_refused(const char* words, const Change& change) {
  refused_by_name(words, [&](Network& n) {
    Description description;
    change(description);
    for (cudnnRNNDataDescriptor_t data : {n.x_desc, n.y_desc}) {
      n.type = cudnnDataType_t(description.type);
      n.set_data(data, data == n.x_desc ? 3 : 5);
    }
    return description.set(n.rnn);
  });
}

void described_and_refused() {
  network_refused("the simulated cuDNN has no input that skips",
                  [](Description& d) { d.input_mode = CUDNN_SKIP_INPUT; });
  for (int sums : {0, 2}) {
    network_refused("the simulated cuDNN has no networks of half",
                    [sums](Description& d) { d.type = 2, d.sums = sums; });
  }
  network_refused("the simulated cuDNN has no networks of float64", [](Description& d) { d.type = d.sums = 1; });
}

// Dropout is applied between layers, in training.
void dropout() {
  refused_by_name("dropoutDesc: the simulated cuDNN has no dropout between layers", [](Network& n) {
    Description description;
    description.dropout = n.dropout;
    CHECK(description.set(n.rnn) == GOOD);
    // Set anew after the network was described with it.
    return cudnnSetDropoutDescriptor(n.dropout, n.handle, 0.5f, nullptr, 0, 0);
  });
  Driver driver;
  Network n(driver, SHAPE), one(driver, {1, 3, 5, 4, 2});
  for (Network* network : {&n, &one}) {
    network->draw();
    CHECK(cudnnSetDropoutDescriptor(network->dropout, network->handle, 0.5f, nullptr, 0, 0) == GOOD);
  }
  CHECK(one.train());
  CHECK(n.forward() == UNSUPPORTED && spaces(n, CUDNN_FWD_MODE_INFERENCE) == GOOD);
  n.mode = CUDNN_FWD_MODE_INFERENCE;
  CHECK(n.forward() == GOOD);
  CHECK(cudnnSetDropoutDescriptor(n.dropout, n.handle, 0.0f, nullptr, 0, 0) == GOOD);
  n.mode = CUDNN_FWD_MODE_TRAINING;
  CHECK(n.train());
}

void states_of_dropout() {
  Driver driver("deferred");
  Network n(driver, SHAPE);
  size_t bytes = 0;
  CHECK(cudnnDropoutGetStatesSize(n.handle, &bytes) == GOOD && bytes > 0 && bytes % 24 == 0);
  told(cudnnDropoutGetStatesSize(nullptr, &bytes), BAD, "cudnnDropoutGetStatesSize: handle");
  told(cudnnDropoutGetStatesSize(n.handle, nullptr), CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "sizeInBytes: null");
  CUdeviceptr states = n.memory(bytes);
  auto set = [&](cudnnHandle_t handle, float rate, CUdeviceptr at, size_t size) {
    return cudnnSetDropoutDescriptor(n.dropout, handle, rate, reinterpret_cast<void*>(at), size, 7);
  };
  static char on_host[1 << 20];
  told(set(nullptr, 0.5f, states, bytes), BAD, "cudnnSetDropoutDescriptor: handle");
  told(set(n.handle, 0.5f, states, bytes - 1), CUDNN_STATUS_INVALID_VALUE, "stateSizeInBytes: ");
  told(set(n.handle, 0.5f, CUdeviceptr(on_host), bytes), BAD, "states: ");
  told(set(n.handle, 0.5f, states + 4, bytes), BAD, "states: ");
  told(set(n.handle, 1.5f, states, bytes), BAD, "dropout: not from 0 to 1");
  told(set(n.handle, NAN, states, bytes), BAD, "dropout: not from 0 to 1");
  // They are written in the order of the stream.
  CHECK(set(n.handle, 0.5f, states, bytes) == GOOD);
  std::vector<float> values = driver.read(states, bytes / 4);
  CHECK(driver.synchronise() == CUDA_SUCCESS && std::memcmp(&values[2], "\7\0\0\0", 4) == 0);
  CUdeviceptr gone = driver.fresh(bytes);
  CHECK(set(n.handle, 0.5f, gone, bytes) == GOOD && cuMemFree_v2(gone) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
}

// As 9.1.0 answers; the first of several mistakes is told by its status.
void descriptions() {
  setenv("CHARLSTM_SIM_CUDNN", "90100", 1);
  Driver driver;
  Network n(driver, SHAPE);
  auto answers = [&](cudnnStatus_t expected, const char* words, const Change& change) {
    Description description;
    change(description);
    if (expected == GOOD) {
      check(description.set(n.rnn) == GOOD, words, __FILE__, __LINE__);
    } else {
      told(description.set(n.rnn), expected, words);
    }
  };
  for (int algo = 0; algo < 4; algo++) {
    bool standard = algo == 0;
    for (int cell = 0; cell < 4; cell++) {
      for (int bias = 0; bias < 4; bias++) {
        answers(standard || bias == 2 ? GOOD : UNSUPPORTED, "biasMode", [&](Description& d) {
          d.algo = algo, d.cell = cell, d.bias = bias;
          d.direction = bias % 2, d.input_mode = cell % 2, d.math = bias, d.flags = cell / 2;
        });
      }
      answers(standard && cell == 2 ? GOOD : UNSUPPORTED, "projSize", [&](Description& d) {
        d.algo = algo, d.cell = cell, d.projection = 4;
      });
    }
    answers(standard || algo == 2 ? GOOD : UNSUPPORTED, "no networks of float64", [&](Description& d) {
      d.algo = algo, d.type = d.sums = 1;
    });
    answers(standard ? GOOD : UNSUPPORTED, "do not sum in half", [&](Description& d) {
      d.algo = algo, d.type = d.sums = 2;
    });
    answers(GOOD, "half", [&](Description& d) { d.algo = algo, d.type = 2; });
  }
  answers(UNSUPPORTED, "projSize: only that of an LSTM", [](Description& d) { d.projection = 6; });
  answers(UNSUPPORTED, "mathPrec", [](Description& d) { d.sums = 1; });
  answers(UNSUPPORTED, "mathPrec", [](Description& d) { d.type = 1; });
  answers(UNSUPPORTED, "CUDNN_DATA_BFLOAT16 wants version 91300", [](Description& d) { d.type = 9; });
  answers(UNSUPPORTED, "dataType", [](Description& d) { d.type = 17; });
  for (int Description::*member : {&Description::algo, &Description::cell, &Description::bias, &Description::direction,
                                   &Description::input_mode, &Description::math}) {
    for (int value : {-1, 4}) {
      answers(BAD, "algo, cellMode, biasMode, dirMode", [&](Description& d) { d.*member = value, d.type = 9; });
    }
  }
  for (int Description::*member : {&Description::input, &Description::hidden, &Description::layers}) {
    answers(BAD, "not positive", [&](Description& d) { d.*member = 0, d.algo = 1, d.bias = 0; });
  }
  answers(UNSUPPORTED, "biasMode", [](Description& d) { d.algo = 1, d.bias = d.projection = 0; });
  answers(BAD, "projSize or auxFlags", [](Description& d) { d.projection = 0, d.type = 9; });
  answers(BAD, "projSize or auxFlags", [](Description& d) { d.flags = 2, d.type = 9; });
  answers(GOOD, "a descriptor of dropout that nobody set", [&](Description& d) {
    cudnnDestroyDropoutDescriptor(n.dropout);
    cudnnCreateDropoutDescriptor(&n.dropout);
    d.dropout = n.dropout;
  });
  answers(BAD, "dropoutDesc: no such object", [&](Description& d) {
    d.dropout = reinterpret_cast<cudnnDropoutDescriptor_t>(n.rnn);
  });
  unsetenv("CHARLSTM_SIM_CUDNN");
}

// The weights of networks that are only described lie where 9.1.0 puts them, in bytes from the first.
void places() {
  Driver driver;
  Network n(driver, SHAPE);
  auto place = [&](int layer, int linear, bool bias) {
    void *matrix_at = nullptr, *bias_at = nullptr;
    size_t bytes = 0;
    CHECK(cudnnGetRNNWeightSpaceSize(n.handle, n.rnn, &bytes) == GOOD);
    CHECK(cudnnGetRNNWeightParams(n.handle, n.rnn, layer, bytes, reinterpret_cast<void*>(4096), linear, n.m_desc,
                                  &matrix_at, n.b_desc, &bias_at) == GOOD);
    auto address = reinterpret_cast<CUdeviceptr>(bias ? bias_at : matrix_at);
    return address == 0 ? -1 : int(address - 4096);
  };
  Description d;
  d.direction = 1, d.projection = 4, d.type = 2, d.input = 38, d.hidden = 37, d.projection = 11;
  CHECK(d.set(n.rnn) == GOOD);
  const int of_input = 37 * 38 * 2, of_state = 37 * 11 * 2, first = 4 * of_input + 5 * of_state;
  CHECK(place(0, 1, false) == of_input && place(0, 8, false) == 4 * (of_input + of_state) && place(0, 8, true) == -1);
  CHECK(place(1, 0, false) == first && place(2, 1, false) == 2 * first + 37 * 22 * 2);
  const int second = 4 * 37 * 22 * 2 + 5 * of_state;
  CHECK(place(0, 0, true) == 2 * (first + second) && place(3, 7, true) == 2 * (first + second) + 31 * 74);
  d = Description();
  d.cell = CUDNN_GRU, d.input_mode = CUDNN_SKIP_INPUT, d.bias = CUDNN_RNN_SINGLE_REC_BIAS;
  CHECK(d.set(n.rnn) == GOOD);
  CHECK(place(0, 2, false) == -1 && place(0, 3, false) == 0 && place(1, 0, false) == 300 && place(0, 2, true) == -1);
  CHECK(place(0, 3, true) == 900 && place(0, 6, false) == -1);
  told(cudnnGetRNNWeightParams(n.handle, n.rnn, 0, 1 << 20, reinterpret_cast<void*>(4096), 7, n.m_desc, nullptr,
                               n.b_desc, nullptr), CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "mAddr or bAddr: null");
}

void units() {
  Driver driver;
  Network n(driver, SHAPE);
  const struct {
    int algo, most;
  } all[] = {{3, 192}, {1, 1536}};
  for (auto& one : all) {
    for (int cell = 0; cell < 4; cell++) {
      int most = cell >= 2 ? one.most : one.algo == 3 ? 384 : 2560;
      Description d;
      d.algo = one.algo, d.cell = cell, d.hidden = d.projection = most;
      CHECK(d.set(n.rnn) == GOOD && spaces(n, CUDNN_FWD_MODE_TRAINING) == GOOD);
      d.hidden = d.projection = most + 1;
      CHECK(d.set(n.rnn) == GOOD);
      told(spaces(n, CUDNN_FWD_MODE_TRAINING), UNSUPPORTED, ("at most " + std::to_string(most)).c_str());
    }
  }
}

// A network of another cell does not go backward where this one went forward.
void another_cell() {
  Driver driver;
  Network n(driver, {2, 3, 5, 4, 2}, CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_DOUBLE_BIAS, CUDNN_DATA_FLOAT,
            CUDNN_FMA_MATH, CUDNN_RNN_TANH);
  n.draw();
  CHECK(n.forward() == GOOD);
  n.cell = CUDNN_RNN_RELU;
  n.set(CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_DOUBLE_BIAS, 5);
  told(n.backward_data(), CUDNN_STATUS_EXECUTION_FAILED, "rnnDesc or a size: not that of the forward pass");
}

}

void test_cudnn_refusals() {
  described_and_refused();
  dropout();
  states_of_dropout();
  descriptions();
  places();
  units();
  another_cell();
}
