// The cells of recurrent networks: a step's elementwise work on the results of the linear maps, and its gradient.
#pragma once
#include <cstddef>
#include <vector>

#include "arithmetic/precision.h"

namespace sim {

// A GRU's gates r, i, n reset, update and propose a state: n = tanh(W x + b + r * (R h + c)). An LSTM's gates are i, f,
// c~ and o.
enum class Cell { RELU, TANH, LSTM, GRU };

constexpr int MOST_GATES = 4;

// A run of consecutive gates, whose maps write to consecutive slots.
struct Run {
  int first, count, slot;
};

// The values that a layer keeps of a cell: for each line of each step, every unit has `slots` slots. Maps of the input
// and of the state share a slot where their results are only added.
struct CellShape {
  int gates, slots;
  std::vector<Run> of_input, of_state;
  bool has_cells;
};

const CellShape& shape_of(Cell cell);

// One step of one layer, with its batch and number of units. Values are [sequence][unit], slots [sequence][slot][unit].
struct Step {
  size_t batch, hidden;
  // The type to which values are rounded on their way to the next step or layer.
  Element element;
  float* slots;
  // The previous step's state and cells. Only an LSTM has cells.
  const float *state_before, *cells_before;
  // The sequences that have ended before this step, which are skipped.
  std::vector<bool> ended;
};

// Replaces the maps' results in the slots by the values that the backward pass needs, and computes cells and outputs.
void activate(Cell cell, const Step& step, float* cells, float* outputs);

// Replaces the slots by the gradients of the maps' results. Replaces the gradients of this step's cells and outputs by
// the share of the previous step's gradients that does not go through a map.
void deactivate(Cell cell, const Step& step, const float* cells, float* d_outputs, float* d_cells);

float rounded(Element element, double value);

}
