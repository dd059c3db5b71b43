// The device memory that a library call works on, and the checks that kernels get access by access.
#pragma once
#include <string>
#include <vector>

#include "api/status.h"
#include "memory/memory.h"

namespace sim {

// HELD must be there; SCRATCH is the callee's to spoil.
enum class Use { HELD, READ, WRITE, READ_AND_WRITE, SCRATCH };

// Rows of bytes, pitch bytes from one to the next.
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

// The mistake in the addresses when the call comes, with the argument's name; empty if there is none.
std::string misplaced(const Ranges& ranges);

// When the call runs: false, and the context has failed, if memory is gone or is read that nobody wrote.
bool usable(const char* call, const Ranges& ranges);

// After it ran: what it wrote is written, and its scratch is worth nothing.
void leave(const Ranges& ranges);

// Tells contents apart. The rows of all ranges of that name are taken together; 0 if there are none.
uint64_t fingerprint(const Ranges& ranges, const std::string& name);
bool all_zero(const Ranges& ranges, const std::string& name);

}
