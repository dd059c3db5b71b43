#include "cudnn/sequences.h"

#include <algorithm>

namespace sim {

bool Sequences::shorter() const {
  return *std::min_element(lengths.begin(), lengths.end()) < steps;
}

size_t Sequences::line(size_t step, size_t sequence) const {
  if (!packed()) {
    return layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED ? step * batch + sequence : sequence * steps + step;
  }
  size_t before = sequence;
  for (size_t length : lengths) {
    before += std::min(length, step);
  }
  return before;
}

template <typename Visit>
void Sequences::each_line(Visit visit) const {
  for (size_t t = 0; t < steps; t++) {
    for (size_t b = 0; b < batch; b++) {
      if (t < lengths[b] || !packed()) {
        visit(line(t, b), (t * batch + b) * vector, t < lengths[b]);
      }
    }
  }
}

void Sequences::add_ranges(Ranges& ranges, const char* name, const void* start, Use use) const {
  size_t size = size_of(element_of(type)), bytes = vector * size;
  auto at = reinterpret_cast<Address>(start);
  if (packed() || !padded()) {
    size_t lines = 0;
    for (size_t length : lengths) {
      lines += length;
    }
    ranges.push_back({name, at, lines * bytes, use, size});
    return;
  }
  ranges.push_back({name, at, steps * batch * bytes, Use::HELD, size});
  if (start == nullptr) {
    return;
  }
  bool by_step = layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
  for (size_t b = 0, next; b < batch; b = next) {
    for (next = b + 1; next < batch && lengths[next] == lengths[b]; next++) {
    }
    // A range for neighbouring sequences that end at the same step: its rows are steps of several sequences, or several
    // sequences with all their steps.
    size_t rows = by_step ? lengths[b] : next - b, row = bytes * (by_step ? next - b : lengths[b]);
    size_t pitch = bytes * (by_step ? batch : steps), left = steps - lengths[b];
    Address first = at + line(0, b) * bytes;
    ranges.push_back({name, first, row, use, size, rows, pitch});
    if (left > 0 && use == Use::WRITE) {
      // The padding has another name, because the pass does not compute it.
      ranges.push_back({std::string(name) + ", its padding", at + line(lengths[b], b) * bytes,
                        by_step ? row : left * bytes, use, size, by_step ? left : rows, pitch});
    }
  }
}

std::vector<float> Sequences::gather(const void* start) const {
  std::vector<float> values(steps * batch * vector);
  each_line([&](size_t line, size_t to, bool there) {
    for (size_t j = 0; there && j < vector; j++) {
      values[to + j] = float(load(element_of(type), start, line * vector + j));
    }
  });
  return values;
}

void Sequences::scatter(const std::vector<float>& values, void* start) const {
  each_line([&](size_t line, size_t from, bool there) {
    for (size_t j = 0; j < vector; j++) {
      store(element_of(type), start, line * vector + j, there ? values[from + j] : fill);
    }
  });
}

}
