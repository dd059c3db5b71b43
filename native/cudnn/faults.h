// Differences of the simulated cuDNN from NVIDIA's 9.1.0, set by CHARLSTM_SIM_RNN: see README.md.
#pragma once
#include "cudnn/objects.h"

namespace sim {

// Whether every algorithm lays weights out in its own way, with gaps.
bool layouts_differ();

// The answer that an algorithm is set to give at "describe", "spaces", "build", "forward", "data", "weights" or, while
// its stream is recorded, at "capture"; 0 for none.
cudnnStatus_t set_to_answer(const char* when, cudnnRNNAlgo_t algo);

// Whether an algorithm is set to a fault: to gradients of weights that are "wrong" or "nan", or in the forward pass to
// "nothing", which writes no result, or "lost", which fails its context for good.
bool set_to(const char* fault, cudnnRNNAlgo_t algo);

}
