// A unit that waits for what others do lets others run beside it: as many as a card holds at once, and no more.
#include "machine/units.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>

#include "machine/cluster.h"
#include "machine/cores.h"
#include "machine/shared_memory.h"
#include "machine/time_limit.h"

namespace sim {

namespace {

std::vector<uint32_t> shuffled(uint64_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  // Always the same shuffle: a failure must come again.
  std::shuffle(order.begin(), order.end(), std::minstd_rand(1));
  return order;
}

// The order in which units begin. CUDA promises none, but cards begin units by their numbers, and programs rely on it.
class Sequence {
 public:
  Sequence(uint64_t count, Order order)
      : count_(count), order_(order), shuffle_(order == Order::SHUFFLED ? shuffled(count) : std::vector<uint32_t>()) {}

  // The next unit in this order; with lowest, the unbegun unit of the lowest number.
  uint64_t next(bool lowest) {
    if (lowest && begun_.empty()) {
      begun_.resize(count_);
      for (uint64_t i = 0; i < next_; i++) {
        begun_[nth(i)] = true;
      }
    }
    while (!lowest && !begun_.empty() && begun_[nth(next_)]) {
      next_++;
    }
    while (lowest && begun_[lowest_]) {
      lowest_++;
    }
    uint64_t number = lowest ? lowest_ : nth(next_++);
    if (!begun_.empty()) {
      begun_[number] = true;
    }
    return number;
  }

 private:
  uint64_t nth(uint64_t i) const {
    return order_ == Order::SHUFFLED ? shuffle_[i] : order_ == Order::REVERSED ? count_ - 1 - i : i;
  }

  uint64_t count_, next_ = 0, lowest_ = 0;
  Order order_;
  std::vector<uint32_t> shuffle_;
  std::vector<bool> begun_;  // made when it is first needed
};

class Units {
 public:
  Units(const Block& like, Order order)
      : like_(like), order_(order), size_(std::max(like.launch->cluster, 1u)),
        count_(like.launch->grid.count() / size_), sequence_(count_, order), alone_(like) {
    unsigned room = std::min(like.launch->room, MOST_BLOCKS_TOGETHER);
    most_ = std::max(room / size_, 1u);
  }

  ~Units() {
    for (auto& one : waiting_) {
      end_cluster(*one);
    }
  }

  Outcome run() {
    while (begun_ < count_ || !waiting_.empty()) {
      if (waiting_.empty() && run_rest_on_cores()) {
        break;
      }
      bool right = begun_ < count_ && waiting_.size() < most_ ? begin_one() : take_turns();
      if (!right || unordered_) {
        return right ? Outcome::UNORDERED : Outcome::FAILED;
      }
    }
    return Outcome::DONE;
  }

 private:
  using Unit = std::unique_ptr<Cluster>;

  void place(Block& one, uint64_t number) const {
    one.index = like_.launch->grid.at(number);
    one.stamp = uint32_t(1 + number);
  }

  Unit fresh() {
    if (spare_.empty()) {
      spare_.push_back(std::make_unique<Cluster>());
      spare_.back()->order = order_;
      spare_.back()->first_part = unsigned(waiting_.size()) * size_;
      spare_.back()->blocks.assign(size_, like_);
    }
    Unit one = std::move(spare_.back());
    spare_.pop_back();
    return one;
  }

  bool run_rest_on_cores() {
    return run_on_cores(*like_.launch->kernel, begun_, count_, [this](uint64_t from, uint64_t to) {
      for (count_ = to; begun_ < from; begun_++) {
        sequence_.next(false);
      }
      return run() == Outcome::DONE;
    });
  }

  // False if the unit failed; then all later ones fail.
  bool go_on(Unit one, size_t at) {
    Progress progress = sim::go_on(*one);
    if (progress == Progress::WAITS) {
      waiting_.insert(waiting_.begin() + at, std::move(one));
      return true;
    }
    end_cluster(*one);
    spare_.push_back(std::move(one));
    return progress == Progress::ENDED && in_time();
  }

  bool begin_one() {
    // A half of the room is for blocks in this order, and the rest for those that a card would have begun before.
    uint64_t number = sequence_.next(order_ != Order::FORWARD && 2 * waiting_.size() >= most_);
    begun_++;
    if (!like_.launch->cluster && !like_.launch->kernel->interpreted) {
      place(alone_, number);
      return run_block(alone_, order_ == Order::REVERSED) && in_time();
    }
    Unit one = fresh();
    for (unsigned rank = 0; rank < size_; rank++) {
      place(one->blocks[rank], number * size_ + rank);
    }
    begin_cluster(*one, waiting_.empty());
    size_t before = waiting_.size();
    if (!go_on(std::move(one), before)) {
      return false;
    }
    // Another unit may wait for one that has ended.
    return waiting_.empty() || waiting_.size() > before || turn_of(turn_ % waiting_.size());
  }

  bool turn_of(size_t at) {
    Unit one = std::move(waiting_[at]);
    waiting_.erase(waiting_.begin() + at);
    size_t before = waiting_.size();
    bool right = go_on(std::move(one), at);
    turn_ = waiting_.size() > before ? at + 1 : at;
    return right;
  }

  bool take_turns() {
    size_t before = waiting_.size();
    for (size_t at = 0; at < waiting_.size();) {
      if (!turn_of(at)) {
        return false;
      }
      at = turn_;
    }
    bool stuck = waiting_.size() == before &&
                 std::all_of(waiting_.begin(), waiting_.end(), [](const Unit& one) { return worn_out(*one); });
    unordered_ = stuck && begun_ < count_ && (order_ == Order::REVERSED || order_ == Order::SHUFFLED);
    if (stuck && !unordered_) {
      fail_waiting(*waiting_.front(), begun_ < count_ ? no_room() : WAITS_IN_VAIN);
    }
    return !stuck || unordered_;
  }

  std::string no_room() const {
    return "waits for another block, which cannot begin: the card holds " + std::to_string(most_ * size_) +
           " such blocks at once, and all of them wait";
  }

  bool in_time() {
    std::string why = time_is_over();
    if (!why.empty()) {
      uint64_t have_run = (begun_ - waiting_.size()) * size_;
      const char* name = like_.launch->kernel->name;
      fail_context(Flaw::TIMEOUT, name, std::string("kernel ") + name + ": " + why + "; " + std::to_string(have_run) +
                                            " of " + std::to_string(count_ * size_) + " blocks have run");
    }
    return why.empty();
  }

  const Block& like_;
  Order order_;
  unsigned size_;   // of a unit
  uint64_t count_, begun_ = 0;
  size_t most_ = 1, turn_ = 0;
  Sequence sequence_;
  Block alone_;  // the one block of a kernel in C++, which waits for no other
  std::vector<Unit> waiting_, spare_;
  bool unordered_ = false;
};

}

Outcome run_units(const Block& like, Order order) {
  return Units(like, order).run();
}

}
