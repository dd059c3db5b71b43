#include "cudnn/support.h"

#include "cudnn/faults.h"

namespace sim {

namespace {

const cudnnStatus_t BAD = CUDNN_STATUS_BAD_PARAM, UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;

// Units at most, as 9.1.0 has it where temporary space is asked for on a card of 80 multiprocessors or more. PyTorch
// goes backward over more than the last by another algorithm.
struct Most {
  size_t fixed, small, small_backward;
};

Most most_units(const Rnn& rnn) {
  bool plain = rnn.cell == CUDNN_RNN_RELU || rnn.cell == CUDNN_RNN_TANH;
  return plain ? Most{2560, 384, 256} : Most{1536, 192, 128};
}

}

cudnnStatus_t missing(const char* call, const Rnn& rnn, bool training) {
  bool drops = training && rnn.layers > 1 && rnn.dropout && rnn.dropout->rate != 0;
  const struct {
    bool asked;
    const char* argument;
    const char* what;
  } all[] = {
      {rnn.input_mode == CUDNN_SKIP_INPUT, "rnnDesc", "input that skips the first layer's matrices"},
      {rnn.type == CUDNN_DATA_HALF, "rnnDesc", "networks of half"},
      {rnn.type == CUDNN_DATA_DOUBLE, "rnnDesc", "networks of float64"},
      {drops, "dropoutDesc", "dropout between layers: its rate must be 0"},
  };
  for (const auto& one : all) {
    if (one.asked) {
      return refuse(UNSUPPORTED, call, std::string(one.argument) + ": the simulated cuDNN has no " + one.what);
    }
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t algorithm_refused(const char* call, const char* when, const Rnn& rnn) {
  size_t most = rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC           ? most_units(rnn).fixed
                : rnn.algo == CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H ? most_units(rnn).small
                                                                    : SIZE_MAX;
  if (rnn.hidden > most) {
    return refuse(UNSUPPORTED, call, "rnnDesc: the algorithm wants a hiddenSize of at most " + std::to_string(most));
  }
  cudnnStatus_t set = set_to_answer(when, rnn.algo);
  return set ? refuse(set, call, "rnnDesc: CHARLSTM_SIM_RNN says so") : CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t backward_refused(const char* call, const Rnn& rnn) {
  size_t most = most_units(rnn).small_backward;
  return rnn.algo != CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H || rnn.hidden <= most
             ? CUDNN_STATUS_SUCCESS
             : refuse(UNSUPPORTED, call,
                      "rnnDesc: the algorithm goes backward over at most " + std::to_string(most) + " units");
}

RnnSizes sizes_of(const Rnn& rnn, const RnnData& x) {
  return {cell_of(rnn), rnn.layers, rnn.input, rnn.hidden, size_t(x.steps), size_t(x.batch), rnn.directions(),
          rnn.projection, {x.lengths.begin(), x.lengths.end()}};
}

size_t workspace_size(const Rnn& rnn, size_t batch) {
  return 4 * rnn.hidden * batch * size_of(rnn.element()) + 512 * (1 + rnn.algo);
}

size_t reserve_size(const RnnSizes& sizes) {
  return RnnReserve::count(sizes) * sizeof(float);
}

cudnnStatus_t cudnnGetRNNTempSpaceSizes(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnForwardMode_t fwdMode,
                                        cudnnRNNDataDescriptor_t xDesc, size_t* workSpaceSize,
                                        size_t* reserveSpaceSize) {
  const char* call = "cudnnGetRNNTempSpaceSizes";
  std::shared_ptr<Rnn> rnn = find_cudnn(call, handle) ? find_rnn(call, rnnDesc) : nullptr;
  std::shared_ptr<RnnData> x = rnn ? find_data(call, "xDesc", xDesc) : nullptr;
  if (!x) {
    return BAD;
  }
  bool training = fwdMode == CUDNN_FWD_MODE_TRAINING;
  if (!workSpaceSize || (training && !reserveSpaceSize)) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, call, "workSpaceSize or reserveSpaceSize: null");
  }
  if (unsigned(fwdMode) > CUDNN_FWD_MODE_TRAINING) {
    return refuse(BAD, call, "fwdMode: no such value");
  }
  if (cudnnStatus_t refused = algorithm_refused(call, "spaces", *rnn)) {
    return refused;
  }
  if (x->type != rnn->type) {
    return refuse(BAD, call, "xDesc: its dataType is not rnnDesc's");
  }
  if (size_t(x->vector) != rnn->input) {
    return refuse(BAD, call, "xDesc: its vectorSize is not rnnDesc's inputSize");
  }
  if (cudnnStatus_t refused = missing(call, *rnn, training)) {
    return refused;
  }
  *workSpaceSize = workspace_size(*rnn, x->batch);
  if (reserveSpaceSize) {
    *reserveSpaceSize = training ? reserve_size(sizes_of(*rnn, *x)) : 0;
  }
  return CUDNN_STATUS_SUCCESS;
}

}
