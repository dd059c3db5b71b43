#include "machine/order/sends.h"

#include <cstring>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "machine/order/arrivals.h"
#include "machine/order/cluster_shadow.h"
#include "machine/order/order.h"
#include "machine/shared_memory.h"

namespace sim {

struct Sums {
  float at[4];
};

namespace {

std::vector<Sent>& sends() {
  return cluster->sends->under_way;
}

// The finding names the sender, whichever thread runs.
void fail_sender(const Sent& sent, const std::string& what) {
  block = &cluster->blocks[sent.sender / cluster->lanes];
  block->thread = &block->threads[sent.sender % cluster->lanes];
  violation(Flaw::ASYNC_COPY, what);
}

void deliver(size_t i) {
  Sent sent = std::move(sends()[i]);
  sends().erase(sends().begin() + i);
  Barrier* barrier = find_barrier(sent.barrier);
  if (!barrier) {
    return fail_sender(sent, "sends to an arrival barrier at " + shared_place(sent.barrier) + " that is none any more");
  }
  uint32_t moment = uint32_t(barrier->phase + 1);
  for (const Copy& copy : sent.copies) {
    if (has_changed(copy)) {
      std::string name = sent.arrivals > 0 ? "cp.async" : "cp.async.bulk";
      return fail_sender(sent, name + " from what has changed before it was waited for: " +
                                   bytes_at(copy.from, copy.read));
    }
    std::memcpy(reinterpret_cast<void*>(copy.to), copy.bytes.data(), copy.size);
    end_send(copy.to, copy.size, barrier->actor, moment);
  }
  arrive(*barrier, sent.counted, sent.arrivals, sent.sender, sent.moment, sent.knowledge);
}

Sent sent_to(Address barrier) {
  Knowledge& mine = own_knowledge();
  Sent sent;
  sent.barrier = barrier;
  sent.sender = own_actor();
  sent.moment = mine.now();
  sent.knowledge = mine.tell();
  return sent;
}

void start(Sent sent) {
  sends().push_back(std::move(sent));
  if (cluster->order == Order::FORWARD) {
    deliver(sends().size() - 1);
  }
}

void check_target(Address to, Address barrier, size_t size) {
  if (cluster->blocks.size() == 1) {
    fail_launch(Flaw::CLUSTER, "send in a cluster of one block");
  }
  std::string what = "send of " + std::to_string(size) + " bytes to ";
  if (!in_shared_space(to) || !within_shared_array(to, size)) {
    what += in_shared_space(to) ? shared_place(to) : "what is not shared memory";
    fail_thread(Flaw::OUT_OF_BOUNDS, "out-of-bounds " + what);
  }
  if (to % size != 0) {
    fail_thread(Flaw::MISALIGNED, "misaligned " + what + shared_place(to));
  }
  if (cluster->returned(cluster->blocks[rank_of(to)])) {
    fail_launch(Flaw::CLUSTER, "sends to " + shared_place(to) + ", which has returned");
  }
  if (!in_shared_space(barrier) || rank_of(barrier) != rank_of(to)) {
    fail_launch(Flaw::CLUSTER, "sends to " + shared_place(to) + " and has it counted in another block");
  }
}

}

void send_bytes(Address to, Address at, const void* values, size_t size) {
  want_cluster("send");
  check_target(to, at, size);
  barrier_at("send", at);
  Copy copy{to, to, {}, 0, uint8_t(size), 0};
  std::memcpy(copy.bytes.data(), values, size);
  send_pieces(at, {copy});
}

void send_copies(Address at, std::vector<Copy> copies, bool increments) {
  Barrier& barrier = barrier_at("cp.async.mbarrier.arrive", at);
  barrier.pending += increments;
  Sent sent = sent_to(at);
  sent.arrivals = 1;
  sent.copies = std::move(copies);
  start(std::move(sent));
}

void send_pieces(Address at, std::vector<Copy> pieces) {
  Sent sent = sent_to(at);
  for (const Copy& piece : pieces) {
    begin_send(piece.to, piece.size);
    sent.counted += piece.size;
  }
  sent.copies = std::move(pieces);
  start(std::move(sent));
}

void deliver_own_copies() {
  for (size_t i = 0; i < sends().size();) {
    if (sends()[i].arrivals > 0 && sends()[i].sender == own_actor()) {
      Moments arrived;
      if (const Barrier* barrier = find_barrier(sends()[i].barrier)) {
        arrived.raise(barrier->actor, uint32_t(barrier->phase + 1));
      }
      deliver(i);
      own_knowledge().learn({arrived, arrived, Earlier()});
    } else {
      i++;
    }
  }
}

bool deliver_some() {
  if (cluster->order != Order::SHUFFLED || sends().empty()) {
    return false;
  }
  size_t some = cluster->random() % (sends().size() + 1);
  for (size_t left = some; left > 0; left--) {
    deliver(cluster->random() % sends().size());
  }
  return some > 0;
}

bool deliver_late() {
  if (sends().empty()) {
    return false;
  }
  deliver(sends().size() - 1);
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
