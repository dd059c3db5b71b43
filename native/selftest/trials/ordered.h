// Strong and atomic accesses as an interpreter of PTX makes them, for trial kernels that count as interpreted.
#pragma once
#include "kernels/device.h"
#include "machine/order/order.h"

using sim::Strength;

#define UNSEEN [[maybe_unused]] __attribute__((noinline, no_sanitize("thread"))) static

UNSEEN sim::Address address_of(const void* at) { return reinterpret_cast<sim::Address>(at); }

UNSEEN u32 load_strong(const u32* at, Strength scope) {
  sim::check_access(address_of(at), 4, false, scope);
  return *at;
}

UNSEEN void store_strong(u32* at, u32 value, Strength scope) {
  sim::check_access(address_of(at), 4, true, scope);
  *at = value;
}

UNSEEN u32 add_relaxed(u32* at, u32 value, Strength scope) {
  sim::check_atomic(address_of(at), 4, scope);
  u32 old = *at;
  *at = old + value;
  return old;
}

UNSEEN u32 load_acquire(const u32* at, Strength scope) {
  u32 value = load_strong(at, scope);
  sim::acquire(address_of(at), scope);
  return value;
}

UNSEEN void store_release(u32* at, u32 value, Strength scope) {
  sim::release(address_of(at), scope);
  store_strong(at, value, scope);
}

UNSEEN u32 add_acq_rel(u32* at, u32 value, Strength scope) {
  sim::release(address_of(at), scope);
  u32 old = add_relaxed(at, value, scope);
  sim::acquire(address_of(at), scope);
  return old;
}

UNSEEN u32 load_constant(const u32* at) {
  sim::check_constant(address_of(at), 4);
  return *at;
}

UNSEEN u64 arrive(sim::Address barrier, unsigned count, bool drops) {
  return sim::arrive_at_mbarrier(barrier, {count, 0, drops});
}

UNSEEN void wait_for_phase(sim::Address barrier, bool by_parity, u64 state_or_parity, bool tries = true) {
  while (!sim::mbarrier_phase_ended(barrier, {by_parity, tries, state_or_parity})) {
    if (!tries) {
      sim::let_others_run();
    }
  }
}
