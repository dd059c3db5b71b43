// The changes of a launch, which can be undone to run the launch again in another order.
#pragma once
#include <cstddef>
#include <cstdint>

#include "memory/memory.h"

namespace sim {

// Opens the journal of a launch. The number must be new.
void open_journal(uint64_t launch_number);

void save_page(Allocation& allocation, size_t page);

extern uint64_t journal_number;  // of the launch whose journal is open, or 0

// Saves the contents of pages before their first write in this launch, if its journal is open.
inline void save_before_write(Allocation& allocation, size_t offset, size_t size) {
  for (size_t page = offset / PAGE; journal_number != 0 && page <= (offset + size - 1) / PAGE; page++) {
    if (allocation.saved_in[page] != journal_number) {
      save_page(allocation, page);
    }
  }
}

// Keeps the pages' contents as the result to compare with.
void keep_result(bool whole);

// Compares with the kept result: returns the address of the first byte that differs (of its 64 bytes, if the result was
// not kept whole), or 0.
Address first_difference();

// Restores the pages' contents from before the launch.
void rewind_journal();

// A digest of the changed bytes and their values.
long long digest_of_changes();

void close_journal();

}
