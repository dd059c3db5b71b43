// The way back through an LSTM layer of H <= 128 units by bf16 products on tensor cores, where a block has all units or
// is one of a cluster that share them.
#pragma once
#include "lstm_tensor.h"

// How many bytes a place lies behind the beginning of its array.
static __device__ __forceinline__ int bytes_in(const void* array, const void* place) {
  return (const char*)place - (const char*)array;
}

struct BackwardLayer {
  const KeptGates* gates;
  const float* cells;
  const float* first_cell;
  const float* recurrent;
  const Half* output_gradient;
  PackedFour* sum_gradients;
  float* cell_gradient;
  int steps;
  int batch;
  int units;
  bool follows;
};

// A unit's step of a sequence as it is read: its gates, dL/dh by way of the layer above, and the cell before it.
struct StepBack {
  KeptGates gates;
  Half output_gradient;
  float before;
};

// Reads the step whose first unit is at a place, n units on, and the cells before it.
static __device__ __forceinline__ StepBack read_step(const BackwardLayer& layer, int step, const float* cells, int n) {
  return {layer.gates[step + n], layer.output_gradient[step + n], cells[n]};
}

// The cells before the step whose first unit is at a place; of the first step the first cells, or some that count as
// zeros where there are none.
static __device__ __forceinline__ const float* cells_before(const BackwardLayer& layer, int step) {
  return step > 0 ? layer.cells + (step - layer.batch * layer.units)
         : layer.first_cell ? layer.first_cell
                            : layer.cells;
}

// All of a step that does not depend on the steps after it: dL/dc is dL/dh times hidden and what comes from after; the
// gates' sums' gradients are that times i, f and c, and dL/dh times o; and forget goes to the step before.
struct Factors {
  float hidden;
  float i;
  float f;
  float c;
  float o;
  float forget;
};

template <bool HARD>
static __device__ __forceinline__ Factors factors_of(const StepBack& read, float before, float cell) {
  Four gates = gates_of(read.gates);
  float i = gates.at[0];
  float f = gates.at[1];
  float candidate = gates.at[2];
  float o = gates.at[3];
  float tanh_cell = quick_tanh(cell);
  return {o * (1.0f - tanh_cell * tanh_cell),
          candidate * slope<HARD>(i),
          before * slope<HARD>(f),
          i * (1.0f - candidate * candidate),
          tanh_cell * slope<HARD>(o),
          f};
}

// The gradients of a unit's four sums by dL/dh, and what the step before gets.
static __device__ __forceinline__ PackedFour go_back(const Factors& by, float dh, float& from_after) {
  float dc = from_after + dh * by.hidden;
  from_after = dc * by.forget;
  return packed(dc * by.i, dc * by.f, dc * by.c, dh * by.o);
}
