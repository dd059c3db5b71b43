// cuDNN's LSTM: against PyTorch under every algorithm and precision, and the same bits however it is run.
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "selftest/network.h"

namespace {

const RnnShape FIXTURE{2, 5, 6, 4, 3};

std::map<std::string, std::vector<float>> read_fixture() {
  std::map<std::string, std::vector<float>> fixture;
  std::ifstream file(CHARLSTM_TRIALS "/lstm_pytorch.txt");
  for (std::string line, name; std::getline(file, line);) {
    std::istringstream words(line);
    words >> name;
    for (float value; words >> value;) {
      fixture[name].push_back(value);
    }
  }
  return fixture;
}

class AgainstPyTorch {
 public:
  AgainstPyTorch(Driver& driver, cudnnRNNAlgo_t algo, cudnnDataType_t type, cudnnMathType_t math, float tolerance)
      : network_(driver, FIXTURE, algo, CUDNN_RNN_DOUBLE_BIAS, type, math),
        tolerance_(tolerance),
        fixture_(read_fixture()) {}

  void run() {
    Network& n = network_;
    n.draw();
    n.x = n.buffer(fixture_["x"]);
    const std::pair<CUdeviceptr*, const char*> given[] = {
        {&n.hx, "hx"}, {&n.cx, "cx"}, {&n.dy, "dy"}, {&n.dhy, "dhy"}, {&n.dcy, "dcy"}};
    for (auto& one : given) {
      *one.first = n.buffer(fixture_[one.second]);
    }
    each_weight([&](int layer, int linear, const std::string& end) {
      n.write(n.part(n.weights, layer, linear, false), fixture_["weight" + end]);
      n.write(n.part(n.weights, layer, linear, true), fixture_["bias" + end]);
    });
    CHECK(n.forward() == CUDNN_STATUS_SUCCESS);
    CHECK(n.backward_data() == CUDNN_STATUS_SUCCESS);
    CHECK(n.backward_weights() == CUDNN_STATUS_SUCCESS);
    compare("y", n.y);
    compare("dx", n.dx);
    const std::pair<CUdeviceptr, const char*> found[] = {
        {n.hy, "hy"}, {n.cy, "cy"}, {n.dhx, "dhx"}, {n.dcx, "dcx"}};
    for (auto& one : found) {
      compare(one.second, one.first);
    }
    each_weight([&](int layer, int linear, const std::string& end) {
      compare("dweight" + end, n.part(n.gradients, layer, linear, false).address);
      compare("dbias" + end, n.part(n.gradients, layer, linear, true).address);
    });
  }

 private:
  template <typename Visit>
  void each_weight(Visit visit) {
    for (int layer = 0; layer < FIXTURE.layers; layer++) {
      for (int linear = 0; linear < 8; linear++) {
        visit(layer, linear, "." + std::to_string(layer) + "." + std::to_string(linear));
      }
    }
  }

  void compare(const std::string& name, CUdeviceptr address) {
    const std::vector<float>& expected = fixture_[name];
    std::vector<float> found = network_.read(address, expected.size());
    float largest = 0, difference = 0;
    for (size_t i = 0; i < expected.size(); i++) {
      largest = std::fmax(largest, std::fabs(expected[i]));
      float here = std::fabs(found[i] - expected[i]);
      difference = !(here <= difference) ? here : difference;
    }
    bool close = expected.size() > 0 && !!(difference <= tolerance_ * largest);
    check(close, ("as PyTorch: " + name).c_str(), __FILE__, __LINE__);
  }

