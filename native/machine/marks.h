// Marks of memory. Kernels touch nearly all of it in whole words: as long as a word is touched as one, its bytes
// have one mark.
#pragma once
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>

namespace sim {

// Zeros, which cost nothing until they are touched; or null.
template <typename T>
T* reserve(size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

template <typename Mark>
class Marks {
 public:
  Marks() = default;
  Marks(const Marks&) = delete;
  Marks& operator=(const Marks&) = delete;
  ~Marks() {
    if (words) {
      munmap(words, size / WORD * sizeof(Mark));
      munmap(bytes, size * sizeof(Mark));
      munmap(apart, size / WORD);
    }
  }

  // Of so many bytes, the first time that it is called.
  void make(size_t bytes_of) {
    if (!words) {
      size = bytes_of;
      words = reserve<Mark>(size / WORD);
      bytes = reserve<Mark>(size);
      apart = reserve<bool>(size / WORD);
    }
  }

  // Calls something with the mark and the place of each word from one place to another, or of each byte of those apart.
  template <typename Visit>
  inline void each(size_t from, size_t to, Visit visit) {
    bool whole = (from | to) % WORD == 0;
    for (size_t at = from; at < to;) {
      size_t word = at / WORD;
      if (!whole && !apart[word]) {
        apart[word] = true;
        std::fill_n(bytes + word * WORD, WORD, words[word]);
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
  Mark* words = nullptr;
  Mark* bytes = nullptr;
  bool* apart = nullptr;  // of each word: whether its bytes were ever touched apart, and have their own marks
};

}
