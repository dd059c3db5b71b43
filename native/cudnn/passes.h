// The passes over an RNN, and the state that a pass must find as an earlier pass left it.
#pragma once
#include "cudnn/sequences.h"
#include "cudnn/weights.h"

namespace sim {

enum class Pass { INFERENCE, TRAINING, BACKWARD_DATA, BACKWARD_WEIGHTS };

// The form of an argument: sequences like x or y, or a state for each pseudo-layer, as wide as the output or as the
// cells, which only LSTMs have.
enum class Form { X, Y, STATES, CELLS };

struct Argument {
  const char* name;
  const void* start;
  Form form;
  Use use;
};

// A call with all values as they were at the call. Ranges have the names of the arguments.
struct PassCall {
  std::string name = current_call;
  Pass pass = Pass::INFERENCE;
  Rnn rnn = {};
  RnnSizes sizes = {};
  // The sequences of x and dx, and of y and dy.
  Sequences of_x = {}, of_y = {};
  std::vector<Argument> arguments = {};
  // The weights, or the sums of their gradients.
  void* weights = nullptr;
  void* reserve = nullptr;
  Ranges ranges = {};

  const Sequences& sequences(Form form) const { return form == Form::X ? of_x : of_y; }
  size_t state_elements(Form form) const {
    return sizes.pseudo_layers() * (form == Form::CELLS ? sizes.cells() : sizes.state());
  }
};

CUresult run(const PassCall& call);

}
