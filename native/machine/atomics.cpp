// Called by atomics_on_cpu.h and words_on_cpu.h: atomic operations, text that a kernel prints, and its assertions.
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <unordered_map>

#include "machine/block.h"

namespace sim {

namespace {

// A thread that does so many waits for one that does not run: threads run one after another up to a barrier.
constexpr unsigned MOST_ATOMICS = 1 << 24;

// Of each place that a thread exchanged: which did.
std::unordered_map<uintptr_t, uint64_t> exchanged_by;

}

void forget_exchanges() {
  exchanged_by.clear();
}

}

namespace sim __attribute__((visibility("default"))) {

void note_exchange(const void* address) {
  uint64_t me = uint64_t(block->stamp) << 32 | block->thread->number;
  order_may_show |= exchanged_by.emplace(reinterpret_cast<uintptr_t>(address), me).first->second != me;
}

// Nothing of another thread comes between these two.
uint64_t begin_atomic(const void* address, unsigned size) {
  if (++block->thread->atomics == MOST_ATOMICS) {
    fail_thread(Flaw::DEADLOCK, "does atomic operations without end: a thread cannot wait for another so");
  }
  check_atomic(reinterpret_cast<Address>(address), size);
  uint64_t bits = 0;
  std::memcpy(&bits, address, size);
  return bits;
}

void end_atomic(void* address, unsigned size, uint64_t bits) {
  std::memcpy(address, &bits, size);
}

void order_matters() {
  order_may_show = true;
}

// Once, though the blocks run in several orders.
int print_text(const char* format, ...) {
  if (!traffic) {
    return 0;
  }
  va_list values;
  va_start(values, format);
  int length = std::vprintf(format, values);
  va_end(values);
  std::fflush(stdout);
  return length;
}

void fail_assertion(const char* condition, const char* file, int line) {
  fail_thread(Flaw::ASSERTION, "assertion '" + std::string(condition) + "' at " + file + ":" + std::to_string(line));
}

void stop_thread() {
  fail_thread(Flaw::TRAP, "__trap() was called");
}

}
