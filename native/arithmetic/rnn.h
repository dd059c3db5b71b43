// The arithmetic of a recurrent network of one direction, forward and backward, on plain float32 arrays.
//
// A cell's linear maps come first for its input and then for its recurrent state, in the order of its gates: each
// matrix has a row for every hidden unit. Sequences are [step][sequence][vector], states [layer][sequence][unit].
#pragma once
#include <vector>

#include "arithmetic/cells.h"
#include "arithmetic/multiply.h"

namespace sim {

struct RnnLayer {
  float* matrix[2 * MOST_GATES];
  // Null for a bias that is not there.
  float* bias[2 * MOST_GATES];
};

struct RnnSizes {
  Cell cell;
  size_t layers, input, hidden, steps, batch;

  size_t width(size_t layer) const { return layer == 0 ? input : hidden; }
  size_t state() const { return batch * hidden; }
};

// How exact the arithmetic is. Sums and what is done point by point are float32 or better in any case.
struct RnnPrecision {
  Factors factors = Factors::AS_THEY_ARE;
  // Factors of products, and values between steps and layers, are rounded to this.
  Element element = Element::FLOAT32;
};

// One array that the forward pass leaves for the backward ones: of every layer the slots, which the backward pass turns
// into gradients, an LSTM's cells, and below the last the outputs.
struct RnnReserve {
  RnnSizes sizes;
  float* start;
  RnnPrecision precision;

  static size_t count(const RnnSizes& sizes) { return sizes.layers * of_layer(sizes); }
  float* slots(size_t layer) const { return start + layer * of_layer(sizes); }
  float* cells(size_t layer) const { return slots(layer) + lines(sizes) * shape_of(sizes.cell).slots; }
  float* outputs(size_t layer) const { return slots(layer) + of_layer(sizes) - lines(sizes); }

 private:
  static size_t lines(const RnnSizes& sizes) { return sizes.steps * sizes.state(); }
  static size_t of_layer(const RnnSizes& sizes) {
    const CellShape& shape = shape_of(sizes.cell);
    return lines(sizes) * (shape.slots + (shape.has_cells ? 2 : 1));
  }
};

// Null states stand for zeros and results that are not wanted. Cells are an LSTM's alone.
void rnn_forward(const RnnReserve& reserve, const std::vector<RnnLayer>& weights, const float* x, float* y,
                 const float* hx, float* hy, const float* cx, float* cy);

struct DataGradients {
  const float *dy, *dhy, *dcy;
  float *dx, *dhx, *dcx;
};
void rnn_backward_data(const RnnReserve& reserve, const std::vector<RnnLayer>& weights, const float* y,
                       const float* hx, const float* cx, const DataGradients& gradients);

// Adds to the gradients.
void rnn_backward_weights(const RnnReserve& reserve, const std::vector<RnnLayer>& gradients, const float* x,
                          const float* hx, const float* y);

}
