// Sequences in device memory, in the layout of their descriptor.
#pragma once
#include "api/cudnn.h"
#include "arithmetic/precision.h"
#include "memory/ranges.h"

namespace sim {

inline Element element_of(cudnnDataType_t type) {
  switch (type) {
    case CUDNN_DATA_DOUBLE: return Element::FLOAT64;
    case CUDNN_DATA_HALF: return Element::FLOAT16;
    case CUDNN_DATA_BFLOAT16: return Element::BFLOAT16;
    default: return Element::FLOAT32;
  }
}

// The sequences of an argument; a step of a sequence has `vector` elements.
struct Sequences {
  bool set = false;
  size_t steps = 0, batch = 0, vector = 0;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  cudnnRNNDataLayout_t layout = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
  std::vector<size_t> lengths;
  // The value of results beyond a sequence's end; NaN if they are undefined.
  double fill = 0;

  bool packed() const { return layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED; }
  // Whether a sequence ends early.
  bool shorter() const;
  bool padded() const { return !packed() && shorter(); }
  // Whether the layout is the arithmetic's own: [step][sequence][vector], with all sequences equally long.
  bool plain() const { return layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED && !padded(); }

  // Adds the memory that a pass reads, or writes, padding included.
  void add_ranges(Ranges& ranges, const char* name, const void* start, Use use) const;
  // Copies sequences into the arithmetic's dense layout, with zeros beyond the end of each sequence.
  std::vector<float> gather(const void* start) const;
  void scatter(const std::vector<float>& values, void* start) const;

 private:
  // The number of a line: the first steps of all sequences come first, or all steps of the first sequence.
  size_t line(size_t step, size_t sequence) const;
  template <typename Visit>
  void each_line(Visit visit) const;
};

}
