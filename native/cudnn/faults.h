// What the simulated cuDNN is set to do otherwise than NVIDIA's 9.1.0, by CHARLSTM_SIM_RNN: see README.md.
#pragma once
#include "cudnn/objects.h"

namespace sim {

// Whether every algorithm lays weights out in its own way, with gaps.
bool layouts_differ();

// What an algorithm is set to answer at one of "describe", "spaces", "build", "forward", "data", "weights" and, while
// its stream is recorded, "capture"; 0 for nothing.
cudnnStatus_t set_to_answer(const char* when, cudnnRNNAlgo_t algo);

// Whether an algorithm is set to add something wrong to the gradients of weights.
bool set_to_be_wrong(cudnnRNNAlgo_t algo);

// Whether an algorithm is set to give NaN for the gradients of weights, or to write nothing in the forward pass.
bool set_to_give_nan(cudnnRNNAlgo_t algo);
bool set_to_do_nothing(cudnnRNNAlgo_t algo);

// Whether an algorithm is set to fail its context in the forward pass, for good.
bool set_to_lose_context(cudnnRNNAlgo_t algo);

}
