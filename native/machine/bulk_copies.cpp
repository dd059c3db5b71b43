// Copies of many bytes at once (cp.async.bulk): to shared memory, counted at an arrival barrier, and from it, in groups
// that the thread waits for. They run as pieces of 16 bytes.
#include <cstring>

#include "machine/access.h"
#include "machine/cluster.h"
#include "machine/copies.h"
#include "machine/order/arrivals.h"
#include "machine/order/order.h"
#include "machine/order/sends.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

constexpr size_t PIECE = sizeof Copy().bytes;

void refuse(Flaw flaw, const std::string& what, Address address, size_t size) {
  fail_thread(flaw, "cp.async.bulk " + what + ": " + bytes_at(address, size));
}

void check_form(Address to, Address from, size_t size) {
  if (size == 0 || size % PIECE != 0) {
    fail_launch(Flaw::ASYNC_COPY, "cp.async.bulk of " + std::to_string(size) + " bytes, which are no multiple of 16");
  }
  for (Address address : {to, from}) {
    if (address % PIECE != 0) {
      refuse(Flaw::MISALIGNED, std::string(address == to ? "to" : "from") + " what is not aligned to 16",
             address, size);
    }
  }
}

// Reads all that is to be copied.
std::vector<Copy> pieces_of(Address to, Address from, size_t size) {
  std::vector<Copy> pieces;
  for (size_t at = 0; at < size; at += PIECE) {
    Copy piece{to + at, from + at, {}, block->thread->bulk_groups, PIECE, PIECE};
    check_access(from + at, PIECE, false);
    std::memcpy(piece.bytes.data(), reinterpret_cast<const void*>(from + at), PIECE);
    pieces.push_back(piece);
  }
  return pieces;
}

}

void copy_bulk_to_shared(Address shared, Address from, size_t size, Address barrier) {
  check_form(shared, from, size);
  if (!in_shared_space(shared) || !within_shared_array(shared, size)) {
    refuse(Flaw::WRONG_SPACE, "to what is not in shared memory", shared, size);
  }
  if (cluster->returned(cluster->blocks[rank_of(shared)])) {
    fail_launch(Flaw::ASYNC_COPY, "cp.async.bulk to " + shared_place(shared) + ", which has returned");
  }
  if (!in_shared_space(barrier) || rank_of(barrier) != rank_of(shared)) {
    fail_launch(Flaw::ASYNC_COPY, "cp.async.bulk to " + shared_place(shared) + " is counted in another block");
  }
  barrier_at("cp.async.bulk", barrier);
  send_pieces(barrier, pieces_of(shared, from, size));
}

void copy_bulk_to_global(Address global, Address shared, size_t size) {
  check_form(global, shared, size);
  if (!allocation_of(global, size)) {
    refuse(Flaw::OUT_OF_BOUNDS, "out of bounds of device memory", global, size);
  }
  std::vector<Copy> pieces = pieces_of(global, shared, size);
  std::vector<Copy>& copies = block->thread->bulk_copies;
  copies.insert(copies.end(), pieces.begin(), pieces.end());
}

void commit_bulk_copies() {
  block->thread->bulk_groups++;
}

void wait_for_bulk_copies(unsigned groups_left) {
  Thread& self = *block->thread;
  while (!self.bulk_copies.empty() && self.bulk_copies.front().group + groups_left < self.bulk_groups) {
    const Copy& copy = self.bulk_copies.front();
    if (has_changed(copy)) {
      refuse(Flaw::ASYNC_COPY, "from what has changed before it was waited for", copy.from, copy.read);
    }
    check_access(copy.to, copy.size, true);
    std::memcpy(reinterpret_cast<void*>(copy.to), copy.bytes.data(), copy.size);
    self.bulk_copies.erase(self.bulk_copies.begin());
  }
}

}
