// Vector clocks: how far each thread of a cluster knows the others to be.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace sim {

// A moment of each actor. Actors are the threads of a cluster and then its arrival barriers, whose moments are the
// phases that have ended.
class Moments {
 public:
  uint32_t of(unsigned actor) const { return actor < moments.size() ? moments[actor] : 0; }
  void set(unsigned actor, uint32_t moment);
  void raise(unsigned actor, uint32_t moment);
  void join(const Moments& other);

 private:
  std::vector<uint32_t> moments;
};

// Two clocks: up to which moment a thread sees what an actor has written, and up to which moment what an actor read or
// sent is over. A send tells others of the second alone: its data depend on reads that are over, yet nothing makes the
// thread's own writes visible.
class Knowledge {
 public:
  explicit Knowledge(unsigned actor);

  // The moment of what the thread does to memory now: a later one than any it has told of.
  uint32_t act();
  uint32_t now() const { return seen.of(actor); }

  bool sees(unsigned other, uint32_t moment) const { return other == actor || seen.of(other) >= moment; }
  bool knows_over(unsigned other, uint32_t moment) const {
    return other == actor || over.of(other) >= moment || (other / 32 == actor / 32 && lanes[other % 32] >= moment);
  }

  // All of which it knows that it is over.
  const std::shared_ptr<const Moments>& tell();
  // All that it sees, with what it does from now on after that.
  const Moments& show();
  void learn(const Moments& more_seen, const Moments& more_over);

  // Those of a barrier know afterwards what each of them knew.
  static void meet(const std::vector<Knowledge*>& all);
  // Lanes of a warp have computed something together, which depends on what they have read.
  static void depend(Knowledge* lanes, unsigned group);

 private:
  void change();

  unsigned actor;
  Moments seen, over;
  std::array<uint32_t, 32> lanes{};     // the moments up to which the lanes of its warp have read what it depends on
  std::shared_ptr<const Moments> last;  // what it told, as long as nothing is new
  bool told = false;                    // somebody may know of its moment
};

}
