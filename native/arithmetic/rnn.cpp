#include "arithmetic/rnn.h"

#include <algorithm>

namespace sim {

namespace {

// The matrices of a run, one below the other: [gates of the run * hidden, width].
struct Maps {
  Run run;
  std::vector<float> rows;
};

// The work on one layer of one direction, with its matrices side by side. Outputs are the whole layer's; null states
// mean zeros. A backward direction begins at the last step of each sequence.
class PseudoLayer {
 public:
  PseudoLayer(const RnnReserve& reserve, size_t index, const RnnLayer& weights, const float* hx, const float* cx)
      : reserve_(reserve), sizes_(reserve.sizes), shape_(shape_of(sizes_.cell)), index_(index),
        backward_(index % sizes_.directions == 1), weights_(weights), hx_(hx ? hx + index * sizes_.state() : nullptr),
        cx_(cx ? cx + index * sizes_.cells() : nullptr), of_input_(stacked(shape_.of_input, 0, width())),
        of_state_(stacked(shape_.of_state, shape_.gates, sizes_.output)), state_before_(sizes_.state()),
        cells_before_(sizes_.cells()) {}

  void forward(const float* x, float* outputs) {
    std::vector<float> bias = biases();
    for (size_t turn = 0; turn < sizes_.steps; turn++) {
      size_t t = step_of(turn);
      Step step = at(t, outputs);
      for (size_t b = 0; b < sizes_.batch; b++) {
        std::copy(bias.begin(), bias.end(), step.slots + b * line());
      }
      add(of_input_, x + t * sizes_.batch * width(), width(), step.slots);
      add(of_state_, step.state_before, sizes_.output, step.slots);
      std::vector<float> given(sizes_.cells());
      if (shape_.has_cells) {
        std::fill_n(cells(t), sizes_.cells(), 0.0f);
      }
      activate(sizes_.cell, step, cells(t), given.data());
      put(t, given, outputs);
    }
  }

  // Writes the states after the last step of each sequence; null if unwanted.
  void last_states(const float* outputs, float* hy, float* cy) const {
    size_t n = sizes_.output, units = sizes_.hidden;
    for (size_t b = 0; b < sizes_.batch; b++) {
      size_t line = (backward_ ? 0 : sizes_.lengths[b] - 1) * sizes_.batch + b;
      if (hy) {
        std::copy_n(outputs + line * sizes_.columns() + column(), n, hy + index_ * sizes_.state() + b * n);
      }
      if (cy) {
        std::copy_n(reserve_.cells(index_) + line * units, units, cy + index_ * sizes_.cells() + b * units);
      }
    }
  }

  // Replaces the gradients of the states after the last step by those before the first; `above` has the gradients of
  // the layer's outputs.
  void backward(const std::vector<float>& above, const float* outputs, std::vector<float>& d_output,
                std::vector<float>& d_cell) {
    size_t n = sizes_.output;
    for (size_t turn = sizes_.steps; turn-- > 0;) {
      size_t t = step_of(turn);
      Step step = at(t, outputs);
      for (size_t b = 0; b < sizes_.batch; b++) {
        const float* from = &above[(t * sizes_.batch + b) * sizes_.columns() + column()];
        for (size_t j = 0; j < n && !step.ended[b]; j++) {
          d_output[b * n + j] += from[j];
        }
      }
      if (sizes_.projected()) {
        std::vector<float> d_given = gradient_of_given(t, step, d_output);
        deactivate(sizes_.cell, step, cells(t), d_given.data(), d_cell.data());
      } else {
        deactivate(sizes_.cell, step, cells(t), d_output.data(), d_cell.data());
      }
      for (size_t b = 0; b < sizes_.batch; b++) {
        if (step.ended[b]) {
          std::fill_n(step.slots + b * line(), line(), 0.0f);
        }
      }
      add_back(of_state_, step.slots, sizes_.batch, d_output.data(), n);
      round_all(d_output);
    }
  }

  void add_gradient_of_input(float* below) const {
    std::vector<float> own(sizes_.lines() * width());
    add_back(of_input_, reserve_.slots(index_), sizes_.lines(), own.data(), width());
    for (size_t i = 0; i < own.size(); i++) {
      below[i] = rounded(reserve_.element, below[i] + own[i]);
    }
  }

  // Adds the weights' gradients, from the values that the backward pass left in the reserve; `in` is the layer's input.
  void add_gradients_of_weights(const RnnLayer& to, const float* in, const float* outputs) const {
    size_t n = sizes_.hidden, output = sizes_.output, lines = sizes_.lines();
    std::vector<float> before(lines * output);
    for (size_t t = 0; t < sizes_.steps; t++) {
      outputs_before(t, outputs, &before[t * sizes_.state()]);
    }
    each_linear([&](int linear, size_t slot, bool of_state) {
      const float* d = reserve_.slots(index_) + slot;
      size_t depth = of_state ? output : width();
      multiply_add(n, depth, lines, {d, 1, line()}, {of_state ? before.data() : in, depth, 1}, to.matrix[linear], depth,
                   reserve_.factors);
      for (size_t j = 0; to.bias[linear] && j < n; j++) {
        double sum = 0;
        for (size_t i = 0; i < lines; i++) {
          sum += d[i * line() + j];
        }
        to.bias[linear][j] += float(sum);
      }
    });
    if (sizes_.projected()) {
      multiply_add(output, n, lines, {reserve_.output_gradients(index_), 1, output},
                   {reserve_.unprojected(index_), n, 1}, to.projection, n, reserve_.factors);
    }
  }

