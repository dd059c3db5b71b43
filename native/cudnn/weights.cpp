#include "cudnn/weights.h"

#include <algorithm>

#include "memory/state.h"

namespace sim {

namespace {

// Places all matrices and then all biases one after the other, packed, as NVIDIA's cuDNN does for all algorithms. With
// CHARLSTM_SIM_RNN=layouts, algorithms other than the standard one have gaps, and every other one reverses the order.
void deal(WeightLayout& layout, cudnnRNNAlgo_t algo) {
  bool differs = std::count(settings.rnn.begin(), settings.rnn.end(), "layouts") > 0;
  bool backward = differs && algo % 2 == 1;
  size_t gap = differs ? 32 * algo : 0, count = layout.placed.size();
  layout.size = gap;
  for (size_t turn = 0; turn < 2 * count; turn++) {
    size_t place = backward ? 2 * count - 1 - turn : turn;
    bool bias = place >= count;
    Placed& placed = layout.placed[place % count];
    if (bias ? placed.has_bias : placed.has_matrix) {
      (bias ? placed.bias : placed.matrix) = layout.size;
      size_t bytes = placed.rows * layout.element * (bias ? 1 : placed.columns);
      layout.size += gap == 0 ? bytes : (bytes + 15) / 16 * 16 + gap;
    }
  }
}

void tell(Tensor& tensor, const Rnn& rnn, bool there, int rows, int columns) {
  tensor.set = true;
  // The form that 9.1.0 answers with.
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
  deal(layout, rnn.algo);
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

void cudnnGetRNNWeightSpaceSize(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, size_t* weightSpaceSize) {
  find_cudnn(handle);
  const Rnn& rnn = find_rnn(rnnDesc);
  refuse_if(!weightSpaceSize, NONE, "weightSpaceSize: null");
  *weightSpaceSize = weight_layout(rnn).size;
}

void cudnnGetRNNWeightParams(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, int32_t pseudoLayer,
                             size_t weightSpaceSize, const void* weightSpace, int32_t linLayerID,
                             cudnnTensorDescriptor_t mDesc, void** mAddr, cudnnTensorDescriptor_t bDesc, void** bAddr) {
  find_cudnn(handle);
  const Rnn& rnn = find_rnn(rnnDesc);
  Tensor &matrix = find_tensor("mDesc", mDesc, Want::ANY), &bias = find_tensor("bDesc", bDesc, Want::ANY);
  refuse_if(!weightSpace || !mAddr || !bAddr, NONE, "weightSpace, mAddr or bAddr: null");
  WeightLayout layout = weight_layout(rnn);
  refuse_if(pseudoLayer < 0 || size_t(pseudoLayer) >= layout.layers || linLayerID < 0 || linLayerID >= layout.linears(),
            BAD, "pseudoLayer or linLayerID: out of range");
  refuse_if(weightSpaceSize < layout.size, CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT,
            "weightSpaceSize: " + std::to_string(weightSpaceSize) + ", but " + std::to_string(layout.size) +
                " are needed");
  const Placed& placed = layout.at(pseudoLayer, linLayerID);
  char* base = static_cast<char*>(const_cast<void*>(weightSpace));
  tell(matrix, rnn, placed.has_matrix, int(placed.rows), int(placed.columns));
  tell(bias, rnn, placed.has_bias, int(placed.rows), 1);
  *mAddr = placed.has_matrix ? base + placed.matrix : nullptr;
  *bAddr = placed.has_bias ? base + placed.bias : nullptr;
}

}
