#include "machine/arrivals.h"

#include <algorithm>
#include <map>

#include "machine/cluster.h"
#include "machine/cluster_touches.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

// As PTX has it: so many bytes too few or too many.
constexpr int64_t MOST_BYTES = (1 << 20) - 1;

std::map<Address, Barrier> barriers;

std::string name(const Barrier& barrier) {
  return "the arrival barrier at " + shared_place(barrier.address);
}

std::string phase_of(const Barrier& barrier) {
  return "phase " + std::to_string(barrier.phase) + " of " + name(barrier);
}

std::string bytes(int64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string balance(const Barrier& barrier) {
  if (!barrier.expected) {
    return "for which nobody has said how many bytes to expect" +
           (barrier.missing < 0 ? ", though " + bytes(-barrier.missing) + " have come" : std::string());
  }
  return barrier.missing > 0 ? "which still expects " + bytes(barrier.missing)
                             : "to which " + bytes(-barrier.missing) + " more have come than it expects";
}

bool waits_in_vain(const Barrier& barrier, unsigned parity) {
  return (barrier.phase & 1) == parity;
}

void hear(Barrier& barrier, unsigned actor, uint32_t moment, const Moments& knowledge) {
  if (actor >= barrier.told_at.size()) {
    barrier.told_at.resize(actor + 1);
  }
  if (barrier.told_at[actor] < moment) {
    barrier.told_at[actor] = moment;
    barrier.told.join(knowledge);
  }
}

void end_phase_if_level(Barrier& barrier) {
  if (!barrier.expected || barrier.missing != 0) {
    return;
  }
  barrier.phase++;
  barrier.expected = false;
  barrier.over.join(barrier.told);
  barrier.over.raise(barrier.actor, uint32_t(barrier.phase));
  barrier.seen.join(barrier.shown);
  barrier.seen.raise(barrier.actor, uint32_t(barrier.phase));
  for (Thread& thread : cluster->blocks[rank_of(barrier.address)].threads) {
    if (thread.state == State::AT_ARRIVAL && thread.awaited == barrier.address &&
        !waits_in_vain(barrier, thread.parity)) {
      thread.state = State::READY;
    }
  }
}

bool within_range(const Barrier& barrier) {
  return barrier.missing >= -MOST_BYTES && barrier.missing <= MOST_BYTES;
}

Barrier& own_barrier_at(const char* does, const void* address) {
  want_cluster(does);
  return barrier_at(does, reinterpret_cast<Address>(address));
}

}

Barrier& barrier_at(const char* does, Address address) {
  auto found = barriers.find(address);
  if (found == barriers.end() || !own_knowledge().sees(found->second.made_by, found->second.made_at)) {
    std::string where = in_shared_space(address) ? shared_place(address) : "what is not shared memory";
    fail_launch(std::string(does) + ": nobody has certainly made an arrival barrier before at " + where);
  }
  return found->second;
}

void arrive(Barrier& barrier, size_t count, unsigned sender, uint32_t moment, const Moments& knowledge) {
  hear(barrier, sender, moment, knowledge);
  barrier.last_bytes = barrier.phase + 1;
  barrier.missing -= count;
  if (!within_range(barrier)) {
    violation(CUDA_ERROR_LAUNCH_FAILED, phase_of(barrier) + " counts more bytes than an arrival barrier can");
  }
  end_phase_if_level(barrier);
}

void forget_arrivals() {
  barriers.clear();
}

std::string name_of_phase(unsigned actor, uint64_t phase) {
  for (const auto& [address, barrier] : barriers) {
    if (barrier.actor == actor) {
      return "phase " + std::to_string(phase) + " of " + name(barrier);
    }
  }
  return "";
}

std::string what_it_waits_for(const Thread& thread) {
  const Barrier& barrier = barriers.at(thread.awaited);
  return phase_of(barrier) + ", " + balance(barrier);
}

void check_arrivals_at_end() {
  for (const auto& [address, barrier] : barriers) {
    Block& owner = cluster->blocks[rank_of(address)];
    block = &owner;
    if (barrier.last_bytes > barrier.phase) {
      return violation(CUDA_ERROR_LAUNCH_FAILED, "ends in " + phase_of(barrier) + ", " + balance(barrier));
    }
    bool known = std::any_of(owner.threads.begin(), owner.threads.end(), [&](const Thread& thread) {
      return cluster->knowledge[cluster->actor(owner, thread)].sees(barrier.actor, barrier.last_bytes);
    });
    if (!known) {
      std::string phase = name_of_phase(barrier.actor, barrier.last_bytes - 1);
      std::string what = "returns before all that was sent to it has certainly come: none waits for " + phase;
      return violation(CUDA_ERROR_LAUNCH_FAILED, what);
    }
  }
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

void make_arrival_barrier(unsigned long long* at) {
  want_cluster("make_arrival_barrier");
  auto address = reinterpret_cast<Address>(at);
  if (!in_shared_space(address) || !within_shared_array(address, 8)) {
    fail_thread(CUDA_ERROR_ILLEGAL_ADDRESS, "make_arrival_barrier of what is not shared memory");
  }
  if (address % 8 != 0) {
    std::string what = "make_arrival_barrier: " + shared_place(address) + " is not aligned to 8";
    fail_thread(CUDA_ERROR_MISALIGNED_ADDRESS, what);
  }
  check_cluster_touch(address, 8, true);
  make_untouchable(address, 8);
  Barrier barrier;
  barrier.address = address;
  barrier.actor = unsigned(cluster->knowledge.size() + barriers.size());
  barrier.made_by = own_actor();
  barrier.made_at = own_knowledge().now();
  barriers.emplace(address, std::move(barrier));
}

void expect_bytes(unsigned long long* at, unsigned count) {
  Barrier& barrier = own_barrier_at("expect_bytes", at);
  if (barrier.expected) {
    fail_launch("expect_bytes twice in " + phase_of(barrier));
  }
  barrier.expected = true;
  barrier.missing += count;
  if (!within_range(barrier)) {
    fail_launch(phase_of(barrier) + " counts more bytes than an arrival barrier can");
  }
  Knowledge& mine = own_knowledge();
  hear(barrier, own_actor(), mine.now(), *mine.tell());
  barrier.shown.join(mine.show());
  end_phase_if_level(barrier);
}

void wait_for_bytes(unsigned long long* at, unsigned parity) {
  Barrier& barrier = own_barrier_at("wait_for_bytes", at);
  if (parity > 1) {
    fail_launch("wait_for_bytes: parity " + std::to_string(parity) + " of " + name(barrier));
  }
  Thread& self = *block->thread;
  while (waits_in_vain(barrier, parity)) {
    self.awaited = barrier.address;
    self.parity = parity;
    self.state = State::AT_ARRIVAL;
    suspend();
  }
  own_knowledge().learn(barrier.seen, barrier.over);
}

}
