#include "machine/arrivals.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <vector>

#include "machine/cluster.h"
#include "machine/cluster_touches.h"
#include "machine/launch.h"
#include "machine/memory.h"
#include "machine/shared_memory.h"
#include "machine/state.h"

namespace sim {

struct Sums {
  float at[4];
};

namespace {

// As PTX has it: what a barrier may wait for, either way.
constexpr int64_t MOST_BYTES = (1 << 20) - 1;

struct Barrier {
  Address address = 0;
  unsigned agent = 0;
  unsigned made_by = 0;
  uint32_t made_at = 0;
  uint64_t phase = 0;         // how many have ended
  bool expected = false;      // in this phase somebody has said how many bytes to expect
  int64_t missing = 0;        // of those that were expected; negative where bytes came that were not
  uint64_t last_bytes = 0;    // one more than the phase in which bytes arrived last
  Moments told;               // by those that have expected or sent, up to now
  Moments ended;              // the same up to the end of the last phase
  std::vector<uint32_t> told_at;  // the moment up to which each agent's knowledge is in there
};

struct Sent {
  Address to;
  size_t size;
  std::array<char, 16> bytes;
  Address barrier;
  unsigned sender;
  uint32_t moment;
  std::shared_ptr<const Moments> knowledge;
};

std::map<Address, Barrier> barriers;
std::vector<Sent> under_way;

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

void hear(Barrier& barrier, unsigned agent, uint32_t moment, const Moments& knowledge) {
  if (agent >= barrier.told_at.size()) {
    barrier.told_at.resize(agent + 1);
  }
  if (barrier.told_at[agent] < moment) {
    barrier.told_at[agent] = moment;
    barrier.told.join(knowledge);
  }
}

void end_phase_if_level(Barrier& barrier) {
  if (!barrier.expected || barrier.missing != 0) {
    return;
  }
  barrier.phase++;
  barrier.expected = false;
  barrier.ended.join(barrier.told);
  barrier.ended.raise(barrier.agent, uint32_t(barrier.phase));
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

void deliver(size_t i) {
  Sent sent = std::move(under_way[i]);
  under_way.erase(under_way.begin() + i);
  Barrier& barrier = barriers.at(sent.barrier);
  std::memcpy(reinterpret_cast<void*>(sent.to), sent.bytes.data(), sent.size);
  end_send(sent.to, sent.size, barrier.agent, uint32_t(barrier.phase + 1));
  hear(barrier, sent.sender, sent.moment, *sent.knowledge);
  barrier.last_bytes = barrier.phase + 1;
  barrier.missing -= sent.size;
  if (!within_range(barrier)) {
    violation(CUDA_ERROR_LAUNCH_FAILED, phase_of(barrier) + " counts more bytes than an arrival barrier can");
  }
  end_phase_if_level(barrier);
}

[[noreturn]] void fail(const std::string& what) {
  fail_thread(CUDA_ERROR_LAUNCH_FAILED, what);
  __builtin_unreachable();
}

// The barrier that the running thread may use there.
Barrier& barrier_at(const char* does, Address address) {
  auto found = barriers.find(address);
  if (found == barriers.end() || !own_knowledge().knows(found->second.made_by, found->second.made_at)) {
    std::string where = in_shared_space(address) ? shared_place(address) : "what is not shared memory";
    fail(std::string(does) + ": nobody has certainly made an arrival barrier before at " + where);
  }
  return found->second;
}

Barrier& own_barrier_at(const char* does, const void* address) {
  want_cluster(does);
  return barrier_at(does, reinterpret_cast<Address>(address));
}

void check_target(Address to, Address barrier, size_t size) {
  if (cluster->blocks.size() == 1) {
    fail("send in a cluster of one block");
  }
  if (!in_shared_space(to) || !within_shared_array(to, size)) {
    std::string where = in_shared_space(to) ? shared_place(to) : "what is not shared memory";
    fail_thread(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds send of " + bytes(size) + " to " + where);
  }
  if (to % size != 0) {
    fail_thread(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned send of " + bytes(size) + " to " + shared_place(to));
  }
  if (cluster->returned(cluster->blocks[rank_of(to)])) {
    fail("sends to " + shared_place(to) + ", which has returned");
  }
  if (!in_shared_space(barrier) || rank_of(barrier) != rank_of(to)) {
    fail("sends to " + shared_place(to) + " and has it counted in another block");
  }
}

void send_bytes(Address to, Address at, const void* values, size_t size) {
  want_cluster("send");
  check_target(to, at, size);
  Barrier& barrier = barrier_at("send", at);
  begin_send(to, size);
  Knowledge& mine = own_knowledge();
  const std::shared_ptr<const Moments>& told = mine.tell();
  Sent sent{to, size, {}, barrier.address, own_agent(), mine.of(own_agent()), told};
  std::memcpy(sent.bytes.data(), values, size);
  under_way.push_back(std::move(sent));
  if (cluster->order == Order::FORWARD) {
    deliver(under_way.size() - 1);
  }
}

}

void forget_arrivals() {
  barriers.clear();
  under_way.clear();
}

void deliver_some() {
  if (cluster->order != Order::SHUFFLED) {
    return;
  }
  for (size_t left = under_way.empty() ? 0 : cluster->random() % (under_way.size() + 1); left > 0; left--) {
    deliver(cluster->random() % under_way.size());
  }
}

bool deliver_late() {
  if (under_way.empty()) {
    return false;
  }
  deliver(under_way.size() - 1);
  return true;
}

std::string name_of_phase(unsigned agent, uint64_t phase) {
  for (const auto& [address, barrier] : barriers) {
    if (barrier.agent == agent) {
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
      return cluster->knowledge[cluster->agent(owner, thread)].of(barrier.agent) >= barrier.last_bytes;
    });
    if (!known) {
      return violation(CUDA_ERROR_LAUNCH_FAILED, "returns before all that was sent to it has certainly come: none waits "
                                                 "for phase " + std::to_string(barrier.last_bytes - 1) + " of " +
                                                     name(barrier));
    }
  }
}

void want_cluster(const char* what) {
  if (!cluster) {
    fail(std::string(what) + (settings.capability < 900 ? " on a card that has no clusters, where the kernel stops"
                                                        : " by a kernel that is of no cluster"));
  }
}

// What ptx_on_cpu.h calls.

void make_arrival_barrier(unsigned long long* at) {
  want_cluster("make_arrival_barrier");
  auto address = reinterpret_cast<Address>(at);
  if (!in_shared_space(address) || !within_shared_array(address, 8)) {
    fail_thread(CUDA_ERROR_ILLEGAL_ADDRESS, "make_arrival_barrier of what is not shared memory");
  }
  if (address % 8 != 0) {
    fail_thread(CUDA_ERROR_MISALIGNED_ADDRESS, "make_arrival_barrier: " + shared_place(address) + " is not aligned to 8");
  }
  check_cluster_touch(address, 8, true);
  make_untouchable(address, 8);
  Barrier barrier;
  barrier.address = address;
  barrier.agent = unsigned(cluster->knowledge.size() + barriers.size());
  barrier.made_by = own_agent();
  barrier.made_at = own_knowledge().of(barrier.made_by);
  barriers.emplace(address, std::move(barrier));
}

void expect_bytes(unsigned long long* at, unsigned count) {
  Barrier& barrier = own_barrier_at("expect_bytes", at);
  if (barrier.expected) {
    fail("expect_bytes twice in " + phase_of(barrier));
  }
  barrier.expected = true;
  barrier.missing += count;
  if (!within_range(barrier)) {
    fail(phase_of(barrier) + " counts more bytes than an arrival barrier can");
  }
  Knowledge& mine = own_knowledge();
  const std::shared_ptr<const Moments>& told = mine.tell();
  hear(barrier, own_agent(), mine.of(own_agent()), *told);
  end_phase_if_level(barrier);
}

void wait_for_bytes(unsigned long long* at, unsigned parity) {
  Barrier& barrier = own_barrier_at("wait_for_bytes", at);
  if (parity > 1) {
    fail("wait_for_bytes: parity " + std::to_string(parity) + " of " + name(barrier));
  }
  Thread& self = *block->thread;
  while (waits_in_vain(barrier, parity)) {
    self.awaited = barrier.address;
    self.parity = parity;
    self.state = State::AT_ARRIVAL;
    suspend();
  }
  own_knowledge().learn(barrier.ended);
}

void send(unsigned long long to, unsigned long long barrier, unsigned value) {
  send_bytes(to, barrier, &value, sizeof value);
}

void send(unsigned long long to, unsigned long long barrier, Sums values) {
  send_bytes(to, barrier, values.at, sizeof values.at);
}

}
