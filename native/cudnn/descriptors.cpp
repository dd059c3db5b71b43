// cuDNN's descriptors take the values that the simulated cuDNN can run, and no others.
#include "cudnn/faults.h"
#include "cudnn/weights.h"
#include "driver/host_memory.h"
#include "machine/memory.h"

#include <climits>

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM, UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

// PyTorch takes LSTMs in bf16 to cuDNN from this version on.
constexpr size_t BFLOAT16_RNN = 91300;
// As 9.1.0 has it.
constexpr int MOST_STEPS = 65535;

bool known(cudnnDataType_t type) {
  return type == CUDNN_DATA_FLOAT || type == CUDNN_DATA_BFLOAT16;
}

bool too_old_for(cudnnDataType_t type, const char* call) {
  if (type != CUDNN_DATA_BFLOAT16 || cudnnGetVersion() >= BFLOAT16_RNN) {
    return false;
  }
  refuse(UNSUPPORTED, call, "dataType: CUDNN_DATA_BFLOAT16 wants version " + std::to_string(BFLOAT16_RNN) +
                                ", and this is " + std::to_string(cudnnGetVersion()));
  return true;
}

}

cudnnStatus_t cudnnSetDropoutDescriptor(cudnnDropoutDescriptor_t descriptor, cudnnHandle_t handle, float dropout,
                                        void* states, size_t stateSizeInBytes, unsigned long long) {
  const char* call = "cudnnSetDropoutDescriptor";
  std::shared_ptr<Dropout> found = find_dropout(call, descriptor, Want::ANY);
  if (!found || !find_cudnn(call, handle)) {
    return BAD;
  }
  if (!(dropout >= 0 && dropout <= 1) || (states == nullptr) != (stateSizeInBytes == 0)) {
    return refuse(BAD, call, "dropout, states or stateSizeInBytes: out of range, or one without the other");
  }
  if (dropout != 0) {
    return refuse(UNSUPPORTED, call, "dropout: the simulated cuDNN knows the rate 0 only");
  }
  found->set = true;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, cudnnDataType_t dataType, int nbDims,
                                         const int dimA[], const int strideA[]) {
  const char* call = "cudnnSetTensorNdDescriptor";
  std::shared_ptr<Tensor> tensor = find_tensor(call, "tensorDesc", descriptor, Want::ANY);
  if (!tensor) {
    return BAD;
  }
  if (!known(dataType)) {
    return refuse(UNSUPPORTED, call, "dataType: only CUDNN_DATA_FLOAT and CUDNN_DATA_BFLOAT16 are known");
  }
  if (nbDims < 2) {
    return refuse(BAD, call, "nbDims: " + std::to_string(nbDims) + " is not from 2 to 8");
  }
  if (nbDims > CUDNN_DIM_MAX) {
    return refuse(UNSUPPORTED, call, "nbDims: " + std::to_string(nbDims) + " is not from 2 to 8");
  }
  if (!readable(dimA, nbDims * sizeof *dimA) || !readable(strideA, nbDims * sizeof *strideA)) {
    return refuse(BAD, call, "dimA or strideA: cannot be read by the host");
  }
  long long last = 0;
  for (int i = 0; i < nbDims; i++) {
    if (dimA[i] <= 0 || strideA[i] <= 0) {
      return refuse(BAD, call, "dimA or strideA: not positive");
    }
    last += (dimA[i] - 1LL) * strideA[i];
  }
  if (last >= INT_MAX) {
    return refuse(UNSUPPORTED, call, "dimA and strideA: they reach past 2^31 - 1 elements");
  }
  tensor->dims.assign(dimA, dimA + nbDims);
  tensor->strides.assign(strideA, strideA + nbDims);
  tensor->type = dataType;
  tensor->set = true;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, int nbDimsRequested,
                                         cudnnDataType_t* dataType, int* nbDims, int dimA[], int strideA[]) {
  const char* call = "cudnnGetTensorNdDescriptor";
  std::shared_ptr<Tensor> tensor = find_tensor(call, "tensorDesc", descriptor, Want::SET);
  if (!tensor) {
    return BAD;
  }
  if (nbDimsRequested < 0 || nbDimsRequested > CUDNN_DIM_MAX) {
    return refuse(BAD, call, "nbDimsRequested: not from 0 to 8");
  }
  if (!dataType || !nbDims || (nbDimsRequested > 0 && (!dimA || !strideA))) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, call, "dataType, nbDims, dimA or strideA: null");
  }
  *dataType = tensor->type;
  *nbDims = int(tensor->dims.size());
  for (int i = 0; i < nbDimsRequested && i < *nbDims; i++) {
    dimA[i] = tensor->dims[i];
    strideA[i] = tensor->strides[i];
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetRNNDataDescriptor(cudnnRNNDataDescriptor_t descriptor, cudnnDataType_t dataType,
                                        cudnnRNNDataLayout_t layout, int maxSeqLength, int batchSize, int vectorSize,
                                        const int seqLengthArray[], void* paddingFill) {
  const char* call = "cudnnSetRNNDataDescriptor";
  std::shared_ptr<RnnData> data = find_data(call, "rnnDataDesc", descriptor, Want::ANY);
  if (!data) {
    return BAD;
  }
  if (!known(dataType) || layout != CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED) {
    return refuse(UNSUPPORTED, call,
                  "dataType or layout: only CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16 and SEQ_MAJOR_UNPACKED are known");
  }
  if (too_old_for(dataType, call)) {
    return UNSUPPORTED;
  }
  if (maxSeqLength <= 0 || batchSize <= 0 || vectorSize <= 0) {
    return refuse(BAD, call, "maxSeqLength, batchSize or vectorSize: not positive");
  }
  if (maxSeqLength > MOST_STEPS) {
    return refuse(UNSUPPORTED, call, "maxSeqLength: " + std::to_string(maxSeqLength) + " is more than " +
                                         std::to_string(MOST_STEPS));
  }
  if (in_device_space(reinterpret_cast<Address>(seqLengthArray)) || !seqLengthArray ||
      !readable(seqLengthArray, batchSize * sizeof *seqLengthArray)) {
    return refuse(BAD, call, "seqLengthArray: not memory of the host");
  }
  if (paddingFill && !readable(paddingFill, dataType == CUDNN_DATA_FLOAT ? 4 : 2)) {
    return refuse(BAD, call, "paddingFill: cannot be read by the host");
  }
  for (int i = 0; i < batchSize; i++) {
    if (seqLengthArray[i] < 0 || seqLengthArray[i] > maxSeqLength) {
      return refuse(BAD, call, "seqLengthArray: a length is not from 0 to maxSeqLength");
    }
    if (seqLengthArray[i] != maxSeqLength) {
      return refuse(UNSUPPORTED, call, "seqLengthArray: the simulated cuDNN knows sequences of one length only");
    }
  }
  *data = RnnData{true, maxSeqLength, batchSize, vectorSize, dataType};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetRNNDescriptor_v8(cudnnRNNDescriptor_t descriptor, cudnnRNNAlgo_t algo, cudnnRNNMode_t cellMode,
                                       cudnnRNNBiasMode_t biasMode, cudnnDirectionMode_t dirMode,
                                       cudnnRNNInputMode_t inputMode, cudnnDataType_t dataType,
                                       cudnnDataType_t mathPrec, cudnnMathType_t mathType, int32_t inputSize,
                                       int32_t hiddenSize, int32_t projSize, int32_t numLayers,
                                       cudnnDropoutDescriptor_t dropoutDesc, uint32_t auxFlags) {
  const char* call = "cudnnSetRNNDescriptor_v8";
  std::shared_ptr<Rnn> rnn = find_rnn(call, descriptor, Want::ANY);
  if (!rnn || (dropoutDesc && !find_dropout(call, dropoutDesc, Want::SET))) {
    return BAD;
  }
  if (inputSize <= 0 || hiddenSize <= 0 || numLayers <= 0 || projSize <= 0) {
    return refuse(BAD, call, "inputSize, hiddenSize, projSize or numLayers: not positive");
  }
  if (unsigned(algo) > 3 || unsigned(biasMode) > 3 || unsigned(mathType) > 3 || auxFlags > 1) {
    return refuse(BAD, call, "algo, biasMode, mathType or auxFlags: no such value");
  }
  if (cellMode != CUDNN_LSTM || dirMode != CUDNN_UNIDIRECTIONAL || inputMode != CUDNN_LINEAR_INPUT ||
      !known(dataType) || mathPrec != CUDNN_DATA_FLOAT || projSize != hiddenSize) {
    return refuse(UNSUPPORTED, call,
                  "only an LSTM of float32 or bf16 in one direction is known, summed in float32, with no projection");
  }
  if (too_old_for(dataType, call)) {
    return UNSUPPORTED;
  }
  if (algo != CUDNN_RNN_ALGO_STANDARD && biasMode != CUDNN_RNN_DOUBLE_BIAS) {
    return refuse(UNSUPPORTED, call, "biasMode: the persistent algorithms want CUDNN_RNN_DOUBLE_BIAS");
  }
  if (cudnnStatus_t set = set_to_answer("describe", algo)) {
    return refuse(set, call, "algo: CHARLSTM_SIM_RNN says so");
  }
  *rnn = Rnn{true, algo, biasMode, auxFlags == CUDNN_RNN_PADDED_IO_ENABLED, size_t(inputSize), size_t(hiddenSize),
             size_t(numLayers), 0, dataType, mathType};
  return CUDNN_STATUS_SUCCESS;
}

}
