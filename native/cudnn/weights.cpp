#include "cudnn/weights.h"

#include <dlfcn.h>

#include "cudnn/faults.h"

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM;

// Units at most, as 9.1.0 has it where temporary space is asked for on a card of 80 multiprocessors or more.
constexpr size_t STATIC_UNITS = 1536, SMALL_UNITS = 192;

enum class What { MATRIX, BIAS };

// Deals out places, one after the other: packed, or each at a multiple of 16 bytes and with a gap between.
class Dealer {
 public:
  Dealer(WeightLayout& layout, size_t gap) : layout_(layout), gap_(gap) { layout_.size = gap; }

  void place(What what, size_t layer, int linear) {
    Placed& placed = layout_.placed[layer * LINEAR + linear];
    if (what == What::BIAS && !placed.has_bias) {
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
void matrices_then_biases(WeightLayout& layout, size_t layers) {
  Dealer dealer(layout, 0);
  for (What what : {What::MATRIX, What::BIAS}) {
    for (size_t layer = 0; layer < layers; layer++) {
      for (int linear = 0; linear < LINEAR; linear++) {
        dealer.place(what, layer, linear);
      }
    }
  }
}

void biases_first_gates_backward(WeightLayout& layout, size_t layers) {
  Dealer dealer(layout, 64);
  for (What what : {What::BIAS, What::MATRIX}) {
    for (size_t layer = 0; layer < layers; layer++) {
      for (int linear = LINEAR - 1; linear >= 0; linear--) {
        dealer.place(what, layer, linear);
      }
    }
  }
}

void gates_interleaved(WeightLayout& layout, size_t layers) {
  Dealer dealer(layout, 32);
  for (size_t layer = 0; layer < layers; layer++) {
    for (int gate = 0; gate < 4; gate++) {
      for (int linear : {gate + 4, gate}) {
        dealer.place(What::MATRIX, layer, linear);
        dealer.place(What::BIAS, layer, linear);
      }
    }
  }
}

void layers_backward(WeightLayout& layout, size_t layers) {
  Dealer dealer(layout, 256);
  for (size_t layer = layers; layer-- > 0;) {
    for (int linear : {4, 5, 6, 7, 0, 1, 2, 3}) {
      dealer.place(What::BIAS, layer, linear);
      dealer.place(What::MATRIX, layer, linear);
    }
  }
}

void tell(Tensor& tensor, const Rnn& rnn, bool there, int rows, int columns) {
  tensor.set = true;
  tensor.type = rnn.type;
  tensor.dims = there ? std::vector<int>{1, rows, columns} : std::vector<int>();
  tensor.strides = there ? std::vector<int>{rows * columns, columns, 1} : std::vector<int>();
}

}

WeightLayout weight_layout(const Rnn& rnn) {
  WeightLayout layout;
  layout.element = size_of(rnn.element());
  layout.placed.resize(rnn.layers * LINEAR);
  for (size_t i = 0; i < layout.placed.size(); i++) {
    bool of_input = i % LINEAR < 4;
    bool first = i < LINEAR;
    bool single = rnn.bias == (of_input ? CUDNN_RNN_SINGLE_INP_BIAS : CUDNN_RNN_SINGLE_REC_BIAS);
    layout.placed[i].rows = rnn.hidden;
    layout.placed[i].columns = of_input && first ? rnn.input : rnn.hidden;
    layout.placed[i].has_bias = single || rnn.bias == CUDNN_RNN_DOUBLE_BIAS;
  }
  using Order = void (*)(WeightLayout&, size_t);
  const Order orders[] = {matrices_then_biases, biases_first_gates_backward, gates_interleaved, layers_backward};
  orders[layouts_differ() ? rnn.algo : CUDNN_RNN_ALGO_STANDARD](layout, rnn.layers);
  return layout;
}

Ranges weight_ranges(const Rnn& rnn, const char* name, const void* base, Use use) {
  Ranges ranges;
  auto start = reinterpret_cast<Address>(base);
  size_t element = size_of(rnn.element());
  for (const Placed& placed : weight_layout(rnn).placed) {
    ranges.push_back({name, start + placed.matrix, placed.rows * placed.columns * element, use, element});
    if (placed.has_bias) {
      ranges.push_back({name, start + placed.bias, placed.rows * element, use, element});
    }
  }
  return ranges;
}

std::vector<LstmLayer> weight_pointers(const Rnn& rnn, const void* base, const AsFloats& floats) {
  std::vector<LstmLayer> layers(rnn.layers);
  WeightLayout layout = weight_layout(rnn);
  char* bytes = static_cast<char*>(const_cast<void*>(base));
  for (size_t layer = 0; layer < rnn.layers; layer++) {
    for (int linear = 0; linear < LINEAR; linear++) {
      const Placed& placed = layout.at(layer, linear);
      layers[layer].matrix[linear] = floats(bytes + placed.matrix, placed.rows * placed.columns);
      layers[layer].bias[linear] = placed.has_bias ? floats(bytes + placed.bias, placed.rows) : nullptr;
    }
  }
  return layers;
}

cudnnStatus_t algorithm_refused(const char* call, const char* when, const Rnn& rnn) {
  size_t most = rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC           ? STATIC_UNITS
                : rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H ? SMALL_UNITS
                                                                    : SIZE_MAX;
  if (rnn.hidden > most) {
    return refuse(CUDNN_STATUS_NOT_SUPPORTED, call, "rnnDesc: the algorithm wants a hiddenSize of at most " +
                                                        std::to_string(most));
  }
  cudnnStatus_t set = set_to_answer(when, rnn.algo);
  return set ? refuse(set, call, "rnnDesc: CHARLSTM_SIM_RNN says so") : CUDNN_STATUS_SUCCESS;
}

size_t workspace_size(const Rnn& rnn, size_t batch) {
  return 4 * rnn.hidden * batch * size_of(rnn.element()) + 512 * (1 + rnn.algo);
}

cudnnStatus_t cudnnBuildRNNDynamic(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, int miniBatch) {
  const char* call = "cudnnBuildRNNDynamic";
  std::shared_ptr<Rnn> rnn = find_cudnn(call, handle) ? find_rnn(call, rnnDesc) : nullptr;
  if (!rnn) {
    return BAD;
  }
  if (rnn->algo != CUDNN_RNN_ALGO_PERSIST_DYNAMIC || miniBatch <= 0) {
    return refuse(BAD, call, "rnnDesc or miniBatch: not of PERSIST_DYNAMIC, or not positive");
  }
  std::string compiler = "libnvrtc.so." + std::to_string(cudnnGetCudartVersion() / 1000);
  if (!dlopen(compiler.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {
    return refuse(CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING, call, compiler + " is not open");
  }
  if (cudnnStatus_t refused = algorithm_refused(call, "build", *rnn)) {
    return refused;
  }
  rnn->built_for = miniBatch;
  return CUDNN_STATUS_SUCCESS;
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
  if (pseudoLayer < 0 || size_t(pseudoLayer) >= rnn->layers || linLayerID < 0 || linLayerID >= LINEAR) {
    return refuse(BAD, call, "pseudoLayer or linLayerID: out of range");
  }
  WeightLayout layout = weight_layout(*rnn);
  if (weightSpaceSize < layout.size) {
    return refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, call, "weightSpaceSize: " +
                  std::to_string(weightSpaceSize) + ", but " + std::to_string(layout.size) + " are needed");
  }
  const Placed& placed = layout.at(pseudoLayer, linLayerID);
  char* base = static_cast<char*>(const_cast<void*>(weightSpace));
  tell(*matrix, *rnn, true, int(placed.rows), int(placed.columns));
  tell(*bias, *rnn, placed.has_bias, int(placed.rows), 1);
  *mAddr = base + placed.matrix;
  *bAddr = placed.has_bias ? base + placed.bias : nullptr;
  return CUDNN_STATUS_SUCCESS;
}

}
