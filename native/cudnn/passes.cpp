#include "cudnn/passes.h"

#include <cmath>
#include <map>

#include "arithmetic/floats.h"
#include "calls/of_context.h"
#include "cudnn/support.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

// The reserve space as a forward pass left it, and the contents that backward passes must find unchanged.
struct Left {
  bool training = false;
  bool data_done = false;
  Rnn rnn{};
  RnnSizes sizes{};
  cudnnRNNDataLayout_t layout{};
  std::map<std::string, uint64_t> prints;
};

OfContext<std::map<const void*, Left>> reserves;
// The sums of gradients as the last call left them.
OfContext<std::map<const void*, uint64_t>> sums;

bool same(const RnnSizes& a, const RnnSizes& b) {
  return a.cell == b.cell && a.layers == b.layers && a.input == b.input && a.hidden == b.hidden && a.steps == b.steps &&
         a.batch == b.batch && a.directions == b.directions && a.output == b.output && a.lengths == b.lengths;
}

// PyTorch runs the backward pass by the standard algorithm after a forward pass by the algorithm for few units.
bool follows(cudnnRNNAlgo_t backward, cudnnRNNAlgo_t forward) {
  return backward == forward ||
         (forward == CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H && backward == CUDNN_RNN_ALGO_STANDARD);
}

CUresult misuse(const PassCall& call, const std::string& why) {
  return fail_context(Flaw::MISUSE, call.name, call.name + ": " + why);
}

// The mistake if the call cannot continue from the contents of its reserve space, or an empty text.
std::string wrong_order(const PassCall& call, const Left& left) {
  bool data = call.pass == Pass::BACKWARD_DATA;
  if (!left.training) {
    return "reserveSpace: no training forward pass left anything in it";
  }
  if (!same(left.sizes, call.sizes) || !follows(call.rnn.algo, left.rnn.algo) || left.rnn.bias != call.rnn.bias ||
      left.rnn.type != call.rnn.type || left.rnn.math != call.rnn.math || left.layout != call.of_x.layout) {
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

// The device memory of a call, as float32 for the arithmetic.
class Arrays {
 public:
  explicit Arrays(const PassCall& call) : call_(call), floats_(call.rnn.element()) {}

  // The argument of that name; null if it was not given.
  float* operator[](const std::string& name) {
    for (const Argument& argument : call_.arguments) {
      if (argument.name == name) {
        return view(const_cast<void*>(argument.start), argument.form, argument.use == Use::WRITE);
      }
    }
    return nullptr;
  }
  std::vector<RnnLayer> weights() {
    return weight_pointers(call_.rnn, call_.weights, [this](void* start, size_t count) {
      // Other passes only read weights, so the cast is safe.
      return call_.pass == Pass::BACKWARD_WEIGHTS ? floats_.sum(start, count)
                                                  : const_cast<float*>(floats_.read(start, count));
    });
  }
  void put_back() {
    floats_.put_back();
    for (const LaidOut& one : laid_out_) {
      if (one.to) {
        one.of.scatter(one.values, one.to);
      }
    }
  }

 private:
  // Sequences in another layout than the arithmetic's; `to` is null if they are only read.
  struct LaidOut {
    void* to;
    const Sequences& of;
    std::vector<float> values;
  };

  float* view(void* start, Form form, bool written) {
    bool states = form == Form::STATES || form == Form::CELLS;
    const Sequences& of = call_.sequences(form);
    size_t count = states ? call_.state_elements(form) : call_.sizes.lines() * of.vector;
    if (states || of.plain()) {
      return written ? floats_.result(start, count) : const_cast<float*>(floats_.read(start, count));
    }
    laid_out_.push_back({written ? start : nullptr, of,
                         written ? std::vector<float>(count) : of.gather(start)});
    return laid_out_.back().values.data();
  }

  const PassCall& call_;
  Floats floats_;
  std::vector<LaidOut> laid_out_;
};

RnnReserve reserve_of(const PassCall& call, void* start) {
  // Math types other than FMA_MATH may round factors of products, and here they do; bf16 has fewer bits already.
  bool rounds = call.rnn.math != CUDNN_FMA_MATH && call.rnn.element() == Element::FLOAT32;
  return {call.sizes, static_cast<float*>(start),
          rounds ? Factors::TF32 : Factors::AS_THEY_ARE, call.rnn.element()};
}

CUresult run_forward(const PassCall& call) {
  // Inference has no reserve space; its results are the same.
  if (set_to("lost", call.rnn.algo)) {
    return fail_with(CUDA_ERROR_LAUNCH_FAILED, call.name + ": CHARLSTM_SIM_RNN fails the context");
  }
  if (set_to("nothing", call.rnn.algo)) {
    return CUDA_SUCCESS;
  }
  bool training = call.pass == Pass::TRAINING;
  std::vector<float> own(training ? 0 : RnnReserve::count(call.sizes));
  RnnReserve reserve = reserve_of(call, training ? call.reserve : own.data());
  Arrays arrays(call);
  rnn_forward(reserve, arrays.weights(), arrays["x"], arrays["y"], arrays["hx"], arrays["hy"], arrays["cx"],
              arrays["cy"]);
  arrays.put_back();
  if (call.reserve) {
    Left left{training, false, call.rnn, call.sizes, call.of_x.layout, {}};
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
  RnnReserve reserve = reserve_of(call, call.reserve);
  Arrays arrays(call);
  if (call.pass == Pass::BACKWARD_DATA) {
    rnn_backward_data(reserve, arrays.weights(), arrays["y"], arrays["hx"], arrays["cx"],
                      {arrays["dy"], arrays["dhy"], arrays["dcy"], arrays["dx"], arrays["dhx"], arrays["dcx"]});
    arrays.put_back();
    left.data_done = true;
    left.prints["reserveSpace"] = fingerprint(call.ranges, "reserveSpace");
    return CUDA_SUCCESS;
  }
  auto sum = sums.find(call.weights);
  if (sum != sums.end() && sum->second == fingerprint(call.ranges, "dweightSpace") &&
      !all_zero(call.ranges, "dweightSpace")) {
    return misuse(call, "dweightSpace: weights accumulated without zeroing: it holds the result of the last call");
  }
  std::vector<RnnLayer> gradients = arrays.weights();
  rnn_backward_weights(reserve, gradients, arrays["x"], arrays["hx"], arrays["y"]);
  // The first matrix of the recurrent state.
  int first = shape_of(call.sizes.cell).gates;
  if (set_to("wrong", call.rnn.algo)) {
    gradients[0].matrix[first][0] += 1;
  }
  if (set_to("nan", call.rnn.algo)) {
    gradients[0].matrix[first][0] = NAN;
  }
  arrays.put_back();
  sums[call.weights] = fingerprint(call.ranges, "dweightSpace");
  return CUDA_SUCCESS;
}

}

CUresult run(const PassCall& call) {
  if (!usable(call.name.c_str(), call.ranges)) {
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
