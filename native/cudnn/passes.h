// Passes over an RNN as they were asked for, and what one must find as another left it.
#pragma once
#include "cudnn/sequences.h"
#include "cudnn/weights.h"

namespace sim {

enum class Pass { INFERENCE, TRAINING, BACKWARD_DATA, BACKWARD_WEIGHTS };

// With all values as they were at the call. Ranges go by the names of the arguments.
struct PassCall {
  const char* name = "";
  Pass pass = Pass::INFERENCE;
  Rnn rnn;
  RnnSizes sizes{};
  // Of x and dx, and of y and dy.
  Sequences of_x, of_y;
  const void *x = nullptr, *hx = nullptr, *cx = nullptr, *weights = nullptr;
  const void *dy = nullptr, *dhy = nullptr, *dcy = nullptr;
  void *y = nullptr, *hy = nullptr, *cy = nullptr;
  void *dx = nullptr, *dhx = nullptr, *dcx = nullptr, *gradients = nullptr;
  void* reserve = nullptr;
  Ranges ranges;
};

CUresult run(const PassCall& call);

}
