// wmma in PTX: products of all shapes and types from matrices in memory to matrices in memory, held to plain loops. The
// numbers of registers are those of the PTX ISA's tables; which element is where in them is nobody's business.
#include <cmath>
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

struct Kind {
  const char *factors, *sums, *results;
  int bits, m, n, k, a_registers, b_registers;
  const char* how = "";
};

int bits_of(const std::string& type) {
  return type == "f64" ? 64 : type == "f16" || type == "bf16" ? 16 : 32;
}

// A small whole number as bits of a type.
unsigned long long encoded(int value, const std::string& type) {
  if (type == "f64") {
    double wide = value;
    unsigned long long bits;
    std::memcpy(&bits, &wide, sizeof bits);
    return bits;
  }
  float single = float(value);
  unsigned bits;
  std::memcpy(&bits, &single, sizeof bits);
  if (type == "f32" || type == "tf32") {
    return bits;
  }
  if (type == "bf16") {
    return bits >> 16;
  }
  if (type == "f16") {
    return value == 0 ? 0 : (bits >> 16 & 0x8000) | (((bits >> 23 & 0xff) - 112) << 10) | (bits >> 13 & 0x3ff);
  }
  return unsigned(value);
}

// Rows, or columns, of so many elements after one another in memory.
struct Matrix {
  int rows, columns, bits, stride;
  bool by_row;
  std::vector<int> values;

  Matrix(int rows, int columns, int bits, bool by_row, int least, int most, unsigned seed)
      : rows(rows), columns(columns), bits(bits), stride((by_row ? columns : rows) + 128 / bits), by_row(by_row) {
    for (int i = 0; i < rows * columns; i++) {
      seed = seed * 1664525 + 1013904223;
      values.push_back(least + int((seed >> 16) % unsigned(most - least + 1)));
    }
  }
  int at(int row, int column) const { return values[row * columns + column]; }
  size_t words() const { return size_t((by_row ? rows : columns) * stride) * bits / 32; }

  void write(Words& to, size_t from, const std::string& type) const {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        size_t bit = size_t(by_row ? row * stride + column : column * stride + row) * bits;
        unsigned long long value = encoded(at(row, column), type);
        for (int part = 0; part < bits; part += 32) {
          unsigned mask = bits < 32 ? (1u << bits) - 1 : ~0u;
          to[from + (bit + part) / 32] |= (unsigned(value >> part) & mask) << bit % 32;
        }
      }
    }
  }
};

std::string registers(const std::string& name, int count) {
  std::string list;
  for (int i = 0; i < count; i++) {
    list += (i == 0 ? "{" : ", ") + name + std::to_string(i);
  }
  return list + "}";
}

std::string moved(const Kind& kind, const char* what, const Matrix& matrix, const std::string& type) {
  return std::string("wmma.") + what + ".sync.aligned" + (matrix.by_row ? ".row" : ".col") + ".m" +
         std::to_string(kind.m) + "n" + std::to_string(kind.n) + "k" + std::to_string(kind.k) + ".global." + type + " ";
}

void product(const Kind& kind, bool a_by_row, bool b_by_row, bool c_by_row) {
  std::string factors = kind.factors, sums = kind.sums, results = kind.results;
  bool positive = factors[0] == 'u' || factors == "b1";
  int most = factors == "b1" ? 1 : 7, least = positive ? 0 : -8;
  Matrix a(kind.m, kind.k, kind.bits, a_by_row, least, most, 1), b(kind.k, kind.n, kind.bits, b_by_row, least, most, 2);
  Matrix c(kind.m, kind.n, bits_of(sums), c_by_row, -9, 9, 3), d(kind.m, kind.n, bits_of(results), c_by_row, 0, 0, 4);
  for (int row = 0; row < kind.m; row++) {
    for (int column = 0; column < kind.n; column++) {
      int sum = c.at(row, column);
      for (int k = 0; k < kind.k; k++) {
        int x = a.at(row, k), y = b.at(k, column);
        sum += factors != "b1" ? x * y : kind.how[0] == 'x' ? x ^ y : x & y;
      }
      d.values[row * kind.n + column] = sum;
    }
  }
  size_t a_at = 0, b_at = a.words(), c_at = b_at + b.words();
  Words in(c_at + c.words()), expected(d.words());
  a.write(in, a_at, factors);
  b.write(in, b_at, factors);
  c.write(in, c_at, sums);
  d.write(expected, 0, results);
  int c_registers = kind.m * kind.n / 32 / (sums == "f16" ? 2 : 1);
  int d_registers = kind.m * kind.n / 32 / (results == "f16" ? 2 : 1);
  Text text;
  std::string types = factors == "f16" ? results + "." + sums : results + "." + factors + "." + factors + "." + sums;
  std::string of_factors = factors == "f64" ? ".b64" : ".b32", of_sums = sums == "f64" ? ".b64" : ".b32";
  text.body = ".reg " + of_factors + " %m<8>, %n<8>;\n.reg " + of_sums + " %c<8>, %g<8>;\n" +
              moved(kind, "load.a", a, factors) + registers("%m", kind.a_registers) + ", [%d1], " +
              std::to_string(a.stride) + ";\n" + moved(kind, "load.b", b, factors) +
              registers("%n", kind.b_registers) + ", [%d1+" + std::to_string(4 * b_at) + "], " +
              std::to_string(b.stride) + ";\n" + moved(kind, "load.c", c, sums) + registers("%c", c_registers) +
              ", [%d1+" + std::to_string(4 * c_at) + "], " + std::to_string(c.stride) + ";\nwmma.mma." +
              (*kind.how ? std::string(kind.how) + ".popc." : "") + "sync.aligned." + (a_by_row ? "row." : "col.") +
              (b_by_row ? "row." : "col.") + "m" + std::to_string(kind.m) + "n" + std::to_string(kind.n) + "k" +
              std::to_string(kind.k) + "." + types + " " + registers("%g", d_registers) + ", " +
              registers("%m", kind.a_registers) + ", " + registers("%n", kind.b_registers) + ", " +
              registers("%c", c_registers) + ";\n" + moved(kind, "store.d", d, results) + "[%d2], " +
              registers("%g", d_registers) + ", " + std::to_string(d.stride) + ";";
  must_give("wmma of " + types + " m" + std::to_string(kind.m), text, {1, 32}, in, expected);
}

