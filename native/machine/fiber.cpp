#include "machine/fiber.h"

#include <sys/mman.h>

#include <new>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace sim {

namespace {

std::vector<uintptr_t> spare_small, spare_large;

std::vector<uintptr_t>& spare_of(size_t size) {
  return size == STACK_SIZE ? spare_small : spare_large;
}

// Stacks begin at different distances from their ends, or the tops of all would compete for the same lines of the
// cache: with a thousand threads, a third of the time went there.
void** stack_top(uintptr_t low, size_t size) {
  size_t stagger = low / size % 64 * 320;
  return reinterpret_cast<void**>(low + size - stagger);
}

}

uintptr_t take_stack(size_t size) {
  std::vector<uintptr_t>& spare = spare_of(size);
  if (spare.empty()) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::bad_alloc();
    }
    // An overflow must not reach another thread's stack unseen.
    mprotect(memory, 4096, PROT_NONE);
    return reinterpret_cast<uintptr_t>(memory);
  }
  uintptr_t low = spare.back();
  spare.pop_back();
  return low;
}

void leave_stack(uintptr_t low, size_t size) {
  spare_of(size).push_back(low);
}

// Saves the registers that a callee must preserve on the old stack, and loads them from the new one.
extern "C" void charlstm_switch(void** from, void* to);
asm(R"(
.text
.hidden charlstm_switch
.globl charlstm_switch
.type charlstm_switch, @function
charlstm_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size charlstm_switch, .-charlstm_switch
)");

#ifdef __SANITIZE_ADDRESS__
namespace {

thread_local Place *left, *reached;

void arrive() {
  __sanitizer_finish_switch_fiber(reached->kept, &left->low, &left->size);
}

void enter() {
  arrive();
  reached->entry();
}

}
#endif

// The entry finds the stack as after a call: 8 bytes off a multiple of 16, with a null return address.
void prepare(Place& place, uintptr_t low, size_t size, void (*entry)()) {
#ifdef __SANITIZE_ADDRESS__
  // Frames that nobody returned from have left their marks.
  __asan_unpoison_memory_region(reinterpret_cast<void*>(low), size);
  place = {nullptr, reinterpret_cast<void*>(low), size, nullptr, entry};
  entry = enter;
#endif
  void** top = stack_top(low, size);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; i++) {
    *--top = nullptr;
  }
  place.stack = top;
}

void switch_to(Place& from, Place& to) {
#ifdef __SANITIZE_ADDRESS__
  left = &from;
  reached = &to;
  __sanitizer_start_switch_fiber(&from.kept, to.low, to.size);
  charlstm_switch(&from.stack, to.stack);
  arrive();
#else
  charlstm_switch(&from.stack, to.stack);
#endif
}

}
