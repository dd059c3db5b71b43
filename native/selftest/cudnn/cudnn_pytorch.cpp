// cuDNN's networks of every cell against PyTorch's, under every algorithm and precision.
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "selftest/cudnn/network.h"

namespace {

const RnnShape FIXTURE{2, 5, 6, 4, 3};

// Both directions, sequences that end early, y filled up with zeros as PyTorch does it.
RnnShape both(bool projected) {
  return {2, 5, 6, 4, 3, 2, projected ? 4 : 0, {2, 4, 3}, CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED, {0}};
}

using Fixture = std::map<std::string, std::vector<float>>;

Fixture read_fixture(const std::string& cell) {
  Fixture fixture;
  std::ifstream file(std::string(CHARLSTM_TRIALS "/") + cell + "_pytorch.txt");
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
  AgainstPyTorch(Driver& driver, const std::string& name, cudnnRNNMode_t cell, cudnnRNNAlgo_t algo,
                 cudnnDataType_t type, cudnnMathType_t math, float tolerance, RnnShape shape = FIXTURE)
      : network_(driver, shape, algo, CUDNN_RNN_DOUBLE_BIAS, type, math, cell),
        name_(name),
        tolerance_(tolerance),
        fixture_(read_fixture(name)) {}

  void run() {
    Network& n = network_;
    n.draw();
    n.x = n.buffer(fixture_["x"]);
    bool lstm = n.cell == CUDNN_LSTM;
    std::vector<std::pair<CUdeviceptr*, const char*>> given = {{&n.hx, "hx"}, {&n.dy, "dy"}, {&n.dhy, "dhy"}};
    if (lstm) {
      given.insert(given.end(), {{&n.cx, "cx"}, {&n.dcy, "dcy"}});
    }
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
    std::vector<std::pair<CUdeviceptr, const char*>> found = {
        {n.y, "y"}, {n.dx, "dx"}, {n.hy, "hy"}, {n.dhx, "dhx"}};
    if (lstm) {
      found.insert(found.end(), {{n.cy, "cy"}, {n.dcx, "dcx"}});
    }
    for (auto& one : found) {
      compare(one.second, one.first);
    }
    each_weight([&](int layer, int linear, const std::string& end) {
      compare("dweight" + end, n.part(n.gradients, layer, linear, false).address);
      if (linear < n.linears()) {
        compare("dbias" + end, n.part(n.gradients, layer, linear, true).address);
      }
    });
  }

 private:
  template <typename Visit>
  void each_weight(Visit visit) {
    for (int layer = 0; layer < network_.pseudo_layers(); layer++) {
      for (int linear = 0; linear < network_.linears() + (network_.shape.output ? 1 : 0); linear++) {
        visit(layer, linear, "." + std::to_string(layer) + "." + std::to_string(linear));
      }
    }
  }

  void compare(const std::string& name, CUdeviceptr address) {
    const std::vector<float>& expected = fixture_[name];
    std::vector<float> found = network_.read(address, expected.size());
    float largest = 0, difference = 0;
    for (size_t i = 0; i < expected.size(); i++) {
      // Where PyTorch's are zeros, those of a step that its sequence has not are undefined.
      if (name == "dx" && ended(i / network_.shape.input)) {
        CHECK(std::isnan(found[i]));
        continue;
      }
      largest = std::fmax(largest, std::fabs(expected[i]));
      float here = std::fabs(found[i] - expected[i]);
      difference = !(here <= difference) ? here : difference;
    }
    bool close = expected.size() > 0 && !!(difference <= tolerance_ * largest);
    check(close, ("as PyTorch, " + name_ + ": " + name).c_str(), __FILE__, __LINE__);
  }

  bool ended(size_t line) const {
    const RnnShape& shape = network_.shape;
    return !shape.lengths.empty() && int(line / shape.batch) >= shape.lengths[line % shape.batch];
  }

  Network network_;
  std::string name_;
  float tolerance_;
  Fixture fixture_;
};

}

void test_cudnn_pytorch() {
  const std::pair<const char*, cudnnRNNMode_t> cells[] = {
      {"lstm", CUDNN_LSTM}, {"gru", CUDNN_GRU}, {"tanh", CUDNN_RNN_TANH}, {"relu", CUDNN_RNN_RELU}};
  for (auto& [name, cell] : cells) {
    for (cudnnRNNAlgo_t algo : {CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_ALGO_PERSIST_STATIC,
                                CUDNN_RNN_ALGO_PERSIST_DYNAMIC, CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H}) {
      Driver driver;
      AgainstPyTorch(driver, name, cell, algo, CUDNN_DATA_FLOAT, CUDNN_FMA_MATH, 1e-5f).run();
      AgainstPyTorch(driver, name, cell, algo, CUDNN_DATA_FLOAT, CUDNN_DEFAULT_MATH, 2e-3f).run();
      AgainstPyTorch(driver, name, cell, algo, CUDNN_DATA_BFLOAT16, CUDNN_DEFAULT_MATH, 3e-2f).run();
    }
    Driver driver;
    std::string file = std::string(name) + "_both";
    RnnShape shape = both(cell == CUDNN_LSTM);
    AgainstPyTorch(driver, file, cell, CUDNN_RNN_ALGO_STANDARD, CUDNN_DATA_FLOAT, CUDNN_FMA_MATH, 1e-5f, shape).run();
    AgainstPyTorch(driver, file, cell, CUDNN_RNN_ALGO_STANDARD, CUDNN_DATA_BFLOAT16, CUDNN_DEFAULT_MATH, 3e-2f, shape)
        .run();
  }
}
