// The part of what it describes that the simulated cuDNN computes, and the sizes of temporary space.
#pragma once
#include "cudnn/weights.h"

namespace sim {

// Reports and returns the refusal of what NVIDIA's cuDNN can do and this one cannot; else 0. Dropout matters in
// training alone.
cudnnStatus_t missing(const char* call, const Rnn& rnn, bool training);

// Reports and returns the refusal, if the algorithm cannot run these sizes or is set to refuse at this point; else 0.
cudnnStatus_t algorithm_refused(const char* call, const char* when, const Rnn& rnn);
cudnnStatus_t backward_refused(const char* call, const Rnn& rnn);

RnnSizes sizes_of(const Rnn& rnn, const RnnData& x);

// In bytes.
size_t workspace_size(const Rnn& rnn, size_t batch);
size_t reserve_size(const RnnSizes& sizes);

}
