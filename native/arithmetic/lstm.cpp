#include "arithmetic/lstm.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sim {

namespace {

constexpr int GATES = 4;

const double INVERSE[] = {0,       1.0,     1.0 / 2, 1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6,
                          1.0 / 7, 1.0 / 8, 1.0 / 9, 1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13};

// The C library's own may choose other instructions, and so other bits, on another CPU.
double exponential(double x) {
  if (x != x) {
    return x;
  }
  x = std::min(std::max(x, -700.0), 700.0);
  double doublings = double(int64_t(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5)));
  double rest = (x - doublings * 0.693147180369123816490) - doublings * 1.90821492927058770002e-10;
  double sum = 1;
  for (int n = 13; n > 0; n--) {
    sum = 1 + sum * (rest * INVERSE[n]);
  }
  uint64_t bits = uint64_t(int64_t(doublings) + 1023) << 52;
  double power;
  std::memcpy(&power, &bits, sizeof power);
  return sum * power;
}

double sigmoid(double x) {
  return 1 / (1 + exponential(-x));
}

double hyperbolic_tangent(double x) {
  return 1 - 2 / (exponential(2 * x) + 1);
}

const float* or_null(const float* states, size_t offset) {
  return states ? states + offset : nullptr;
}

float rounded(const LstmPrecision& precision, double value) {
  return precision.element == Element::BFLOAT16 ? rounded_to_bf16(float(value)) : float(value);
}

void round_all(const LstmPrecision& precision, std::vector<float>& values) {
  for (size_t i = 0; precision.element != Element::FLOAT32 && i < values.size(); i++) {
    values[i] = rounded(precision, values[i]);
  }
}

// The four matrices from the first on, one under the other: [4 * hidden, width].
std::vector<float> stacked(const LstmLayer& layer, int first, size_t hidden, size_t width) {
  std::vector<float> rows(GATES * hidden * width);
  for (int gate = 0; gate < GATES; gate++) {
    std::memcpy(&rows[gate * hidden * width], layer.matrix[first + gate], hidden * width * sizeof(float));
  }
  return rows;
}

std::vector<float> biases(const LstmLayer& layer, size_t hidden) {
  std::vector<float> sums(GATES * hidden);
  for (int linear = 0; linear < 2 * GATES; linear++) {
    for (size_t j = 0; layer.bias[linear] && j < hidden; j++) {
      sums[linear % GATES * hidden + j] += layer.bias[linear][j];
    }
  }
  return sums;
}

// Turns what the maps gave for one step into gates, cells and outputs.
void activate(const LstmReserve& reserve, float* gates, const float* before, float* cells, float* outputs) {
  const LstmSizes& sizes = reserve.sizes;
  size_t n = sizes.hidden;
  for (size_t b = 0; b < sizes.batch; b++) {
    float* z = gates + b * GATES * n;
    for (size_t j = 0; j < n; j++) {
      size_t at = b * n + j;
      double i = sigmoid(z[j]), f = sigmoid(z[n + j]), g = hyperbolic_tangent(z[2 * n + j]), o = sigmoid(z[3 * n + j]);
      double cell = f * (before ? before[at] : 0.0f) + i * g;
      cells[at] = rounded(reserve.precision, cell);
      outputs[at] = rounded(reserve.precision, o * hyperbolic_tangent(cell));
      z[j] = float(i);
      z[n + j] = float(f);
      z[2 * n + j] = float(g);
      z[3 * n + j] = float(o);
    }
  }
}

// Turns the gates of one step into the gradients of what the maps gave, and d_cell into that of the step before.
void deactivate(const LstmReserve& reserve, float* gates, const float* before, const float* cells,
                const float* d_output, float* d_cell) {
  const LstmSizes& sizes = reserve.sizes;
  const LstmPrecision& precision = reserve.precision;
  size_t n = sizes.hidden;
  for (size_t b = 0; b < sizes.batch; b++) {
    float* z = gates + b * GATES * n;
    for (size_t j = 0; j < n; j++) {
      size_t at = b * n + j;
      double i = z[j], f = z[n + j], g = z[2 * n + j], o = z[3 * n + j];
      double squashed = hyperbolic_tangent(cells[at]);
      double dc = d_cell[at] + d_output[at] * o * (1 - squashed * squashed);
      z[j] = rounded(precision, dc * g * i * (1 - i));
      z[n + j] = rounded(precision, dc * (before ? before[at] : 0.0f) * f * (1 - f));
      z[2 * n + j] = rounded(precision, dc * i * (1 - g * g));
      z[3 * n + j] = rounded(precision, d_output[at] * squashed * o * (1 - o));
      d_cell[at] = rounded(precision, dc * f);
    }
  }
}

void forward_layer(const LstmReserve& reserve, size_t layer, const LstmLayer& weights, const float* x, float* y,
                   const float* hx, const float* cx) {
  const LstmSizes& sizes = reserve.sizes;
  size_t n = sizes.hidden, width = sizes.width(layer), four = GATES * n;
  std::vector<float> of_input = stacked(weights, 0, n, width), of_state = stacked(weights, GATES, n, n);
  std::vector<float> bias = biases(weights, n);
  for (size_t t = 0; t < sizes.steps; t++) {
    float* gates = reserve.gates(layer) + t * sizes.batch * four;
    float* cells = reserve.cells(layer) + t * sizes.state();
    const float* h = t == 0 ? hx : y + (t - 1) * sizes.state();
    for (size_t b = 0; b < sizes.batch; b++) {
      std::copy(bias.begin(), bias.end(), gates + b * four);
    }
    multiply_add(sizes.batch, four, width, {x + t * sizes.batch * width, width, 1}, {of_input.data(), 1, width}, gates,
                 four, reserve.precision.factors);
    if (h) {
      multiply_add(sizes.batch, four, n, {h, n, 1}, {of_state.data(), 1, n}, gates, four, reserve.precision.factors);
    }
    activate(reserve, gates, t == 0 ? cx : cells - sizes.state(), cells, y + t * sizes.state());
  }
}

}

