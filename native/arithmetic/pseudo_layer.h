// The work on one layer of one direction, with its matrices side by side.
#pragma once
#include "arithmetic/rnn.h"

namespace sim {

// A run of a layer's matrices, one under the other: [gates of the run * hidden, width].
struct Maps {
  Run run;
  std::vector<float> rows;
};

// Where its sequences are, turn by turn: a backward direction begins at the last step of each.
class Turns {
 public:
  Turns(const RnnSizes& sizes, bool backward) : sizes_(sizes), backward_(backward) {}

  size_t step(size_t turn) const { return backward_ ? sizes_.steps - 1 - turn : turn; }
  // Of a step that the sequence has: whether it comes first.
  bool first(size_t step, size_t sequence) const {
    return backward_ ? step + 1 == sizes_.lengths[sequence] : step == 0;
  }
  size_t before(size_t step) const { return backward_ ? step + 1 : step - 1; }
  size_t last(size_t sequence) const { return backward_ ? 0 : sizes_.lengths[sequence] - 1; }

 private:
  const RnnSizes& sizes_;
  bool backward_;
};

class PseudoLayer {
 public:
  // Outputs are those of its whole layer. Null states stand for zeros.
  PseudoLayer(const RnnReserve& reserve, size_t index, const RnnLayer& weights, const float* hx, const float* cx);

  void forward(const float* x, float* outputs);
  // The states after the last step of each sequence; null where they are not wanted.
  void last_states(const float* outputs, float* hy, float* cy) const;

  // Turns the gradients of the states after the last step into those before the first; above are those of the layer's
  // outputs.
  void backward(const std::vector<float>& above, const float* outputs, std::vector<float>& d_output,
                std::vector<float>& d_cell);
  void add_gradient_of_input(float* below);

  // Adds what the backward pass left in the reserve to gradients of weights; in is the layer's input.
  void add_gradients_of_weights(const RnnLayer& to, const float* in, const float* outputs) const;

 private:
  size_t width() const { return sizes_.width(index_ / sizes_.directions); }
  size_t line() const { return shape_.slots * sizes_.hidden; }
  // The first element of its outputs in a line of those of the layer.
  size_t column() const { return index_ % sizes_.directions * sizes_.output; }
  float* slots(size_t t) const { return reserve_.slots(index_) + t * sizes_.batch * line(); }
  float* cells(size_t t) const { return shape_.has_cells ? reserve_.cells(index_) + t * sizes_.cells() : nullptr; }
  Step at(size_t t, const float* outputs);
  // The output before a step, [sequence][output], zeros where nothing was given.
  void outputs_before(size_t t, const float* outputs, float* to) const;
  void put(size_t t, std::vector<float>& given, float* outputs);
  std::vector<float> biases() const;
  void add(const std::vector<Maps>& all, const float* from, size_t depth, float* slots);
  void add_back(const std::vector<Maps>& all, const float* slots, size_t lines, float* to, size_t columns);

  const RnnReserve& reserve_;
  const RnnSizes& sizes_;
  const CellShape& shape_;
  size_t index_;
  const RnnLayer& weights_;
  const float *hx_, *cx_;
  Turns turns_;
  std::vector<Maps> of_input_, of_state_;
  std::vector<float> state_before_, cells_before_;
};

}
