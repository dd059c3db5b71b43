// Where the elements of sequences lie in device memory, as their descriptor lays them out.
#pragma once
#include "arithmetic/rnn.h"
#include "cudnn/objects.h"
#include "memory/ranges.h"

namespace sim {

// Elements of one step of a sequence: vector.
struct Sequences {
  cudnnRNNDataLayout_t layout = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
  size_t steps = 0, batch = 0, vector = 0;
  std::vector<size_t> lengths;
  // The value of results beyond a sequence's end; NaN where that is undefined.
  double fill = 0;

  Sequences() = default;
  explicit Sequences(const RnnData& data);

  bool packed() const { return layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED; }
  bool padded() const;
  // As the arithmetic has them: [step][sequence][vector], without an end before the last step.
  bool plain() const { return layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED && !padded(); }

  // Adds the memory that a pass reads, or writes with the padding.
  void add_ranges(Ranges& ranges, const char* name, const void* start, Element element, Use use) const;
  // As the arithmetic has them, zeros beyond a sequence's end.
  std::vector<float> gather(const void* start, Element element) const;
  void scatter(const std::vector<float>& values, void* start, Element element) const;

 private:
  // The number of a line: those of all sequences' first steps come first, or all of the first sequence.
  size_t line(size_t step, size_t sequence) const;
  template <typename Visit>
  void each_line(Visit visit) const;
};

}
