// The passes over an RNN: what their arguments must be. They run as operations of a stream.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>

#include "cudnn/faults.h"
#include "cudnn/passes.h"
#include "cudnn/support.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS, BAD = CUDNN_STATUS_BAD_PARAM;
const cudnnStatus_t SHAPE = CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, SMALL = CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT;
const cudnnStatus_t UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED, NONE = CUDNN_STATUS_BAD_PARAM_NULL_POINTER;

const char* moment(Pass pass) {
  return pass == Pass::BACKWARD_DATA ? "data" : pass == Pass::BACKWARD_WEIGHTS ? "weights" : "forward";
}

// The arguments that all passes share.
struct Common {
  cudnnHandle_t handle;
  cudnnRNNDescriptor_t rnn;
  const int32_t* lengths;
  cudnnRNNDataDescriptor_t x, y;
  cudnnTensorDescriptor_t h, c;
  size_t weights, workspace;
  void* workspace_start;
  size_t reserve;
  void* reserve_start;
};

// As 9.1.0 has it, but for the order of packed sequences.
cudnnStatus_t check_layout(const char* call, const Rnn& rnn, const RnnData& x, const RnnData& y) {
  bool shorter = *std::min_element(x.lengths.begin(), x.lengths.end()) != x.steps;
  bool packed = x.layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED;
  if (shorter && rnn.algo != CUDNN_RNN_ALGO_STANDARD) {
    return refuse(UNSUPPORTED, call, "rnnDesc: the persistent algorithms want every sequence to have maxSeqLength");
  }
  if (x.layout != y.layout) {
    return refuse(BAD, call, "yDesc: its layout is not xDesc's");
  }
  if (x.lengths != y.lengths) {
    return refuse(BAD, call, "yDesc: its seqLengthArray is not xDesc's");
  }
  if (!packed && !rnn.padded && (shorter || x.layout == CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED)) {
    return refuse(BAD, call, "rnnDesc: sequences that end early or lie behind each other want "
                             "CUDNN_RNN_PADDED_IO_ENABLED");
  }
  if (packed && !std::is_sorted(x.lengths.rbegin(), x.lengths.rend())) {
    return refuse(BAD, call, "xDesc: packed sequences want the longest first");
  }
  return GOOD;
}

cudnnStatus_t check_network(PassCall& call, const Common& given) {
  std::shared_ptr<Rnn> rnn = find_cudnn(call.name, given.handle) ? find_rnn(call.name, given.rnn) : nullptr;
  std::shared_ptr<RnnData> x = rnn ? find_data(call.name, "xDesc", given.x) : nullptr;
  std::shared_ptr<RnnData> y = x ? find_data(call.name, "yDesc", given.y) : nullptr;
  if (!y) {
    return BAD;
  }
  bool training = call.pass != Pass::INFERENCE;
  if (cudnnStatus_t refused = missing(call.name, *rnn, training)) {
    return refused;
  }
  if (given.lengths) {
    return refuse(UNSUPPORTED, call.name, "devSeqLengths: the simulated cuDNN wants null");
  }
  if (x->type != rnn->type || y->type != rnn->type) {
    return refuse(BAD, call.name, "xDesc or yDesc: its dataType is not rnnDesc's");
  }
  if (size_t(x->vector) != rnn->input || size_t(y->vector) != rnn->projection * rnn->directions()) {
    return refuse(SHAPE, call.name,
                  "xDesc or yDesc: its vectorSize is not rnnDesc's inputSize, or projSize of every direction");
  }
  if (x->steps != y->steps || x->batch != y->batch) {
    return refuse(SHAPE, call.name, "yDesc: its maxSeqLength or batchSize is not xDesc's");
  }
  if (cudnnStatus_t refused = check_layout(call.name, *rnn, *x, *y)) {
    return refused;
  }
  if (cudnnStatus_t refused = algorithm_refused(call.name, moment(call.pass), *rnn)) {
    return refused;
  }
  if (call.pass == Pass::BACKWARD_DATA) {
    if (cudnnStatus_t refused = backward_refused(call.name, *rnn)) {
      return refused;
    }
  }
  if (rnn->algo == CUDNN_RNN_ALGO_PERSIST_DYNAMIC && rnn->built_for != x->batch) {
    return refuse(BAD, call.name, "rnnDesc: cudnnBuildRNNDynamic was not called for a batch of " +
                                      std::to_string(x->batch));
  }
  call.rnn = *rnn;
  call.sizes = sizes_of(*rnn, *x);
  call.of_x = Sequences(*x);
  call.of_y = Sequences(*y);
  // It is for the output alone.
  call.of_x.fill = NAN;
  return GOOD;
}

