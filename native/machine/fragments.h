// The products of matrices whose elements the lanes of a warp hold in fragments, for any shape and type.
#pragma once
#include <cstdint>
#include <cstring>

namespace sim {

// A lane's registers, each of 32 bits or one double, in PTX's order. The results may lie where the sums do.
struct Fragments {
  uint64_t* d;
  const uint64_t* a;
  const uint64_t* b;
  const uint64_t* c;
};

// Multiplies the fragments of all lanes; integers that overflow wrap around or, if `saturate`, are clamped.
using Multiply = void (*)(const Fragments* const* lanes, bool saturate);

// Which lane holds which element, by the PTX ISA's sections "Matrix Fragments for mma.mMnNkK". All of them are one
// rule: four lanes share a row of A and a column of B, and each has a register of its next elements along k. Registers
// of A are first those of the rows 8 further down, then those further along k. Two neighbours of a row of C and D are
// one lane's.
template <typename Element, int M>
struct Layout {
  static constexpr int PER_REGISTER = Element::BITS < 32 ? 32 / Element::BITS : 1, STEP = 4 * PER_REGISTER;

  static int row_of_a(int lane, int held) { return lane / 4 + held % (M / 8) * 8; }
  static int k_of_a(int lane, int held) { return lane % 4 * PER_REGISTER + held / (M / 8) * STEP; }
  static int k_of_b(int lane, int held) { return lane % 4 * PER_REGISTER + held * STEP; }
};

// Element has BITS, and a value() of type Sums::Number of the lowest bits of a register. Sums has PER_REGISTER, the
// value() of one of a register, the bits() of a number, and add(), which adds two products at a time.
template <typename A, typename B, typename Sums, int M, int K>
void multiply_fragments(const Fragments* const* lanes, bool saturate) {
  using Number = typename Sums::Number;
  constexpr int EACH = Layout<A, M>::PER_REGISTER, STEP = Layout<A, M>::STEP, HELD = Sums::PER_REGISTER;
  // By twos, as every CPU can.
  typedef Number Two __attribute__((vector_size(16)));
  Number a[M][K];
  Two b[K][4];
  for (int lane = 0; lane < 32; lane++) {
    for (int held = 0; held < K / STEP * (M / 8); held++) {
      for (int i = 0; i < EACH; i++) {
        a[Layout<A, M>::row_of_a(lane, held)][Layout<A, M>::k_of_a(lane, held) + i] =
            A::value(lanes[lane]->a[held] >> i * (A::BITS % 32));
      }
    }
    for (int held = 0; held < K / STEP; held++) {
      for (int i = 0; i < EACH; i++) {
        b[Layout<B, M>::k_of_b(lane, held) + i][lane / 8][lane / 4 % 2] =
            B::value(lanes[lane]->b[held] >> i * (B::BITS % 32));
      }
    }
  }
  for (int row = 0; row < M; row++) {
    // Of this row each lane has two neighbours, in one register or two.
    int lane = row % 8 * 4, low = row / 8 * 2, high = low + 1;
    Two sums[4];
    for (int pair = 0; pair < 4; pair++) {
      const uint64_t* c = lanes[lane + pair]->c;
      sums[pair] = Two{Sums::value(c[low / HELD], 0), Sums::value(c[high / HELD], high % HELD)};
    }
    for (int k = 0; k < K; k++) {
      Two left = {a[row][k], a[row][k]};
#pragma GCC unroll 4
      for (int pair = 0; pair < 4; pair++) {
        sums[pair] = Sums::add(sums[pair], left, b[k][pair]);
      }
    }
    for (int pair = 0; pair < 4; pair++) {
      uint64_t* d = lanes[lane + pair]->d;
      uint64_t one = Sums::bits(sums[pair][0], saturate), other = Sums::bits(sums[pair][1], saturate);
      d[low / HELD] = HELD == 2 ? one | other << 16 : one;
      if constexpr (HELD == 1) {
        d[high] = other;
      }
    }
  }
}

struct Bf16Element {
  static constexpr int BITS = 16;

  static double value(uint64_t bits) {
    uint32_t upper = uint32_t(bits) << 16;
    float value;
    std::memcpy(&value, &upper, sizeof value);
    return value;
  }
};

template <typename Of>
struct PlainSums {
  using Number = Of;

  template <typename Two>
  static Two add(Two sum, Two a, Two b) {
    return sum + a * b;
  }
};

// Products of small floats are exact in double, are added there in order of k, and the sum is rounded once.
struct FloatSums : PlainSums<double> {
  static constexpr int PER_REGISTER = 1;

  static double value(uint64_t bits, int) {
    uint32_t lower = uint32_t(bits);
    float value;
    std::memcpy(&value, &lower, sizeof value);
    return value;
  }

  static uint64_t bits(double sum, bool) {
    float rounded = float(sum);
    uint32_t bits;
    std::memcpy(&bits, &rounded, sizeof bits);
    return bits;
  }
};

}
