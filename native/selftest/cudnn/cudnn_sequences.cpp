// Networks over sequences of different lengths, in both directions and with projections: the same however they are laid
// out, and refused where NVIDIA's refuses them. Their numbers are held to PyTorch's in cudnn_pytorch.cpp.
#include <cmath>
#include <cstring>

#include "selftest/cudnn/network.h"

namespace {

const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS, BAD = CUDNN_STATUS_BAD_PARAM;
const cudnnStatus_t UNSUPPORTED = CUDNN_STATUS_NOT_SUPPORTED;
const cudnnRNNDataLayout_t BY_STEP = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
const cudnnRNNDataLayout_t PACKED = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED;
const cudnnRNNDataLayout_t BY_SEQUENCE = CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED;
// Longest first, with two that end together.
const std::vector<int> LENGTHS = {4, 2, 2, 1};

RnnShape shape_of(cudnnRNNDataLayout_t layout, std::vector<int> lengths = LENGTHS) {
  return {2, 3, 5, 4, 4, 2, 3, lengths, layout};
}

// The element of a step of a sequence.
size_t place(const RnnShape& shape, int step, int sequence, int vector) {
  if (shape.layout != PACKED) {
    return size_t(shape.layout == BY_STEP ? step * shape.batch + sequence : sequence * shape.steps + step) * vector;
  }
  size_t line = sequence;
  for (int length : shape.lengths) {
    line += std::min(length, step);
  }
  return line * vector;
}

// The steps that sequences have, in one order for all layouts.
std::vector<float> steps_of(Network& n, CUdeviceptr from, int vector) {
  std::vector<float> all = n.read(from, n.sequence(vector)), found;
  for (int b = 0; b < n.shape.batch; b++) {
    for (int t = 0; t < n.shape.lengths[b]; t++) {
      auto first = all.begin() + place(n.shape, t, b, vector);
      found.insert(found.end(), first, first + vector);
    }
  }
  return found;
}

// Values of the steps alone: what lies beyond an end is nobody's, and no pass may read it.
CUdeviceptr laid_out(Network& n, const std::vector<float>& values, int vector) {
  CUdeviceptr to = n.result(n.sequence(vector));
  size_t from = 0;
  for (int b = 0; b < n.shape.batch; b++) {
    for (int t = 0; t < n.shape.lengths[b]; t++, from += vector) {
      CUdeviceptr at = to + place(n.shape, t, b, vector) * (n.type == CUDNN_DATA_BFLOAT16 ? 2 : 4);
      n.write({at, size_t(vector)}, {values.begin() + from, values.begin() + from + vector});
    }
  }
  return to;
}

std::vector<float> results_of(const RnnShape& shape, cudnnRNNMode_t cell, cudnnDataType_t type) {
  Driver driver;
  Network n(driver, shape, CUDNN_RNN_ALGO_STANDARD, CUDNN_RNN_DOUBLE_BIAS, type, CUDNN_FMA_MATH, cell);
  n.draw();
  n.x = laid_out(n, drawn(size_t(9) * shape.input, 11), shape.input);
  n.dy = laid_out(n, drawn(size_t(9) * shape.columns(), 12), shape.columns());
  CHECK(n.train() && driver.synchronise() == CUDA_SUCCESS);
  std::vector<float> all = steps_of(n, n.y, shape.columns()), dx = steps_of(n, n.dx, shape.input), rest = n.results();
  all.insert(all.end(), dx.begin(), dx.end());
  all.insert(all.end(), rest.begin() + n.sequence(shape.columns()) + n.sequence(shape.input), rest.end());
  return all;
}

void same_in_every_layout() {
  for (cudnnRNNMode_t cell : {CUDNN_LSTM, CUDNN_GRU, CUDNN_RNN_TANH}) {
    for (cudnnDataType_t type : {CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16}) {
      RnnShape by_step = shape_of(BY_STEP);
      by_step.output = cell == CUDNN_LSTM ? 3 : 0;
      std::vector<float> expected = results_of(by_step, cell, type);
      for (cudnnRNNDataLayout_t layout : {PACKED, BY_SEQUENCE}) {
        by_step.layout = layout;
        CHECK(same_bits(expected, results_of(by_step, cell, type)));
      }
    }
  }
}

// A sequence gives what it gives alone.
void alone() {
  Driver driver;
  RnnShape shape{2, 3, 5, 4, 2, 2, 0, {4, 2}}, one{2, 3, 5, 2, 1, 2, 0, {2}};
  Network n(driver, shape), single(driver, one);
  n.draw();
  single.draw();
  std::vector<float> x = n.read(n.x, n.sequence(3)), hx = n.read(n.hx, n.states()), cx = n.read(n.cx, n.cells());
  std::vector<float> x1, hx1, cx1;
  for (int t = 0; t < 2; t++) {
    x1.insert(x1.end(), x.begin() + (t * 2 + 1) * 3, x.begin() + (t * 2 + 2) * 3);
  }
  for (int layer = 0; layer < 4; layer++) {
    hx1.insert(hx1.end(), hx.begin() + (layer * 2 + 1) * 5, hx.begin() + (layer * 2 + 2) * 5);
    cx1.insert(cx1.end(), cx.begin() + (layer * 2 + 1) * 5, cx.begin() + (layer * 2 + 2) * 5);
  }
  single.x = single.buffer(x1);
  single.hx = single.buffer(hx1);
  single.cx = single.buffer(cx1);
  CHECK(n.forward() == GOOD && single.forward() == GOOD);
  std::vector<float> y = n.read(n.y, n.sequence(10)), y1 = single.read(single.y, 20);
  std::vector<float> hy = n.read(n.hy, n.states()), hy1 = single.read(single.hy, 20);
  for (int t = 0; t < 2; t++) {
    CHECK(std::memcmp(&y[(t * 2 + 1) * 10], &y1[t * 10], 40) == 0);
  }
  for (int layer = 0; layer < 4; layer++) {
    CHECK(std::memcmp(&hy[(layer * 2 + 1) * 5], &hy1[layer * 5], 20) == 0);
  }
  // Nobody asked for a filling.
  CHECK(std::isnan(y[(2 * 2 + 1) * 10]) && std::isnan(y[(3 * 2 + 1) * 10 + 9]) && !std::isnan(y[3 * 2 * 10 + 9]));
}

void filled() {
  Driver driver;
  RnnShape shape = shape_of(BY_SEQUENCE);
  shape.fill = {-7};
  Network n(driver, shape);
  n.draw();
  CHECK(n.train());
  std::vector<float> y = n.read(n.y, n.sequence(6)), dx = n.read(n.dx, n.sequence(3));
  CHECK(y[place(shape, 2, 1, 6)] == -7 && y[place(shape, 3, 3, 6) + 5] == -7 && y[place(shape, 1, 1, 6)] != -7);
  CHECK(std::isnan(dx[place(shape, 2, 1, 3)]) && !std::isnan(dx[place(shape, 1, 1, 3)]));
}

// The status and words of the forward pass over a network that was described well and then changed.
void refused(cudnnStatus_t expected, const char* words, const RnnShape& shape,
             const std::function<void(Network&)>& change) {
  Driver driver;
  Network n(driver, shape);
  n.draw();
  change(n);
  told(n.forward(), expected, words);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
}

void refusals() {
  RnnShape shape = shape_of(BY_STEP);
  refused(BAD, "yDesc: its layout is not xDesc's", shape, [](Network& n) {
    n.shape.layout = BY_SEQUENCE;
    n.set_data(n.y_desc, 6);
  });
  refused(BAD, "yDesc: its seqLengthArray is not xDesc's", shape, [](Network& n) {
    n.shape.lengths = {4, 2, 2, 2};
    n.set_data(n.y_desc, 6);
  });
  refused(BAD, "xDesc: packed sequences want the longest first", shape_of(PACKED, {2, 4, 2, 1}), [](Network&) {});
  refused(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "projSize of every direction", shape,
          [](Network& n) { n.set_data(n.y_desc, 5); });
  refused(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "hDesc: not numLayers of every direction, batchSize, projSize", shape,
          [](Network& n) { n.set_states(n.h_desc, 4, 5); });
  refused(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "cDesc: not numLayers of every direction, batchSize, hiddenSize",
          shape, [](Network& n) { n.set_states(n.c_desc, 4, 3); });
  refused(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "hDesc: not numLayers of every direction", shape,
          [](Network& n) { n.set_states(n.h_desc, 2, 3); });
  refused(BAD, "y overlaps x", shape, [](Network& n) { n.x = n.y; });
  refused(BAD, "past an allocation", shape, [](Network& n) { n.y = n.result(n.sequence(6) - 4); });
  RnnShape plain{2, 3, 5, 4, 2, 1, 0, {4, 3}};
  for (cudnnRNNAlgo_t algo : {CUDNN_RNN_ALGO_PERSIST_STATIC, CUDNN_RNN_ALGO_PERSIST_DYNAMIC,
                              CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H}) {
    refused(UNSUPPORTED, "the persistent algorithms want every sequence to have maxSeqLength", plain,
            [algo](Network& n) { n.set(algo, CUDNN_RNN_DOUBLE_BIAS, 5); });
  }
}

// The forward pass leaves its values for the same sequences alone.
void other_sequences_backward() {
  for (auto change : {+[](Network& n) { n.shape.lengths = {4, 2, 1, 1}; },
                      +[](Network& n) { n.shape.layout = BY_SEQUENCE; }}) {
    Driver driver;
    Network n(driver, shape_of(BY_STEP));
    n.draw();
    CHECK(n.forward() == GOOD);
    change(n);
    n.set_data(n.x_desc, 3);
    n.set_data(n.y_desc, 6);
    told(n.backward_data(), CUDNN_STATUS_EXECUTION_FAILED, "rnnDesc or a size: not that of the forward pass");
  }
}

}

void test_cudnn_sequences() {
  same_in_every_layout();
  alone();
  filled();
  refusals();
  other_sequences_backward();
}
