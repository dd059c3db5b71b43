// The calls of passes over an RNN: checks of their arguments. Passes run as operations of a stream.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>

#include "cudnn/passes.h"
#include "cudnn/support.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cudnnStatus_t SHAPE = CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, SMALL = CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT;

const char* moment(Pass pass) {
  return pass == Pass::BACKWARD_DATA ? "data" : pass == Pass::BACKWARD_WEIGHTS ? "weights" : "forward";
}

// The arguments of all passes.
struct Common {
  cudnnHandle_t handle;
  cudnnRNNDescriptor_t rnn;
  const int32_t* lengths;
  cudnnRNNDataDescriptor_t x, y;
  cudnnTensorDescriptor_t h, c;
  size_t weights;
  const void* weights_start;
  size_t workspace;
  void* workspace_start;
  size_t reserve;
  void* reserve_start;
};

// The checks of 9.1.0, except for the order of packed sequences.
void check_layout(const Rnn& rnn, const Sequences& x, const Sequences& y) {
  bool shorter = x.shorter(), packed = x.packed();
  refuse_if(shorter && rnn.algo != CUDNN_RNN_ALGO_STANDARD, UNSUPPORTED,
            "rnnDesc: the persistent algorithms want every sequence to have maxSeqLength");
  refuse_if(x.layout != y.layout, BAD, "yDesc: its layout is not xDesc's");
  refuse_if(x.lengths != y.lengths, BAD, "yDesc: its seqLengthArray is not xDesc's");
  refuse_if(!packed && !rnn.padded && (shorter || x.layout == CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED), BAD,
            "rnnDesc: sequences that end early or lie behind each other want CUDNN_RNN_PADDED_IO_ENABLED");
  refuse_if(packed && !std::is_sorted(x.lengths.rbegin(), x.lengths.rend()), BAD,
            "xDesc: packed sequences want the longest first");
}

void take_network(PassCall& call, const Common& given) {
  const Rnn& rnn = find_rnn(given.rnn);
  const Sequences &x = find_data("xDesc", given.x), &y = find_data("yDesc", given.y);
  check_support(rnn, call.pass != Pass::INFERENCE);
  refuse_if(given.lengths, UNSUPPORTED, "devSeqLengths: the simulated cuDNN wants null");
  refuse_if(x.type != rnn.type || y.type != rnn.type, BAD, "xDesc or yDesc: its dataType is not rnnDesc's");
  refuse_if(x.vector != rnn.input || y.vector != rnn.projection * rnn.directions(), SHAPE,
            "xDesc or yDesc: its vectorSize is not rnnDesc's inputSize, or projSize of every direction");
  refuse_if(x.steps != y.steps || x.batch != y.batch, SHAPE, "yDesc: its maxSeqLength or batchSize is not xDesc's");
  check_layout(rnn, x, y);
  check_algorithm(moment(call.pass), rnn);
  if (call.pass == Pass::BACKWARD_DATA) {
    check_backward(rnn);
  }
  refuse_if(rnn.algo == CUDNN_RNN_ALGO_PERSIST_DYNAMIC && rnn.built_for != x.batch, BAD,
            "rnnDesc: cudnnBuildRNNDynamic was not called for a batch of " + std::to_string(x.batch));
  call.rnn = rnn;
  call.sizes = sizes_of(rnn, x);
  call.of_x = x;
  call.of_y = y;
  // The fill value is only for the output.
  call.of_x.fill = NAN;
}

void take_spaces(PassCall& call, const Common& given) {
  bool reserves = call.pass != Pass::INFERENCE;
  size_t reserve = reserves ? reserve_size(call.sizes) : 0;
  const struct {
    const char* name;
    size_t given, needed;
  } sizes[] = {{"weightSpaceSize", given.weights, weight_layout(call.rnn).size},
               {"workSpaceSize", given.workspace, workspace_size(call.rnn, call.sizes.batch)},
               {"reserveSpaceSize", given.reserve, reserve}};
  for (const auto& size : sizes) {
    refuse_if(size.given < size.needed, SMALL, std::string(size.name) + ": " + std::to_string(size.given) + ", but " +
                                                   std::to_string(size.needed) + " are needed");
  }
  call.ranges.push_back({"workSpace", reinterpret_cast<Address>(given.workspace_start), given.workspace, Use::SCRATCH,
                         16});
  call.reserve = given.reserve_start;
  if (reserves) {
    Use use = call.pass == Pass::TRAINING        ? Use::WRITE
              : call.pass == Pass::BACKWARD_DATA ? Use::READ_AND_WRITE
                                                 : Use::READ;
    auto start = reinterpret_cast<Address>(given.reserve_start);
    call.ranges.push_back({"reserveSpace", start, given.reserve, Use::HELD, 16});
    call.ranges.push_back({"reserveSpace", start, reserve, use});
  }
}

