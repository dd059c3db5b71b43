#include "arithmetic/pseudo_layer.h"

#include <algorithm>
#include <cstring>

namespace sim {

namespace {

void round_all(const RnnPrecision& precision, std::vector<float>& values) {
  for (size_t i = 0; precision.element != Element::FLOAT32 && i < values.size(); i++) {
    values[i] = rounded(precision.element, values[i]);
  }
}

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

}

PseudoLayer::PseudoLayer(const RnnReserve& reserve, size_t index, const RnnLayer& weights, const float* hx,
                         const float* cx)
    : reserve_(reserve), sizes_(reserve.sizes), shape_(shape_of(sizes_.cell)), index_(index), weights_(weights),
      hx_(hx ? hx + index * sizes_.state() : nullptr), cx_(cx ? cx + index * sizes_.cells() : nullptr),
      turns_(sizes_, index % sizes_.directions == 1),
      of_input_(stacked(weights, shape_.of_input, 0, sizes_.hidden, width())),
      of_state_(stacked(weights, shape_.of_state, shape_.gates, sizes_.hidden, sizes_.output)),
      state_before_(sizes_.state()), cells_before_(sizes_.cells()) {}

void PseudoLayer::outputs_before(size_t t, const float* outputs, float* to) const {
  size_t n = sizes_.output;
  std::fill_n(to, sizes_.state(), 0.0f);
  for (size_t b = 0; b < sizes_.batch; b++) {
    bool first = turns_.first(t, b);
    if (sizes_.active(t, b) && !(first && !hx_)) {
      std::copy_n(first ? hx_ + b * n
                        : outputs + (turns_.before(t) * sizes_.batch + b) * sizes_.columns() + column(),
                  n, to + b * n);
    }
  }
}

Step PseudoLayer::at(size_t t, const float* outputs) {
  size_t n = sizes_.hidden;
  outputs_before(t, outputs, state_before_.data());
  std::fill(cells_before_.begin(), cells_before_.end(), 0.0f);
  std::vector<bool> ended(sizes_.batch);
  bool anything = hx_ || cx_;
  for (size_t b = 0; b < sizes_.batch; b++) {
    ended[b] = !sizes_.active(t, b);
    bool first = turns_.first(t, b);
    anything = anything || !(ended[b] || first);
    if (shape_.has_cells && !ended[b] && !(first && !cx_)) {
      std::copy_n((first ? cx_ : cells(turns_.before(t))) + b * n, n, &cells_before_[b * n]);
    }
  }
  return {sizes_.batch, n, reserve_.precision.element, slots(t), anything ? state_before_.data() : nullptr,
          anything && shape_.has_cells ? cells_before_.data() : nullptr, std::move(ended)};
}

// The output of a step: of its cells, or projected.
void PseudoLayer::put(size_t t, std::vector<float>& given, float* outputs) {
  size_t n = sizes_.output;
  std::vector<float> projected;
  if (sizes_.projected()) {
    std::copy(given.begin(), given.end(), reserve_.unprojected(index_) + t * sizes_.cells());
    projected.resize(sizes_.state());
    multiply_add(sizes_.batch, n, sizes_.hidden, {given.data(), sizes_.hidden, 1},
                 {weights_.projection, 1, sizes_.hidden}, projected.data(), n, reserve_.precision.factors);
    round_all(reserve_.precision, projected);
  }
  for (size_t b = 0; b < sizes_.batch; b++) {
    std::copy_n(&(sizes_.projected() ? projected : given)[b * n], n,
                outputs + (t * sizes_.batch + b) * sizes_.columns() + column());
  }
}

void PseudoLayer::forward(const float* x, float* outputs) {
  std::vector<float> bias = biases();
  for (size_t turn = 0; turn < sizes_.steps; turn++) {
    size_t t = turns_.step(turn);
    Step step = at(t, outputs);
    for (size_t b = 0; b < sizes_.batch; b++) {
      std::copy(bias.begin(), bias.end(), step.slots + b * line());
    }
    add(of_input_, x + t * sizes_.batch * width(), width(), step.slots);
    if (step.state_before) {
      add(of_state_, step.state_before, sizes_.output, step.slots);
    }
    std::vector<float> given(sizes_.cells());
    if (shape_.has_cells) {
      std::fill_n(cells(t), sizes_.cells(), 0.0f);
    }
    activate(sizes_.cell, step, cells(t), given.data());
    put(t, given, outputs);
  }
}

void PseudoLayer::last_states(const float* outputs, float* hy, float* cy) const {
  size_t n = sizes_.output, units = sizes_.hidden;
  for (size_t b = 0; b < sizes_.batch; b++) {
    size_t line = turns_.last(b) * sizes_.batch + b;
    if (hy) {
      std::copy_n(outputs + line * sizes_.columns() + column(), n, hy + index_ * sizes_.state() + b * n);
    }
    if (cy) {
      std::copy_n(reserve_.cells(index_) + line * units, units, cy + index_ * sizes_.cells() + b * units);
    }
  }
}

void PseudoLayer::backward(const std::vector<float>& above, const float* outputs, std::vector<float>& d_output,
                           std::vector<float>& d_cell) {
  size_t n = sizes_.output;
  for (size_t turn = sizes_.steps; turn-- > 0;) {
    size_t t = turns_.step(turn);
    Step step = at(t, outputs);
    for (size_t b = 0; b < sizes_.batch; b++) {
      const float* from = &above[(t * sizes_.batch + b) * sizes_.columns() + column()];
      for (size_t j = 0; j < n && !step.ended[b]; j++) {
        d_output[b * n + j] += from[j];
      }
    }
    if (sizes_.projected()) {
      std::vector<float> kept(sizes_.state()), d_given(sizes_.cells());
      for (size_t b = 0; b < sizes_.batch; b++) {
        for (size_t j = b * n; j < (b + 1) * n && !step.ended[b]; j++) {
          std::swap(kept[j], d_output[j]);
        }
      }
      std::copy(kept.begin(), kept.end(), reserve_.output_gradients(index_) + t * sizes_.state());
      multiply_add(sizes_.batch, sizes_.hidden, n, {kept.data(), n, 1}, {weights_.projection, sizes_.hidden, 1},
                   d_given.data(), sizes_.hidden, reserve_.precision.factors);
      round_all(reserve_.precision, d_given);
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
    round_all(reserve_.precision, d_output);
  }
}

void PseudoLayer::add_gradient_of_input(float* below) {
  std::vector<float> own(sizes_.lines() * width());
  add_back(of_input_, reserve_.slots(index_), sizes_.lines(), own.data(), width());
  for (size_t i = 0; i < own.size(); i++) {
    below[i] = rounded(reserve_.precision.element, below[i] + own[i]);
  }
}

void PseudoLayer::add_gradients_of_weights(const RnnLayer& to, const float* in, const float* outputs) const {
  size_t n = sizes_.hidden, output = sizes_.output, batch = sizes_.batch, lines = sizes_.lines();
  Factors factors = reserve_.precision.factors;
  std::vector<float> before(lines * output);
  for (size_t t = 0; t < sizes_.steps; t++) {
    outputs_before(t, outputs, &before[t * sizes_.state()]);
  }
  // Those of the first turn come first, whose states are given.
  size_t first = turns_.step(0) * batch, rest = first == 0 ? batch : 0;
  auto add = [&](const float* d, int linear, bool of_state) {
    if (of_state) {
      if (hx_) {
        multiply_add(n, output, batch, {d + first * line(), 1, line()}, {&before[first * output], output, 1},
                     to.matrix[linear], output, factors);
      }
      if (lines > batch) {
        multiply_add(n, output, lines - batch, {d + rest * line(), 1, line()}, {&before[rest * output], output, 1},
                     to.matrix[linear], output, factors);
      }
    } else {
      multiply_add(n, width(), lines, {d, 1, line()}, {in, width(), 1}, to.matrix[linear], width(), factors);
    }
    for (size_t j = 0; to.bias[linear] && j < n; j++) {
      double sum = 0;
      for (size_t i = 0; i < lines; i++) {
        sum += d[i * line() + j];
      }
      to.bias[linear][j] += float(sum);
    }
  };
  for (bool of_state : {false, true}) {
    for (const Run& run : of_state ? shape_.of_state : shape_.of_input) {
      for (int gate = 0; gate < run.count; gate++) {
        add(reserve_.slots(index_) + (run.slot + gate) * n, (of_state ? shape_.gates : 0) + run.first + gate, of_state);
      }
    }
  }
  if (sizes_.projected()) {
    multiply_add(output, n, lines, {reserve_.output_gradients(index_), 1, output}, {reserve_.unprojected(index_), n, 1},
                 to.projection, n, factors);
  }
}

// Of one line, both biases of a slot added up.
std::vector<float> PseudoLayer::biases() const {
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
void PseudoLayer::add(const std::vector<Maps>& all, const float* from, size_t depth, float* slots) {
  for (const Maps& maps : all) {
    size_t n = sizes_.hidden;
    multiply_add(sizes_.batch, maps.run.count * n, depth, {from, depth, 1}, {maps.rows.data(), 1, depth},
                 slots + maps.run.slot * n, line(), reserve_.precision.factors);
  }
}

// Adds what the gradients in slots give for that which was mapped.
void PseudoLayer::add_back(const std::vector<Maps>& all, const float* slots, size_t lines, float* to, size_t columns) {
  for (const Maps& maps : all) {
    size_t n = sizes_.hidden;
    multiply_add(lines, columns, maps.run.count * n, {slots + maps.run.slot * n, line(), 1},
                 {maps.rows.data(), columns, 1}, to, columns, reserve_.precision.factors);
  }
}

}
