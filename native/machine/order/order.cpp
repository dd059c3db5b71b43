#include "machine/order/order.h"

#include "machine/access.h"
#include "machine/block.h"
#include "machine/cluster.h"
#include "machine/order/releases.h"
#include "machine/order/strength.h"

namespace sim {

void check_strong(Address address, size_t size, bool writes, Scope scope) {
  check_access(address, size, writes, strength_of(scope));
}

void check_atomic_of(Address address, size_t size, Scope scope) {
  check_atomic(address, size, strength_of(scope));
}

void check_non_coherent(Address address, size_t size) {
  check_constant(address, size);
}

void fence(Scope scope, bool sequential) {
  fence_for(strength_of(scope), sequential);
}

void release(Address address, size_t, Scope scope) {
  release_at(address, strength_of(scope));
}

void acquire(Address address, size_t, Scope scope) {
  acquire_at(address, strength_of(scope));
}

uint64_t instructions_to_pause() {
  constexpr unsigned MOST = 64;
  switch (cluster->order) {
    case Order::LOCKSTEP: return 1;
    case Order::SHUFFLED: return 1 + cluster->random() % MOST;
    default: return UINT64_MAX;
  }
}

void pause() {
  block->thread->state = State::READY;
  suspend();
}

void let_others_run(bool computes) {
  block->thread->computes = computes;
  block->thread->state = State::SPINS;
  suspend();
}

}