cudnnStatus_t add_spaces(PassCall& call, const Common& given) {
  bool reserves = call.pass != Pass::INFERENCE;
  const struct {
    const char* name;
    size_t given, needed;
  } sizes[] = {{"weightSpaceSize", given.weights, weight_layout(call.rnn).size},
               {"workSpaceSize", given.workspace, workspace_size(call.rnn, call.sizes.batch)},
               {"reserveSpaceSize", given.reserve, reserves ? reserve_size(call.sizes) : 0}};
  for (const auto& size : sizes) {
    if (size.given < size.needed) {
      return refuse(SMALL, call.name, std::string(size.name) + ": " + std::to_string(size.given) + ", but " +
                                          std::to_string(size.needed) + " are needed");
    }
  }
  call.ranges.push_back({"workSpace", reinterpret_cast<Address>(given.workspace_start), given.workspace, Use::SCRATCH,
                         16});
  if (reserves) {
    Use use = call.pass == Pass::TRAINING        ? Use::WRITE
              : call.pass == Pass::BACKWARD_DATA ? Use::READ_AND_WRITE
                                                 : Use::READ;
    auto start = reinterpret_cast<Address>(given.reserve_start);
    call.ranges.push_back({"reserveSpace", start, given.reserve, Use::HELD, 16});
    call.ranges.push_back({"reserveSpace", start, sizes[2].needed, use});
  }
  return GOOD;
}

// States are fully packed, as [layer][sequence][unit].
cudnnStatus_t check_states(const PassCall& call, const char* name, cudnnTensorDescriptor_t descriptor, size_t units) {
  std::shared_ptr<Tensor> tensor = find_tensor(call.name, name, descriptor, Want::SET);
  if (!tensor) {
    return BAD;
  }
  if (tensor->type != call.rnn.type) {
    return refuse(BAD, call.name, std::string(name) + ": its dataType is not rnnDesc's");
  }
  int layers = int(call.sizes.pseudo_layers()), batch = int(call.sizes.batch), hidden = int(units);
  if (tensor->dims != std::vector<int>{layers, batch, hidden} ||
      tensor->strides != std::vector<int>{batch * hidden, hidden, 1}) {
    return refuse(SHAPE, call.name, std::string(name) + ": not numLayers of every direction, batchSize, " +
                                        (units == call.sizes.hidden ? "hiddenSize" : "projSize") + ", fully packed");
  }
  return GOOD;
}

// The checks of all passes, in this order.
cudnnStatus_t prepare(PassCall& call, const Common& given) {
  call.reserve = given.reserve_start;
  cudnnStatus_t status = check_network(call, given);
  status = status == GOOD ? add_spaces(call, given) : status;
  status = status == GOOD ? check_states(call, "hDesc", given.h, call.sizes.output) : status;
  bool has_cells = call.rnn.cell == CUDNN_LSTM && call.pass != Pass::BACKWARD_WEIGHTS;
  return status == GOOD && has_cells ? check_states(call, "cDesc", given.c, call.sizes.hidden) : status;
}

void add(PassCall& call, const char* name, const void* start, size_t count, Use use) {
  size_t size = size_of(call.rnn.element());
  call.ranges.push_back({name, reinterpret_cast<Address>(start), count * size, use, size});
}

void add_outputs(PassCall& call, const char* name, const void* start, Use use) {
  add(call, name, start, start ? call.sizes.pseudo_layers() * call.sizes.state() : 0, use);
}

