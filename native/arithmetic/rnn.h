// The arithmetic of a recurrent network, forward and backward, on plain float32 arrays.
//
// A cell's linear maps come first for its input and then for its recurrent state, in the order of its gates: each
// matrix has a row for every hidden unit. Sequences are [step][sequence][vector]; outputs of both directions lie side
// by side. A layer of one direction is a pseudo-layer, forward before backward: states are
// [pseudo-layer][sequence][unit]. A sequence that has ended neither changes its state nor gives anything but zeros.
#pragma once
#include <vector>

#include "arithmetic/cells.h"
#include "arithmetic/multiply.h"

namespace sim {

// Of a pseudo-layer.
struct RnnLayer {
  float* matrix[2 * MOST_GATES] = {};
  // Null for a bias that is not there.
  float* bias[2 * MOST_GATES] = {};
  // Makes the output of what the cell gives, [output][unit]; null if the cell gives it.
  float* projection = nullptr;
};

struct RnnSizes {
  Cell cell = Cell::LSTM;
  size_t layers = 0, input = 0, hidden = 0, steps = 0, batch = 0;
  size_t directions = 1;
  // Of one direction: hidden, unless it is projected.
  size_t output = 0;
  // The steps of each sequence.
  std::vector<size_t> lengths;

  size_t pseudo_layers() const { return layers * directions; }
  bool projected() const { return output != hidden; }
  size_t columns() const { return directions * output; }
  size_t width(size_t layer) const { return layer == 0 ? input : columns(); }
  size_t lines() const { return steps * batch; }
  // Elements of an output and of the cells of a pseudo-layer at a step.
  size_t state() const { return batch * output; }
  size_t cells() const { return batch * hidden; }
  bool active(size_t step, size_t sequence) const { return step < lengths[sequence]; }
};

// One array that the forward pass leaves for the backward ones: of every pseudo-layer the slots, which the backward
// pass turns into gradients, an LSTM's cells, and where it is projected what the cells gave and the gradients of
// outputs; and of every layer the outputs.
struct RnnReserve {
  RnnSizes sizes;
  float* start;
  // How exact the arithmetic is: factors of products, and values between steps and layers, are rounded to the element.
  // Sums and what is done point by point are float32 or better in any case.
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
