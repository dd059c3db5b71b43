// cuDNN's networks in bf16 and in TF32: what is rounded and what is not.
#include <cmath>

#include "selftest/cudnn/rnn_in_loops.h"

namespace {

const cudnnDataType_t SINGLE = CUDNN_DATA_FLOAT, HALF = CUDNN_DATA_BFLOAT16;
const cudnnRNNAlgo_t STANDARD = CUDNN_RNN_ALGO_STANDARD;
const cudnnRNNBiasMode_t BOTH = CUDNN_RNN_DOUBLE_BIAS;
const cudnnStatus_t GOOD = CUDNN_STATUS_SUCCESS;
const RnnShape SHAPE{3, 7, 9, 6, 5};

// So far apart in terms of the largest; not a number is far from anything.
bool close(const std::vector<float>& found, const std::vector<float>& expected, float tolerance) {
  float largest = 0;
  bool all = found.size() == expected.size() && !found.empty();
  for (float value : expected) {
    largest = std::fmax(largest, std::fabs(value));
  }
  for (size_t i = 0; all && i < found.size(); i++) {
    all = std::fabs(found[i] - expected[i]) <= tolerance * largest;
  }
  return all;
}

// Draws, and leaves of every input and weight only what so many bits can hold; of a bias too, unless it is TF32.
void draw_rounded(Network& n, int bits) {
  n.draw();
  for (CUdeviceptr* input : {&n.x, &n.hx, &n.cx}) {
    size_t count = input == &n.x ? n.sequence(n.shape.input) : n.states();
    *input = n.buffer(nearest(n.read(*input, count), bits));
  }
  for (int layer = 0; layer < n.shape.layers; layer++) {
    for (int linear = 0; linear < 8; linear++) {
      Network::Part matrix = n.part(n.weights, layer, linear, false), bias = n.part(n.weights, layer, linear, true);
      n.write(matrix, nearest(n.read(matrix.address, matrix.count), bits));
      if (bits == 8) {
        n.write(bias, nearest(n.read(bias.address, bias.count), bits));
      }
    }
  }
}

// The bits of the forward pass in bf16 are those of float32 on the same values, if one step of one layer at a time is
// taken and the states rounded in between.
void bf16_rounds_states_and_nothing_else() {
  Driver driver;
  Network n(driver, SHAPE, STANDARD, BOTH, HALF), whole(driver, SHAPE);
  n.draw();
  draw_rounded(whole, 8);
  CHECK(n.forward() == GOOD && whole.forward() == GOOD);
  size_t state = size_t(SHAPE.batch) * SHAPE.hidden, out = n.sequence(SHAPE.hidden);
  CHECK(close(n.read(n.y, out), whole.read(whole.y, out), 1e-2f));
  CHECK(n.read(n.y, out) != nearest(whole.read(whole.y, out), 8));
  std::vector<float> in = n.read(n.x, n.sequence(SHAPE.input)), h, c;
  for (int layer = 0; layer < SHAPE.layers; layer++) {
    int width = layer == 0 ? SHAPE.input : SHAPE.hidden;
    Network one(driver, {1, width, SHAPE.hidden, 1, SHAPE.batch});
    one.draw();
    for (int linear = 0; linear < 8; linear++) {
      for (bool bias : {false, true}) {
        Network::Part from = n.part(n.weights, layer, linear, bias);
        one.write(one.part(one.weights, 0, linear, bias), n.read(from.address, from.count));
      }
    }
    h = n.read(n.hx + layer * state * 2, state);
    c = n.read(n.cx + layer * state * 2, state);
    std::vector<float> outputs;
    for (int step = 0; step < SHAPE.steps; step++) {
      size_t line = size_t(SHAPE.batch) * width;
      one.write({one.x, line}, {in.begin() + step * line, in.begin() + (step + 1) * line});
      one.write({one.hx, state}, h);
      one.write({one.cx, state}, c);
      CHECK(one.forward() == GOOD);
      h = nearest(one.read(one.hy, state), 8);
      c = nearest(one.read(one.cy, state), 8);
      outputs.insert(outputs.end(), h.begin(), h.end());
    }
    CHECK(same_bits(h, n.read(n.hy + layer * state * 2, state)));
    CHECK(same_bits(c, n.read(n.cy + layer * state * 2, state)));
    in = outputs;
  }
  CHECK(same_bits(in, n.read(n.y, out)));
}

void bf16_gradients() {
  Driver driver;
  Network n(driver, SHAPE, STANDARD, BOTH, HALF), exact(driver, SHAPE);
  n.draw();
  draw_rounded(exact, 8);
  for (auto& one : {std::make_pair(&exact.dy, n.dy), std::make_pair(&exact.dhy, n.dhy),
                    std::make_pair(&exact.dcy, n.dcy)}) {
    size_t count = one.first == &exact.dy ? n.sequence(SHAPE.hidden) : n.states();
    *one.first = exact.buffer(n.read(one.second, count));
  }
  CHECK(n.train() && exact.train());
  CHECK(close(n.read(n.dx, n.sequence(SHAPE.input)), exact.read(exact.dx, n.sequence(SHAPE.input)), 2e-2f));
  CHECK(close(n.read(n.dhx, n.states()), exact.read(exact.dhx, n.states()), 2e-2f));
  CHECK(close(n.read(n.dcx, n.states()), exact.read(exact.dcx, n.states()), 2e-2f));
  Network::Part part = n.part(n.gradients, 1, 2, false), other = exact.part(exact.gradients, 1, 2, false);
  std::vector<float> once = n.read(part.address, part.count), sums(part.count);
  CHECK(close(once, exact.read(other.address, other.count), 2e-2f));
  // The sum is bf16 too: half of its last bit is 2^-7 from 2 to 4, and a gradient is lost in 1024.
  n.zero_gradients();
  n.write(part, std::vector<float>(part.count, 3.0f));
  CHECK(n.backward_weights() == GOOD);
  sums = n.read(part.address, part.count);
  CHECK(sums == nearest(sums, 8));
  bool added = true;
  for (size_t i = 0; i < sums.size(); i++) {
    added = added && std::fabs(sums[i] - (3 + once[i])) <= 1 / 128.f + std::fabs(once[i]) / 256;
  }
  CHECK(added && sums != std::vector<float>(part.count, 3.0f));
  n.zero_gradients();
  n.write(part, std::vector<float>(part.count, 1024.0f));
  CHECK(n.backward_weights() == GOOD && n.read(part.address, part.count) == std::vector<float>(part.count, 1024.0f));
}

// bf16 fits into TF32, so that no mode makes a difference; nor do other memory and null for zeros.
void bf16_in_other_ways() {
  Driver driver;
  std::vector<float> first;
  for (int math = 0; math < 4; math++) {
    Network n(driver, SHAPE, STANDARD, BOTH, HALF, cudnnMathType_t(math));
    n.draw();
    CHECK(n.train());
    first = first.empty() ? n.results() : first;
    CHECK(same_bits(first, n.results()));
  }
  Network zeros(driver, SHAPE, STANDARD, BOTH, HALF), nulls(driver, SHAPE, STANDARD, BOTH, HALF);
  zeros.draw();
  nulls.draw();
  for (Network* n : {&zeros, &nulls}) {
    for (CUdeviceptr* state : {&n->hx, &n->cx, &n->dhy, &n->dcy}) {
      *state = n == &zeros ? n->buffer(std::vector<float>(n->states())) : 0;
    }
    // Memory that only 2 bytes divide will do.
    n->x = n->buffer(drawn(n->sequence(SHAPE.input) + 1, 1)) + 2;
    CHECK(n->train());
  }
  CHECK(zeros.results() == nulls.results());
  std::vector<float> y = nulls.read(nulls.y, nulls.sequence(SHAPE.hidden));
  nulls.mode = CUDNN_FWD_MODE_INFERENCE;
  nulls.reserve = nulls.reserve_bytes = 0;
  CHECK(nulls.forward() == GOOD && y == nulls.read(nulls.y, y.size()));
}

void bf16_takes_half_the_room() {
  Driver driver;
  Network half(driver, SHAPE, STANDARD, BOTH, HALF), single(driver, SHAPE);
  CHECK(half.weight_bytes < single.weight_bytes && half.work_bytes < single.work_bytes);
  Network::Part first = half.part(4096, 0, 0, false), second = half.part(4096, 0, 1, false);
  size_t apart = second.address - first.address;
  CHECK(apart >= first.count * 2 && apart < first.count * 4 + 128);
}

// On factors that TF32 can hold all is as in float32 up to the first product of gradients.
void tf32_rounds_factors_and_nothing_else() {
  Driver driver;
  const RnnShape one{1, 7, 9, 1, 5};
  Network exact(driver, one), fast(driver, one, STANDARD, BOTH, SINGLE, CUDNN_DEFAULT_MATH);
  Network unrounded(driver, one, STANDARD, BOTH, SINGLE, CUDNN_DEFAULT_MATH);
  draw_rounded(exact, 11);
  draw_rounded(fast, 11);
  unrounded.draw();
  // A cell is no factor, and the one of the network that is left as drawn is to be the same.
  unrounded.cx = unrounded.buffer(exact.read(exact.cx, exact.states()));
  CHECK(exact.train() && fast.train() && unrounded.train());
  auto same = [&](const Network& a, const Network& b, CUdeviceptr Network::*what, size_t count) {
    return same_bits(driver.read(a.*what, count), driver.read(b.*what, count));
  };
  size_t states = exact.states(), inputs = exact.sequence(one.input);
  for (CUdeviceptr Network::*what : {&Network::y, &Network::hy, &Network::cy, &Network::dcx}) {
    CHECK(same(exact, fast, what, states));
    CHECK(same(exact, unrounded, what, states));
  }
  CHECK(!same(exact, fast, &Network::dhx, states) && !same(exact, fast, &Network::dx, inputs));
  CHECK(same(fast, unrounded, &Network::dhx, states) && same(fast, unrounded, &Network::dx, inputs));
  for (int linear = 0; linear < 8; linear++) {
    for (bool bias : {false, true}) {
      Network::Part a = exact.part(exact.gradients, 0, linear, bias), b = fast.part(fast.gradients, 0, linear, bias);
      std::vector<float> of_a = driver.read(a.address, a.count), of_b = driver.read(b.address, b.count);
      CHECK(same_bits(of_a, of_b) == bias && close(of_b, of_a, 2e-3f));
    }
  }
}

// Every result of every pass, with what is to be rounded rounded and nothing else.
void as_in_loops(cudnnRNNMode_t cell, cudnnRNNBiasMode_t bias) {
  const RnnShape small{2, 3, 5, 4, 2};
  Driver driver;
  auto results = [&](cudnnDataType_t type, cudnnMathType_t math, Rounding rounding, bool bits, float tolerance) {
    Network n(driver, small, STANDARD, bias, type, math, cell);
    n.draw();
    CHECK(n.train());
    std::vector<float> expected = loop_results(n, rounding);
    CHECK(bits ? same_bits(n.results(), expected) : close(n.results(), expected, tolerance));
  };
  results(SINGLE, CUDNN_FMA_MATH, {0, 0}, false, 2e-6f);
  results(SINGLE, CUDNN_DEFAULT_MATH, {11, 0}, false, 2e-6f);
  results(HALF, CUDNN_DEFAULT_MATH, {0, 8}, true, 0);
}

void tf32_is_what_is_not_fma() {
  Driver driver;
  std::vector<std::vector<float>> found;
  for (int math = 0; math < 4; math++) {
    Network n(driver, SHAPE, STANDARD, BOTH, SINGLE, cudnnMathType_t(math));
    n.draw();
    CHECK(n.train());
    found.push_back(n.results());
  }
  CHECK(same_bits(found[0], found[1]) && same_bits(found[0], found[2]) && !same_bits(found[0], found[3]));
  CHECK(close(found[0], found[3], 2e-3f));
  // Farther than float32 is from itself in another order.
  CHECK(!close(found[0], found[3], 1e-5f));
}

}

void test_cudnn_precision() {
  bf16_rounds_states_and_nothing_else();
  bf16_gradients();
  bf16_in_other_ways();
  bf16_takes_half_the_room();
  tf32_rounds_factors_and_nothing_else();
  for (cudnnRNNMode_t cell : {CUDNN_RNN_RELU, CUDNN_RNN_TANH, CUDNN_LSTM, CUDNN_GRU}) {
    for (cudnnRNNBiasMode_t bias : {BOTH, CUDNN_RNN_NO_BIAS, CUDNN_RNN_SINGLE_INP_BIAS, CUDNN_RNN_SINGLE_REC_BIAS}) {
      as_in_loops(cell, bias);
    }
  }
  tf32_is_what_is_not_fma();
}
