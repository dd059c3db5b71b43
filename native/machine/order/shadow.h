// Shadow memory. Kernels access nearly all memory in whole words, so the bytes of a word share a cell until they are
// accessed separately.
#pragma once
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>

namespace sim {

// Returns zeros, which cost nothing until they are touched; or null.
template <typename T>
T* reserve(size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

template <typename Cell>
class Shadow {
 public:
  Shadow() = default;
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;
  ~Shadow() {
    if (words) {
      munmap(words, size / WORD * sizeof(Cell));
      munmap(bytes, size * sizeof(Cell));
      munmap(apart, size / WORD);
    }
  }

  // Allocates the shadow of this many bytes at the first call.
  void make(size_t bytes_of) {
    if (!words) {
      size = bytes_of;
      words = reserve<Cell>(size / WORD);
      bytes = reserve<Cell>(size);
      apart = reserve<bool>(size / WORD);
    }
  }

  // The cell of a word, which is fresh if its bytes have their own.
  Cell& of_word(size_t word) { return words[word]; }
  bool is_apart(size_t word) const { return apart[word]; }

  // Calls `visit` with the cell and the place of each word in a range, or of each byte if the word's bytes have their
  // own cells.
  template <typename Visit>
  inline void each(size_t from, size_t to, Visit visit) {
    bool whole = (from | to) % WORD == 0;
    for (size_t at = from; at < to;) {
      size_t word = at / WORD;
      if (!whole && !apart[word]) {
        apart[word] = true;
        std::fill_n(bytes + word * WORD, WORD, words[word]);
        words[word] = Cell();
      }
      if (apart[word]) {
        visit(bytes[at], at);
        at++;
      } else {
        visit(words[word], at);
        at += WORD;
      }
    }
  }

 private:
  static constexpr size_t WORD = 4;

  size_t size = 0;
  Cell* words = nullptr;
  Cell* bytes = nullptr;
  bool* apart = nullptr;  // of each word: whether its bytes were ever accessed apart, and have their own cells
};

}