  Network network_;
  float tolerance_;
  std::map<std::string, std::vector<float>> fixture_;
};

const RnnShape SMALL{2, 3, 5, 4, 2};

std::vector<float> results_of(const char* streams, cudnnRNNAlgo_t algo, cudnnDataType_t type) {
  Driver driver(streams);
  Network network(driver, SMALL, algo, CUDNN_RNN_DOUBLE_BIAS, type);
  network.draw();
  CHECK(network.train());
  return network.results();
}

// Two replays, with the zeroing in the graph.
std::vector<float> results_of_graph(cudnnDataType_t type) {
  Driver driver;
  Network network(driver, SMALL, CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_DOUBLE_BIAS, type);
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

void same_however_run() {
  for (cudnnDataType_t type : {CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16}) {
    std::vector<float> eager = results_of("eager", CUDNN_RNN_ALGO_STANDARD, type);
    CHECK(same_bits(eager, results_of("deferred", CUDNN_RNN_ALGO_STANDARD, type)));
    CHECK(same_bits(eager, results_of("eager", CUDNN_RNN_ALGO_PERSIST_DYNAMIC, type)));
    CHECK(same_bits(eager, results_of_graph(type)));
  }
}

using Layout = std::vector<CUdeviceptr>;

std::vector<Layout> layouts(const char* setting) {
  setenv("CHARLSTM_SIM_RNN", setting, 1);
  Driver driver;
  std::vector<Layout> layouts;
  for (int algo = 0; algo < 4; algo++) {
    Network network(driver, {2, 32, 32, 1, 1}, cudnnRNNAlgo_t(algo));
    layouts.emplace_back();
    for (int layer = 0; layer < 2; layer++) {
      for (int linear = 0; linear < 8; linear++) {
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
void layouts_are_alike_or_differ() {
  std::vector<Layout> alike = layouts(""), differing = layouts("layouts");
  for (int algo = 0; algo < 4; algo++) {
    CHECK(alike[algo] == alike[0]);
    for (int other = 0; other < algo; other++) {
      for (size_t i = 0; i < differing[algo].size(); i++) {
        CHECK(differing[algo][i] != differing[other][i]);
      }
    }
  }
  // Matrices of 32 x 32 follow each other, then biases.
  CHECK(alike[0][0] == 4096 && alike[0][2] == 4096 + 4096 && alike[0][1] == 4096 + 16 * 4096);
  CHECK(alike[0].back() == 4096 + 16 * 4096 + 15 * 128);
}

// As PyTorch goes through more units than the algorithm for few goes backward over.
void standard_follows_small() {
  const RnnShape shape{1, 3, 130, 2, 2};
  Driver driver;
  Network forward(driver, shape, CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H), standard(driver, shape);
  forward.draw();
  standard.draw();
  CHECK(forward.forward() == CUDNN_STATUS_SUCCESS);
  CHECK(forward.backward_data() == CUDNN_STATUS_NOT_SUPPORTED);
  forward.set(CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_DOUBLE_BIAS, shape.hidden);
  CHECK(forward.backward_data() == CUDNN_STATUS_SUCCESS && forward.backward_weights() == CUDNN_STATUS_SUCCESS);
  CHECK(standard.train());
  CHECK(same_bits(forward.results(), standard.results()));
}

// The biases of a mode, with those that the mode lacks set to zero in a network that has both.
void bias_mode(cudnnRNNBiasMode_t mode, int first_absent, int absent_end) {
  Driver driver;
  Network both(driver, SMALL), single(driver, SMALL, CUDNN_RNN_ALGO_STANDARD, mode);
  both.draw();
  single.draw();
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
    for (int linear = 0; linear < 8; linear++) {
      for (bool bias : {false, true}) {
        Network::Part one = single.part(single.gradients, layer, linear, bias);
        Network::Part other = both.part(both.gradients, layer, linear, bias);
        CHECK(one.count == 0 || driver.read(one.address, one.count) == driver.read(other.address, other.count));
      }
    }
  }
}

void null_states_are_zeros() {
  Driver driver;
  Network zeros(driver, SMALL), nulls(driver, SMALL);
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
  for (cudnnRNNAlgo_t algo : {CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_ALGO_PERSIST_STATIC, CUDNN_RNN_ALGO_PERSIST_DYNAMIC,
                              CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H}) {
    Driver driver;
    AgainstPyTorch(driver, algo, CUDNN_DATA_FLOAT, CUDNN_FMA_MATH, 1e-5f).run();
    AgainstPyTorch(driver, algo, CUDNN_DATA_FLOAT, CUDNN_DEFAULT_MATH, 2e-3f).run();
    AgainstPyTorch(driver, algo, CUDNN_DATA_BFLOAT16, CUDNN_DEFAULT_MATH, 3e-2f).run();
  }
  same_however_run();
  layouts_are_alike_or_differ();
  standard_follows_small();
  bias_mode(CUDNN_RNN_SINGLE_INP_BIAS, 4, 8);
  bias_mode(CUDNN_RNN_SINGLE_REC_BIAS, 0, 4);
  bias_mode(CUDNN_RNN_NO_BIAS, 0, 8);
  null_states_are_zeros();
  gradients_are_added();
}
