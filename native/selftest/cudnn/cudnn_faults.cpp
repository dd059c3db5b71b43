// The simulated cuDNN differs as it is set to, and only so.
#include "selftest/cudnn/network.h"

namespace {

const RnnShape SHAPE{2, 3, 5, 4, 2};
const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS, FAILED = CUDNN_STATUS_EXECUTION_FAILED;

void set_to_misbehave() {
  setenv("CHARLSTM_SIM_RNN", "1:describe:4000,3:spaces:3007,2:build:4001,0:data:5000", 1);
  Driver driver;
  Network n(driver, SHAPE);
  n.draw();
  told(n.set(CUDNN_RNN_ALGO_PERSIST_STATIC, CUDNN_RNN_DOUBLE_BIAS, SHAPE.hidden), CUDNN_STATUS_INTERNAL_ERROR,
       "CHARLSTM_SIM_RNN");
  n.set(CUDNN_RNN_ALGO_PERSIST_DYNAMIC, CUDNN_RNN_DOUBLE_BIAS, SHAPE.hidden);
  CHECK(int(cudnnBuildRNNDynamic(n.handle, n.rnn, 2)) == 4001);
  n.set(CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H, CUDNN_RNN_DOUBLE_BIAS, SHAPE.hidden);
  size_t work, reserve;
  CHECK(cudnnGetRNNTempSpaceSizes(n.handle, n.rnn, n.mode, n.x_desc, &work, &reserve) ==
        CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH);
  n.set(CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_DOUBLE_BIAS, SHAPE.hidden);
  CHECK(n.forward() == GOOD && n.backward_data() == FAILED && driver.synchronise() == CUDA_SUCCESS);
  unsetenv("CHARLSTM_SIM_RNN");
}

void set_to_be_wrong_or_not_recorded() {
  setenv("CHARLSTM_SIM_RNN", "1:wrong,0:capture:5000", 1);
  Driver driver;
  Network right(driver, SHAPE), wrong(driver, SHAPE, CUDNN_RNN_ALGO_PERSIST_STATIC);
  for (Network* n : {&right, &wrong}) {
    n->draw();
    CHECK(n->train());
  }
  CHECK(right.results() != wrong.results());
  right.zero_gradients();
  CUgraph graph = nullptr;
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) == CUDA_SUCCESS);
  CHECK(right.forward() == FAILED);
  CHECK(cuStreamEndCapture(driver.stream, &graph) != CUDA_SUCCESS);
  CHECK(right.forward() == GOOD && driver.synchronise() == CUDA_SUCCESS);
  unsetenv("CHARLSTM_SIM_RNN");
}

// cuDNN of another CUDA than cuBLAS and NVRTC fails where it first wants one of them.
void of_another_cuda() {
  Driver driver;
  Network n(driver, SHAPE, CUDNN_RNN_ALGO_PERSIST_DYNAMIC);
  n.draw();
  setenv("CHARLSTM_SIM_CUDART", "11080", 1);
  CHECK(cudnnGetCudartVersion() == 11080);
  told(n.forward(), CUDNN_STATUS_NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE, "cuBLAS of its CUDA");
  told(cudnnBuildRNNDynamic(n.handle, n.rnn, 2), CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING,
       "libnvrtc.so.11 is not open");
  unsetenv("CHARLSTM_SIM_CUDART");
  CHECK(n.forward() == GOOD);
}

}

void test_cudnn_faults() {
  set_to_misbehave();
  set_to_be_wrong_or_not_recorded();
  of_another_cuda();
}