void products() {
  const Kind kinds[] = {
      {"f16", "f32", "f32", 16, 16, 16, 16, 8, 8},   {"f16", "f16", "f16", 16, 16, 16, 16, 8, 8},
      {"f16", "f16", "f32", 16, 8, 32, 16, 8, 8},    {"f16", "f32", "f16", 16, 32, 8, 16, 8, 8},
      {"bf16", "f32", "f32", 16, 16, 16, 16, 4, 4},  {"bf16", "f32", "f32", 16, 8, 32, 16, 2, 8},
      {"bf16", "f32", "f32", 16, 32, 8, 16, 8, 2},   {"tf32", "f32", "f32", 32, 16, 16, 8, 4, 4},
      {"f64", "f64", "f64", 64, 8, 8, 4, 1, 1},      {"s8", "s32", "s32", 8, 16, 16, 16, 2, 2},
      {"u8", "s32", "s32", 8, 16, 16, 16, 2, 2},     {"s8", "s32", "s32", 8, 8, 32, 16, 1, 4},
      {"u8", "s32", "s32", 8, 32, 8, 16, 4, 1},      {"s4", "s32", "s32", 4, 8, 8, 32, 1, 1},
      {"u4", "s32", "s32", 4, 8, 8, 32, 1, 1},       {"b1", "s32", "s32", 1, 8, 8, 128, 1, 1, "xor"},
      {"b1", "s32", "s32", 1, 8, 8, 128, 1, 1, "and"},
  };
  for (const Kind& kind : kinds) {
    product(kind, true, false, true);
    product(kind, true, false, false);
    if (kind.bits >= 8) {
      product(kind, false, true, true);
      product(kind, true, true, false);
    }
  }
}

void mistakes() {
  const std::string store = "wmma.store.d.sync.aligned.row.m16n16k16.global.s32 ";
  const std::string eight = "{%r10, %r11, %r12, %r13, %r14, %r15, %r16, %r17}";
  Text text;
  text.body = store + "[%d2], " + eight + "; // here";
  must_find(text, {1, 31}, {"wmma.store.d.sync.aligned.row.m16n16k16.global.s32 without lane 31 of the warp, which "
                            "takes no part", "(30,0,0)"});
  text.body = store + "[%d2+8], " + eight + "; // here";
  must_find(text, {1, 32}, {"wmma.store.d.sync.aligned.row.m16n16k16.global.s32: rows or columns at 16 bytes at out+8 "
                            "and every 16 elements are not all aligned to 16", "(31,0,0)", "(0,0,0)", "",
                            CUDA_ERROR_MISALIGNED_ADDRESS});
  text.body = store + "[%d2], " + eight + ", 18; // here";
  must_find(text, {1, 32}, {"wmma.store.d.sync.aligned.row.m16n16k16.global.s32: rows or columns at 16 bytes at out+0 "
                            "and every 18 elements are not all aligned to 16", "(31,0,0)", "(0,0,0)", "",
                            CUDA_ERROR_MISALIGNED_ADDRESS});
  text.body = "shr.u32 %r20, %r1, 4;\nmul.wide.u32 %d10, %r20, 64;\nadd.u64 %d11, %d2, %d10;\n" + store + "[%d11], " +
              eight + "; // here";
  must_find(text, {1, 32}, {"lanes 0 and 16 of a warp wait for one another in different forms of "
                            "wmma.store.d.sync.aligned.row.m16n16k16.global.s32", "(31,0,0)"});
  for (const char* none : {"wmma.load.a.sync.aligned.row.m16n16k8.f16 {%r10}, [%d1];",
                           "wmma.load.a.sync.aligned.col.m8n8k32.s4 {%r10}, [%d1];",
                           "wmma.store.d.sync.aligned.m16n16k16.f32 [%d1], {%r10};"}) {
    text.body = none;
    must_refuse(text, "is not simulated with this type");
  }
}

}

void test_ptx_wmma() {
  products();
  mistakes();
}
