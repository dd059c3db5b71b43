#include "arithmetic/rnn.h"

#include <algorithm>

#include "arithmetic/pseudo_layer.h"

namespace sim {

namespace {

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
    // Its matrices are read, and not used.
    PseudoLayer(reserve, pseudo, gradients[pseudo], hx, nullptr)
        .add_gradients_of_weights(gradients[pseudo], layer == 0 ? x : reserve.outputs(layer - 1),
                                  outputs(reserve, layer, y));
  }
}

}
