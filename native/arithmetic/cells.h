// The cells of recurrent networks: what one step does with what the linear maps gave, unit by unit, and its gradient.
#pragma once
#include <cstddef>
#include <vector>

#include "arithmetic/precision.h"

namespace sim {

// r, i, n are the gates that reset, update and propose a state: n = tanh(W x + b + r * (R h + c)). An LSTM's gates are
// i, f, c~ and o.
enum class Cell { RELU, TANH, LSTM, GRU };

constexpr int MOST_GATES = 4;

// Gates that follow each other, the results of whose maps go to slots that follow each other.
struct Run {
  int first, count, slot;
};

// Of each line of each step a layer keeps so many slots of a value for every unit. Maps of the input and of the state
// share a slot where their results are only added.
struct CellShape {
  int gates, slots;
  std::vector<Run> of_input, of_state;
  bool has_cells;
};

const CellShape& shape_of(Cell cell);

// One step of one layer: its batch and its units, whose values are [sequence][unit], and whose slots are
// [sequence][slot][unit].
struct Step {
  size_t batch, hidden;
  // The type to which all is rounded that goes to the next step or layer.
  Element element;
  float* slots;
  // Of the step before. Only an LSTM has cells.
  const float *state_before, *cells_before;
  // The sequences that have no such step, which are passed over.
  std::vector<bool> ended;
};

// Turns what the maps gave into what the backward pass needs, and computes cells and outputs.
void activate(Cell cell, const Step& step, float* cells, float* outputs);

// Turns slots into gradients of what the maps gave; the gradient of this step's cells, and of its outputs, into what of
// those of the step before comes by no map.
void deactivate(Cell cell, const Step& step, const float* cells, float* d_outputs, float* d_cells);

float rounded(Element element, double value);

}
