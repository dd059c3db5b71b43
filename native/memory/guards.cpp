#include "memory/guards.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <set>

#include "memory/footprint.h"

namespace sim {

namespace {

// Touches are taken at the next call. Beyond so many, memory is opened as a whole.
constexpr size_t MOST = 64;

enum State { FREE, TAKEN, FULL };

struct Note {
  std::atomic<int> state{FREE};
  Touch touch;
};

Note notes[MOST];
struct sigaction handler_before;
bool installed;
// The allocations with guards, and the ranges among them that are guarded against reads too.
std::set<Address>& with_guards = *new std::set<Address>();
std::vector<Extent>& closed = *new std::vector<Extent>();

Address page_from(Address address) {
  return (address + PAGE - 1) / PAGE * PAGE;
}

bool set_access(Address start, Address end, int access) {
  return start >= end || mprotect(reinterpret_cast<void*>(start), end - start, access) == 0;
}

bool open_whole(const Allocation& memory) {
  return set_access(memory.start, page_from(memory.start + memory.size), PROT_READ | PROT_WRITE);
}

// The handler takes no lock and allocates nothing. All pages of such memory are open but for guards, so it needs no
// list of these, which another thread may be changing.
bool note_and_open(const Touch& touch) {
  Allocation* memory = in_device_space(touch.address) ? allocation_at(touch.address) : nullptr;
  if (!memory || memory->device != OF_ALL || touch.address >= page_from(memory->start + memory->size)) {
    return false;
  }
  for (Note& note : notes) {
    int free = FREE;
    if (note.state.compare_exchange_strong(free, TAKEN)) {
      note.touch = touch;
      note.state = FULL;
      Address page = touch.address / PAGE * PAGE;
      return set_access(page, page + PAGE, touch.writes ? PROT_READ | PROT_WRITE : PROT_READ);
    }
  }
  return open_whole(*memory);
}

bool is_touch(const siginfo_t& information, const ucontext_t& machine) {
#if defined(__x86_64__)
  constexpr greg_t WRITE = 2, FETCH = 16;
  const greg_t* registers = machine.uc_mcontext.gregs;
  if (information.si_code != SEGV_ACCERR || registers[REG_ERR] & FETCH) {
    return false;
  }
  int error = errno;
  Touch touch{reinterpret_cast<Address>(information.si_addr), Address(registers[REG_RIP]),
              *reinterpret_cast<const Address*>(registers[REG_RSP]), (registers[REG_ERR] & WRITE) != 0};
  bool opened = note_and_open(touch);
  errno = error;
  return opened;
#else
  return false;
#endif
}

// A virtual machine has a handler of its own for its own faults.
void on_fault(int number, siginfo_t* information, void* machine) {
  if (is_touch(*information, *static_cast<ucontext_t*>(machine))) {
    return;
  }
  if (handler_before.sa_flags & SA_SIGINFO) {
    handler_before.sa_sigaction(number, information, machine);
  } else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN) {
    handler_before.sa_handler(number);
  } else {
    // The instruction faults again; a signal that was sent does not come again by itself.
    sigaction(number, &handler_before, nullptr);
    if (information->si_code <= 0) {
      raise(number);
    }
  }
}

bool handles_faults() {
  struct sigaction now {};
#if defined(__x86_64__)
  if (!installed && sigaction(SIGSEGV, nullptr, &handler_before) == 0) {
    struct sigaction own = handler_before;
    own.sa_flags = (own.sa_flags & ~int(SA_RESETHAND)) | SA_SIGINFO | SA_ONSTACK;
    own.sa_sigaction = on_fault;
    installed = sigaction(SIGSEGV, &own, nullptr) == 0;
  }
#endif
  return installed && sigaction(SIGSEGV, nullptr, &now) == 0 && now.sa_sigaction == on_fault;
}

}

void guard(Address start, size_t size, bool from_reads) {
  Allocation* memory = allocation_of(start, size);
  if (!memory || memory->device != OF_ALL || !handles_faults()) {
    return;
  }
  Address end = start + size;
  Extent pages{page_from(start), end == memory->start + memory->size ? page_from(end) : end / PAGE * PAGE};
  if (pages.start >= pages.end) {
    return;
  }
  with_guards.insert(memory->start);
  set_access(pages.start, pages.end, from_reads ? PROT_NONE : PROT_READ);
  if (from_reads) {
    closed.push_back(pages);
    return;
  }
  for (const Extent& one : closed) {
    set_access(std::max(one.start, pages.start), std::min(one.end, pages.end), PROT_NONE);
  }
}

void open_guards() {
  for (Address start : with_guards) {
    if (Allocation* memory = allocation_of(start, 1)) {
      open_whole(*memory);
    }
  }
  with_guards.clear();
  closed.clear();
}

std::vector<Touch> take_touches() {
  std::vector<Touch> touches;
  for (Note& note : notes) {
    if (note.state == FULL) {
      touches.push_back(note.touch);
      note.state = FREE;
    }
  }
  return touches;
}

}
