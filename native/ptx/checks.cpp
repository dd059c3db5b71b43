// The slower checks of an access: where a thread's own memory ends, and in which space an address lies.
#include <string>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "machine/order/order.h"
#include "ptx/run.h"

namespace sim::ptx {

bool in_own_memory(uintptr_t address) {
  const Run& run = this_run();
  return block->owns(address) || address - reinterpret_cast<uintptr_t>(&run) < run.bytes;
}

namespace {

void fail_access(Flaw flaw, const char* kind, const char* does, uintptr_t address, size_t size,
                 const char* why = "") {
  fail_thread(flaw, std::string(kind) + " " + does + " of " + bytes_at(address, size) + why +
                        about_argument(*block->launch, address));
}

inline void want_aligned(uintptr_t address, size_t size, bool writes) {
  if (address % size != 0) {
    fail_access(Flaw::MISALIGNED, "misaligned", writes ? "write" : "read", address, size);
  }
}

// Whether the address lies in the parameters of a running function. The kernel's own parameters may not be written.
bool within_params(uintptr_t address, size_t size, bool writes) {
  for (const Frame* frame = this_run().frame; frame; frame = frame->caller) {
    size_t at = address - reinterpret_cast<uintptr_t>(frame->params), bytes = frame->function->param_bytes;
    if (at < bytes && size <= bytes - at) {
      const std::vector<Variable*>& own = frame->function->parameters;
      if (writes && !frame->caller && !own.empty() && at < own.back()->place + own.back()->size) {
        fail_access(Flaw::WRONG_SPACE, "forbidden", "write to the kernel's parameters,", address, size);
      }
      return true;
    }
  }
  return false;
}

// In the thread's own stack lie its parameters and its local memory.
bool check_own(uintptr_t address, size_t size, bool writes) {
  if (!in_own_memory(address)) {
    return false;
  }
  const Run& run = this_run();
  size_t in_local = address - reinterpret_cast<uintptr_t>(run.local);
  bool local = in_local < run.local_end && size <= run.local_end - in_local;
  if (!local && !within_params(address, size, writes)) {
    size_t bytes = run.frame->function->param_bytes;
    auto in_params = int64_t(address - reinterpret_cast<uintptr_t>(run.frame->params));
    bool params = in_params >= -int64_t(PAGE) && in_params < int64_t(bytes + PAGE);
    std::string where = params ? "parameters at byte " + std::to_string(in_params) + " of a function's " +
                                     std::to_string(bytes)
                               : "local memory at byte " + std::to_string(int64_t(in_local)) + " of a thread's " +
                                     std::to_string(run.local_end);
    fail_thread(Flaw::OUT_OF_BOUNDS, std::string("out-of-bounds ") + (writes ? "write" : "read") + " of " +
                                         std::to_string(size) + " bytes of " + where);
  }
  return true;
}

inline void check_one(uintptr_t address, size_t size, bool writes) {
  want_aligned(address, size, writes);
  if (!check_own(address, size, writes)) {
    check_access(address, size, writes);
    changes += writes;
  }
}

}

void check_aligned(uintptr_t address, size_t size, bool writes) {
  want_aligned(address, size, writes);
  check_own(address, size, writes);
}

void check_space(Space space, uintptr_t address, size_t size, bool writes) {
  const char* does = writes ? "write" : "read";
  bool device = in_device_space(address);
  if ((space == Space::GLOBAL || space == Space::CONST) && !device) {
    fail_access(Flaw::WRONG_SPACE, "out-of-bounds", does, address, size, ", which is not device memory");
  }
  if (space == Space::CONST && !(allocation_at(address) && allocation_at(address)->constant)) {
    fail_access(Flaw::WRONG_SPACE, "out-of-bounds", does, address, size, ", which is no constant variable");
  }
  if (space == Space::SHARED && rank_of(address) != block->rank) {
    fail_access(Flaw::WRONG_SPACE, "out-of-bounds", does, address, size,
                ", which is not the block's own shared memory (.shared::cluster is that of others)");
  }
}

void check_global(uintptr_t address, size_t size, bool writes) {
  want_aligned(address, size, writes);
  changes += writes;
  check_device(address, size, writes);
}

void check_own_shared(uintptr_t address, size_t size, bool writes) {
  want_aligned(address, size, writes);
  check_shared(address, size, writes, Strength::WEAK);
  changes += writes;
}

void check_read(uintptr_t address, size_t size) {
  check_one(address, size, false);
}

void check_write(uintptr_t address, size_t size) {
  check_one(address, size, true);
}

}
