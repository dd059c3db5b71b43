/* A GPU that does nothing, at once: every function of the driver, cuBLAS and cuDNN that the engine calls counts the
 * call and succeeds. What a step takes on it is what the host takes to ask for it. Argument types are only as exact as
 * the calling convention needs. build.sh makes NVIDIA's libraries' names of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

#if defined(NULL_DRIVER)

static long calls;
static uint64_t next = 1 << 20;

/* How often anything was called. */
EXPORT long null_gpu_calls(void) {
  return calls;
}

EXPORT void null_gpu_count(void) {
  calls++;
}

#else
void null_gpu_count(void);
#endif

#define SUCCEED                \
  {                            \
    null_gpu_count();          \
    return 0;                  \
  }
#define CALL(name) EXPORT int name(void) SUCCEED
#define MAKE(name, ...)                                 \
  EXPORT int name(uint64_t* made, ##__VA_ARGS__) {      \
    null_gpu_count();                                   \
    *made = 4096;                                       \
    return 0;                                           \
  }

#if defined(NULL_DRIVER)

CALL(cuInit)
CALL(cuDevicePrimaryCtxRelease_v2)
CALL(cuCtxSetCurrent)
CALL(cuMemFree_v2)
CALL(cuMemcpyHtoDAsync_v2)
CALL(cuMemcpyDtoDAsync_v2)
CALL(cuMemsetD16Async)
CALL(cuMemsetD8Async)
CALL(cuMemsetD2D32Async)
CALL(cuMemsetD32Async)
CALL(cuStreamQuery)
CALL(cuStreamDestroy_v2)
CALL(cuStreamSynchronize)
CALL(cuStreamWaitEvent)
CALL(cuEventDestroy_v2)
CALL(cuEventQuery)
CALL(cuEventRecord)
CALL(cuEventSynchronize)
CALL(cuEventElapsedTime)
CALL(cuStreamBeginCapture_v2)
CALL(cuGraphLaunch)
CALL(cuGraphDestroy)
CALL(cuGraphExecDestroy)
CALL(cuModuleUnload)
CALL(cuFuncSetAttribute)
CALL(cuGraphExecUpdate_v2)
CALL(cuLaunchKernelEx)
CALL(cuLaunchKernel)
MAKE(cuDevicePrimaryCtxRetain)
MAKE(cuStreamCreateWithPriority)
MAKE(cuEventCreate)
MAKE(cuGraphInstantiateWithFlags)
MAKE(cuModuleLoadData)
MAKE(cuModuleGetFunction)
MAKE(cuModuleGetGlobal_v2)

EXPORT int cuDriverGetVersion(int* version) {
  *version = 13000;
  SUCCEED
}

EXPORT int cuDeviceGetCount(int* count) {
  *count = 1;
  SUCCEED
}

EXPORT int cuDeviceGet(int* device) {
  *device = 0;
  SUCCEED
}

EXPORT int cuDeviceGetName(char* name, int length) {
  strncpy(name, "no GPU at all", (size_t)length);
  SUCCEED
}

/* Only the compute capability is asked for: 9.0. */
EXPORT int cuDeviceGetAttribute(int* value, int attribute) {
  *value = attribute == 75 ? 9 : 0;
  SUCCEED
}

EXPORT int cuDeviceTotalMem_v2(size_t* bytes) {
  *bytes = (size_t)1 << 40;
  SUCCEED
}

EXPORT int cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  *least = 0;
  *greatest = 0;
  SUCCEED
}

EXPORT int cuFuncGetAttribute(int* value) {
  *value = 0;
  SUCCEED
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks) {
  *blocks = 1;
  SUCCEED
}

EXPORT int cuOccupancyMaxPotentialBlockSize(int* blocks, int* threads) {
  *blocks = 1;
  *threads = 128;
  SUCCEED
}

EXPORT int cuMemGetInfo_v2(size_t* left, size_t* total) {
  *left = (size_t)1 << 40;
  *total = (size_t)1 << 40;
  SUCCEED
}

