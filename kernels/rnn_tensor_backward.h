// The backward pass of a recurrent layer of H <= 128 units by bf16 products on tensor cores, for a block that has all
// units or is one of a cluster that share them. A cell of rnn_tensor_forward.h also has
//   Before                   the type of the values of all steps that gradients read: the cells, or h
//   OF_STEP                  whether a step reads its own value, too, not only the previous step's
//   Sums                     the gradients of a unit's sums, side by side in bf16
//   Factors, factors(...)    the part of a step that does not depend on later steps
//   go_back(...)             the sums' gradients from dL/dh and the gradient that the later step gave back, which is
//                            replaced by the gradient that this step gives back besides its sums' gradients
#pragma once
#include "rnn_tensor.h"

// The offset in bytes of a place in an array.
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

// The data of a unit's step of a sequence: its gates, dL/dh from the layer above, and the previous step's value.
template <typename Cell>
struct StepBack {
  typename Cell::Kept kept;
  Half output_gradient;
  typename Cell::Before before;
};

// Reads the step whose first unit is at a place, n units on, and the previous step's values.
template <typename Cell>
static __device__ __forceinline__ StepBack<Cell> read_step(const BackwardLayer<Cell>& layer, int step,
                                                           const typename Cell::Before* before, int n) {
  return {Cell::KEEPS ? layer.kept[step + n] : typename Cell::Kept{}, layer.output_gradient[step + n], before[n]};
}

// The previous step's values for the step whose first unit is at a place. For the first step these are the first state,
// or, if that is null, other values, which the caller replaces by zeros.
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

// The weight of a unit in recurrent sum k, where a unit's slots are side by side.
template <typename Cell>
static __device__ __forceinline__ float weight_of(const BackwardLayer<Cell>& layer, int unit, int k) {
  int of = k / Cell::SLOTS;
  int slot = k % Cell::SLOTS;
  const float* from = layer.recurrent + (unit * Cell::GATES + slot) * layer.units + of;
  bool there = unit < layer.units && of < layer.units && slot < Cell::GATES;
  return there ? from[0] : 0.0f;
}

// The gradients of a unit's sums in the step after the last, if that step follows, else zeros.
template <typename Cell>
static __device__ __forceinline__ typename Cell::Sums sums_after(const BackwardLayer<Cell>& layer, int b, int unit) {
  bool there = layer.follows && unit < layer.units && b < layer.batch;
  int at = layer.steps * (layer.batch * layer.units) + b * layer.units + unit;
  return there ? layer.sum_gradients[at] : typename Cell::Sums{};
}
