// The versions of the simulated cuDNN, the networks that it computes, the sizes of temporary space, and differences
// from NVIDIA's 9.1.0 that CHARLSTM_SIM_RNN sets: see rules.md.
#pragma once
#include "cudnn/weights.h"

namespace sim {

// Refuses networks that only NVIDIA's cuDNN can compute. Dropout matters only in training.
void check_support(const Rnn& rnn, bool training);

// Refuses if the algorithm cannot run these sizes, or is set to refuse at this moment.
void check_algorithm(const char* when, const Rnn& rnn);
void check_backward(const Rnn& rnn);

// The status that CHARLSTM_SIM_RNN sets for an algorithm at "describe", "spaces", "build", "forward", "data", "weights"
// or, while its stream is captured, at "capture"; 0 for none.
int set_to_answer(const char* when, cudnnRNNAlgo_t algo);
void refuse_as_set(const char* when, cudnnRNNAlgo_t algo);

// Whether CHARLSTM_SIM_RNN sets a fault for an algorithm: gradients of weights that are "wrong" or "nan", or a forward
// pass that writes "nothing", or whose context is "lost" for good.
bool set_to(const char* fault, cudnnRNNAlgo_t algo);

RnnSizes sizes_of(const Rnn& rnn, const Sequences& x);

// Sizes in bytes.
size_t workspace_size(const Rnn& rnn, size_t batch);
size_t reserve_size(const RnnSizes& sizes);

}
