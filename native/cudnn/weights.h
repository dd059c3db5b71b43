// The places of an RNN's weights in its weight space.
#pragma once
#include <functional>

#include "arithmetic/rnn.h"
#include "cudnn/objects.h"
#include "memory/ranges.h"

namespace sim {

// A matrix of a pseudo-layer (a layer of one direction) with its bias. A pseudo-layer's maps are first those of the
// gates for its input, then those for its recurrent state, then the projection, if there is one.
struct Placed {
  size_t matrix = 0, rows = 0, columns = 0;
  size_t bias = 0;
  bool has_matrix = false, has_bias = false;
};

struct WeightLayout {
  // The numbers of the cell's gates and of pseudo-layers.
  int gates = 0;
  size_t layers = 0;
  std::vector<Placed> placed;
  size_t size = 0;
  // The bytes of one weight.
  size_t element = 4;

  int linears() const { return 2 * gates + 1; }
  Placed& at(size_t layer, int linear) { return placed[layer * linears() + linear]; }
  const Placed& at(size_t layer, int linear) const { return placed[layer * linears() + linear]; }
};

Cell cell_of(const Rnn& rnn);

WeightLayout weight_layout(const Rnn& rnn);

// Every matrix and bias as a range of the given name.
Ranges weight_ranges(const Rnn& rnn, const char* name, const void* base, Use use);

// The weights of a network for the arithmetic; `floats` turns an address and count into float32.
using AsFloats = std::function<float*(void* start, size_t count)>;
std::vector<RnnLayer> weight_pointers(const Rnn& rnn, const void* base, const AsFloats& floats);

}
