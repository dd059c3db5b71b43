#include "arithmetic/cells.h"

#include <algorithm>

namespace sim {

namespace {

const double INVERSE[] = {0,       1.0,     1.0 / 2, 1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6,
                          1.0 / 7, 1.0 / 8, 1.0 / 9, 1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13};

// The C library's exp may choose other instructions on another CPU, and so give other bits.
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

// One unit of one sequence: consecutive slots lie `stride` apart.
struct Unit {
  float* slot;
  size_t stride;

  float& operator[](int index) const { return slot[index * stride]; }
};

template <typename Visit>
void each_unit(Cell cell, const Step& step, Visit visit) {
  size_t n = step.hidden, slots = shape_of(cell).slots;
  for (size_t b = 0; b < step.batch; b++) {
    for (size_t j = 0; j < n && !step.ended[b]; j++) {
      visit(Unit{step.slots + b * slots * n + j, n}, b * n + j);
    }
  }
}

void activate_lstm(const Step& step, Unit z, size_t at, float* cells, float* outputs) {
  double i = sigmoid(z[0]), f = sigmoid(z[1]), g = hyperbolic_tangent(z[2]), o = sigmoid(z[3]);
  double cell = f * step.cells_before[at] + i * g;
  cells[at] = rounded(step.element, cell);
  outputs[at] = rounded(step.element, o * hyperbolic_tangent(cell));
  z[0] = float(i);
  z[1] = float(f);
  z[2] = float(g);
  z[3] = float(o);
}

void deactivate_lstm(const Step& step, Unit z, size_t at, const float* cells, float* d_outputs, float* d_cells) {
  double i = z[0], f = z[1], g = z[2], o = z[3], d_output = d_outputs[at];
  double squashed = hyperbolic_tangent(cells[at]);
  double dc = d_cells[at] + d_output * o * (1 - squashed * squashed);
  z[0] = rounded(step.element, dc * g * i * (1 - i));
  z[1] = rounded(step.element, dc * step.cells_before[at] * f * (1 - f));
  z[2] = rounded(step.element, dc * i * (1 - g * g));
  z[3] = rounded(step.element, d_output * squashed * o * (1 - o));
  d_cells[at] = rounded(step.element, dc * f);
  d_outputs[at] = 0;
}

// The last slot has the factor of the reset gate.
void activate_gru(const Step& step, Unit z, size_t at, float* outputs) {
  double r = sigmoid(z[0]), i = sigmoid(z[1]), n = hyperbolic_tangent(z[2] + r * z[3]);
  outputs[at] = rounded(step.element, (1 - i) * n + i * step.state_before[at]);
  z[0] = float(r);
  z[1] = float(i);
  z[2] = float(n);
}

void deactivate_gru(const Step& step, Unit z, size_t at, float* d_outputs) {
  double r = z[0], i = z[1], n = z[2], scaled = z[3], d_output = d_outputs[at];
  double dn = d_output * (1 - i) * (1 - n * n);
  z[0] = rounded(step.element, dn * scaled * r * (1 - r));
  z[1] = rounded(step.element, d_output * (step.state_before[at] - n) * i * (1 - i));
  z[2] = rounded(step.element, dn);
  z[3] = rounded(step.element, dn * r);
  d_outputs[at] = float(d_output * i);
}

}

const CellShape& shape_of(Cell cell) {
  static const CellShape plain{1, 1, {{0, 1, 0}}, {{0, 1, 0}}, false};
  static const CellShape lstm{4, 4, {{0, 4, 0}}, {{0, 4, 0}}, true};
  static const CellShape gru{3, 4, {{0, 3, 0}}, {{0, 2, 0}, {2, 1, 3}}, false};
  return cell == Cell::LSTM ? lstm : cell == Cell::GRU ? gru : plain;
}

float rounded(Element element, double value) {
  return element == Element::BFLOAT16 ? rounded_to_bf16(float(value)) : float(value);
}

void activate(Cell cell, const Step& step, float* cells, float* outputs) {
  each_unit(cell, step, [&](Unit z, size_t at) {
    switch (cell) {
      case Cell::LSTM: activate_lstm(step, z, at, cells, outputs); return;
      case Cell::GRU: activate_gru(step, z, at, outputs); return;
      case Cell::TANH: z[0] = float(hyperbolic_tangent(z[0])); break;
      // NaN stays NaN.
      case Cell::RELU: z[0] = z[0] < 0 ? 0 : z[0]; break;
    }
    outputs[at] = rounded(step.element, z[0]);
  });
}

void deactivate(Cell cell, const Step& step, const float* cells, float* d_outputs, float* d_cells) {
  each_unit(cell, step, [&](Unit z, size_t at) {
    double h = z[0];
    switch (cell) {
      case Cell::LSTM: deactivate_lstm(step, z, at, cells, d_outputs, d_cells); return;
      case Cell::GRU: deactivate_gru(step, z, at, d_outputs); return;
      case Cell::TANH: z[0] = rounded(step.element, d_outputs[at] * (1 - h * h)); break;
      case Cell::RELU: z[0] = h > 0 ? rounded(step.element, d_outputs[at]) : 0; break;
    }
    d_outputs[at] = 0;
  });
}

}
