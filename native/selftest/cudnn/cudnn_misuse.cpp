// Every misuse of cuDNN that the stand-in knows is told, by call and argument.
#include <cstring>

#include "selftest/cudnn/network.h"

namespace {

const RnnShape SHAPE{2, 3, 5, 4, 2};
const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS, BAD = CUDNN_STATUS_BAD_PARAM;
const cudnnStatus_t UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED, MISMATCH = CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
const cudnnStatus_t SMALL = CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, NONE = CUDNN_STATUS_BAD_PARAM_NULL_POINTER;
const cudnnStatus_t FAILED = CUDNN_STATUS_EXECUTION_FAILED;

// The call must be refused with these words, and the next good one must not mind.
void refused(cudnnStatus_t expected, const char* words, const std::function<void(Network&)>& spoil) {
  Driver driver;
  Network network(driver, SHAPE);
  network.draw();
  spoil(network);
  told(network.forward(), expected, words);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
}

void refused_at_the_call() {
  static float on_host[1000];
  refused(BAD, "cudnnRNNForward: handle: no such object", [](Network& n) { cudnnDestroy(n.handle); });
  refused(BAD, "rnnDesc: no such object", [](Network& n) { cudnnDestroyRNNDescriptor(n.rnn); });
  refused(BAD, "xDesc: no such object", [](Network& n) {
    cudnnDestroyRNNDataDescriptor(n.x_desc);
    n.x_desc = reinterpret_cast<cudnnRNNDataDescriptor_t>(n.rnn);
  });
  refused(BAD, "hDesc: created but never set", [](Network& n) {
    cudnnDestroyTensorDescriptor(n.h_desc);
    cudnnCreateTensorDescriptor(&n.h_desc);
  });
  refused(BAD, "yDesc: created but never set", [](Network& n) {
    cudnnDestroyRNNDataDescriptor(n.y_desc);
    cudnnCreateRNNDataDescriptor(&n.y_desc);
  });
  refused(BAD, "cudnnRNNForward: x: 96 bytes at", [](Network& n) { n.x = CUdeviceptr(on_host); });
  refused(BAD, "which is not device memory", [](Network& n) { n.hx = CUdeviceptr(on_host); });
  refused(BAD, "y: 160 bytes at", [](Network& n) { n.y += 4; });
  refused(BAD, "cx: 80 bytes at", [](Network& n) { n.cx += 8; });
  refused(BAD, "not aligned to 4", [](Network& n) { n.x = n.buffer(drawn(100, 1)) + 2; });
  refused(BAD, "not aligned to 16", [](Network& n) { n.workspace = n.result(1000) + 4; });
  refused(BAD, "hy overlaps hx", [](Network& n) { n.hy = n.hx; });
  refused(NONE, "cudnnRNNForward: x: null", [](Network& n) { n.x = 0; });
  refused(NONE, "weightSpace: null", [](Network& n) { n.weights = 0; });
  refused(NONE, "reserveSpace: null", [](Network& n) { n.reserve = 0; });
  refused(SMALL, "weightSpaceSize: ", [](Network& n) { n.weight_bytes -= 1; });
  refused(SMALL, "workSpaceSize: ", [](Network& n) { n.work_bytes -= 1; });
  refused(SMALL, "reserveSpaceSize: ", [](Network& n) { n.reserve_bytes -= 1; });
  refused(MISMATCH, "xDesc or yDesc: its vectorSize", [](Network& n) { n.set_data(n.x_desc, SHAPE.input + 1); });
  refused(MISMATCH, "yDesc: its maxSeqLength", [](Network& n) {
    n.shape.steps = 3;
    n.set_data(n.y_desc, SHAPE.hidden);
  });
  refused(MISMATCH, "cDesc: not numLayers of every direction, batchSize, hiddenSize",
          [](Network& n) { n.set_states(n.c_desc, 1, n.shape.hidden); });
  refused(MISMATCH, "hDesc: not numLayers of every direction", [](Network& n) {
    const int dims[] = {2, 2, 5}, strides[] = {1, 10, 2};
    cudnnSetTensorNdDescriptor(n.h_desc, CUDNN_DATA_FLOAT, 3, dims, strides);
  });
  static const int32_t lengths[2] = {4, 4};
  refused(UNSUPPORTED, "devSeqLengths", [](Network& n) { n.lengths = lengths; });
  refused(BAD, "fwdMode", [](Network& n) { n.mode = cudnnForwardMode_t(2); });
  refused(BAD, "CUDNN_RNN_PADDED_IO_ENABLED", [](Network& n) {
    n.shape.lengths = {4, 3};
    n.set_data(n.x_desc, SHAPE.input);
    n.set_data(n.y_desc, SHAPE.hidden);
    cudnnSetRNNDescriptor_v8(n.rnn, CUDNN_RNN_ALGO_STANDARD, CUDNN_LSTM, CUDNN_RNN_DOUBLE_BIAS, CUDNN_UNIDIRECTIONAL,
                             CUDNN_LINEAR_INPUT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DEFAULT_MATH, 3, 5, 5, 2,
                             n.dropout, 0);
  });
}

void descriptors() {
  Driver driver;
  Network n(driver, SHAPE);
  told(n.set(cudnnRNNAlgo_t(4), CUDNN_RNN_DOUBLE_BIAS, 5), BAD, "algo, cellMode, biasMode, dirMode");
  told(n.set(CUDNN_RNN_ALGO_PERSIST_STATIC, CUDNN_RNN_SINGLE_INP_BIAS, 5), UNSUPPORTED, "want CUDNN_RNN_DOUBLE_BIAS");
  told(n.set_data(n.x_desc, 0), BAD, "not positive");
  auto data = [&](int layout, const int* lengths) {
    return cudnnSetRNNDataDescriptor(n.x_desc, CUDNN_DATA_FLOAT, cudnnRNNDataLayout_t(layout), 4, 2, 3, lengths,
                                     nullptr);
  };
  const int equal[] = {4, 4}, longer[] = {4, 5}, none[] = {4, 0}, shorter[] = {3, 3};
  told(data(3, equal), BAD, "layout, maxSeqLength, batchSize or vectorSize: no such value");
  n.shape.steps = 65536;
  told(n.set_data(n.x_desc, 3), UNSUPPORTED, "maxSeqLength: 65536 is more than 65535");
  n.shape.steps = 4;
  told(data(0, longer), BAD, "not from 1 to maxSeqLength");
  told(data(0, none), UNSUPPORTED, "seqLengthArray: a length is 0");
  told(data(1, shorter), BAD, "no sequence of a packed layout has maxSeqLength steps");
  CUdeviceptr device = n.result(2);
  told(data(0, reinterpret_cast<const int*>(device)), BAD, "seqLengthArray: not memory of the host");
  void *matrix, *bias;
  auto part = [&](int layer, int linear, size_t bytes, void* base) {
    return cudnnGetRNNWeightParams(n.handle, n.rnn, layer, bytes, base, linear, n.m_desc, &matrix, n.b_desc, &bias);
  };
  auto base = reinterpret_cast<void*>(4096);
  CHECK(part(1, 7, n.weight_bytes, base) == GOOD && matrix > base);
  told(part(2, 0, n.weight_bytes, base), BAD, "pseudoLayer or linLayerID");
  // Where a projection would be.
  CHECK(part(0, 8, n.weight_bytes, base) == GOOD && !matrix && !bias);
  told(part(0, 9, n.weight_bytes, base), BAD, "pseudoLayer or linLayerID");
  told(part(0, 0, n.weight_bytes, nullptr), NONE, "weightSpace, mAddr or bAddr: null");
  told(part(0, 0, n.weight_bytes - 1, base), SMALL, "weightSpaceSize: ");
  const int flat[] = {2, 3}, far[] = {2, 1 << 20, 1 << 10}, steps[] = {1 << 30, 1 << 10, 1};
  told(cudnnSetTensorNdDescriptor(n.h_desc, CUDNN_DATA_FLOAT, 1, flat, flat), BAD, "nbDims: 1");
  told(cudnnSetTensorNdDescriptor(n.h_desc, CUDNN_DATA_FLOAT, 9, flat, flat), UNSUPPORTED, "nbDims: 9");
  told(cudnnSetTensorNdDescriptor(n.h_desc, CUDNN_DATA_FLOAT, 3, far, steps), UNSUPPORTED, "past 2^31 - 1 elements");
  told(cudnnDestroyTensorDescriptor(reinterpret_cast<cudnnTensorDescriptor_t>(n.rnn)), BAD, "no such object");
  told(cudnnSetStream(n.handle, CUstream(77)), BAD, "streamId: no stream");
  auto spaces = [&](cudnnRNNAlgo_t algo, int hidden) {
    n.shape.hidden = hidden;
    CHECK(n.set(algo, CUDNN_RNN_DOUBLE_BIAS, hidden) == GOOD && n.set_data(n.x_desc, 3) == GOOD);
    size_t work, reserve;
    return cudnnGetRNNTempSpaceSizes(n.handle, n.rnn, CUDNN_FWD_MODE_TRAINING, n.x_desc, &work, &reserve);
  };
  CHECK(spaces(CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H, 192) == GOOD);
  told(spaces(CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H, 193), UNSUPPORTED, "at most 192");
  told(spaces(CUDNN_RNN_ALGO_PERSIST_STATIC, 1537), UNSUPPORTED, "at most 1536");
  told(cudnnBuildRNNDynamic(n.handle, n.rnn, 2), BAD, "not of PERSIST_DYNAMIC");
  long long live[LIVE];
  charlstm_sim_live(live);
  CHECK(live[5] == 9);
}

void dynamic_must_be_built() {
  Driver driver;
  Network n(driver, SHAPE, CUDNN_RNN_ALGO_PERSIST_DYNAMIC);
  n.draw();
  n.set(CUDNN_RNN_ALGO_PERSIST_DYNAMIC, CUDNN_RNN_DOUBLE_BIAS, SHAPE.hidden);
  told(n.forward(), BAD, "cudnnBuildRNNDynamic was not called for a batch of 2");
  cudnnBuildRNNDynamic(n.handle, n.rnn, 3);
  told(n.forward(), BAD, "cudnnBuildRNNDynamic was not called for a batch of 2");
  cudnnBuildRNNDynamic(n.handle, n.rnn, 2);
  CHECK(n.forward() == GOOD);
}

// Misuse that the passes find when they run fails the context for good.
void fails(const char* words, const std::function<cudnnStatus_t(Network&)>& spoil) {
  Driver driver;
  Network network(driver, SHAPE);
  network.draw();
  told(spoil(network), FAILED, words);
  CHECK(driver.synchronise() != CUDA_SUCCESS && network.forward() == FAILED);
}

cudnnStatus_t data_after(Network& n, CUdeviceptr touched, size_t offset = 0) {
  CHECK(n.forward() == GOOD);
  cuMemsetD32Async(touched + offset, 0x3f800000, 1, n.driver.stream);
  return n.backward_data();
}

cudnnStatus_t weights_after(Network& n, CUdeviceptr touched) {
  CHECK(n.forward() == GOOD && n.backward_data() == GOOD);
  cuMemsetD32Async(touched + 4, 0x3f800000, 1, n.driver.stream);
  return n.backward_weights();
}

void failed_when_run() {
  setenv("CHARLSTM_SIM_RNN", "0:lost", 1);
  fails("CHARLSTM_SIM_RNN fails the context", [](Network& n) { return n.forward(); });
  unsetenv("CHARLSTM_SIM_RNN");
  fails("cudnnRNNForward: x: read of memory that nobody wrote: byte 0", [](Network& n) {
    n.x = n.result(n.sequence(SHAPE.input));
    return n.forward();
  });
  fails("weightSpace: read of memory that nobody wrote", [](Network& n) {
    n.weights = n.result(n.weight_bytes / 4);
    return n.forward();
  });
  fails("reserveSpace: read of memory that nobody wrote", [](Network& n) { return n.backward_data(); });
  fails("no training forward pass left anything", [](Network& n) {
    CHECK(n.forward() == GOOD);
    n.mode = CUDNN_FWD_MODE_INFERENCE;
    CHECK(n.forward() == GOOD);
    return n.backward_data();
  });
  fails("cudnnRNNBackwardWeights_v8: called before cudnnRNNBackwardData_v8", [](Network& n) {
    CHECK(n.forward() == GOOD);
    return n.backward_weights();
  });
  fails("has already used up what the forward pass left", [](Network& n) {
    CHECK(n.forward() == GOOD && n.backward_data() == GOOD);
    return n.backward_data();
  });
  fails("rnnDesc or a size: not that of the forward pass", [](Network& n) {
    CHECK(n.forward() == GOOD);
    n.set(CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_SINGLE_INP_BIAS, SHAPE.hidden);
    return n.backward_data();
  });
  fails("y: not as the forward pass left it", [](Network& n) { return data_after(n, n.y, 8); });
  fails("hx: not as the forward pass left it", [](Network& n) { return data_after(n, n.hx); });
  fails("cx: not as the forward pass left it", [](Network& n) { return data_after(n, n.cx); });
  fails("reserveSpace: not as the forward pass left it", [](Network& n) { return data_after(n, n.reserve, 400); });
  fails("weightSpace: not as the forward pass left it", [](Network& n) {
    return data_after(n, n.part(n.weights, 1, 6, true).address);
  });
  fails("cudnnRNNBackwardWeights_v8: x: not as the forward", [](Network& n) { return weights_after(n, n.x); });
  fails("cudnnRNNBackwardWeights_v8: y: not as the forward", [](Network& n) { return weights_after(n, n.y); });
  fails("cudnnRNNBackwardWeights_v8: hx: not as the forward", [](Network& n) { return weights_after(n, n.hx); });
  fails("reserveSpace: not as the backward pass left it", [](Network& n) { return weights_after(n, n.reserve); });
  fails("weights accumulated without zeroing", [](Network& n) {
    CHECK(n.train());
    return n.backward_weights();
  });
  fails("dweightSpace: read of memory that nobody wrote", [](Network& n) {
    CHECK(n.forward() == GOOD && n.backward_data() == GOOD);
    n.gradients = n.result(n.weight_bytes / 4);
    return n.backward_weights();
  });
}

void other_refusals_of_backward() {
  Driver driver;
  Network n(driver, SHAPE);
  n.draw();
  CHECK(n.forward() == GOOD);
  n.dx = n.dy;
  told(n.backward_data(), BAD, "dx overlaps dy");
  n.dx = 0;
  told(n.backward_data(), NONE, "cudnnRNNBackwardData_v8: dx: null");
  n.add = CUDNN_WGRAD_MODE_SET;
  told(n.backward_weights(), UNSUPPORTED, "addGrad");
  float value;
  CHECK(cuMemcpyDtoHAsync_v2(&value, n.workspace, 4, driver.stream) == CUDA_ERROR_LAUNCH_FAILED);
}

void freed_too_early() {
  Driver driver("deferred");
  Network n(driver, SHAPE);
  n.draw();
  CUdeviceptr gone = driver.fresh(n.sequence(SHAPE.hidden) * 4);
  n.y = gone;
  CHECK(n.forward() == GOOD && cuMemFree_v2(gone) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(std::strstr(charlstm_sim_last_error(), "cudnnRNNForward: y: 160 bytes"));
  CHECK(std::strstr(charlstm_sim_last_error(), "freed before it ran"));
}

void versions_and_faults() {
  CHECK(cudnnGetCudartVersion() == 13000 && cudnnGetMaxDeviceVersion() == 1200);
  CHECK(cudnnGetVersion() == 91300);
  setenv("CHARLSTM_SIM_CUDNN", "90100", 1);
  CHECK(cudnnGetVersion() == 90100);
  unsetenv("CHARLSTM_SIM_CUDNN");
  CHECK(!std::strcmp(cudnnGetErrorString(UNSUPPORTED), "CUDNN_STATUS_NOT_SUPPORTED"));
  cudnnHandle_t handle = nullptr;
  CHECK(cudnnCreate(&handle) == CUDNN_STATUS_NOT_INITIALIZED);
  Driver driver("eager", "fail:8");
  CHECK(cudnnCreate(&handle) == GOOD);
  CHECK(cudnnDestroy(nullptr) == GOOD);
  // A release that is set to fail is carried out all the same.
  CHECK(cudnnDestroy(handle) == CUDNN_STATUS_INTERNAL_ERROR);
  CHECK(cudnnDestroy(handle) == BAD);
}

}

void test_cudnn_misuse() {
  refused_at_the_call();
  descriptors();
  dynamic_must_be_built();
  failed_when_run();
  other_refusals_of_backward();
  freed_too_early();
  versions_and_faults();
  long long live[LIVE];
  charlstm_sim_live(live);
  CHECK(live[4] == 0 && live[5] == 0);
}
