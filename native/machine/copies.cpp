// Copies to shared memory that a thread has started and not yet waited for. What they bring is not there before.
#include <cstring>

#include "machine/access.h"
#include "machine/block.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

void refuse(CUresult code, const char* what, Address address) {
  fail_thread(code, std::string("copy_ahead ") + what + ": " + bytes_at(address, sizeof Copy().bytes));
}

}

void leave_copies() {
  if (!block->thread->copies.empty()) {
    violation(CUDA_ERROR_LAUNCH_FAILED, "returns with copies under way that nobody has waited for, the first of " +
                                            bytes_at(block->thread->copies.front().from, sizeof Copy().bytes));
  }
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

void copy_ahead(void* shared, const void* global) {
  Copy copy{reinterpret_cast<Address>(shared), reinterpret_cast<Address>(global), {}, block->thread->groups};
  if (!in_shared_space(copy.to)) {
    refuse(CUDA_ERROR_ILLEGAL_ADDRESS, "to what is not in shared memory", copy.to);
  }
  if (!in_device_space(copy.from)) {
    refuse(CUDA_ERROR_ILLEGAL_ADDRESS, "from what is not device memory", copy.from);
  }
  for (Address address : {copy.to, copy.from}) {
    if (address % copy.bytes.size() != 0) {
      refuse(CUDA_ERROR_MISALIGNED_ADDRESS, address == copy.to ? "to what is not aligned to 16"
                                                               : "from what is not aligned to 16", address);
    }
  }
  check_access(copy.from, copy.bytes.size(), false);
  check_access(copy.to, copy.bytes.size(), true);
  set_under_way(copy.to, copy.bytes.size(), true);
  std::memcpy(copy.bytes.data(), global, copy.bytes.size());
  std::memset(shared, 0xff, copy.bytes.size());
  block->thread->copies.push_back(copy);
}

void commit_copies() {
  block->thread->groups++;
}

void wait_for_copies(unsigned groups_left) {
  Thread& self = *block->thread;
  while (!self.copies.empty() && self.copies.front().group + groups_left < self.groups) {
    const Copy& copy = self.copies.front();
    if (std::memcmp(copy.bytes.data(), reinterpret_cast<const void*>(copy.from), copy.bytes.size()) != 0) {
      refuse(CUDA_ERROR_LAUNCH_FAILED, "from what has changed before it was waited for", copy.from);
    }
    set_under_way(copy.to, copy.bytes.size(), false);
    check_access(copy.to, copy.bytes.size(), true);
    std::memcpy(reinterpret_cast<void*>(copy.to), copy.bytes.data(), copy.bytes.size());
    self.copies.erase(self.copies.begin());
  }
}

}