// States are fully packed, as [layer][sequence][unit].
void check_states(const PassCall& call, const char* name, cudnnTensorDescriptor_t descriptor, size_t units) {
  const Tensor& tensor = find_tensor(name, descriptor, Want::SET);
  refuse_if(tensor.type != call.rnn.type, BAD, std::string(name) + ": its dataType is not rnnDesc's");
  int layers = int(call.sizes.pseudo_layers()), batch = int(call.sizes.batch), hidden = int(units);
  refuse_if(tensor.dims != std::vector<int>{layers, batch, hidden} ||
                tensor.strides != std::vector<int>{batch * hidden, hidden, 1},
            SHAPE, std::string(name) + ": not numLayers of every direction, batchSize, " +
                       (units == call.sizes.hidden ? "hiddenSize" : "projSize") + ", fully packed");
}

// The arguments that only LSTMs need are not checked for other cells.
void take_arrays(PassCall& call, const std::vector<Argument>& arguments) {
  size_t size = size_of(call.rnn.element());
  for (const Argument& argument : arguments) {
    if (argument.form == Form::X || argument.form == Form::Y) {
      call.sequences(argument.form).add_ranges(call.ranges, argument.name, argument.start, argument.use);
    } else if (argument.start && (argument.form == Form::STATES || call.rnn.cell == CUDNN_LSTM)) {
      call.ranges.push_back({argument.name, reinterpret_cast<Address>(argument.start),
                             call.state_elements(argument.form) * size, argument.use, size});
    } else {
      continue;
    }
    call.arguments.push_back(argument);
  }
}

void take_weights(PassCall& call, const Common& given) {
  bool sums = call.pass == Pass::BACKWARD_WEIGHTS;
  const char* name = sums ? "dweightSpace" : "weightSpace";
  call.weights = const_cast<void*>(given.weights_start);
  call.ranges.push_back({name, reinterpret_cast<Address>(call.weights), given.weights, Use::HELD, 16});
  for (const Range& range : weight_ranges(call.rnn, name, call.weights, sums ? Use::READ_AND_WRITE : Use::READ)) {
    call.ranges.push_back(range);
  }
}

// At its first pass cuDNN asks the loader for its own CUDA's libcublasLt, which comes with cuBLAS.
bool without_cublas() {
  std::string name = "libcublas.so." + std::to_string(cudnnGetCudartVersion() / 1000);
  return !dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
}

// The checks of all passes, in this order.
void start(Pass pass, const Common& given, const std::vector<Argument>& arguments) {
  auto call = std::make_shared<PassCall>();
  call->pass = pass;
  const Cudnn& cudnn = find_cudnn(given.handle);
  take_network(*call, given);
  take_spaces(*call, given);
  check_states(*call, "hDesc", given.h, call->sizes.output);
  if (call->rnn.cell == CUDNN_LSTM && pass != Pass::BACKWARD_WEIGHTS) {
    check_states(*call, "cDesc", given.c, call->sizes.hidden);
  }
  take_arrays(*call, arguments);
  take_weights(*call, given);
  refuse_if(without_cublas(), CUDNN_STATUS_NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE, "cuBLAS of its CUDA is not open");
  for (const Range& range : call->ranges) {
    refuse_if(range.start == 0 && range.bytes > 0, NONE, range.name + ": null");
  }
  refuse_for(BAD, misplaced(call->ranges));
  std::shared_ptr<Stream> stream = find_stream(cudnn.stream);
  int spoils = set_to_answer("capture", call->rnn.algo);
  if (spoils && stream && stream->capturing()) {
    stream->capture->invalidated = true;
    refuse(spoils, "CHARLSTM_SIM_RNN keeps the algorithm from being recorded");
  }
  enqueue(cudnn, [call] { return run(*call); });
}

}

