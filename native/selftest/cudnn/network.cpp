#include "selftest/cudnn/network.h"

#include <cstring>
#include <numeric>

namespace {

void* at(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

}

Network::Network(Driver& driver, RnnShape shape, cudnnRNNAlgo_t algo, cudnnRNNBiasMode_t bias,
                 cudnnDataType_t type, cudnnMathType_t math, cudnnRNNMode_t cell)
    : driver(driver), shape(shape), type(type), math(math), cell(cell) {
  cudnnCreate(&handle);
  cudnnSetStream(handle, driver.stream);
  cudnnCreateDropoutDescriptor(&dropout);
  cudnnSetDropoutDescriptor(dropout, handle, 0.0f, nullptr, 0, 0);
  cudnnCreateRNNDescriptor(&rnn);
  cudnnCreateRNNDataDescriptor(&x_desc);
  cudnnCreateRNNDataDescriptor(&y_desc);
  for (cudnnTensorDescriptor_t* descriptor : {&h_desc, &m_desc, &b_desc}) {
    cudnnCreateTensorDescriptor(descriptor);
  }
  if (cell == CUDNN_LSTM) {
    cudnnCreateTensorDescriptor(&c_desc);
  }
  if (set(algo, bias, shape.outputs()) != CUDNN_STATUS_SUCCESS) {
    return;
  }
  set_data(x_desc, shape.input);
  set_data(y_desc, shape.columns());
  set_states(h_desc, pseudo_layers(), shape.outputs());
  if (cell == CUDNN_LSTM) {
    set_states(c_desc, pseudo_layers(), shape.hidden);
  }
  if (algo == CUDNN_RNN_ALGO_PERSIST_DYNAMIC) {
    cudnnBuildRNNDynamic(handle, rnn, shape.batch);
  }
  cudnnGetRNNWeightSpaceSize(handle, rnn, &weight_bytes);
  cudnnGetRNNTempSpaceSizes(handle, rnn, CUDNN_FWD_MODE_TRAINING, x_desc, &work_bytes, &reserve_bytes);
}

Network::~Network() {
  for (CUdeviceptr address : owned) {
    cuMemFree_v2(address);
  }
  for (cudnnTensorDescriptor_t descriptor : {h_desc, c_desc, m_desc, b_desc}) {
    cudnnDestroyTensorDescriptor(descriptor);
  }
  cudnnDestroyRNNDataDescriptor(x_desc);
  cudnnDestroyRNNDataDescriptor(y_desc);
  cudnnDestroyRNNDescriptor(rnn);
  cudnnDestroyDropoutDescriptor(dropout);
  cudnnDestroy(handle);
}

cudnnStatus_t Network::set(cudnnRNNAlgo_t algo, cudnnRNNBiasMode_t bias, int projection) {
  return cudnnSetRNNDescriptor_v8(rnn, algo, cell, bias, cudnnDirectionMode_t(shape.directions - 1),
                                  CUDNN_LINEAR_INPUT, type, CUDNN_DATA_FLOAT, math, shape.input, shape.hidden,
                                  projection, shape.layers, dropout, CUDNN_RNN_PADDED_IO_ENABLED);
}

cudnnStatus_t Network::set_data(cudnnRNNDataDescriptor_t descriptor, int vector) {
  std::vector<int> lengths = shape.lengths.empty() ? std::vector<int>(shape.batch, shape.steps) : shape.lengths;
  return cudnnSetRNNDataDescriptor(descriptor, type, shape.layout, shape.steps, shape.batch, vector, lengths.data(),
                                   shape.fill.empty() ? nullptr : const_cast<float*>(shape.fill.data()));
}

cudnnStatus_t Network::set_states(cudnnTensorDescriptor_t descriptor, int layers, int units) {
  const int dims[] = {layers, shape.batch, units}, strides[] = {shape.batch * units, units, 1};
  return cudnnSetTensorNdDescriptor(descriptor, type, 3, dims, strides);
}

size_t Network::sequence(int vector) const {
  size_t lines = size_t(shape.steps) * shape.batch;
  if (shape.layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED && !shape.lengths.empty()) {
    lines = std::accumulate(shape.lengths.begin(), shape.lengths.end(), size_t(0));
  }
  return lines * vector;
}

Network::Part Network::part(CUdeviceptr space, int layer, int linear, bool bias) {
  void *matrix_at = nullptr, *bias_at = nullptr;
  cudnnGetRNNWeightParams(handle, rnn, layer, weight_bytes, at(space), linear, m_desc, &matrix_at, b_desc, &bias_at);
  cudnnDataType_t found;
  int count = -1, dims[3] = {}, strides[3];
  cudnnGetTensorNdDescriptor(bias ? b_desc : m_desc, 3, &found, &count, dims, strides);
  check(found == (count == 0 ? CUDNN_DATA_FLOAT : type), "a weight is of the network's type", __FILE__, __LINE__);
  return {CUdeviceptr(bias ? bias_at : matrix_at), count == 3 ? size_t(dims[0]) * dims[1] * dims[2] : 0};
}

CUdeviceptr Network::buffer(const std::vector<float>& values) {
  CUdeviceptr address = result(values.size());
  write({address, values.size()}, values);
  return address;
}

CUdeviceptr Network::result(size_t count) {
  return memory(count * (type == CUDNN_DATA_BFLOAT16 ? 2 : 4));
}

CUdeviceptr Network::memory(size_t bytes) {
  owned.push_back(driver.fresh(bytes));
  return owned.back();
}

std::vector<float> Network::read(CUdeviceptr from, size_t count) {
  if (type == CUDNN_DATA_FLOAT) {
    return driver.read(from, count);
  }
  std::vector<float> words((count + 1) / 2);
  cuMemcpyDtoHAsync_v2(words.data(), from, count * 2, driver.stream);
  driver.synchronise();
  return from_bf16(words, count);
}

void Network::write(Part part, const std::vector<float>& values) {
  if (part.count > 0) {
    bool narrow = type == CUDNN_DATA_BFLOAT16;
    std::vector<float> words = narrow ? as_bf16(values) : values;
    cuMemcpyHtoDAsync_v2(part.address, words.data(), part.count * (narrow ? 2 : 4), driver.stream);
    driver.synchronise();
  }
}

void Network::zero_gradients() {
  cuMemsetD32Async(gradients, 0, weight_bytes / 4, driver.stream);
}

void Network::draw() {
  x = buffer(drawn(sequence(shape.input), 1));
  hx = buffer(drawn(states(), 2));
  dy = buffer(drawn(sequence(shape.columns()), 4));
  dhy = buffer(drawn(states(), 5));
  y = result(sequence(shape.columns()));
  dx = result(sequence(shape.input));
  hy = result(states());
  dhx = result(states());
  if (cell == CUDNN_LSTM) {
    cx = buffer(drawn(cells(), 3));
    dcy = buffer(drawn(cells(), 6));
    cy = result(cells());
    dcx = result(cells());
  }
  // The gaps stay unwritten: nobody may read them.
  weights = memory(weight_bytes);
  gradients = memory(weight_bytes);
  workspace = memory(work_bytes);
  reserve = memory(reserve_bytes);
  zero_gradients();
  for (int layer = 0; layer < pseudo_layers(); layer++) {
    for (int linear = 0; linear <= linears(); linear++) {
      Part matrix = part(weights, layer, linear, false), bias = part(weights, layer, linear, true);
      write(matrix, drawn(matrix.count, 100 + 8 * layer + linear));
      write(bias, drawn(bias.count, 200 + 8 * layer + linear));
    }
  }
}

cudnnStatus_t Network::forward() {
  return cudnnRNNForward(handle, rnn, mode, lengths, x_desc, at(x), y_desc, at(y), h_desc, at(hx), at(hy), c_desc,
                         at(cx), at(cy), weight_bytes, at(weights), work_bytes, at(workspace), reserve_bytes,
                         at(reserve));
}

cudnnStatus_t Network::backward_data() {
  return cudnnRNNBackwardData_v8(handle, rnn, lengths, y_desc, at(y), at(dy), x_desc, at(dx), h_desc, at(hx), at(dhy),
                                 at(dhx), c_desc, at(cx), at(dcy), at(dcx), weight_bytes, at(weights), work_bytes,
                                 at(workspace), reserve_bytes, at(reserve));
}

cudnnStatus_t Network::backward_weights() {
  return cudnnRNNBackwardWeights_v8(handle, rnn, add, lengths, x_desc, at(x), h_desc, at(hx), y_desc, at(y),
                                    weight_bytes, at(gradients), work_bytes, at(workspace), reserve_bytes,
                                    at(reserve));
}

bool Network::train() {
  return forward() == CUDNN_STATUS_SUCCESS && backward_data() == CUDNN_STATUS_SUCCESS &&
         backward_weights() == CUDNN_STATUS_SUCCESS;
}

std::vector<float> Network::results() {
  std::vector<float> all;
  auto append = [&](CUdeviceptr from, size_t count) {
    std::vector<float> values = from && count ? read(from, count) : std::vector<float>();
    all.insert(all.end(), values.begin(), values.end());
  };
  append(y, sequence(shape.columns()));
  append(dx, sequence(shape.input));
  append(hy, states());
  append(cy, cells());
  append(dhx, states());
  append(dcx, cells());
  for (int layer = 0; layer < pseudo_layers(); layer++) {
    for (int linear = 0; linear <= linears(); linear++) {
      for (bool bias : {false, true}) {
        Part found = part(gradients, layer, linear, bias);
        append(found.address, found.count);
      }
    }
  }
  return all;
}

void told(cudnnStatus_t status, cudnnStatus_t expected, const char* words) {
  char message[400] = "";
  cudnnGetLastErrorString(message, sizeof message);
  check(status == expected && std::strstr(message, words), words, __FILE__, __LINE__);
}
