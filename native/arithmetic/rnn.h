// The arithmetic of a recurrent network, forward and backward, on plain float32 arrays.
//
// A cell's linear maps are first those of its input, then those of its recurrent state, in the order of its gates; each
// matrix has a row for every hidden unit. Sequences are [step][sequence][vector]; outputs of both directions lie side
// by side. A layer of one direction is a pseudo-layer, forward before backward: states are
// [pseudo-layer][sequence][unit]. After its end, a sequence keeps its state, and its outputs are zeros.
#pragma once
#include <vector>

#include "arithmetic/cells.h"
#include "arithmetic/multiply.h"

namespace sim {

// The weights of a pseudo-layer.
struct RnnLayer {
  float* matrix[2 * MOST_GATES] = {};
  // Null if there is no bias.
  float* bias[2 * MOST_GATES] = {};
  // The matrix that maps the cell's result to the output, [output][unit]; null if they are the same.
  float* projection = nullptr;
};

struct RnnSizes {
  Cell cell = Cell::LSTM;
  size_t layers = 0, input = 0, hidden = 0, steps = 0, batch = 0;
  size_t directions = 1;
  // The width of one direction's output: hidden, unless the output is projected.
  size_t output = 0;
  // The number of steps of each sequence.
  std::vector<size_t> lengths;

  size_t pseudo_layers() const { return layers * directions; }
  bool projected() const { return output != hidden; }
  size_t columns() const { return directions * output; }
  size_t width(size_t layer) const { return layer == 0 ? input : columns(); }
  size_t lines() const { return steps * batch; }
  // The number of elements in an output, and in the cells, of a pseudo-layer at a step.
  size_t state() const { return batch * output; }
  size_t cells() const { return batch * hidden; }
  bool active(size_t step, size_t sequence) const { return step < lengths[sequence]; }
};

// The array that the forward pass leaves for the backward passes. Each pseudo-layer has its slots, which the backward
// pass turns into gradients, an LSTM's cells, and with a projection the cells' results and the gradients of outputs;
// each layer has its outputs.
struct RnnReserve {
  RnnSizes sizes;
  float* start;
  // The precision of the arithmetic: factors of products, and values between steps and layers, are rounded to these.
  // Sums and elementwise work are always float32 or better.
  Factors factors;
  Element element;

  static size_t count(const RnnSizes& sizes) { return sizes.layers * of_layer(sizes); }
  float* slots(size_t pseudo) const {
    return start + pseudo / sizes.directions * of_layer(sizes) + pseudo % sizes.directions * of_pseudo_layer(sizes);
  }
  float* cells(size_t pseudo) const { return slots(pseudo) + units(sizes) * shape_of(sizes.cell).slots; }
  float* unprojected(size_t pseudo) const { return cells(pseudo) + units(sizes); }
  float* output_gradients(size_t pseudo) const { return unprojected(pseudo) + units(sizes); }
  float* outputs(size_t layer) const { return start + (layer + 1) * of_layer(sizes) - sizes.lines() * sizes.columns(); }

 private:
  static size_t units(const RnnSizes& sizes) { return sizes.lines() * sizes.hidden; }
  static size_t of_pseudo_layer(const RnnSizes& sizes) {
    const CellShape& shape = shape_of(sizes.cell);
    return units(sizes) * (shape.slots + (shape.has_cells ? 1 : 0)) +
           (sizes.projected() ? units(sizes) + sizes.lines() * sizes.output : 0);
  }
  static size_t of_layer(const RnnSizes& sizes) {
    return sizes.directions * of_pseudo_layer(sizes) + sizes.lines() * sizes.columns();
  }
};

// Null means zeros for initial states, and an unwanted result for final states. Only an LSTM has cells.
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
