// The way back through a recurrent layer of H <= 128 units by bf16 products on tensor cores, where a block has all
// units or is one of a cluster that share them. Of a cell, as rnn_tensor_forward.h has it, besides
//   Before                   the numbers of all steps that gradients take: the cells, or h
//   OF_STEP                  whether a step's own are among them, not only those before it
//   Sums                     the gradients of a unit's sums, in bf16 side by side
//   Factors, factors(...)    all of a step that does not depend on the steps after it
//   go_back(...)             the sums' gradients from dL/dh and what the step after gave back, which becomes what this
//                            step gives back beside its sums' gradients
#pragma once
#include "rnn_tensor.h"

// How many bytes a place lies behind the beginning of its array.
static __device__ __forceinline__ int bytes_in(const void* array, const void* place) {
  return (const char*)place - (const char*)array;
}

template <typename Cell>
struct BackwardLayer {
  const typename Cell::Kept* kept;
  const typename Cell::Before* states;
  const typename Cell::Before* first_state;
  const float* recurrent;
  const Half* output_gradient;
  typename Cell::Sums* sum_gradients;
  float* carried_gradient;
  int steps;
  int batch;
  int units;
  bool follows;
};

// A unit's step of a sequence as it is read: its gates, dL/dh by way of the layer above, and the number before it.
template <typename Cell>
struct StepBack {
  typename Cell::Kept kept;
  Half output_gradient;
  typename Cell::Before before;
};

// Reads the step whose first unit is at a place, n units on, and the numbers before it.
template <typename Cell>
static __device__ __forceinline__ StepBack<Cell> read_step(const BackwardLayer<Cell>& layer, int step,
                                                           const typename Cell::Before* before, int n) {
  return {Cell::KEEPS ? layer.kept[step + n] : typename Cell::Kept{}, layer.output_gradient[step + n], before[n]};
}

// The numbers before the step whose first unit is at a place; of the first step the first ones, or some that count as
// zeros where there are none.
template <typename Cell>
static __device__ __forceinline__ const typename Cell::Before* states_before(const BackwardLayer<Cell>& layer,
                                                                              int step) {
  return step > 0 ? layer.states + (step - layer.batch * layer.units)
         : layer.first_state ? layer.first_state
                              : layer.states;
}

static __device__ __forceinline__ float widened(float number) {
  return number;
}

// The weight of a unit in the recurrent sum k of all, a unit's slots side by side.
template <typename Cell>
static __device__ __forceinline__ float weight_of(const BackwardLayer<Cell>& layer, int unit, int k) {
  int of = k / Cell::SLOTS;
  int slot = k % Cell::SLOTS;
  const float* from = layer.recurrent + (unit * Cell::GATES + slot) * layer.units + of;
  bool there = unit < layer.units && of < layer.units && slot < Cell::GATES;
  return there ? from[0] : 0.0f;
}

// The gradients of a unit's sums in the step after the last, if that follows, else zeros.
template <typename Cell>
static __device__ __forceinline__ typename Cell::Sums sums_after(const BackwardLayer<Cell>& layer, int b, int unit) {
  bool there = layer.follows && unit < layer.units && b < layer.batch;
  int at = layer.steps * (layer.batch * layer.units) + b * layer.units + unit;
  return there ? layer.sum_gradients[at] : typename Cell::Sums{};
}
