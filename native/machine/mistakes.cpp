// The functions that the compiler calls where a program's own kernel divides by zero, leaves an array whose size it
// knows, enters a function, or goes on to another piece of code. Without them a mistake there would end the process.
#include "machine/mistakes.h"

#include <chrono>
#include <sstream>
#include <string>

#include "machine/block.h"
#include "memory/state.h"

namespace sim {

namespace {

using Clock = std::chrono::steady_clock;

// So many pieces of code between two looks at the clock.
constexpr unsigned STEPS = 1 << 12;

Clock::time_point start;
unsigned steps;

// A place in a text and a type, laid out as the compiler passes them to its run-time library.
struct Site {
  const char* file;
  uint32_t line, column;
};

struct Type {
  uint16_t kind;    // 0 for integers
  uint16_t layout;  // of an integer: the logarithm of its bits, and in the lowest bit whether it has a sign
  char name[1];     // in quotes
};

struct Division {
  Site site;
  const Type* type;
};

struct Indexing {
  Site site;
  const Type* array;
  const Type* index;
};

// A value of more bits than a word, of which there are two words, lies where the word says.
bool is_zero(const Type& type, uintptr_t value) {
  if (size_t(1) << (type.layout >> 1) <= 8 * sizeof value) {
    return value == 0;
  }
  const auto* words = reinterpret_cast<const uintptr_t*>(value);
  return words[0] == 0 && words[1] == 0;
}

std::string at(const Site& site) {
  return std::string(" at ") + (site.file ? site.file : "?") + ":" + std::to_string(site.line);
}

void report_division(const Division& division, bool by_zero) {
  violation(Flaw::ARITHMETIC, (by_zero ? std::string("integer division by 0")
                                       : "integer division of the lowest " +
                                             std::string(division.type->name) + " by -1, which overflows,") +
                                  at(division.site));
}

void report_index(const Indexing& indexing, uintptr_t index) {
  bool has_sign = indexing.index->layout & 1;
  violation(Flaw::OUT_OF_BOUNDS,
            "index " + (has_sign ? std::to_string(intptr_t(index)) : std::to_string(index)) + " outside an array " +
                indexing.array->name + at(indexing.site));
}

void report_stack() {
  violation(Flaw::STACK_OVERFLOW,
            "stack overflow: its functions call one another too deeply, or hold too much; a thread has " +
                std::to_string(LOCAL_LIMIT >> 10) + " KiB");
}

}

void start_time() {
  start = Clock::now();
}

std::string time_is_over() {
  if (settings.seconds <= 0 || Clock::now() - start <= std::chrono::duration<double>(settings.seconds)) {
    return "";
  }
  std::ostringstream what;
  what << "has not ended after " << settings.seconds << " seconds (CHARLSTM_SIM_SECONDS)";
  return what.str();
}

bool out_of_time() {
  std::string why = time_is_over();
  if (!why.empty()) {
    violation(Flaw::TIMEOUT, why);
  }
  return !why.empty();
}

void look_at_time() {
  if (out_of_time()) {
    suspend();
  }
}

}

#define CALLED_BY_KERNELS extern "C" __attribute__((visibility("default")))

// Outside of kernels, as in an initialiser of a program's variable, nothing can be stopped.
CALLED_BY_KERNELS void __ubsan_handle_divrem_overflow(const sim::Division* division, uintptr_t, uintptr_t divisor) {
  if (sim::block) {
    sim::report_division(*division, sim::is_zero(*division->type, divisor));
    sim::suspend();
  }
}

CALLED_BY_KERNELS void __ubsan_handle_out_of_bounds(const sim::Indexing* indexing, uintptr_t index) {
  if (sim::block) {
    sim::report_index(*indexing, index);
    sim::suspend();
  }
}

// The frame is there already, which the reserve has room for.
CALLED_BY_KERNELS void __tsan_func_entry(void*) {
  if (sim::block && sim::block->stack_size == sim::OWN_STACK_SIZE) {
    auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (here < sim::block->thread->stack + sim::STACK_RESERVE) {
      sim::report_stack();
      sim::suspend();
    }
  }
}

CALLED_BY_KERNELS void __tsan_func_exit() {}

CALLED_BY_KERNELS void __sanitizer_cov_trace_pc() {
  if (++sim::steps % sim::STEPS == 0 && sim::block) {
    sim::look_at_time();
  }
}
