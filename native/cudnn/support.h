// The versions of the simulated cuDNN, the networks that it computes, the sizes of temporary space, and differences
// from NVIDIA's 9.1.0 that CHARLSTM_SIM_RNN sets: see rules.md.
#pragma once
#include "cudnn/weights.h"

namespace sim {

// Refuses what NVIDIA's cuDNN can do and this one cannot. Dropout matters in training alone.
void check_support(const Rnn& rnn, bool training);

// Refuses if the algorithm cannot run these sizes, or is set to refuse at this point.
void check_algorithm(const char* when, const Rnn& rnn);
void check_backward(const Rnn& rnn);

// The status that an algorithm is set to give at "describe", "spaces", "build", "forward", "data", "weights" or, while
// its stream is recorded, at "capture"; 0 for none.
int set_to_answer(const char* when, cudnnRNNAlgo_t algo);
void refuse_as_set(const char* when, cudnnRNNAlgo_t algo);

// Whether an algorithm is set to a fault: to gradients of weights that are "wrong" or "nan", or in the forward pass to
// "nothing", which writes no result, or "lost", which fails its context for good.
bool set_to(const char* fault, cudnnRNNAlgo_t algo);

RnnSizes sizes_of(const Rnn& rnn, const Sequences& x);

// In bytes.
size_t workspace_size(const Rnn& rnn, size_t batch);
size_t reserve_size(const RnnSizes& sizes);

}
