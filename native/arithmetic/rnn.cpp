#include "arithmetic/rnn.h"

#include <algorithm>
#include <cstring>

namespace sim {

namespace {

const float* or_null(const float* states, size_t offset) {
  return states ? states + offset : nullptr;
}

void round_all(const RnnPrecision& precision, std::vector<float>& values) {
  for (size_t i = 0; precision.element != Element::FLOAT32 && i < values.size(); i++) {
    values[i] = rounded(precision.element, values[i]);
  }
}

// A run of a layer's matrices, one under the other: [gates of the run * hidden, width].
struct Maps {
  Run run;
  std::vector<float> rows;
};

std::vector<Maps> stacked(const RnnLayer& layer, const std::vector<Run>& runs, int first, size_t hidden, size_t width) {
  std::vector<Maps> all;
  for (const Run& run : runs) {
    all.push_back({run, std::vector<float>(run.count * hidden * width)});
    for (int gate = 0; gate < run.count; gate++) {
      std::memcpy(&all.back().rows[gate * hidden * width], layer.matrix[first + run.first + gate],
                  hidden * width * sizeof(float));
    }
  }
  return all;
}

// The work on one layer, with its matrices side by side.
class Layer {
 public:
  Layer(const RnnReserve& reserve, size_t index, const RnnLayer& weights)
      : reserve_(reserve), sizes_(reserve.sizes), shape_(shape_of(sizes_.cell)), index_(index), weights_(weights),
        of_input_(stacked(weights, shape_.of_input, 0, sizes_.hidden, sizes_.width(index))),
        of_state_(stacked(weights, shape_.of_state, shape_.gates, sizes_.hidden, sizes_.hidden)) {}

  void forward(const float* x, float* y, const float* hx, const float* cx) {
    std::vector<float> bias = biases();
    for (size_t t = 0; t < sizes_.steps; t++) {
      Step step = at(t, y, hx, cx);
      for (size_t b = 0; b < sizes_.batch; b++) {
        std::copy(bias.begin(), bias.end(), step.slots + b * line());
      }
      add(of_input_, x + t * sizes_.batch * width(), width(), step.slots);
      if (step.state_before) {
        add(of_state_, step.state_before, sizes_.hidden, step.slots);
      }
      activate(sizes_.cell, step, cells(t), y + t * sizes_.state());
    }
  }

  // Turns the gradients of the states after the last step into those before the first; above are those of the outputs.
  void backward(const std::vector<float>& above, const float* y, const float* hx, const float* cx,
                std::vector<float>& d_output, std::vector<float>& d_cell) {
    size_t state = sizes_.state();
    for (size_t t = sizes_.steps; t-- > 0;) {
      for (size_t i = 0; i < state; i++) {
        d_output[i] += above[t * state + i];
      }
      Step step = at(t, y, hx, cx);
      deactivate(sizes_.cell, step, cells(t), d_output.data(), d_cell.data());
      add_back(of_state_, step.slots, sizes_.batch, d_output.data(), sizes_.hidden);
      round_all(reserve_.precision, d_output);
    }
  }

  std::vector<float> gradient_of_input() {
    size_t lines = sizes_.steps * sizes_.batch;
    std::vector<float> below(lines * width());
    add_back(of_input_, reserve_.slots(index_), lines, below.data(), width());
    round_all(reserve_.precision, below);
    return below;
  }

 private:
  size_t width() const { return sizes_.width(index_); }
  size_t line() const { return shape_.slots * sizes_.hidden; }
  float* cells(size_t t) const {
    return shape_.has_cells ? reserve_.cells(index_) + t * sizes_.state() : nullptr;
  }
  Step at(size_t t, const float* y, const float* hx, const float* cx) const {
    return {sizes_.batch, sizes_.hidden, reserve_.precision.element,
            reserve_.slots(index_) + t * sizes_.batch * line(), t == 0 ? hx : y + (t - 1) * sizes_.state(),
            t == 0 ? cx : cells(t - 1)};
  }

  // Of one line, both biases of a slot added up.
  std::vector<float> biases() const {
    size_t n = sizes_.hidden;
    std::vector<float> sums(line());
    for (bool state : {false, true}) {
      for (const Run& run : state ? shape_.of_state : shape_.of_input) {
        for (int gate = 0; gate < run.count; gate++) {
          const float* bias = weights_.bias[(state ? shape_.gates : 0) + run.first + gate];
          for (size_t j = 0; bias && j < n; j++) {
            sums[(run.slot + gate) * n + j] += bias[j];
          }
        }
      }
    }
    return sums;
  }