EXPORT int cuMemAlloc_v2(uint64_t* pointer, size_t bytes) {
  *pointer = next;
  next += (bytes + 4095) & ~(size_t)4095;
  SUCCEED
}

EXPORT int cuMemHostAlloc(void** pointer, size_t bytes) {
  *pointer = calloc(1, bytes);
  SUCCEED
}

EXPORT int cuMemFreeHost(void* pointer) {
  free(pointer);
  SUCCEED
}

EXPORT int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes) {
  (void)from;
  memset(to, 0, bytes);
  SUCCEED
}

EXPORT int cuStreamEndCapture(uint64_t stream, uint64_t* graph) {
  (void)stream;
  *graph = 4096;
  SUCCEED
}

#elif defined(NULL_CUBLAS)

CALL(cublasDestroy_v2)
CALL(cublasSetStream_v2)
CALL(cublasSetWorkspace_v2)
CALL(cublasSetMathMode)
CALL(cublasSgemm_v2)
CALL(cublasGemmEx)
CALL(cublasGemmStridedBatchedEx)
CALL(cublasSetPointerMode_v2)
CALL(cublasGemmBatchedEx)
CALL(cublasSgemv_v2)
CALL(cublasDgemv_v2)
CALL(cublasAxpyEx)
CALL(cublasScalEx)
CALL(cublasDotEx)
CALL(cublasNrm2Ex)
MAKE(cublasCreate_v2)

EXPORT int cublasGetProperty(int which, int* value) {
  *value = which == 0 ? 12 : 0;
  SUCCEED
}

#elif defined(NULL_CUDNN)

CALL(cudnnDestroy)
CALL(cudnnSetStream)
CALL(cudnnSetDropoutDescriptor)
CALL(cudnnDestroyDropoutDescriptor)
CALL(cudnnSetRNNDescriptor_v8)
CALL(cudnnDestroyRNNDescriptor)
CALL(cudnnBuildRNNDynamic)
CALL(cudnnSetRNNDataDescriptor)
CALL(cudnnDestroyRNNDataDescriptor)
CALL(cudnnSetTensorNdDescriptor)
CALL(cudnnDestroyTensorDescriptor)
CALL(cudnnRNNForward)
CALL(cudnnRNNBackwardData_v8)
CALL(cudnnRNNBackwardWeights_v8)
MAKE(cudnnCreate)
MAKE(cudnnCreateDropoutDescriptor)
MAKE(cudnnCreateRNNDescriptor)
MAKE(cudnnCreateRNNDataDescriptor)
MAKE(cudnnCreateTensorDescriptor)

EXPORT size_t cudnnGetVersion(void) {
  return 91300;
}

/* Built for the CUDA of the cuBLAS beside it. */
EXPORT size_t cudnnGetCudartVersion(void) {
  return 12000;
}

EXPORT int cudnnDropoutGetStatesSize(uint64_t handle, size_t* bytes) {
  (void)handle;
  *bytes = 4096;
  SUCCEED
}

EXPORT int cudnnGetRNNWeightSpaceSize(uint64_t handle, uint64_t rnn, size_t* bytes) {
  (void)handle, (void)rnn;
  *bytes = (size_t)1 << 24;
  SUCCEED
}

/* Every gate in a mebibyte of its own, the bias in its upper half. */
EXPORT int cudnnGetRNNWeightParams(uint64_t handle, uint64_t rnn, int layer, size_t bytes, uint64_t base, int gate,
                                   uint64_t matrixShape, uint64_t* matrix, uint64_t biasShape, uint64_t* bias) {
  (void)handle, (void)rnn, (void)layer, (void)bytes, (void)matrixShape, (void)biasShape;
  *matrix = base + ((uint64_t)gate << 20);
  *bias = gate < 4 ? *matrix + (1 << 19) : 0;
  SUCCEED
}

EXPORT int cudnnGetRNNTempSpaceSizes(uint64_t handle, uint64_t rnn, int mode, uint64_t x, size_t* work,
                                     size_t* reserve) {
  (void)handle, (void)rnn, (void)mode, (void)x;
  *work = 4096;
  *reserve = 4096;
  SUCCEED
}

#endif
