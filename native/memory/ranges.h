// The device memory of a library call, with the checks that kernels get for each access.
#pragma once
#include <string>
#include <vector>

#include "api/status.h"
#include "memory/memory.h"

namespace sim {

// HELD memory must exist; SCRATCH memory may be overwritten.
enum class Use { HELD, READ, WRITE, READ_AND_WRITE, SCRATCH };

// Rows of bytes, at a distance of `pitch` bytes.
struct Range {
  std::string name;
  Address start = 0;
  size_t bytes = 0;
  Use use = Use::READ;
  size_t alignment = 4;
  size_t rows = 1;
  size_t pitch = 0;

  size_t span() const { return rows == 0 || bytes == 0 ? 0 : (rows - 1) * pitch + bytes; }
  bool reads() const { return use == Use::READ || use == Use::READ_AND_WRITE; }
  bool writes() const { return use == Use::WRITE || use == Use::READ_AND_WRITE; }
};

using Ranges = std::vector<Range>;

// The mistake in the ranges at the time of the call, with the argument's name; or empty.
std::string misplaced(const Ranges& ranges);

// Checks the ranges when the call runs: false, with a failed context, if memory is gone or unwritten memory is read.
bool usable(const char* call, const Ranges& ranges);

// After the call: marks its results as written and its scratch memory as unwritten.
void leave(const Ranges& ranges);

// A fingerprint of the contents of all ranges of that name; 0 if there are none.
uint64_t fingerprint(const Ranges& ranges, const std::string& name);
bool all_zero(const Ranges& ranges, const std::string& name);

}