  // Adds what the maps give for one step.
  void add(const std::vector<Maps>& all, const float* from, size_t depth, float* slots) {
    for (const Maps& maps : all) {
      size_t n = sizes_.hidden;
      multiply_add(sizes_.batch, maps.run.count * n, depth, {from, depth, 1}, {maps.rows.data(), 1, depth},
                   slots + maps.run.slot * n, line(), reserve_.precision.factors);
    }
  }

  // Adds what the gradients in slots give for that which was mapped.
  void add_back(const std::vector<Maps>& all, const float* slots, size_t lines, float* to, size_t columns) {
    for (const Maps& maps : all) {
      size_t n = sizes_.hidden;
      multiply_add(lines, columns, maps.run.count * n, {slots + maps.run.slot * n, line(), 1},
                   {maps.rows.data(), columns, 1}, to, columns, reserve_.precision.factors);
    }
  }

  const RnnReserve& reserve_;
  const RnnSizes& sizes_;
  const CellShape& shape_;
  size_t index_;
  const RnnLayer& weights_;
  std::vector<Maps> of_input_, of_state_;
};

// The outputs of a layer: those of the last one are the caller's.
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
  size_t state = sizes.state(), last = (sizes.steps - 1) * state;
  for (size_t layer = 0; layer < sizes.layers; layer++) {
    float* out = outputs(reserve, layer, y);
    Layer(reserve, layer, weights[layer])
        .forward(layer == 0 ? x : reserve.outputs(layer - 1), out, or_null(hx, layer * state),
                 or_null(cx, layer * state));
    if (hy) {
      std::copy_n(out + last, state, hy + layer * state);
    }
    if (cy) {
      std::copy_n(reserve.cells(layer) + last, state, cy + layer * state);
    }
  }
}

void rnn_backward_data(const RnnReserve& reserve, const std::vector<RnnLayer>& weights, const float* y,
                       const float* hx, const float* cx, const DataGradients& gradients) {
  const RnnSizes& sizes = reserve.sizes;
  size_t state = sizes.state();
  std::vector<float> above = copied(gradients.dy, 0, sizes.steps * state);
  for (size_t layer = sizes.layers; layer-- > 0;) {
    std::vector<float> d_output = copied(gradients.dhy, layer * state, state);
    std::vector<float> d_cell = copied(gradients.dcy, layer * state, state);
    Layer one(reserve, layer, weights[layer]);
    one.backward(above, outputs(reserve, layer, y), or_null(hx, layer * state), or_null(cx, layer * state), d_output,
                 d_cell);
    if (gradients.dhx) {
      std::copy(d_output.begin(), d_output.end(), gradients.dhx + layer * state);
    }
    if (gradients.dcx) {
      std::copy(d_cell.begin(), d_cell.end(), gradients.dcx + layer * state);
    }
    above = one.gradient_of_input();
  }
  std::copy(above.begin(), above.end(), gradients.dx);
}

void rnn_backward_weights(const RnnReserve& reserve, const std::vector<RnnLayer>& gradients, const float* x,
                          const float* hx, const float* y) {
  const RnnSizes& sizes = reserve.sizes;
  const CellShape& shape = shape_of(sizes.cell);
  size_t n = sizes.hidden, state = sizes.state(), lines = sizes.steps * sizes.batch, line = shape.slots * n;
  Factors factors = reserve.precision.factors;
  for (size_t layer = 0; layer < sizes.layers; layer++) {
    const float* in = layer == 0 ? x : reserve.outputs(layer - 1);
    const float* out = outputs(reserve, layer, y);
    size_t width = sizes.width(layer);
    const RnnLayer& to = gradients[layer];
    auto add = [&](const float* d, int linear, bool of_state) {
      if (of_state) {
        if (hx) {
          multiply_add(n, n, sizes.batch, {d, 1, line}, {hx + layer * state, n, 1}, to.matrix[linear], n, factors);
        }
        multiply_add(n, n, lines - sizes.batch, {d + sizes.batch * line, 1, line}, {out, n, 1}, to.matrix[linear], n,
                     factors);
      } else {
        multiply_add(n, width, lines, {d, 1, line}, {in, width, 1}, to.matrix[linear], width, factors);
      }
      for (size_t j = 0; to.bias[linear] && j < n; j++) {
        double sum = 0;
        for (size_t i = 0; i < lines; i++) {
          sum += d[i * line + j];
        }
        to.bias[linear][j] += float(sum);
      }
    };
    for (bool of_state : {false, true}) {
      for (const Run& run : of_state ? shape.of_state : shape.of_input) {
        for (int gate = 0; gate < run.count; gate++) {
          add(reserve.slots(layer) + (run.slot + gate) * n, (of_state ? shape.gates : 0) + run.first + gate, of_state);
        }
      }
    }
  }
}

}
