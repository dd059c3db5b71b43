// cuDNN's descriptors of tensors and sequences take what NVIDIA's take.
#include <algorithm>
#include <climits>

#include "cudnn/objects.h"
#include "images/host_memory.h"
#include "memory/memory.h"

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM, UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

// As 9.1.0 has it.
constexpr int MOST_STEPS = 65535;

// As 9.1.0 has it, the numbers of types end here: of tensors, and of sequences.
constexpr int LAST_OF_TENSOR = 9, LAST_OF_SEQUENCE = 14;

// The mistake in the lengths that comes first, if any: 9.1.0 takes no sequence without a step.
cudnnStatus_t wrong_length(const char* call, const int lengths[], int batch, int most) {
  for (int i = 0; i < batch; i++) {
    if (lengths[i] < 0 || lengths[i] > most) {
      return refuse(BAD, call, "seqLengthArray: a length is not from 1 to maxSeqLength");
    }
    if (lengths[i] == 0) {
      return refuse(UNSUPPORTED, call, "seqLengthArray: a length is 0");
    }
  }
  return CUDNN_STATUS_SUCCESS;
}

}

cudnnStatus_t cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, cudnnDataType_t dataType, int nbDims,
                                         const int dimA[], const int strideA[]) {
  const char* call = "cudnnSetTensorNdDescriptor";
  std::shared_ptr<Tensor> tensor = find_tensor(call, "tensorDesc", descriptor, Want::ANY);
  if (!tensor) {
    return BAD;
  }
  if (unsigned(dataType) > LAST_OF_TENSOR) {
    return refuse(BAD, call, "dataType: " + std::to_string(int(dataType)) + " is no type of a tensor");
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
  if (unsigned(dataType) > LAST_OF_SEQUENCE) {
    return refuse(BAD, call, "dataType: no such value");
  }
  if (!has_networks_of(dataType)) {
    return refuse(UNSUPPORTED, call, "dataType: " + networks_of());
  }
  if (unsigned(layout) > CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED || maxSeqLength <= 0 || batchSize <= 0 ||
      vectorSize <= 0) {
    return refuse(BAD, call, "layout, maxSeqLength, batchSize or vectorSize: no such value, or not positive");
  }
  if (maxSeqLength > MOST_STEPS) {
    return refuse(UNSUPPORTED, call, "maxSeqLength: " + std::to_string(maxSeqLength) + " is more than " +
                                         std::to_string(MOST_STEPS));
  }
  if (in_device_space(reinterpret_cast<Address>(seqLengthArray)) || !seqLengthArray ||
      !readable(seqLengthArray, batchSize * sizeof *seqLengthArray)) {
    return refuse(BAD, call, "seqLengthArray: not memory of the host");
  }
  if (paddingFill && !readable(paddingFill, size_of(element_of(dataType)))) {
    return refuse(BAD, call, "paddingFill: cannot be read by the host");
  }
  if (cudnnStatus_t wrong = wrong_length(call, seqLengthArray, batchSize, maxSeqLength)) {
    return wrong;
  }
  const int* end = seqLengthArray + batchSize;
  if (layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED && *std::max_element(seqLengthArray, end) != maxSeqLength) {
    return refuse(BAD, call, "seqLengthArray: no sequence of a packed layout has maxSeqLength steps");
  }
  const char* fill = static_cast<const char*>(paddingFill);
  *data = RnnData{true, maxSeqLength, batchSize, vectorSize, dataType, layout, {seqLengthArray, end}, {}};
  if (fill) {
    data->fill.assign(fill, fill + size_of(element_of(dataType)));
  }
  return CUDNN_STATUS_SUCCESS;
}

}
