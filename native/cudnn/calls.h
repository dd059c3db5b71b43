// The simulated cuDNN as its shim sees it.
#pragma once
#include "api/cudnn.h"

namespace sim __attribute__((visibility("default"))) {

decltype(::cudnnGetVersion) cudnnGetVersion;
decltype(::cudnnGetCudartVersion) cudnnGetCudartVersion;
decltype(::cudnnGetMaxDeviceVersion) cudnnGetMaxDeviceVersion;
decltype(::cudnnGetErrorString) cudnnGetErrorString;
decltype(::cudnnGetLastErrorString) cudnnGetLastErrorString;
decltype(::cudnnCreate) cudnnCreate;
decltype(::cudnnDestroy) cudnnDestroy;
decltype(::cudnnSetStream) cudnnSetStream;
decltype(::cudnnCreateDropoutDescriptor) cudnnCreateDropoutDescriptor;
decltype(::cudnnDestroyDropoutDescriptor) cudnnDestroyDropoutDescriptor;
decltype(::cudnnDropoutGetStatesSize) cudnnDropoutGetStatesSize;
decltype(::cudnnSetDropoutDescriptor) cudnnSetDropoutDescriptor;
decltype(::cudnnCreateTensorDescriptor) cudnnCreateTensorDescriptor;
decltype(::cudnnDestroyTensorDescriptor) cudnnDestroyTensorDescriptor;
decltype(::cudnnSetTensorNdDescriptor) cudnnSetTensorNdDescriptor;
decltype(::cudnnGetTensorNdDescriptor) cudnnGetTensorNdDescriptor;
decltype(::cudnnCreateRNNDataDescriptor) cudnnCreateRNNDataDescriptor;
decltype(::cudnnDestroyRNNDataDescriptor) cudnnDestroyRNNDataDescriptor;
decltype(::cudnnSetRNNDataDescriptor) cudnnSetRNNDataDescriptor;
decltype(::cudnnCreateRNNDescriptor) cudnnCreateRNNDescriptor;
decltype(::cudnnDestroyRNNDescriptor) cudnnDestroyRNNDescriptor;
decltype(::cudnnSetRNNDescriptor_v8) cudnnSetRNNDescriptor_v8;
decltype(::cudnnBuildRNNDynamic) cudnnBuildRNNDynamic;
decltype(::cudnnGetRNNWeightSpaceSize) cudnnGetRNNWeightSpaceSize;
decltype(::cudnnGetRNNWeightParams) cudnnGetRNNWeightParams;
decltype(::cudnnGetRNNTempSpaceSizes) cudnnGetRNNTempSpaceSizes;
decltype(::cudnnRNNForward) cudnnRNNForward;
decltype(::cudnnRNNBackwardData_v8) cudnnRNNBackwardData_v8;
decltype(::cudnnRNNBackwardWeights_v8) cudnnRNNBackwardWeights_v8;

// cuDNN's answer in place of the driver's.
cudnnStatus_t cudnn_status(CUresult result);

}
