// cuDNN's descriptor of a network accepts what NVIDIA's 9.1.0 accepts, and bf16 as later versions do.
#include <dlfcn.h>

#include "cudnn/support.h"

namespace sim {

namespace {

// From this version on PyTorch uses cuDNN for LSTMs in bf16.
constexpr size_t BFLOAT16_RNN = 91300;

// Whether networks of a type can have products and sums in the other type.
bool sums_in(cudnnDataType_t type, cudnnDataType_t sums) {
  return sums == type ? type != CUDNN_DATA_BFLOAT16
                      : sums == CUDNN_DATA_FLOAT && (type == CUDNN_DATA_HALF || type == CUDNN_DATA_BFLOAT16);
}

// The persistent algorithms support fewer networks than the standard one.
void check_persistent(const Rnn& rnn, cudnnDataType_t sums) {
  if (rnn.algo == CUDNN_RNN_ALGO_STANDARD) {
    return;
  }
  refuse_if(rnn.type == CUDNN_DATA_DOUBLE && rnn.algo != CUDNN_RNN_ALGO_PERSIST_DYNAMIC, UNSUPPORTED,
            "dataType: the static algorithms have no networks of float64");
  refuse_if(sums == CUDNN_DATA_HALF, UNSUPPORTED, "mathPrec: the persistent algorithms do not sum in half");
  refuse_if(rnn.projection != rnn.hidden, UNSUPPORTED, "projSize: the persistent algorithms have no projection");
}

}

void check_type(cudnnDataType_t type) {
  bool known = type == CUDNN_DATA_FLOAT || type == CUDNN_DATA_DOUBLE || type == CUDNN_DATA_HALF ||
               (type == CUDNN_DATA_BFLOAT16 && cudnnGetVersion() >= BFLOAT16_RNN);
  refuse_if(!known, UNSUPPORTED,
            "dataType: networks are of float32, float64 or half; CUDNN_DATA_BFLOAT16 wants version " +
                std::to_string(BFLOAT16_RNN) + ", and this is " + std::to_string(cudnnGetVersion()));
}

void cudnnSetRNNDescriptor_v8(cudnnRNNDescriptor_t descriptor, cudnnRNNAlgo_t algo, cudnnRNNMode_t cellMode,
                              cudnnRNNBiasMode_t biasMode, cudnnDirectionMode_t dirMode,
                              cudnnRNNInputMode_t inputMode, cudnnDataType_t dataType, cudnnDataType_t mathPrec,
                              cudnnMathType_t mathType, int32_t inputSize, int32_t hiddenSize, int32_t projSize,
                              int32_t numLayers, cudnnDropoutDescriptor_t dropoutDesc, uint32_t auxFlags) {
  Rnn& rnn = find_rnn(descriptor, Want::ANY);
  std::shared_ptr<Dropout> dropout = dropoutDesc ? find_dropout(dropoutDesc) : nullptr;
  refuse_if(unsigned(algo) > 3 || unsigned(cellMode) > 3 || unsigned(biasMode) > 3 || unsigned(dirMode) > 1 ||
                unsigned(inputMode) > 1 || unsigned(mathType) > 3,
            BAD, "algo, cellMode, biasMode, dirMode, inputMode or mathType: no such value");
  refuse_if(inputSize <= 0 || hiddenSize <= 0 || numLayers <= 0, BAD,
            "inputSize, hiddenSize or numLayers: not positive");
  refuse_if(algo != CUDNN_RNN_ALGO_STANDARD && biasMode != CUDNN_RNN_DOUBLE_BIAS, UNSUPPORTED,
            "biasMode: the persistent algorithms want CUDNN_RNN_DOUBLE_BIAS");
  refuse_if(projSize <= 0 || auxFlags > CUDNN_RNN_PADDED_IO_ENABLED, BAD,
            "projSize or auxFlags: not positive, or no such value");
  check_type(dataType);
  refuse_if(!sums_in(dataType, mathPrec), UNSUPPORTED,
            "mathPrec: float32, or for float64 and half the same as dataType");
  refuse_if(projSize > hiddenSize || (projSize < hiddenSize && cellMode != CUDNN_LSTM), UNSUPPORTED,
            "projSize: only that of an LSTM may be other than hiddenSize, and less");
  Rnn described{true,          algo,     cellMode, biasMode, dirMode, inputMode, dataType, mathType, size_t(inputSize),
                size_t(hiddenSize), size_t(projSize), size_t(numLayers), dropout,
                auxFlags == CUDNN_RNN_PADDED_IO_ENABLED};
  check_persistent(described, mathPrec);
  refuse_as_set("describe", algo);
  rnn = described;
}

void cudnnBuildRNNDynamic(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, int miniBatch) {
  find_cudnn(handle);
  Rnn& rnn = find_rnn(rnnDesc);
  refuse_if(rnn.algo != CUDNN_RNN_ALGO_PERSIST_DYNAMIC || miniBatch <= 0, BAD,
            "rnnDesc or miniBatch: not of PERSIST_DYNAMIC, or not positive");
  std::string compiler = "libnvrtc.so." + std::to_string(cudnnGetCudartVersion() / 1000);
  refuse_if(!dlopen(compiler.c_str(), RTLD_LAZY | RTLD_NOLOAD), CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING,
            compiler + " is not open");
  check_algorithm("build", rnn);
  rnn.built_for = miniBatch;
}

}
