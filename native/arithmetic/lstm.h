// The arithmetic of an LSTM of one direction, forward and backward, on plain float32 arrays.
//
// Linear maps 0 to 3 are of the input and 4 to 7 of the recurrent state, for the gates i, f, c~ and o: each matrix has
// a row for every hidden unit. Sequences are [step][sequence][vector], states [layer][sequence][unit].
#pragma once
#include <cstddef>
#include <vector>

#include "arithmetic/multiply.h"
#include "arithmetic/precision.h"

namespace sim {

struct LstmLayer {
  float* matrix[8];
  // Null for a bias that is not there.
  float* bias[8];
};

struct LstmSizes {
  size_t layers, input, hidden, steps, batch;

  size_t width(size_t layer) const { return layer == 0 ? input : hidden; }
  size_t state() const { return batch * hidden; }
};

// How exact the arithmetic is. Sums and what is done point by point are float32 or better in any case.
struct LstmPrecision {
  Factors factors = Factors::AS_THEY_ARE;
  // Factors of products, and values between steps and layers, are rounded to this.
  Element element = Element::FLOAT32;
};

// One array that the forward pass leaves for the backward ones: of every layer the gates, which the backward pass
// turns into their gradients, the cells, and below the last the outputs.
struct LstmReserve {
  LstmSizes sizes;
  float* start;
  LstmPrecision precision;

  static size_t count(const LstmSizes& sizes) { return sizes.layers * sizes.steps * sizes.state() * 6; }
  float* gates(size_t layer) const { return start + layer * sizes.steps * sizes.state() * 6; }
  float* cells(size_t layer) const { return gates(layer) + sizes.steps * sizes.state() * 4; }
  float* outputs(size_t layer) const { return cells(layer) + sizes.steps * sizes.state(); }
};

// Null states stand for zeros and results that are not wanted.
void lstm_forward(const LstmReserve& reserve, const std::vector<LstmLayer>& weights, const float* x, float* y,
                  const float* hx, float* hy, const float* cx, float* cy);
void lstm_backward_data(const LstmReserve& reserve, const std::vector<LstmLayer>& weights, const float* dy, float* dx,
                        const float* cx, const float* dhy, float* dhx, const float* dcy, float* dcx);
// Adds to the gradients.
void lstm_backward_weights(const LstmReserve& reserve, const std::vector<LstmLayer>& gradients, const float* x,
                           const float* hx, const float* y);

}