 private:
  size_t width() const { return sizes_.width(index_ / sizes_.directions); }
  size_t line() const { return shape_.slots * sizes_.hidden; }
  // The first element of this direction's outputs in a line of the layer's.
  size_t column() const { return index_ % sizes_.directions * sizes_.output; }
  float* slots(size_t t) const { return reserve_.slots(index_) + t * sizes_.batch * line(); }
  float* cells(size_t t) const { return shape_.has_cells ? reserve_.cells(index_) + t * sizes_.cells() : nullptr; }
  size_t step_of(size_t turn) const { return backward_ ? sizes_.steps - 1 - turn : turn; }

  void round_all(std::vector<float>& values) const {
    for (size_t i = 0; reserve_.element != Element::FLOAT32 && i < values.size(); i++) {
      values[i] = rounded(reserve_.element, values[i]);
    }
  }

  std::vector<Maps> stacked(const std::vector<Run>& runs, int first, size_t width) const {
    std::vector<Maps> all;
    for (const Run& run : runs) {
      all.push_back({run, {}});
      for (int gate = 0; gate < run.count; gate++) {
        const float* matrix = weights_.matrix[first + run.first + gate];
        all.back().rows.insert(all.back().rows.end(), matrix, matrix + sizes_.hidden * width);
      }
    }
    return all;
  }

  // Visits each linear map with its number and its slot's first element in a line.
  template <typename Visit>
  void each_linear(Visit visit) const {
    for (bool of_state : {false, true}) {
      for (const Run& run : of_state ? shape_.of_state : shape_.of_input) {
        for (int gate = 0; gate < run.count; gate++) {
          visit((of_state ? shape_.gates : 0) + run.first + gate, (run.slot + gate) * sizes_.hidden, of_state);
        }
      }
    }
  }

  // Copies the previous step's values to [sequence][count]; their lines are a stride apart. Before its first step a
  // sequence has the given values, and after its end zeros.
  void before(size_t t, const float* given, const float* values, size_t stride, size_t count, float* to) const {
    std::fill_n(to, sizes_.batch * count, 0.0f);
    for (size_t b = 0; b < sizes_.batch; b++) {
      bool first = backward_ ? t + 1 == sizes_.lengths[b] : t == 0;
      if (sizes_.active(t, b) && (!first || given)) {
        size_t line = (backward_ ? t + 1 : t - 1) * sizes_.batch + b;
        std::copy_n(first ? given + b * count : values + line * stride, count, to + b * count);
      }
    }
  }

  void outputs_before(size_t t, const float* outputs, float* to) const {
    before(t, hx_, outputs + column(), sizes_.columns(), sizes_.output, to);
  }

  Step at(size_t t, const float* outputs) {
    outputs_before(t, outputs, state_before_.data());
    if (shape_.has_cells) {
      before(t, cx_, reserve_.cells(index_), sizes_.hidden, sizes_.hidden, cells_before_.data());
    }
    std::vector<bool> ended(sizes_.batch);
    for (size_t b = 0; b < sizes_.batch; b++) {
      ended[b] = !sizes_.active(t, b);
    }
    return {sizes_.batch, sizes_.hidden, reserve_.element, slots(t), state_before_.data(), cells_before_.data(),
            std::move(ended)};
  }

  // Writes the output of a step: the cells' result, or its projection.
  void put(size_t t, const std::vector<float>& given, float* outputs) {
    size_t n = sizes_.output;
    std::vector<float> projected;
    if (sizes_.projected()) {
      std::copy(given.begin(), given.end(), reserve_.unprojected(index_) + t * sizes_.cells());
      projected.resize(sizes_.state());
      multiply_add(sizes_.batch, n, sizes_.hidden, {given.data(), sizes_.hidden, 1},
                   {weights_.projection, 1, sizes_.hidden}, projected.data(), n, reserve_.factors);
      round_all(projected);
    }
    for (size_t b = 0; b < sizes_.batch; b++) {
      std::copy_n(&(sizes_.projected() ? projected : given)[b * n], n,
                  outputs + (t * sizes_.batch + b) * sizes_.columns() + column());
    }
  }

  // Takes the gradients of a step's outputs, keeps them for the weights' gradients, and returns the gradients of the
  // cells' results.
  std::vector<float> gradient_of_given(size_t t, const Step& step, std::vector<float>& d_output) const {
    size_t n = sizes_.output;
    std::vector<float> kept(sizes_.state()), d_given(sizes_.cells());
    for (size_t b = 0; b < sizes_.batch; b++) {
      for (size_t j = b * n; j < (b + 1) * n && !step.ended[b]; j++) {
        std::swap(kept[j], d_output[j]);
      }
    }
    std::copy(kept.begin(), kept.end(), reserve_.output_gradients(index_) + t * sizes_.state());
    multiply_add(sizes_.batch, sizes_.hidden, n, {kept.data(), n, 1}, {weights_.projection, sizes_.hidden, 1},
                 d_given.data(), sizes_.hidden, reserve_.factors);
    round_all(d_given);
    return d_given;
  }