void lstm_forward(const LstmReserve& reserve, const std::vector<LstmLayer>& weights, const float* x, float* y,
                  const float* hx, float* hy, const float* cx, float* cy) {
  const LstmSizes& sizes = reserve.sizes;
  size_t state = sizes.state(), last = (sizes.steps - 1) * state;
  for (size_t layer = 0; layer < sizes.layers; layer++) {
    float* out = layer + 1 == sizes.layers ? y : reserve.outputs(layer);
    forward_layer(reserve, layer, weights[layer], layer == 0 ? x : reserve.outputs(layer - 1), out,
                  or_null(hx, layer * state), or_null(cx, layer * state));
    if (hy) {
      std::copy_n(out + last, state, hy + layer * state);
    }
    if (cy) {
      std::copy_n(reserve.cells(layer) + last, state, cy + layer * state);
    }
  }
}

void lstm_backward_data(const LstmReserve& reserve, const std::vector<LstmLayer>& weights, const float* dy, float* dx,
                        const float* cx, const float* dhy, float* dhx, const float* dcy, float* dcx) {
  const LstmSizes& sizes = reserve.sizes;
  size_t n = sizes.hidden, four = GATES * n, state = sizes.state();
  std::vector<float> above(sizes.steps * state), zeros(state);
  if (dy) {
    above.assign(dy, dy + sizes.steps * state);
  }
  for (size_t layer = sizes.layers; layer-- > 0;) {
    size_t width = sizes.width(layer);
    std::vector<float> of_input = stacked(weights[layer], 0, n, width), of_state = stacked(weights[layer], GATES, n, n);
    const float* h_end = dhy ? dhy + layer * state : zeros.data();
    const float* c_end = dcy ? dcy + layer * state : zeros.data();
    std::vector<float> d_output(h_end, h_end + state), d_cell(c_end, c_end + state);
    for (size_t t = sizes.steps; t-- > 0;) {
      float* gates = reserve.gates(layer) + t * sizes.batch * four;
      const float* cells = reserve.cells(layer) + t * state;
      for (size_t at = 0; at < state; at++) {
        d_output[at] += above[t * state + at];
      }
      deactivate(reserve, gates, t == 0 ? or_null(cx, layer * state) : cells - state, cells, d_output.data(),
                 d_cell.data());
      std::fill(d_output.begin(), d_output.end(), 0.0f);
      multiply_add(sizes.batch, n, four, {gates, four, 1}, {of_state.data(), n, 1}, d_output.data(), n,
                   reserve.precision.factors);
      round_all(reserve.precision, d_output);
    }
    if (dhx) {
      std::copy(d_output.begin(), d_output.end(), dhx + layer * state);
    }
    if (dcx) {
      std::copy(d_cell.begin(), d_cell.end(), dcx + layer * state);
    }
    std::vector<float> below(sizes.steps * sizes.batch * width);
    multiply_add(sizes.steps * sizes.batch, width, four, {reserve.gates(layer), four, 1}, {of_input.data(), width, 1},
                 below.data(), width, reserve.precision.factors);
    round_all(reserve.precision, below);
    above.swap(below);
  }
  std::copy(above.begin(), above.end(), dx);
}

void lstm_backward_weights(const LstmReserve& reserve, const std::vector<LstmLayer>& gradients, const float* x,
                           const float* hx, const float* y) {
  const LstmSizes& sizes = reserve.sizes;
  size_t n = sizes.hidden, four = GATES * n, state = sizes.state(), lines = sizes.steps * sizes.batch;
  Factors factors = reserve.precision.factors;
  for (size_t layer = 0; layer < sizes.layers; layer++) {
    const float* in = layer == 0 ? x : reserve.outputs(layer - 1);
    const float* out = layer + 1 == sizes.layers ? y : reserve.outputs(layer);
    size_t width = sizes.width(layer);
    for (int gate = 0; gate < GATES; gate++) {
      const float* d = reserve.gates(layer) + gate * n;
      const LstmLayer& to = gradients[layer];
      multiply_add(n, width, lines, {d, 1, four}, {in, width, 1}, to.matrix[gate], width, factors);
      float* of_state = to.matrix[GATES + gate];
      if (hx) {
        multiply_add(n, n, sizes.batch, {d, 1, four}, {hx + layer * state, n, 1}, of_state, n, factors);
      }
      multiply_add(n, n, lines - sizes.batch, {d + sizes.batch * four, 1, four}, {out, n, 1}, of_state, n, factors);
      std::vector<double> sums(n);
      for (size_t line = 0; line < lines; line++) {
        for (size_t j = 0; j < n; j++) {
          sums[j] += d[line * four + j];
        }
      }
      for (float* bias : {to.bias[gate], to.bias[GATES + gate]}) {
        for (size_t j = 0; bias && j < n; j++) {
          bias[j] += float(sums[j]);
        }
      }
    }
  }
}

}
