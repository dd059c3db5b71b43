#include "cudnn/weights.h"

#include "cudnn/faults.h"

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM;

enum class What { MATRIX, BIAS };

// Deals out places, one after the other: packed, or each at a multiple of 16 bytes and with a gap between.
class Dealer {
 public:
  Dealer(WeightLayout& layout, size_t gap) : layout_(layout), gap_(gap) { layout_.size = gap; }

  void place(What what, size_t layer, int linear) {
    Placed& placed = layout_.at(layer, linear);
    if (!(what == What::BIAS ? placed.has_bias : placed.has_matrix)) {
      return;
    }
    (what == What::MATRIX ? placed.matrix : placed.bias) = layout_.size;
    size_t bytes = placed.rows * layout_.element * (what == What::MATRIX ? placed.columns : 1);
    layout_.size += gap_ == 0 ? bytes : (bytes + 15) / 16 * 16 + gap_;
  }

 private:
  WeightLayout& layout_;
  size_t gap_;
};

// NVIDIA's, under all algorithms.
void matrices_then_biases(WeightLayout& layout) {
  Dealer dealer(layout, 0);
  for (What what : {What::MATRIX, What::BIAS}) {
    for (size_t layer = 0; layer < layout.layers; layer++) {
      for (int linear = 0; linear < layout.linears(); linear++) {
        dealer.place(what, layer, linear);
      }
    }
  }
}

void biases_first_gates_backward(WeightLayout& layout) {
  Dealer dealer(layout, 64);
  for (What what : {What::BIAS, What::MATRIX}) {
    for (size_t layer = 0; layer < layout.layers; layer++) {
      for (int linear = layout.linears(); linear-- > 0;) {
        dealer.place(what, layer, linear);
      }
    }
  }
}

void place_both(Dealer& dealer, size_t layer, int linear, bool bias_first) {
  dealer.place(bias_first ? What::BIAS : What::MATRIX, layer, linear);
  dealer.place(bias_first ? What::MATRIX : What::BIAS, layer, linear);
}

void gates_interleaved(WeightLayout& layout) {
  Dealer dealer(layout, 32);
  for (size_t layer = 0; layer < layout.layers; layer++) {
    for (int gate = 0; gate < layout.gates; gate++) {
      place_both(dealer, layer, gate + layout.gates, false);
      place_both(dealer, layer, gate, false);
    }
    place_both(dealer, layer, 2 * layout.gates, false);
  }
}

void layers_backward(WeightLayout& layout) {
  Dealer dealer(layout, 256);
  for (size_t layer = layout.layers; layer-- > 0;) {
    for (int i = 0; i < layout.linears(); i++) {
      place_both(dealer, layer, (i + layout.gates) % layout.linears(), true);
    }
  }
}

void tell(Tensor& tensor, const Rnn& rnn, bool there, int rows, int columns) {
  tensor.set = true;
  // As 9.1.0 tells it.
  tensor.type = there ? rnn.type : CUDNN_DATA_FLOAT;
  tensor.dims = there ? std::vector<int>{1, rows, columns} : std::vector<int>();
  tensor.strides = there ? std::vector<int>{rows * columns, columns, 1} : std::vector<int>();
}

}

Cell cell_of(const Rnn& rnn) {
  switch (rnn.cell) {
    case CUDNN_RNN_RELU: return Cell::RELU;
    case CUDNN_RNN_TANH: return Cell::TANH;
    case CUDNN_LSTM: return Cell::LSTM;
    default: return Cell::GRU;
  }
}

WeightLayout weight_layout(const Rnn& rnn) {
  WeightLayout layout;
  layout.element = size_of(rnn.element());
  layout.gates = shape_of(cell_of(rnn)).gates;
  layout.layers = rnn.layers * rnn.directions();
  layout.placed.resize(layout.layers * layout.linears());
  for (size_t layer = 0; layer < layout.layers; layer++) {
    bool first = layer < rnn.directions();
    for (int linear = 0; linear < 2 * layout.gates; linear++) {
      Placed& placed = layout.at(layer, linear);
      bool of_input = linear < layout.gates;
      placed.rows = rnn.hidden;
      placed.columns = !of_input ? rnn.projection : first ? rnn.input : rnn.projection * rnn.directions();
      placed.has_matrix = !(of_input && first && rnn.input_mode == CUDNN_SKIP_INPUT);
      placed.has_bias = rnn.bias == CUDNN_RNN_DOUBLE_BIAS ||
                        rnn.bias == (of_input ? CUDNN_RNN_SINGLE_INP_BIAS : CUDNN_RNN_SINGLE_REC_BIAS);
    }
    Placed& projection = layout.at(layer, 2 * layout.gates);
    projection.rows = rnn.projection;
    projection.columns = rnn.hidden;
    projection.has_matrix = rnn.projection != rnn.hidden;
  }
  using Order = void (*)(WeightLayout&);
  const Order orders[] = {matrices_then_biases, biases_first_gates_backward, gates_interleaved, layers_backward};
  orders[layouts_differ() ? rnn.algo : CUDNN_RNN_ALGO_STANDARD](layout);
  return layout;
}

