// Single instructions of PTX, each run by the driver on edge cases and drawn operands, and held to an oracle.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "selftest/harness.h"

// A type is PTX's name. "s8@32" is one in a register of 32 bits, of which those above the type are drawn too; "f32x2"
// is two in 64 bits, and "by" an amount of 32 bits that is mostly small.
using Types = std::vector<std::string>;

int bits_of(const std::string& type);  // of the register
int value_bits_of(const std::string& type);
// An integer with its sign, or what is set of bits.
__int128 wide(uint64_t bits, const std::string& type);
uint64_t low(__int128 value, int bits);

// Whether the results are right, given the operands; after five of them comes the number of the thread.
using Right = std::function<bool(const uint64_t* in, const uint64_t* got)>;
using Oracle = std::function<uint64_t(const uint64_t* in)>;

class Singles {
 public:
  // Its results are $x, $y and $z, its operands $a to $e.
  void add(const std::string& text, const Types& results, const Types& operands, Right right);
  // "add.s32" of a result and operands in order.
  void plain(const std::string& name, const std::string& result, const Types& operands, Oracle oracle);
  // Loads them, launches them, and checks each.
  void run();

 private:
  struct Trial {
    std::string text;
    Types results, operands;
    Right right;
    size_t from = 0, to = 0;  // the first operand's place, and the first result's, in columns
  };

  std::string module() const;
  std::string kernel(size_t first, size_t last) const;
  size_t pool_of(const Types& operands);
  void check_all(const std::vector<uint64_t>& got) const;

  std::vector<Trial> trials_;
  std::vector<std::pair<Types, size_t>> pools_;
  std::vector<uint64_t> in_;
  size_t columns_out_ = 0;
};
