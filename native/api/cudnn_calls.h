// The functions of cuDNN that need admission: needs, name and parameters. An includer defines CALL.

CALL(CONTEXT, cudnnCreate, (cudnnHandle_t* handle))
CALL(CONTEXT_TO_RELEASE, cudnnDestroy, (cudnnHandle_t handle))
CALL(CONTEXT, cudnnSetStream, (cudnnHandle_t handle, CUstream stream))
CALL(CONTEXT, cudnnCreateDropoutDescriptor, (cudnnDropoutDescriptor_t* descriptor))
CALL(CONTEXT_TO_RELEASE, cudnnDestroyDropoutDescriptor, (cudnnDropoutDescriptor_t descriptor))
CALL(CONTEXT, cudnnDropoutGetStatesSize, (cudnnHandle_t handle, size_t* sizeInBytes))
CALL(CONTEXT, cudnnSetDropoutDescriptor, (cudnnDropoutDescriptor_t descriptor, cudnnHandle_t handle, float dropout,
     void* states, size_t stateSizeInBytes, unsigned long long seed))
CALL(CONTEXT, cudnnCreateTensorDescriptor, (cudnnTensorDescriptor_t* descriptor))
CALL(CONTEXT_TO_RELEASE, cudnnDestroyTensorDescriptor, (cudnnTensorDescriptor_t descriptor))
CALL(CONTEXT, cudnnSetTensorNdDescriptor, (cudnnTensorDescriptor_t descriptor, cudnnDataType_t dataType, int nbDims,
     const int dimA[], const int strideA[]))
CALL(CONTEXT, cudnnGetTensorNdDescriptor, (cudnnTensorDescriptor_t descriptor, int nbDimsRequested,
     cudnnDataType_t* dataType, int* nbDims, int dimA[], int strideA[]))
CALL(CONTEXT, cudnnCreateRNNDataDescriptor, (cudnnRNNDataDescriptor_t* descriptor))
CALL(CONTEXT_TO_RELEASE, cudnnDestroyRNNDataDescriptor, (cudnnRNNDataDescriptor_t descriptor))
CALL(CONTEXT, cudnnSetRNNDataDescriptor, (cudnnRNNDataDescriptor_t descriptor, cudnnDataType_t dataType,
     cudnnRNNDataLayout_t layout, int maxSeqLength, int batchSize, int vectorSize, const int seqLengthArray[],
     void* paddingFill))
CALL(CONTEXT, cudnnCreateRNNDescriptor, (cudnnRNNDescriptor_t* descriptor))
CALL(CONTEXT_TO_RELEASE, cudnnDestroyRNNDescriptor, (cudnnRNNDescriptor_t descriptor))
CALL(CONTEXT, cudnnSetRNNDescriptor_v8, (cudnnRNNDescriptor_t descriptor, cudnnRNNAlgo_t algo, cudnnRNNMode_t cellMode,
     cudnnRNNBiasMode_t biasMode, cudnnDirectionMode_t dirMode, cudnnRNNInputMode_t inputMode, cudnnDataType_t dataType,
     cudnnDataType_t mathPrec, cudnnMathType_t mathType, int32_t inputSize, int32_t hiddenSize, int32_t projSize,
     int32_t numLayers, cudnnDropoutDescriptor_t dropoutDesc, uint32_t auxFlags))
CALL(CONTEXT, cudnnBuildRNNDynamic, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, int miniBatch))
CALL(CONTEXT, cudnnGetRNNWeightSpaceSize, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, size_t* weightSpaceSize))
CALL(CONTEXT, cudnnGetRNNWeightParams, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, int32_t pseudoLayer,
     size_t weightSpaceSize, const void* weightSpace, int32_t linLayerID, cudnnTensorDescriptor_t mDesc, void** mAddr,
     cudnnTensorDescriptor_t bDesc, void** bAddr))
CALL(CONTEXT, cudnnGetRNNTempSpaceSizes, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc,
     cudnnForwardMode_t fwdMode, cudnnRNNDataDescriptor_t xDesc, size_t* workSpaceSize, size_t* reserveSpaceSize))
CALL(CONTEXT, cudnnRNNForward, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnForwardMode_t fwdMode,
     const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t xDesc, const void* x, cudnnRNNDataDescriptor_t yDesc,
     void* y, cudnnTensorDescriptor_t hDesc, const void* hx, void* hy, cudnnTensorDescriptor_t cDesc, const void* cx,
     void* cy, size_t weightSpaceSize, const void* weightSpace, size_t workSpaceSize, void* workSpace,
     size_t reserveSpaceSize, void* reserveSpace))
CALL(CONTEXT, cudnnRNNBackwardData_v8, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc,
     const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t yDesc, const void* y, const void* dy,
     cudnnRNNDataDescriptor_t xDesc, void* dx, cudnnTensorDescriptor_t hDesc, const void* hx, const void* dhy,
     void* dhx, cudnnTensorDescriptor_t cDesc, const void* cx, const void* dcy, void* dcx, size_t weightSpaceSize,
     const void* weightSpace, size_t workSpaceSize, void* workSpace, size_t reserveSpaceSize, void* reserveSpace))
CALL(CONTEXT, cudnnRNNBackwardWeights_v8, (cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnWgradMode_t addGrad,
     const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t xDesc, const void* x, cudnnTensorDescriptor_t hDesc,
     const void* hx, cudnnRNNDataDescriptor_t yDesc, const void* y, size_t weightSpaceSize, void* dweightSpace,
     size_t workSpaceSize, void* workSpace, size_t reserveSpaceSize, void* reserveSpace))

#undef CALL