Ranges weight_ranges(const Rnn& rnn, const char* name, const void* base, Use use) {
  Ranges ranges;
  auto start = reinterpret_cast<Address>(base);
  size_t element = size_of(rnn.element());
  for (const Placed& placed : weight_layout(rnn).placed) {
    if (placed.has_matrix) {
      ranges.push_back({name, start + placed.matrix, placed.rows * placed.columns * element, use, element});
    }
    if (placed.has_bias) {
      ranges.push_back({name, start + placed.bias, placed.rows * element, use, element});
    }
  }
  return ranges;
}

std::vector<RnnLayer> weight_pointers(const Rnn& rnn, const void* base, const AsFloats& floats) {
  WeightLayout layout = weight_layout(rnn);
  std::vector<RnnLayer> layers(layout.layers);
  char* bytes = static_cast<char*>(const_cast<void*>(base));
  for (size_t layer = 0; layer < layout.layers; layer++) {
    for (int linear = 0; linear < 2 * layout.gates; linear++) {
      const Placed& placed = layout.at(layer, linear);
      layers[layer].matrix[linear] = floats(bytes + placed.matrix, placed.rows * placed.columns);
      layers[layer].bias[linear] = placed.has_bias ? floats(bytes + placed.bias, placed.rows) : nullptr;
    }
    const Placed& projection = layout.at(layer, 2 * layout.gates);
    if (projection.has_matrix) {
      layers[layer].projection = floats(bytes + projection.matrix, projection.rows * projection.columns);
    }
  }
  return layers;
}

cudnnStatus_t cudnnGetRNNWeightSpaceSize(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, size_t* weightSpaceSize) {
  const char* call = "cudnnGetRNNWeightSpaceSize";
  std::shared_ptr<Rnn> rnn = find_cudnn(call, handle) ? find_rnn(call, rnnDesc) : nullptr;
  if (!rnn) {
    return BAD;
  }
  if (!weightSpaceSize) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, call, "weightSpaceSize: null");
  }
  *weightSpaceSize = weight_layout(*rnn).size;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetRNNWeightParams(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, int32_t pseudoLayer,
                                      size_t weightSpaceSize, const void* weightSpace, int32_t linLayerID,
                                      cudnnTensorDescriptor_t mDesc, void** mAddr, cudnnTensorDescriptor_t bDesc,
                                      void** bAddr) {
  const char* call = "cudnnGetRNNWeightParams";
  std::shared_ptr<Rnn> rnn = find_cudnn(call, handle) ? find_rnn(call, rnnDesc) : nullptr;
  std::shared_ptr<Tensor> matrix = rnn ? find_tensor(call, "mDesc", mDesc, Want::ANY) : nullptr;
  std::shared_ptr<Tensor> bias = matrix ? find_tensor(call, "bDesc", bDesc, Want::ANY) : nullptr;
  if (!bias) {
    return BAD;
  }
  if (!weightSpace || !mAddr || !bAddr) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, call, "weightSpace, mAddr or bAddr: null");
  }
  WeightLayout layout = weight_layout(*rnn);
  if (pseudoLayer < 0 || size_t(pseudoLayer) >= layout.layers || linLayerID < 0 || linLayerID >= layout.linears()) {
    return refuse(BAD, call, "pseudoLayer or linLayerID: out of range");
  }
  if (weightSpaceSize < layout.size) {
    return refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, call, "weightSpaceSize: " +
                  std::to_string(weightSpaceSize) + ", but " + std::to_string(layout.size) + " are needed");
  }
  const Placed& placed = layout.at(pseudoLayer, linLayerID);
  char* base = static_cast<char*>(const_cast<void*>(weightSpace));
  tell(*matrix, *rnn, placed.has_matrix, int(placed.rows), int(placed.columns));
  tell(*bias, *rnn, placed.has_bias, int(placed.rows), 1);
  *mAddr = placed.has_matrix ? base + placed.matrix : nullptr;
  *bAddr = placed.has_bias ? base + placed.bias : nullptr;
  return CUDNN_STATUS_SUCCESS;
}

}