void cudnnRNNForward(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnForwardMode_t fwdMode,
                     const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t xDesc, const void* x,
                     cudnnRNNDataDescriptor_t yDesc, void* y, cudnnTensorDescriptor_t hDesc, const void* hx, void* hy,
                     cudnnTensorDescriptor_t cDesc, const void* cx, void* cy, size_t weightSpaceSize,
                     const void* weightSpace, size_t workSpaceSize, void* workSpace, size_t reserveSpaceSize,
                     void* reserveSpace) {
  refuse_if(unsigned(fwdMode) > CUDNN_FWD_MODE_TRAINING, BAD, "fwdMode: no such value");
  start(fwdMode == CUDNN_FWD_MODE_TRAINING ? Pass::TRAINING : Pass::INFERENCE,
        {handle, rnnDesc, devSeqLengths, xDesc, yDesc, hDesc, cDesc, weightSpaceSize, weightSpace, workSpaceSize,
         workSpace, reserveSpaceSize, reserveSpace},
        {{"x", x, Form::X, Use::READ},
         {"y", y, Form::Y, Use::WRITE},
         {"hx", hx, Form::STATES, Use::READ},
         {"hy", hy, Form::STATES, Use::WRITE},
         {"cx", cx, Form::CELLS, Use::READ},
         {"cy", cy, Form::CELLS, Use::WRITE}});
}

void cudnnRNNBackwardData_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, const int32_t devSeqLengths[],
                             cudnnRNNDataDescriptor_t yDesc, const void* y, const void* dy,
                             cudnnRNNDataDescriptor_t xDesc, void* dx, cudnnTensorDescriptor_t hDesc, const void* hx,
                             const void* dhy, void* dhx, cudnnTensorDescriptor_t cDesc, const void* cx,
                             const void* dcy, void* dcx, size_t weightSpaceSize, const void* weightSpace,
                             size_t workSpaceSize, void* workSpace, size_t reserveSpaceSize, void* reserveSpace) {
  start(Pass::BACKWARD_DATA,
        {handle, rnnDesc, devSeqLengths, xDesc, yDesc, hDesc, cDesc, weightSpaceSize, weightSpace, workSpaceSize,
         workSpace, reserveSpaceSize, reserveSpace},
        {{"y", y, Form::Y, Use::READ},
         {"dy", dy, Form::Y, Use::READ},
         {"dx", dx, Form::X, Use::WRITE},
         {"hx", hx, Form::STATES, Use::READ},
         {"dhy", dhy, Form::STATES, Use::READ},
         {"dhx", dhx, Form::STATES, Use::WRITE},
         {"cx", cx, Form::CELLS, Use::READ},
         {"dcy", dcy, Form::CELLS, Use::READ},
         {"dcx", dcx, Form::CELLS, Use::WRITE}});
}

void cudnnRNNBackwardWeights_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t rnnDesc, cudnnWgradMode_t addGrad,
                                const int32_t devSeqLengths[], cudnnRNNDataDescriptor_t xDesc, const void* x,
                                cudnnTensorDescriptor_t hDesc, const void* hx, cudnnRNNDataDescriptor_t yDesc,
                                const void* y, size_t weightSpaceSize, void* dweightSpace, size_t workSpaceSize,
                                void* workSpace, size_t reserveSpaceSize, void* reserveSpace) {
  refuse_if(addGrad != CUDNN_WGRAD_MODE_ADD, UNSUPPORTED,
            "addGrad: only CUDNN_WGRAD_MODE_ADD is supported, as documented");
  start(Pass::BACKWARD_WEIGHTS,
        {handle, rnnDesc, devSeqLengths, xDesc, yDesc, hDesc, nullptr, weightSpaceSize, dweightSpace, workSpaceSize,
         workSpace, reserveSpaceSize, reserveSpace},
        {{"x", x, Form::X, Use::READ}, {"y", y, Form::Y, Use::READ}, {"hx", hx, Form::STATES, Use::READ}});
}

}
