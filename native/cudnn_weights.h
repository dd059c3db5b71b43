// Where the weights of an RNN lie in its weight space. Each algorithm lays them out another way, all with gaps: a
// caller must ask for addresses.
#pragma once
#include <functional>

#include "cudnn_objects.h"
#include "lstm.h"
#include "ranges.h"

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

// True, after saying so, if the algorithm cannot run these sizes.
bool algorithm_refused(const char* call, const Rnn& rnn);

// True, after saying so, if this is the call at which a single bias is set to be refused.
bool bias_refused(const char* call, cudnnRNNBiasMode_t bias);

size_t workspace_size(const Rnn& rnn, const RnnData& data);

}
