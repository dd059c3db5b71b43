// Copies that a thread has started and not yet waited for: to shared memory (cp.async), from shared memory
// (cp.async.bulk), and to shared memory with a count at an arrival barrier. The bytes arrive at the wait, not before.
// A cp.async.bulk runs in pieces.
#include <cstring>

#include "machine/cluster.h"
#include "machine/order/arrivals.h"
#include "machine/order/sends.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

constexpr size_t PIECE = sizeof Copy().bytes;
constexpr const char* BULK = "cp.async.bulk";

const char* name_of_copies() {
  return block->interpreted ? "cp.async" : "copy_ahead";
}

void refuse(Flaw flaw, const char* name, const std::string& what, Address address, size_t size) {
  fail_thread(flaw, std::string(name) + " " + what + ": " + bytes_at(address, size));
}

void check_aligned(const char* name, Address to, Address from, size_t size, size_t alignment) {
  for (Address address : {to, from}) {
    if (address % alignment != 0) {
      refuse(Flaw::MISALIGNED, name,
             (address == to ? "to what is not aligned to " : "from what is not aligned to ") +
                 std::to_string(alignment), address, size);
    }
  }
}

void check_bulk(Address to, Address from, size_t size) {
  if (size == 0 || size % PIECE != 0) {
    fail_launch(Flaw::ASYNC_COPY, "cp.async.bulk of " + std::to_string(size) + " bytes, which are no multiple of 16");
  }
  check_aligned(BULK, to, from, size, PIECE);
}

// Reads all bytes of the source.
std::vector<Copy> pieces_of(Address to, Address from, size_t size) {
  std::vector<Copy> pieces;
  for (size_t at = 0; at < size; at += PIECE) {
    Copy piece{to + at, from + at, {}, block->thread->bulk_copies.groups, PIECE, PIECE};
    check_access(from + at, PIECE, false);
    std::memcpy(piece.bytes.data(), reinterpret_cast<const void*>(from + at), PIECE);
    pieces.push_back(piece);
  }
  return pieces;
}

void finish(Copies& copies, unsigned groups_left, const char* name) {
  while (!copies.under_way.empty() && copies.under_way.front().group + groups_left < copies.groups) {
    const Copy& copy = copies.under_way.front();
    if (has_changed(copy)) {
      refuse(Flaw::ASYNC_COPY, name, "from what has changed before it was waited for", copy.from, copy.read);
    }
    if (in_shared_space(copy.to)) {
      set_under_way(copy.to, copy.size, false);
    }
    check_access(copy.to, copy.size, true);
    std::memcpy(reinterpret_cast<void*>(copy.to), copy.bytes.data(), copy.size);
    copies.under_way.erase(copies.under_way.begin());
  }
}

}

bool has_changed(const Copy& copy) {
  return std::memcmp(copy.bytes.data(), reinterpret_cast<const void*>(copy.from), copy.read) != 0;
}

void leave_copies() {
  for (const Copies* copies : {&block->thread->copies, &block->thread->bulk_copies}) {
    if (!copies->under_way.empty()) {
      const Copy& first = copies->under_way.front();
      return violation(Flaw::ASYNC_COPY, "returns with copies under way that nobody has waited for, the first "
                                         "of " + bytes_at(first.from, first.size));
    }
  }
}

void copy_to_shared(Address shared, Address global, size_t size, size_t read) {
  Copies& copies = block->thread->copies;
  Copy copy{shared, global, {}, copies.groups, uint8_t(size), uint8_t(read)};
  const char* name = name_of_copies();
  if (!in_shared_space(shared)) {
    refuse(Flaw::WRONG_SPACE, name, "to what is not in shared memory", shared, size);
  }
  if (read > size) {
    fail_launch(Flaw::ASYNC_COPY, std::string(name) + " of " + std::to_string(size) + " bytes reads " +
                std::to_string(read));
  }
  if (read > 0 && !in_device_space(global)) {
    refuse(Flaw::WRONG_SPACE, name, "from what is not device memory", global, size);
  }
  check_aligned(name, shared, global, size, size);
  if (read > 0) {
    check_access(global, read, false);
    std::memcpy(copy.bytes.data(), reinterpret_cast<const void*>(global), read);
  }
  check_access(shared, size, true);
  set_under_way(shared, size, true);
  std::memset(reinterpret_cast<void*>(shared), 0xff, size);
  copies.under_way.push_back(copy);
}

void arrive_after_copies(Address barrier, bool increments) {
  std::vector<Copy>& copies = block->thread->copies.under_way;
  send_copies(barrier, std::move(copies), increments);
  copies.clear();
}

void copy_bulk_to_shared(Address shared, Address from, size_t size, Address barrier) {
  check_bulk(shared, from, size);
  if (!in_shared_space(shared) || !within_shared_array(shared, size)) {
    refuse(Flaw::WRONG_SPACE, BULK, "to what is not in shared memory", shared, size);
  }
  if (cluster->returned(cluster->blocks[rank_of(shared)])) {
    fail_launch(Flaw::ASYNC_COPY, "cp.async.bulk to " + shared_place(shared) + ", which has returned");
  }
  if (!in_shared_space(barrier) || rank_of(barrier) != rank_of(shared)) {
    fail_launch(Flaw::ASYNC_COPY, "cp.async.bulk to " + shared_place(shared) + " is counted in another block");
  }
  barrier_at(BULK, barrier);
  send_pieces(barrier, pieces_of(shared, from, size));
}

void copy_bulk_to_global(Address global, Address shared, size_t size) {
  check_bulk(global, shared, size);
  if (!allocation_of(global, size)) {
    refuse(Flaw::OUT_OF_BOUNDS, BULK, "out of bounds of device memory", global, size);
  }
  std::vector<Copy> pieces = pieces_of(global, shared, size);
  std::vector<Copy>& copies = block->thread->bulk_copies.under_way;
  copies.insert(copies.end(), pieces.begin(), pieces.end());
}

void commit_bulk_copies() {
  block->thread->bulk_copies.groups++;
}

void wait_for_bulk_copies(unsigned groups_left) {
  finish(block->thread->bulk_copies, groups_left, BULK);
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

void copy_ahead(void* shared, const void* global) {
  copy_to_shared(reinterpret_cast<Address>(shared), reinterpret_cast<Address>(global), PIECE, PIECE);
}

void commit_copies() {
  block->thread->copies.groups++;
}

void wait_for_copies(unsigned groups_left) {
  if (block->interpreted) {
    deliver_own_copies();
  }
  finish(block->thread->copies, groups_left, name_of_copies());
}

}
