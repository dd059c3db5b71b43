// Copies to shared memory that a thread has started and not yet waited for. What they bring is not there before.
#include "machine/copies.h"

#include <cstring>

#include "machine/access.h"
#include "machine/cluster.h"
#include "machine/order/order.h"
#include "machine/order/sends.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

const char* name_of_copies() {
  return block->interpreted ? "cp.async" : "copy_ahead";
}

void refuse(Flaw flaw, const std::string& what, Address address, size_t size) {
  fail_thread(flaw, std::string(name_of_copies()) + " " + what + ": " + bytes_at(address, size));
}

}

bool has_changed(const Copy& copy) {
  return std::memcmp(copy.bytes.data(), reinterpret_cast<const void*>(copy.from), copy.read) != 0;
}

void leave_copies() {
  for (const std::vector<Copy>* copies : {&block->thread->copies, &block->thread->bulk_copies}) {
    if (!copies->empty()) {
      const Copy& first = copies->front();
      return violation(Flaw::ASYNC_COPY, "returns with copies under way that nobody has waited for, the first "
                                         "of " + bytes_at(first.from, first.size));
    }
  }
}

void copy_to_shared(Address shared, Address global, size_t size, size_t read) {
  Copy copy{shared, global, {}, block->thread->groups, uint8_t(size), uint8_t(read)};
  if (!in_shared_space(shared)) {
    refuse(Flaw::WRONG_SPACE, "to what is not in shared memory", shared, size);
  }
  if (read > size) {
    fail_launch(Flaw::ASYNC_COPY, std::string(name_of_copies()) + " of " + std::to_string(size) + " bytes reads " +
                std::to_string(read));
  }
  if (read > 0 && !in_device_space(global)) {
    refuse(Flaw::WRONG_SPACE, "from what is not device memory", global, size);
  }
  for (Address address : {shared, global}) {
    if (address % size != 0) {
      refuse(Flaw::MISALIGNED,
             (address == shared ? "to what is not aligned to " : "from what is not aligned to ") + std::to_string(size),
             address, size);
    }
  }
  if (read > 0) {
    check_access(global, read, false);
    std::memcpy(copy.bytes.data(), reinterpret_cast<const void*>(global), read);
  }
  check_access(shared, size, true);
  set_under_way(shared, size, true);
  std::memset(reinterpret_cast<void*>(shared), 0xff, size);
  block->thread->copies.push_back(copy);
}

void arrive_after_copies(Address barrier, bool increments) {
  send_copies(barrier, std::move(block->thread->copies), increments);
  block->thread->copies.clear();
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

void copy_ahead(void* shared, const void* global) {
  constexpr size_t all = sizeof Copy().bytes;
  copy_to_shared(reinterpret_cast<Address>(shared), reinterpret_cast<Address>(global), all, all);
}

void commit_copies() {
  block->thread->groups++;
}

void wait_for_copies(unsigned groups_left) {
  Thread& self = *block->thread;
  if (block->interpreted) {
    deliver_own_copies();
  }
  while (!self.copies.empty() && self.copies.front().group + groups_left < self.groups) {
    const Copy& copy = self.copies.front();
    if (has_changed(copy)) {
      refuse(Flaw::ASYNC_COPY, "from what has changed before it was waited for", copy.from, copy.read);
    }
    set_under_way(copy.to, copy.size, false);
    check_access(copy.to, copy.size, true);
    std::memcpy(reinterpret_cast<void*>(copy.to), copy.bytes.data(), copy.size);
    self.copies.erase(self.copies.begin());
  }
}

}
