// Which lane holds which element is as NVIDIA's PTX ISA has it, under "ldmatrix", "stmatrix" and "movmatrix".
#include "machine/warp_matrices.h"

#include "machine/block.h"
#include "machine/shared_memory.h"
#include "memory/memory.h"

namespace sim {

namespace {

template <typename T>
T& sent(Thread* lanes, unsigned lane) {
  return *reinterpret_cast<T*>(lanes[lane].sent);
}

}

bool all_ask_for_the_same(Thread* lanes, unsigned group) {
  unsigned first = unsigned(__builtin_ctz(group));
  const Request& request = sent<Request>(lanes, first);
  for (unsigned lane = 0; lane < 32; lane++) {
    if (!(group >> lane & 1)) {
      violation(Flaw::WARP_OPERATION, std::string(request.name) + " without lane " + std::to_string(lane) +
                                          " of the warp, which takes no part");
      return false;
    }
    if (sent<Request>(lanes, lane).kind != request.kind) {
      violation(Flaw::WARP_OPERATION, "lanes " + std::to_string(first) + " and " + std::to_string(lane) +
                                          " of a warp wait for one another in different forms of " + request.name);
      return false;
    }
  }
  return true;
}

namespace {

constexpr unsigned ALL = 0xffffffffu;

struct Product : Request {
  bool saturate;
  Fragments fragments;
};

struct Transposition : Request {
  uint32_t two;
};

struct Move : Request {
  int count;
  Address row;
  Address elements[8];  // two of each matrix
};

void multiply_all(Thread* lanes, unsigned group) {
  if (!all_ask_for_the_same(lanes, group)) {
    return;
  }
  const Fragments* fragments[32];
  for (unsigned lane = 0; lane < 32; lane++) {
    fragments[lane] = &sent<Product>(lanes, lane).fragments;
  }
  const Product& first = sent<Product>(lanes, 0);
  reinterpret_cast<Multiply>(first.kind)(fragments, first.saturate);
}

void transpose(Thread* lanes, unsigned group) {
  if (!all_ask_for_the_same(lanes, group)) {
    return;
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    unsigned g = lane / 4, t = lane % 4 * 2, halves = 0;
    for (unsigned i = 0; i < 2; i++) {
      halves |= (sent<Transposition>(lanes, 4 * (t + i) + g / 2).two >> g % 2 * 16 & 0xffff) << 16 * i;
    }
    lanes[lane].received = halves;
  }
}

// Tells each lane where its elements are.
template <bool transposed>
void exchange_rows(Thread* lanes, unsigned group) {
  if (!all_ask_for_the_same(lanes, group)) {
    return;
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    Move& move = sent<Move>(lanes, lane);
    unsigned g = lane / 4, t = lane % 4 * 2;
    for (unsigned i = 0; i < 2 * unsigned(move.count); i++) {
      unsigned row = transposed ? t + i % 2 : g;
      unsigned column = transposed ? g : t + i % 2;
      move.elements[i] = sent<Move>(lanes, i / 2 * 8 + row).row + 2 * column;
    }
  }
}

// Gives the move its elements.
void exchange(Move& move, bool transposed) {
  if (block->thread->lane() < 8 * unsigned(move.count)) {
    if (!in_shared_space(move.row)) {
      fail_thread(Flaw::WRONG_SPACE, std::string(move.name) + ": the row at " + bytes_at(move.row, 16) +
                                         " is not in shared memory");
    }
    if (move.row % 16 != 0) {
      fail_thread(Flaw::MISALIGNED, std::string(move.name) + ": the row of " + bytes_at(move.row, 16) +
                                        " is not aligned to 16");
    }
  }
  meet(ALL, transposed ? exchange_rows<true> : exchange_rows<false>, reinterpret_cast<uint64_t>(&move));
}

void check_elements(Address low, Address high, bool writes) {
  if (high == low + 2) {
    check_access(low, 4, writes);
  } else {
    check_access(low, 2, writes);
    check_access(high, 2, writes);
  }
}

uint16_t& half_at(Address address) { return *reinterpret_cast<uint16_t*>(address); }

}

void multiply_together(const char* name, Multiply multiply, bool saturate, const Fragments& fragments) {
  Product product{{name, reinterpret_cast<uintptr_t>(multiply)}, saturate, fragments};
  meet(ALL, multiply_all, reinterpret_cast<uint64_t>(&product));
}

void load_matrices(const char* name, uint32_t* to, int count, bool transposed, uintptr_t row) {
  Move move{{name, uintptr_t(count)}, count, row, {}};
  exchange(move, transposed);
  for (int i = 0; i < count; i++) {
    Address low = move.elements[2 * i], high = move.elements[2 * i + 1];
    check_elements(low, high, false);
    to[i] = half_at(low) | uint32_t(half_at(high)) << 16;
  }
}

void store_matrices(const char* name, uintptr_t row, int count, bool transposed, const uint32_t* from) {
  constexpr uintptr_t STORE = 8;
  Move move{{name, STORE + count}, count, row, {}};
  exchange(move, transposed);
  for (int i = 0; i < count; i++) {
    Address low = move.elements[2 * i], high = move.elements[2 * i + 1];
    check_elements(low, high, true);
    half_at(low) = uint16_t(from[i]);
    half_at(high) = uint16_t(from[i] >> 16);
  }
}

uint32_t transpose_matrix(const char* name, uint32_t two) {
  Transposition transposition{{name, 0}, two};
  meet(ALL, transpose, reinterpret_cast<uint64_t>(&transposition));
  return uint32_t(block->thread->received);
}

// Called by ptx_on_cpu.h.

struct Sums {
  float at[4];
};
struct Registers {
  unsigned at[4];
};
struct Pair {
  unsigned at[2];
};

}

namespace sim __attribute__((visibility("default"))) {

Sums multiply_add(Sums d, Registers a, Pair b) {
  uint64_t sums[4], left[4], right[2] = {b.at[0], b.at[1]};
  for (int i = 0; i < 4; i++) {
    sums[i] = FloatSums::bits(d.at[i], false);
    left[i] = a.at[i];
  }
  multiply_together("multiply_add", multiply_fragments<Bf16Element, Bf16Element, FloatSums, 16, 16>, false,
                    {sums, left, right, sums});
  for (int i = 0; i < 4; i++) {
    d.at[i] = float(FloatSums::value(sums[i], 0));
  }
  return d;
}

unsigned transposed(unsigned two) { return transpose_matrix("transposed", two); }

Registers load_matrices(const void* row, bool transposed) {
  Registers loaded;
  load_matrices("load_matrices", loaded.at, 4, transposed, reinterpret_cast<Address>(row));
  return loaded;
}

}