  // The biases of one line; both biases of a slot are added.
  std::vector<float> biases() const {
    std::vector<float> sums(line());
    each_linear([&](int linear, size_t slot, bool) {
      for (size_t j = 0; weights_.bias[linear] && j < sizes_.hidden; j++) {
        sums[slot + j] += weights_.bias[linear][j];
      }
    });
    return sums;
  }

  // Adds the maps' results for one step.
  void add(const std::vector<Maps>& all, const float* from, size_t depth, float* slots) const {
    for (const Maps& maps : all) {
      size_t n = sizes_.hidden;
      multiply_add(sizes_.batch, maps.run.count * n, depth, {from, depth, 1}, {maps.rows.data(), 1, depth},
                   slots + maps.run.slot * n, line(), reserve_.factors);
    }
  }

  // Adds the gradients of the maps' inputs, from the gradients in slots.
  void add_back(const std::vector<Maps>& all, const float* slots, size_t lines, float* to, size_t columns) const {
    for (const Maps& maps : all) {
      size_t n = sizes_.hidden;
      multiply_add(lines, columns, maps.run.count * n, {slots + maps.run.slot * n, line(), 1},
                   {maps.rows.data(), columns, 1}, to, columns, reserve_.factors);
    }
  }

  const RnnReserve& reserve_;
  const RnnSizes& sizes_;
  const CellShape& shape_;
  size_t index_;
  bool backward_;
  const RnnLayer& weights_;
  const float *hx_, *cx_;
  std::vector<Maps> of_input_, of_state_;
  std::vector<float> state_before_, cells_before_;
};

// The outputs of a layer; the last layer's are the caller's.
template <typename Values>
Values outputs(const RnnReserve& reserve, size_t layer, Values y) {
  return layer + 1 == reserve.sizes.layers ? y : reserve.outputs(layer);
}

std::vector<float> copied(const float* values, size_t offset, size_t count) {
  return values ? std::vector<float>(values + offset, values + offset + count) : std::vector<float>(count);
}

}

void rnn_forward(const RnnReserve& reserve, const std::vector<RnnLayer>& weights, const float* x, float* y,
                 const float* hx, float* hy, const float* cx, float* cy) {
  const RnnSizes& sizes = reserve.sizes;
  for (size_t pseudo = 0; pseudo < sizes.pseudo_layers(); pseudo++) {
    size_t layer = pseudo / sizes.directions;
    float* out = outputs(reserve, layer, y);
    PseudoLayer one(reserve, pseudo, weights[pseudo], hx, cx);
    one.forward(layer == 0 ? x : reserve.outputs(layer - 1), out);
    one.last_states(out, hy, cy);
  }
}

void rnn_backward_data(const RnnReserve& reserve, const std::vector<RnnLayer>& weights, const float* y,
                       const float* hx, const float* cx, const DataGradients& gradients) {
  const RnnSizes& sizes = reserve.sizes;
  size_t state = sizes.state(), cells = sizes.cells();
  std::vector<float> above = copied(gradients.dy, 0, sizes.lines() * sizes.columns());
  for (size_t layer = sizes.layers; layer-- > 0;) {
    std::vector<float> below(sizes.lines() * sizes.width(layer));
    for (size_t pseudo = layer * sizes.directions; pseudo < (layer + 1) * sizes.directions; pseudo++) {
      std::vector<float> d_output = copied(gradients.dhy, pseudo * state, state);
      std::vector<float> d_cell = copied(gradients.dcy, pseudo * cells, cells);
      PseudoLayer one(reserve, pseudo, weights[pseudo], hx, cx);
      one.backward(above, outputs(reserve, layer, y), d_output, d_cell);
      if (gradients.dhx) {
        std::copy(d_output.begin(), d_output.end(), gradients.dhx + pseudo * state);
      }
      if (gradients.dcx) {
        std::copy(d_cell.begin(), d_cell.end(), gradients.dcx + pseudo * cells);
      }
      one.add_gradient_of_input(below.data());
    }
    above = below;
  }
  std::copy(above.begin(), above.end(), gradients.dx);
}

void rnn_backward_weights(const RnnReserve& reserve, const std::vector<RnnLayer>& gradients, const float* x,
                          const float* hx, const float* y) {
  const RnnSizes& sizes = reserve.sizes;
  for (size_t pseudo = 0; pseudo < sizes.pseudo_layers(); pseudo++) {
    size_t layer = pseudo / sizes.directions;
    // Gradients stand in for the weights, which this pass does not use.
    PseudoLayer(reserve, pseudo, gradients[pseudo], hx, nullptr)
        .add_gradients_of_weights(gradients[pseudo], layer == 0 ? x : reserve.outputs(layer - 1),
                                  outputs(reserve, layer, y));
  }
}

}
