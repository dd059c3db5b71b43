#include "machine/sends.h"

#include <array>
#include <cstring>
#include <vector>

#include "machine/arrivals.h"
#include "machine/cluster.h"
#include "machine/cluster_touches.h"
#include "machine/launch.h"
#include "machine/shared_memory.h"

namespace sim {

struct Sums {
  float at[4];
};

namespace {

struct Sent {
  Address to;
  size_t size;
  std::array<char, 16> bytes;
  Barrier* barrier;
  unsigned sender;
  uint32_t moment;
  std::shared_ptr<const Moments> knowledge;
};

std::vector<Sent> under_way;

void deliver(size_t i) {
  Sent sent = std::move(under_way[i]);
  under_way.erase(under_way.begin() + i);
  Barrier& barrier = *sent.barrier;
  std::memcpy(reinterpret_cast<void*>(sent.to), sent.bytes.data(), sent.size);
  end_send(sent.to, sent.size, barrier.actor, uint32_t(barrier.phase + 1));
  arrive(barrier, sent.size, sent.sender, sent.moment, *sent.knowledge);
}

void check_target(Address to, Address barrier, size_t size) {
  if (cluster->blocks.size() == 1) {
    fail_launch("send in a cluster of one block");
  }
  std::string what = "send of " + std::to_string(size) + " bytes to ";
  if (!in_shared_space(to) || !within_shared_array(to, size)) {
    what += in_shared_space(to) ? shared_place(to) : "what is not shared memory";
    fail_thread(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds " + what);
  }
  if (to % size != 0) {
    fail_thread(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned " + what + shared_place(to));
  }
  if (cluster->returned(cluster->blocks[rank_of(to)])) {
    fail_launch("sends to " + shared_place(to) + ", which has returned");
  }
  if (!in_shared_space(barrier) || rank_of(barrier) != rank_of(to)) {
    fail_launch("sends to " + shared_place(to) + " and has it counted in another block");
  }
}

void send_bytes(Address to, Address at, const void* values, size_t size) {
  want_cluster("send");
  check_target(to, at, size);
  Barrier& barrier = barrier_at("send", at);
  begin_send(to, size);
  Knowledge& mine = own_knowledge();
  Sent sent{to, size, {}, &barrier, own_actor(), mine.now(), mine.tell()};
  std::memcpy(sent.bytes.data(), values, size);
  under_way.push_back(std::move(sent));
  if (cluster->order == Order::FORWARD) {
    deliver(under_way.size() - 1);
  }
}

}

void forget_sends() {
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

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

void send(unsigned long long to, unsigned long long barrier, unsigned value) {
  send_bytes(to, barrier, &value, sizeof value);
}

void send(unsigned long long to, unsigned long long barrier, Sums values) {
  send_bytes(to, barrier, values.at, sizeof values.at);
}

}