void add_cells(PassCall& call, const char* name, const void* start, Use use) {
  add(call, name, start, start ? call.sizes.pseudo_layers() * call.sizes.cells() : 0, use);
}

// Of what only LSTMs have, the arguments of other cells are not looked at.
template <typename Pointer>
Pointer of_lstm(const PassCall& call, Pointer given) {
  return call.rnn.cell == CUDNN_LSTM ? given : nullptr;
}

void add_sequence(PassCall& call, const char* name, const void* start, const Sequences& of, Use use) {
  of.add_ranges(call.ranges, name, start, call.rnn.element(), use);
}

void add_weights(PassCall& call, const char* name, const void* start, size_t bytes, Use use) {
  call.ranges.push_back({name, reinterpret_cast<Address>(start), bytes, Use::HELD, 16});
  for (const Range& range : weight_ranges(call.rnn, name, start, use)) {
    call.ranges.push_back(range);
  }
}

// cuDNN asks the loader for libcublasLt of its own CUDA, which comes with cuBLAS, at the first pass.
bool without_cublas() {
  std::string name = "libcublas.so." + std::to_string(cudnnGetCudartVersion() / 1000);
  return !dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
}

cudnnStatus_t start(const std::shared_ptr<PassCall>& call, cudnnHandle_t handle) {
  if (without_cublas()) {
    return refuse(CUDNN_STATUS_NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE, call->name, "cuBLAS of its CUDA is not open");
  }
  for (const Range& range : call->ranges) {
    if (range.start == 0 && range.bytes > 0) {
      return refuse(NONE, call->name, range.name + ": null");
    }
  }
  std::string wrong = misplaced(call->ranges);
  if (!wrong.empty()) {
    return refuse(BAD, call->name, wrong);
  }
  CUstream on = find_cudnn(call->name, handle)->stream;
  std::shared_ptr<Stream> stream = find_stream(on);
  cudnnStatus_t spoils = set_to_answer("capture", call->rnn.algo);
  if (spoils && stream && stream->capturing()) {
    stream->capture->invalidated = true;
    return refuse(spoils, call->name, "CHARLSTM_SIM_RNN keeps the algorithm from being recorded");
  }
  CUresult result = enqueue(on, {call->name, [call] { return run(*call); }, CU_GRAPH_NODE_TYPE_KERNEL});
  return result == CUDA_ERROR_INVALID_HANDLE ? refuse(BAD, call->name, "handle: its stream was destroyed")
                                             : cudnn_status(result);
}

}

cudnnStatus_t cudnnRNNForward(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnForwardMode_t fwdMode,
                              const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t xDesc, const void* x,
                              cudnnRNNDataDescriptor_t yDesc, void* y, cudnnTensorDescriptor_t hDesc, const void* hx,
                              void* hy, cudnnTensorDescriptor_t cDesc, const void* cx, void* cy,
                              size_t weightSpaceSize, const void* weightSpace, size_t workSpaceSize, void* workSpace,
                              size_t reserveSpaceSize, void* reserveSpace) {
  auto call = std::make_shared<PassCall>();
  call->name = "cudnnRNNForward";
  if (unsigned(fwdMode) > CUDNN_FWD_MODE_TRAINING) {
    return refuse(BAD, call->name, "fwdMode: no such value");
  }
  call->pass = fwdMode == CUDNN_FWD_MODE_TRAINING ? Pass::TRAINING : Pass::INFERENCE;
  cudnnStatus_t status = prepare(*call, {handle, rnnDesc, devSeqLengths, xDesc, yDesc, hDesc, cDesc, weightSpaceSize,
                                         workSpaceSize, workSpace, reserveSpaceSize, reserveSpace});
  if (status != GOOD) {
    return status;
  }
  call->x = x, call->hx = hx, call->y = y, call->hy = hy, call->weights = weightSpace;
  call->cx = of_lstm(*call, cx), call->cy = of_lstm(*call, cy);
  add_sequence(*call, "x", x, call->of_x, Use::READ);
  add_sequence(*call, "y", y, call->of_y, Use::WRITE);
  add_outputs(*call, "hx", hx, Use::READ);
  add_outputs(*call, "hy", hy, Use::WRITE);
  add_cells(*call, "cx", call->cx, Use::READ);
  add_cells(*call, "cy", call->cy, Use::WRITE);
  add_weights(*call, "weightSpace", weightSpace, weightSpaceSize, Use::READ);
  return start(call, handle);
}

