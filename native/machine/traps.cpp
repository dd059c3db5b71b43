#include "machine/traps.h"

#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

#include <cstdint>
#include <iterator>
#include <string>

#include "machine/block.h"
#include "machine/program_image.h"
#include "memory/memory.h"

namespace sim {

namespace {

const int SIGNALS[] = {SIGILL, SIGFPE, SIGSEGV, SIGBUS};

// Below a stack there is a page that nobody may touch.
alignas(16) char stack_of_handler[64 << 10];

struct sigaction before[std::size(SIGNALS)];
stack_t stack_before;
pthread_t launcher;
bool launches;
int caught;
uintptr_t touched;

bool below_stack(uintptr_t address) {
  return address - block->thread->stack < PAGE;
}

[[noreturn]] void report() {
  if (below_stack(touched)) {
    fail_thread(Flaw::STACK_OVERFLOW, "stack overflow: an array whose size is not constant is too large");
  } else if (caught == SIGILL) {
    fail_thread(Flaw::TRAP, "stops at an instruction that is none, as __builtin_trap() has it");
  } else if (caught == SIGFPE) {
    fail_thread(Flaw::ARITHMETIC, "integer division by 0, or one that overflows");
  } else {
    fail_thread(Flaw::OUT_OF_BOUNDS, "jumps or reaches to where nothing is, unseen by the checks of accesses");
  }
  __builtin_unreachable();
}

// Lets the thread go on in the report, at the top of its stack: what it was at is over.
#if defined(__x86_64__)
uintptr_t instruction(const ucontext_t& context) { return context.uc_mcontext.gregs[REG_RIP]; }
void divert(ucontext_t& context, uintptr_t top) {
  context.uc_mcontext.gregs[REG_RSP] = greg_t(top - sizeof(void*));
  context.uc_mcontext.gregs[REG_RIP] = greg_t(reinterpret_cast<uintptr_t>(&report));
}
#else
uintptr_t instruction(const ucontext_t&) { return 0; }
void divert(ucontext_t&, uintptr_t) {}
#endif

void hand_on(int signal, siginfo_t* info, void* context) {
  size_t i = 0;
  while (SIGNALS[i] != signal) {
    i++;
  }
  const struct sigaction& old = before[i];
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(signal, info, context);
  } else if (old.sa_handler == SIG_DFL) {
    sigaction(signal, &old, nullptr);  // and it comes again
  } else if (old.sa_handler != SIG_IGN) {
    old.sa_handler(signal);
  }
}

void handle(int signal, siginfo_t* info, void* raw) {
  auto& context = *static_cast<ucontext_t*>(raw);
  auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  bool kernels = launches && pthread_equal(pthread_self(), launcher) && block && block->thread && info->si_code > 0;
  bool nowhere = kernels && signal == SIGSEGV && (instruction(context) == address || below_stack(address));
  if (!kernels || !(nowhere || in_own_code(instruction(context)))) {
    hand_on(signal, info, raw);
    return;
  }
  caught = signal;
  touched = signal == SIGSEGV ? address : 0;
  divert(context, (block->thread->stack + block->stack_size - 256) / 16 * 16);
}

}

Traps::Traps(bool wanted) : wanted_(wanted) {
  if (!wanted_) {
    return;
  }
  launcher = pthread_self();
  launches = true;
  stack_t stack{};
  stack.ss_sp = stack_of_handler;
  stack.ss_size = sizeof stack_of_handler;
  sigaltstack(&stack, &stack_before);
  for (size_t i = 0; i < std::size(SIGNALS); i++) {
    // Another thread may need what was there as soon as it is replaced.
    sigaction(SIGNALS[i], nullptr, &before[i]);
    struct sigaction own{};
    own.sa_sigaction = handle;
    own.sa_mask = before[i].sa_mask;
    own.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigaction(SIGNALS[i], &own, nullptr);
  }
}

Traps::~Traps() {
  if (!wanted_) {
    return;
  }
  for (size_t i = 0; i < std::size(SIGNALS); i++) {
    sigaction(SIGNALS[i], &before[i], nullptr);
  }
  sigaltstack(&stack_before, nullptr);
  launches = false;
}

}
