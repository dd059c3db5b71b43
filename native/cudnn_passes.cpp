#include "cudnn_passes.h"

#include <map>

#include "state.h"

namespace sim {

namespace {

// What a forward pass left in a reserve space, and the contents that backward passes must find again.
struct Left {
  bool training = false;
  bool data_done = false;
  cudnnRNNAlgo_t algo{};
  cudnnRNNBiasMode_t bias{};
  LstmSizes sizes{};
  std::map<std::string, uint64_t> prints;
};

std::map<const void*, Left> reserves;
// What the last call left where gradients are summed.
std::map<const void*, uint64_t> sums;

bool same(const LstmSizes& a, const LstmSizes& b) {
  return a.layers == b.layers && a.input == b.input && a.hidden == b.hidden && a.steps == b.steps && a.batch == b.batch;
}

CUresult misuse(const PassCall& call, const std::string& why) {
  return fail_context(CUDA_ERROR_LAUNCH_FAILED, std::string(call.name) + ": " + why);
}

// Empty if the call may build on what its reserve space holds.
std::string wrong_order(const PassCall& call, const Left& left) {
  bool data = call.pass == Pass::BACKWARD_DATA;
  if (!left.training) {
    return "reserveSpace: no training forward pass left anything in it";
  }
  if (!same(left.sizes, call.sizes) || left.algo != call.rnn.algo || left.bias != call.rnn.bias) {
    return "rnnDesc or a size: not that of the forward pass";
  }
  if (data && left.data_done) {
    return "reserveSpace: cudnnRNNBackwardData_v8 has already used up what the forward pass left in it";
  }
  if (!data && !left.data_done) {
    return "called before cudnnRNNBackwardData_v8";
  }
  using Names = std::vector<std::string>;
  for (const std::string& name : data ? Names{"y", "hx", "cx", "weightSpace", "reserveSpace"}
                                      : Names{"x", "y", "hx", "reserveSpace"}) {
    if (fingerprint(call.ranges, name) != left.prints.at(name)) {
      return name + ": not as the " + (name == "reserveSpace" && !data ? "backward" : "forward") +
             " pass left it: it was written since, or is other memory";
    }
  }
  return "";
}

const float* floats(const void* memory) {
  return static_cast<const float*>(memory);
}
float* floats(void* memory) {
  return static_cast<float*>(memory);
}

CUresult run_forward(const PassCall& call) {
  // For inference there is no reserve space, and the results are the same.
  bool training = call.pass == Pass::TRAINING;
  std::vector<float> own(training ? 0 : LstmReserve::count(call.sizes));
  LstmReserve reserve{call.sizes, training ? floats(call.reserve) : own.data()};
  lstm_forward(reserve, weight_pointers(call.rnn, call.weights), floats(call.x), floats(call.y), floats(call.hx),
               floats(call.hy), floats(call.cx), floats(call.cy));
  if (call.reserve) {
    Left left{training, false, call.rnn.algo, call.rnn.bias, call.sizes, {}};
    for (const char* name : {"x", "y", "hx", "cx", "weightSpace", "reserveSpace"}) {
      left.prints[name] = fingerprint(call.ranges, name);
    }
    reserves[call.reserve] = left;
  }
  return CUDA_SUCCESS;
}

CUresult run_backward(const PassCall& call) {
  Left& left = reserves[call.reserve];
  std::string wrong = wrong_order(call, left);
  if (!wrong.empty()) {
    return misuse(call, wrong);
  }
  LstmReserve reserve{call.sizes, floats(call.reserve)};
  if (call.pass == Pass::BACKWARD_DATA) {
    lstm_backward_data(reserve, weight_pointers(call.rnn, call.weights), floats(call.dy), floats(call.dx),
                       floats(call.cx), floats(call.dhy), floats(call.dhx), floats(call.dcy), floats(call.dcx));
    left.data_done = true;
    left.prints["reserveSpace"] = fingerprint(call.ranges, "reserveSpace");
    return CUDA_SUCCESS;
  }
  auto sum = sums.find(call.gradients);
  if (sum != sums.end() && sum->second == fingerprint(call.ranges, "dweightSpace") &&
      !all_zero(call.ranges, "dweightSpace")) {
    return misuse(call, "dweightSpace: weights accumulated without zeroing: it holds the result of the last call");
  }
  lstm_backward_weights(reserve, weight_pointers(call.rnn, call.gradients), floats(call.x), floats(call.hx),
                        floats(call.y));
  sums[call.gradients] = fingerprint(call.ranges, "dweightSpace");
  return CUDA_SUCCESS;
}

}

void drop_passes() {
  reserves.clear();
  sums.clear();
}

CUresult run(const PassCall& call) {
  if (!usable(call.name, call.ranges)) {
    return context.failed;
  }
  counters.rnn_calls++;
  bool forward = call.pass == Pass::INFERENCE || call.pass == Pass::TRAINING;
  CUresult result = forward ? run_forward(call) : run_backward(call);
  if (result == CUDA_SUCCESS) {
    leave(call.ranges);
  }
  return result;
}

}
