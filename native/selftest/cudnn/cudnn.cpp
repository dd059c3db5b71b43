// cuDNN's networks give the same bits however they are run.
#include "selftest/cudnn/network.h"

namespace {

const RnnShape SMALL{2, 3, 5, 4, 2};
const cudnnRNNAlgo_t STANDARD = CUDNN_RNN_ALGO_STANDARD;
const cudnnRNNBiasMode_t BOTH = CUDNN_RNN_DOUBLE_BIAS;
const cudnnDataType_t SINGLE = CUDNN_DATA_FLOAT;
const cudnnMathType_t EXACT = CUDNN_FMA_MATH;

std::vector<float> results_of(const char* streams, cudnnRNNMode_t cell, cudnnRNNAlgo_t algo, cudnnDataType_t type) {
  Driver driver(streams);
  Network network(driver, SMALL, algo, BOTH, type, EXACT, cell);
  network.draw();
  CHECK(network.train());
  return network.results();
}

// Two replays, with the zeroing in the graph.
std::vector<float> results_of_graph(cudnnRNNMode_t cell, cudnnDataType_t type) {
  Driver driver;
  Network network(driver, SMALL, STANDARD, BOTH, type, EXACT, cell);
  network.draw();
  cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  network.zero_gradients();
  CHECK(network.train());
  CUgraph graph = nullptr;
  CUgraphExec executable = nullptr;
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
  cuGraphInstantiateWithFlags(&executable, graph, 0);
  cuGraphDestroy(graph);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  cuGraphExecDestroy(executable);
  return network.results();
}

void same_however_run(cudnnRNNMode_t cell) {
  for (cudnnDataType_t type : {SINGLE, CUDNN_DATA_BFLOAT16}) {
    std::vector<float> eager = results_of("eager", cell, STANDARD, type);
    CHECK(same_bits(eager, results_of("deferred", cell, STANDARD, type)));
    CHECK(same_bits(eager, results_of("eager", cell, CUDNN_RNN_ALGO_PERSIST_DYNAMIC, type)));
    CHECK(same_bits(eager, results_of_graph(cell, type)));
  }
}

using Layout = std::vector<CUdeviceptr>;

std::vector<Layout> layouts(cudnnRNNMode_t cell, const char* setting) {
  setenv("CHARLSTM_SIM_RNN", setting, 1);
  Driver driver;
  std::vector<Layout> layouts;
  for (int algo = 0; algo < 4; algo++) {
    Network network(driver, {2, 32, 32, 1, 1}, cudnnRNNAlgo_t(algo), BOTH, SINGLE, EXACT, cell);
    layouts.emplace_back();
    for (int layer = 0; layer < 2; layer++) {
      for (int linear = 0; linear < network.linears(); linear++) {
        for (bool bias : {false, true}) {
          layouts.back().push_back(network.part(4096, layer, linear, bias).address);
          CHECK(layouts.back().back() >= 4096 && layouts.back().back() + 128 <= 4096 + network.weight_bytes);
        }
      }
    }
  }
  unsetenv("CHARLSTM_SIM_RNN");
  return layouts;
}

// A caller that guesses where a weight lies, instead of asking, is wrong where algorithms are set to differ.
void layouts_are_alike_or_differ(cudnnRNNMode_t cell) {
  std::vector<Layout> alike = layouts(cell, ""), differing = layouts(cell, "layouts");
  for (int algo = 0; algo < 4; algo++) {
    CHECK(alike[algo] == alike[0]);
    for (int other = 0; other < algo; other++) {
      bool apart = true;
      for (size_t i = 0; i < differing[algo].size(); i++) {
        apart = apart && differing[algo][i] != differing[other][i];
      }
      CHECK(apart);
    }
  }
  // Matrices of 32 x 32 follow each other, then biases.
  size_t maps = alike[0].size() / 2;
  CHECK(maps == (cell == CUDNN_LSTM ? 16 : cell == CUDNN_GRU ? 12 : 4));
  CHECK(alike[0][0] == 4096 && alike[0][2] == 4096 + 4096 && alike[0][1] == 4096 + maps * 4096);
  CHECK(alike[0].back() == 4096 + maps * 4096 + (maps - 1) * 128);
}

// As PyTorch goes through more units than the algorithm for few goes backward over.
void standard_follows_small(cudnnRNNMode_t cell, int units) {
  const RnnShape shape{1, 3, units, 2, 2};
  Driver driver;
  Network forward(driver, shape, CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H, BOTH, SINGLE, EXACT, cell);
  Network standard(driver, shape, STANDARD, BOTH, SINGLE, EXACT, cell);
  forward.draw();
  standard.draw();
  CHECK(forward.forward() == CUDNN_STATUS_SUCCESS);
  CHECK(forward.backward_data() == CUDNN_STATUS_NOT_SUPPORTED);
  forward.set(STANDARD, BOTH, shape.hidden);
  CHECK(forward.backward_data() == CUDNN_STATUS_SUCCESS && forward.backward_weights() == CUDNN_STATUS_SUCCESS);
  CHECK(standard.train());
  CHECK(same_bits(forward.results(), standard.results()));
}

// The biases of a mode, with those that the mode lacks set to zero in a network that has both.
void bias_mode(cudnnRNNMode_t cell, cudnnRNNBiasMode_t mode) {
  Driver driver;
  Network both(driver, SMALL, STANDARD, BOTH, SINGLE, EXACT, cell);
  Network single(driver, SMALL, STANDARD, mode, SINGLE, EXACT, cell);
  both.draw();
  single.draw();
  int first_absent = mode == CUDNN_RNN_SINGLE_INP_BIAS ? both.linears() / 2 : 0;
  int absent_end = mode == CUDNN_RNN_SINGLE_REC_BIAS ? both.linears() / 2 : both.linears();
  for (int layer = 0; layer < SMALL.layers; layer++) {
    for (int linear = first_absent; linear < absent_end; linear++) {
      both.write(both.part(both.weights, layer, linear, true), std::vector<float>(SMALL.hidden));
      CHECK(single.part(single.weights, layer, linear, true).address == 0);
      CHECK(single.part(single.weights, layer, linear, true).count == 0);
    }
  }
  CHECK(both.train() && single.train());
  CHECK(driver.read(both.y, both.sequence(SMALL.hidden)) == driver.read(single.y, single.sequence(SMALL.hidden)));
  for (int layer = 0; layer < SMALL.layers; layer++) {
    for (int linear = 0; linear < both.linears(); linear++) {
      for (bool bias : {false, true}) {
        Network::Part one = single.part(single.gradients, layer, linear, bias);
        Network::Part other = both.part(both.gradients, layer, linear, bias);
        CHECK(one.count == 0 || driver.read(one.address, one.count) == driver.read(other.address, other.count));
      }
    }
  }
}

void null_states_are_zeros(cudnnRNNMode_t cell) {
  Driver driver;
  Network zeros(driver, SMALL, STANDARD, BOTH, SINGLE, EXACT, cell);
  Network nulls(driver, SMALL, STANDARD, BOTH, SINGLE, EXACT, cell);
  zeros.draw();
  nulls.draw();
  for (CUdeviceptr* state : {&zeros.hx, &zeros.cx, &zeros.dhy, &zeros.dcy}) {
    *state = zeros.buffer(std::vector<float>(zeros.states()));
  }
  for (CUdeviceptr* state : {&nulls.hx, &nulls.cx, &nulls.dhy, &nulls.dcy}) {
    *state = 0;
  }
  CHECK(zeros.train() && nulls.train());
  CHECK(zeros.results() == nulls.results());
  // Results that are not wanted, and a pass for inference, change no other.
  std::vector<float> y = driver.read(nulls.y, nulls.sequence(SMALL.hidden));
  nulls.hy = nulls.cy = nulls.dhx = nulls.dcx = 0;
  nulls.zero_gradients();
  CHECK(nulls.train());
  nulls.mode = CUDNN_FWD_MODE_INFERENCE;
  nulls.reserve = nulls.reserve_bytes = 0;
  CHECK(nulls.forward() == CUDNN_STATUS_SUCCESS && y == driver.read(nulls.y, y.size()));
}

// Where there are no cells, nothing that is given for them is looked at.
void cells_are_an_lstms_alone(cudnnRNNMode_t cell) {
  if (cell == CUDNN_LSTM) {
    return;
  }
  Driver driver;
  Network plain(driver, SMALL, STANDARD, BOTH, SINGLE, EXACT, cell);
  Network given(driver, SMALL, STANDARD, BOTH, SINGLE, EXACT, cell);
  plain.draw();
  given.draw();
  given.c_desc = reinterpret_cast<cudnnTensorDescriptor_t>(given.rnn);
  given.cx = given.hx, given.dcy = 7, given.dcx = given.cy = given.x;
  CHECK(plain.train() && given.train());
  given.c_desc = nullptr;
  given.dcx = given.cy = 0;
  CHECK(same_bits(plain.results(), given.results()));
}

void gradients_are_added() {
  Driver driver;
  Network network(driver, SMALL);
  network.draw();
  CHECK(network.train());
  Network::Part part = network.part(network.gradients, 1, 2, false);
  std::vector<float> once = driver.read(part.address, part.count);
  network.zero_gradients();
  network.write(part, std::vector<float>(part.count, 2.0f));
  CHECK(network.backward_weights() == CUDNN_STATUS_SUCCESS);
  CHECK(driver.read(part.address, 1)[0] == 2.0f + once[0]);
}

}

void test_cudnn() {
  for (cudnnRNNMode_t cell : {CUDNN_RNN_RELU, CUDNN_RNN_TANH, CUDNN_LSTM, CUDNN_GRU}) {
    same_however_run(cell);
    layouts_are_alike_or_differ(cell);
    bias_mode(cell, CUDNN_RNN_SINGLE_INP_BIAS);
    bias_mode(cell, CUDNN_RNN_SINGLE_REC_BIAS);
    bias_mode(cell, CUDNN_RNN_NO_BIAS);
    null_states_are_zeros(cell);
    cells_are_an_lstms_alone(cell);
  }
  standard_follows_small(CUDNN_LSTM, 130);
  standard_follows_small(CUDNN_GRU, 130);
  standard_follows_small(CUDNN_RNN_TANH, 257);
  gradients_are_added();
}
