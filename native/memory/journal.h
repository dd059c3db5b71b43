// The changes of a launch; they can be taken back and made again in another order.
#pragma once
#include <cstddef>
#include <cstdint>

#include "memory/memory.h"

namespace sim {

// Opens the journal of a launch. The number must be new.
void open_journal(uint64_t launch_number);

void save_page(Allocation& allocation, size_t page);

extern uint64_t journal_number;  // of the launch whose journal is open, or 0

// Keeps what the pages held before their first write in this launch, if its journal is open.
inline void save_before_write(Allocation& allocation, size_t offset, size_t size) {
  for (size_t page = offset / PAGE; journal_number != 0 && page <= (offset + size - 1) / PAGE; page++) {
    if (allocation.saved_in[page] != journal_number) {
      save_page(allocation, page);
    }
  }
}

// Keeps what the pages hold now as the result to compare with.
void keep_result(bool whole);

// Compares with the kept result. The address of the first byte that differs, or of the 64 bytes that hold it where the
// result was not kept whole; or 0.
Address first_difference();

// Puts back what the pages held before.
void rewind_journal();

// A number that differs, very likely, if the changed bytes are others, or hold something else.
long long digest_of_changes();

void close_journal();

}
