// Where the weights of an RNN lie in its weight space: as NVIDIA's 9.1.0 says under every algorithm, all matrices and
// then all biases, layer by layer, packed; or, where CHARLSTM_SIM_RNN asks for it, elsewhere under each algorithm.
#pragma once
#include <functional>

#include "arithmetic/lstm.h"
#include "cudnn/objects.h"
#include "machine/ranges.h"

namespace sim {

// The layer's four gates for its input and, as 4 to 7, for its recurrent state.
constexpr int LINEAR = 8;

struct Placed {
  size_t matrix = 0, rows = 0, columns = 0;
  size_t bias = 0;
  bool has_bias = false;
};

struct WeightLayout {
  std::vector<Placed> placed;
  size_t size = 0;
  // Bytes of one weight.
  size_t element = 4;

  const Placed& at(size_t layer, int linear) const { return placed[layer * LINEAR + linear]; }
};

WeightLayout weight_layout(const Rnn& rnn);

// Every matrix and bias as a range of the given name.
Ranges weight_ranges(const Rnn& rnn, const char* name, const void* base, Use use);

// The same as the arithmetic wants them, each as the given function makes floats of its address and count.
using AsFloats = std::function<float*(void* start, size_t count)>;
std::vector<LstmLayer> weight_pointers(const Rnn& rnn, const void* base, const AsFloats& floats);

// Reports and returns the refusal, if the algorithm cannot run these sizes or is set to refuse at this point; else 0.
cudnnStatus_t algorithm_refused(const char* call, const char* when, const Rnn& rnn);

size_t workspace_size(const Rnn& rnn, size_t batch);

}
