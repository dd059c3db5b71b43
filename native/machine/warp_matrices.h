// Products and moves of small matrices by a whole warp. Each function names the operation for messages, waits for the
// other lanes, and fails unless all 32 execute the same operation.
#pragma once
#include <cstdint>

#include "machine/fragments.h"

namespace sim {

struct Thread;

// A lane's request; all lanes' requests must be of one kind.
struct Request {
  const char* name;
  uintptr_t kind;
};
bool all_ask_for_the_same(Thread* lanes, unsigned group);

void multiply_together(const char* name, Multiply multiply, bool saturate, const Fragments& fragments);

// 1, 2 or 4 matrices of 8 rows of 16 bytes in shared memory, at the addresses that the first lanes give.
void load_matrices(const char* name, uint32_t* to, int count, bool transposed, uintptr_t row);
void store_matrices(const char* name, uintptr_t row, int count, bool transposed, const uint32_t* from);

uint32_t transpose_matrix(const char* name, uint32_t two);

}
