// cuDNN's descriptors of tensors and sequences accept what NVIDIA's accept.
#include <algorithm>
#include <climits>
#include <cmath>

#include "cudnn/objects.h"
#include "images/host_memory.h"
#include "memory/memory.h"

namespace sim {

namespace {

// The limit of 9.1.0.
constexpr int MOST_STEPS = 65535;

// The last numbers of types in 9.1.0, for tensors and for sequences.
constexpr int LAST_OF_TENSOR = 9, LAST_OF_SEQUENCE = 14;

// 9.1.0 refuses a sequence without a step; the first mistake decides the answer.
void check_lengths(const int lengths[], int batch, int most) {
  for (int i = 0; i < batch; i++) {
    refuse_if(lengths[i] < 0 || lengths[i] > most, BAD, "seqLengthArray: a length is not from 1 to maxSeqLength");
    refuse_if(lengths[i] == 0, UNSUPPORTED, "seqLengthArray: a length is 0");
  }
}

}

void cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, cudnnDataType_t dataType, int nbDims,
                                const int dimA[], const int strideA[]) {
  Tensor& tensor = find_tensor("tensorDesc", descriptor, Want::ANY);
  refuse_if(unsigned(dataType) > LAST_OF_TENSOR, BAD,
            "dataType: " + std::to_string(int(dataType)) + " is no type of a tensor");
  refuse_if(nbDims < 2 || nbDims > CUDNN_DIM_MAX, nbDims < 2 ? BAD : UNSUPPORTED,
            "nbDims: " + std::to_string(nbDims) + " is not from 2 to 8");
  refuse_if(!readable(dimA, nbDims * sizeof *dimA) || !readable(strideA, nbDims * sizeof *strideA), BAD,
            "dimA or strideA: cannot be read by the host");
  long long last = 0;
  for (int i = 0; i < nbDims; i++) {
    refuse_if(dimA[i] <= 0 || strideA[i] <= 0, BAD, "dimA or strideA: not positive");
    last += (dimA[i] - 1LL) * strideA[i];
  }
  refuse_if(last >= INT_MAX, UNSUPPORTED, "dimA and strideA: they reach past 2^31 - 1 elements");
  tensor = Tensor{true, {dimA, dimA + nbDims}, {strideA, strideA + nbDims}, dataType};
}

void cudnnGetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, int nbDimsRequested, cudnnDataType_t* dataType,
                                int* nbDims, int dimA[], int strideA[]) {
  const Tensor& tensor = find_tensor("tensorDesc", descriptor, Want::SET);
  refuse_if(nbDimsRequested < 0 || nbDimsRequested > CUDNN_DIM_MAX, BAD, "nbDimsRequested: not from 0 to 8");
  refuse_if(!dataType || !nbDims || (nbDimsRequested > 0 && (!dimA || !strideA)), NONE,
            "dataType, nbDims, dimA or strideA: null");
  *dataType = tensor.type;
  *nbDims = int(tensor.dims.size());
  size_t told = std::min(*nbDims, nbDimsRequested);
  std::copy_n(tensor.dims.begin(), told, dimA);
  std::copy_n(tensor.strides.begin(), told, strideA);
}

void cudnnSetRNNDataDescriptor(cudnnRNNDataDescriptor_t descriptor, cudnnDataType_t dataType,
                               cudnnRNNDataLayout_t layout, int maxSeqLength, int batchSize, int vectorSize,
                               const int seqLengthArray[], void* paddingFill) {
  Sequences& data = find_data("rnnDataDesc", descriptor, Want::ANY);
  refuse_if(unsigned(dataType) > LAST_OF_SEQUENCE, BAD, "dataType: no such value");
  check_type(dataType);
  refuse_if(unsigned(layout) > CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED || maxSeqLength <= 0 || batchSize <= 0 ||
                vectorSize <= 0,
            BAD, "layout, maxSeqLength, batchSize or vectorSize: no such value, or not positive");
  refuse_if(maxSeqLength > MOST_STEPS, UNSUPPORTED,
            "maxSeqLength: " + std::to_string(maxSeqLength) + " is more than " + std::to_string(MOST_STEPS));
  refuse_if(in_device_space(reinterpret_cast<Address>(seqLengthArray)) || !seqLengthArray ||
                !readable(seqLengthArray, batchSize * sizeof *seqLengthArray),
            BAD, "seqLengthArray: not memory of the host");
  Element element = element_of(dataType);
  refuse_if(paddingFill && !readable(paddingFill, size_of(element)), BAD, "paddingFill: cannot be read by the host");
  check_lengths(seqLengthArray, batchSize, maxSeqLength);
  const int* end = seqLengthArray + batchSize;
  refuse_if(layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED && *std::max_element(seqLengthArray, end) != maxSeqLength,
            BAD, "seqLengthArray: no sequence of a packed layout has maxSeqLength steps");
  data = {true, size_t(maxSeqLength), size_t(batchSize), size_t(vectorSize), dataType, layout, {seqLengthArray, end},
          paddingFill ? load(element, paddingFill, 0) : NAN};
}

}
