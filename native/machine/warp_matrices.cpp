// Products and loads of small matrices that a warp does together. Which lane holds which element is as NVIDIA's PTX ISA
// has it, under "Matrix Fragments for mma.m16n8k16 with floating point type", "ldmatrix" and "movmatrix".
#include <cstring>

#include "machine/access.h"
#include "machine/block.h"
#include "machine/shared_memory.h"

namespace sim {

struct Sums {
  float at[4];
};
struct Registers {
  unsigned at[4];
};
struct Pair {
  unsigned at[2];
};

namespace {

constexpr unsigned ALL = 0xffffffffu;

struct Product {
  Sums d;
  Registers a;
  Pair b;
};

struct Load {
  Address row;
  Address elements[8];  // two of each matrix
};

bool all_take_part(const char* what, unsigned group) {
  for (unsigned lane = 0; lane < 32; lane++) {
    if (!(group >> lane & 1)) {
      violation(CUDA_ERROR_LAUNCH_FAILED, std::string(what) + " without lane " + std::to_string(lane) +
                                              " of the warp, which takes no part");
      return false;
    }
  }
  return true;
}

template <typename T>
T& sent(Thread* lanes, unsigned lane) {
  return *reinterpret_cast<T*>(lanes[lane].sent);
}

double half(unsigned halves, int upper) {
  unsigned bits = upper ? halves & 0xffff0000u : halves << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The products of bf16 are exact; they are added to d in double and rounded once.
void multiply(Thread* lanes, unsigned group) {
  if (!all_take_part("multiply_add", group)) {
    return;
  }
  double a[16][16], b[16][8];
  for (unsigned lane = 0; lane < 32; lane++) {
    const Product& product = sent<Product>(lanes, lane);
    unsigned g = lane / 4, t = lane % 4 * 2;
    for (int i = 0; i < 2; i++) {
      a[g][t + i] = half(product.a.at[0], i);
      a[g + 8][t + i] = half(product.a.at[1], i);
      a[g][t + 8 + i] = half(product.a.at[2], i);
      a[g + 8][t + 8 + i] = half(product.a.at[3], i);
      b[t + i][g] = half(product.b.at[0], i);
      b[t + 8 + i][g] = half(product.b.at[1], i);
    }
  }
  for (unsigned row = 0; row < 16; row++) {
    double sums[8];
    for (unsigned column = 0; column < 8; column++) {
      sums[column] = sent<Product>(lanes, row % 8 * 4 + column / 2).d.at[row / 8 * 2 + column % 2];
    }
    for (int k = 0; k < 16; k++) {
      for (unsigned column = 0; column < 8; column++) {
        sums[column] += a[row][k] * b[k][column];
      }
    }
    for (unsigned column = 0; column < 8; column++) {
      sent<Product>(lanes, row % 8 * 4 + column / 2).d.at[row / 8 * 2 + column % 2] = float(sums[column]);
    }
  }
}

void transpose(Thread* lanes, unsigned group) {
  if (!all_take_part("transposed", group)) {
    return;
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    unsigned g = lane / 4, t = lane % 4 * 2, halves = 0;
    for (unsigned i = 0; i < 2; i++) {
      unsigned held = unsigned(lanes[4 * (t + i) + g / 2].sent);
      halves |= (held >> g % 2 * 16 & 0xffff) << 16 * i;
    }
    lanes[lane].received = halves;
  }
}

// Tells each lane where its elements are.
template <bool transposed>
void exchange_rows(Thread* lanes, unsigned group) {
  if (!all_take_part("load_matrices", group)) {
    return;
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    Load& load = sent<Load>(lanes, lane);
    unsigned g = lane / 4, t = lane % 4 * 2;
    for (unsigned i = 0; i < 8; i++) {
      unsigned row = transposed ? t + i % 2 : g;
      unsigned column = transposed ? g : t + i % 2;
      load.elements[i] = sent<Load>(lanes, i / 2 * 8 + row).row + 2 * column;
    }
  }
}

}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

Sums multiply_add(Sums d, Registers a, Pair b) {
  Product product{d, a, b};
  meet(ALL, multiply, reinterpret_cast<uint64_t>(&product));
  return product.d;
}

unsigned transposed(unsigned two) {
  meet(ALL, transpose, two);
  return unsigned(block->thread->received);
}

Registers load_matrices(const void* row, bool transposed) {
  Load load{reinterpret_cast<Address>(row), {}};
  if (!in_shared_space(load.row)) {
    fail_thread(CUDA_ERROR_ILLEGAL_ADDRESS, "load_matrices: the row at " + bytes_at(load.row, 16) +
                                                " is not in shared memory");
  }
  if (load.row % 16 != 0) {
    fail_thread(CUDA_ERROR_MISALIGNED_ADDRESS, "load_matrices: the row of " + bytes_at(load.row, 16) +
                                                   " is not aligned to 16");
  }
  meet(ALL, transposed ? exchange_rows<true> : exchange_rows<false>, reinterpret_cast<uint64_t>(&load));
  Registers loaded;
  for (int i = 0; i < 4; i++) {
    Address low = load.elements[2 * i], high = load.elements[2 * i + 1];
    if (!transposed) {
      check_access(low, 4, false);
    } else {
      check_access(low, 2, false);
      check_access(high, 2, false);
    }
    loaded.at[i] = *reinterpret_cast<const unsigned short*>(low) |
                   unsigned(*reinterpret_cast<const unsigned short*>(high)) << 16;
  }
  return loaded;
}

}
