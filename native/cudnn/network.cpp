// cuDNN's description of a network takes what NVIDIA's 9.1.0 takes, and bf16 as later ones do.
#include <dlfcn.h>

#include "cudnn/faults.h"
#include "cudnn/support.h"

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM, UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

// PyTorch takes LSTMs in bf16 to cuDNN from this version on.
constexpr size_t BFLOAT16_RNN = 91300;

// Whether products and sums of networks of that type can be in the other.
bool sums_in(cudnnDataType_t type, cudnnDataType_t sums) {
  return sums == type ? type != CUDNN_DATA_BFLOAT16
                      : sums == CUDNN_DATA_FLOAT && (type == CUDNN_DATA_HALF || type == CUDNN_DATA_BFLOAT16);
}

// The algorithms other than the standard one are for less; empty if for this.
std::string too_much(const Rnn& rnn, cudnnDataType_t sums) {
  if (rnn.algo == CUDNN_RNN_ALGO_STANDARD) {
    return "";
  }
  if (rnn.type == CUDNN_DATA_DOUBLE && rnn.algo != CUDNN_RNN_ALGO_PERSIST_DYNAMIC) {
    return "dataType: the static algorithms have no networks of float64";
  }
  if (sums == CUDNN_DATA_HALF) {
    return "mathPrec: the persistent algorithms do not sum in half";
  }
  return rnn.projection != rnn.hidden ? "projSize: the persistent algorithms have no projection" : "";
}

}

bool has_networks_of(cudnnDataType_t type) {
  return type == CUDNN_DATA_FLOAT || type == CUDNN_DATA_DOUBLE || type == CUDNN_DATA_HALF ||
         (type == CUDNN_DATA_BFLOAT16 && cudnnGetVersion() >= BFLOAT16_RNN);
}

std::string networks_of() {
  return "networks are of float32, float64 or half; CUDNN_DATA_BFLOAT16 wants version " +
         std::to_string(BFLOAT16_RNN) + ", and this is " + std::to_string(cudnnGetVersion());
}

cudnnStatus_t cudnnSetRNNDescriptor_v8(cudnnRNNDescriptor_t descriptor, cudnnRNNAlgo_t algo, cudnnRNNMode_t cellMode,
                                       cudnnRNNBiasMode_t biasMode, cudnnDirectionMode_t dirMode,
                                       cudnnRNNInputMode_t inputMode, cudnnDataType_t dataType,
                                       cudnnDataType_t mathPrec, cudnnMathType_t mathType, int32_t inputSize,
                                       int32_t hiddenSize, int32_t projSize, int32_t numLayers,
                                       cudnnDropoutDescriptor_t dropoutDesc, uint32_t auxFlags) {
  const char* call = "cudnnSetRNNDescriptor_v8";
  std::shared_ptr<Rnn> rnn = find_rnn(call, descriptor, Want::ANY);
  std::shared_ptr<Dropout> dropout = rnn && dropoutDesc ? find_dropout(call, dropoutDesc) : nullptr;
  if (!rnn || (dropoutDesc && !dropout)) {
    return BAD;
  }
  if (unsigned(algo) > 3 || unsigned(cellMode) > 3 || unsigned(biasMode) > 3 || unsigned(dirMode) > 1 ||
      unsigned(inputMode) > 1 || unsigned(mathType) > 3) {
    return refuse(BAD, call, "algo, cellMode, biasMode, dirMode, inputMode or mathType: no such value");
  }
  if (inputSize <= 0 || hiddenSize <= 0 || numLayers <= 0) {
    return refuse(BAD, call, "inputSize, hiddenSize or numLayers: not positive");
  }
  if (algo != CUDNN_RNN_ALGO_STANDARD && biasMode != CUDNN_RNN_DOUBLE_BIAS) {
    return refuse(UNSUPPORTED, call, "biasMode: the persistent algorithms want CUDNN_RNN_DOUBLE_BIAS");
  }
  if (projSize <= 0 || auxFlags > CUDNN_RNN_PADDED_IO_ENABLED) {
    return refuse(BAD, call, "projSize or auxFlags: not positive, or no such value");
  }
  if (!has_networks_of(dataType)) {
    return refuse(UNSUPPORTED, call, "dataType: " + networks_of());
  }
  if (!sums_in(dataType, mathPrec)) {
    return refuse(UNSUPPORTED, call, "mathPrec: float32, or for float64 and half the same as dataType");
  }
  if (projSize > hiddenSize || (projSize < hiddenSize && cellMode != CUDNN_LSTM)) {
    return refuse(UNSUPPORTED, call, "projSize: only that of an LSTM may be other than hiddenSize, and less");
  }
  Rnn described{true,          algo,     cellMode, biasMode, dirMode, inputMode, dataType, mathType, size_t(inputSize),
                size_t(hiddenSize), size_t(projSize), size_t(numLayers), dropout,
                auxFlags == CUDNN_RNN_PADDED_IO_ENABLED};
  std::string wrong = too_much(described, mathPrec);
  if (!wrong.empty()) {
    return refuse(UNSUPPORTED, call, wrong);
  }
  if (cudnnStatus_t set = set_to_answer("describe", algo)) {
    return refuse(set, call, "algo: CHARLSTM_SIM_RNN says so");
  }
  *rnn = described;
  return CUDNN_STATUS_SUCCESS;
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

}