cudnnStatus_t cudnnRNNBackwardData_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc,
                                      const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t yDesc, const void* y,
                                      const void* dy, cudnnRNNDataDescriptor_t xDesc, void* dx,
                                      cudnnTensorDescriptor_t hDesc, const void* hx, const void* dhy, void* dhx,
                                      cudnnTensorDescriptor_t cDesc, const void* cx, const void* dcy, void* dcx,
                                      size_t weightSpaceSize, const void* weightSpace, size_t workSpaceSize,
                                      void* workSpace, size_t reserveSpaceSize, void* reserveSpace) {
  auto call = std::make_shared<PassCall>();
  call->name = "cudnnRNNBackwardData_v8";
  call->pass = Pass::BACKWARD_DATA;
  cudnnStatus_t status = prepare(*call, {handle, rnnDesc, devSeqLengths, xDesc, yDesc, hDesc, cDesc, weightSpaceSize,
                                         workSpaceSize, workSpace, reserveSpaceSize, reserveSpace});
  if (status != GOOD) {
    return status;
  }
  call->y = const_cast<void*>(y), call->hx = hx, call->cx = of_lstm(*call, cx), call->weights = weightSpace;
  call->dy = dy, call->dhy = dhy, call->dcy = of_lstm(*call, dcy);
  call->dx = dx, call->dhx = dhx, call->dcx = of_lstm(*call, dcx);
  add_sequence(*call, "y", y, call->of_y, Use::READ);
  add_sequence(*call, "dy", dy, call->of_y, Use::READ);
  add_sequence(*call, "dx", dx, call->of_x, Use::WRITE);
  add_outputs(*call, "hx", hx, Use::READ);
  add_outputs(*call, "dhy", dhy, Use::READ);
  add_outputs(*call, "dhx", dhx, Use::WRITE);
  add_cells(*call, "cx", call->cx, Use::READ);
  add_cells(*call, "dcy", call->dcy, Use::READ);
  add_cells(*call, "dcx", call->dcx, Use::WRITE);
  add_weights(*call, "weightSpace", weightSpace, weightSpaceSize, Use::READ);
  return start(call, handle);
}

cudnnStatus_t cudnnRNNBackwardWeights_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnWgradMode_t addGrad,
                                         const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t xDesc, const void* x,
                                         cudnnTensorDescriptor_t hDesc, const void* hx, cudnnRNNDataDescriptor_t yDesc,
                                         const void* y, size_t weightSpaceSize, void* dweightSpace,
                                         size_t workSpaceSize, void* workSpace, size_t reserveSpaceSize,
                                         void* reserveSpace) {
  auto call = std::make_shared<PassCall>();
  call->name = "cudnnRNNBackwardWeights_v8";
  if (addGrad != CUDNN_WGRAD_MODE_ADD) {
    return refuse(UNSUPPORTED, call->name, "addGrad: only CUDNN_WGRAD_MODE_ADD is supported, as documented");
  }
  call->pass = Pass::BACKWARD_WEIGHTS;
  cudnnStatus_t status = prepare(*call, {handle, rnnDesc, devSeqLengths, xDesc, yDesc, hDesc, nullptr,
                                         weightSpaceSize, workSpaceSize, workSpace, reserveSpaceSize, reserveSpace});
  if (status != GOOD) {
    return status;
  }
  call->x = x, call->hx = hx, call->y = const_cast<void*>(y), call->gradients = dweightSpace;
  add_sequence(*call, "x", x, call->of_x, Use::READ);
  add_sequence(*call, "y", y, call->of_y, Use::READ);
  add_outputs(*call, "hx", hx, Use::READ);
  add_weights(*call, "dweightSpace", dweightSpace, weightSpaceSize, Use::READ_AND_WRITE);
  return start(call, handle);
}

}
