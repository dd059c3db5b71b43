// Vector clocks: how far each thread of a cluster knows the others to be.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "clocks/earlier.h"
#include "clocks/moments.h"

namespace sim {

// The knowledge that an arrival at a barrier leaves for those that go on from it later. The moment is 0 where it tells
// nothing of the thread's own.
struct Coming {
  Moments seen, over;
  Earlier earlier;
  unsigned actor = 0;
  uint32_t moment = 0;
};

// Two clocks: up to which moment a thread sees what an actor has written, and up to which moment what an actor read or
// sent is over. A send tells others of the second alone: its data depend on reads that are over, yet nothing makes the
// thread's own writes visible. The thread's own moment stands beside them, so that those who meet share their clocks.
class Knowledge {
 public:
  explicit Knowledge(unsigned actor) : actor(actor) {}

  // The moment of what the thread does to memory now: a later one than any it has told of.
  uint32_t act() {
    if (told) {
      begin_moment();
    }
    return moment;
  }
  uint32_t now() const { return moment; }

  bool sees(unsigned other, uint32_t then) const { return other == actor || seen.of(other) >= then; }
  bool knows_over(unsigned other, uint32_t then) const {
    return other == actor || over.of(other) >= then || computed_with(other, then);
  }
  // Whether a lane of its warp with which it has computed something has done it before.
  bool computed_with(unsigned other, uint32_t then) const {
    return lanes && other / 32 == actor / 32 && lanes->at[other % 32] >= then;
  }
  const Moments& all_seen() const { return seen; }
  const Moments& all_over() const { return over; }
  const Earlier& of_earlier() const { return earlier; }

  // All of which it knows that it is over.
  const Moments& tell();
  // All that it sees, with what it does from now on after that.
  Moments show();
  void learn(const Moments& more_seen, const Moments& more_over, const Earlier& more_earlier);

  // It comes to a barrier, and what it does from now on is after that; and goes on from it, where all told so much.
  Coming come();
  void go_on(const Coming& mine, const Coming& all);
  static Coming all_of(const std::vector<const Coming*>& come);

  // Those of a barrier know afterwards what each of them knew.
  static void meet(const std::vector<Knowledge*>& all);
  // Lanes of a warp have computed something together, which depends on what they have read; and what one of them has
  // learnt of other warps is there for all.
  static void depend(Knowledge* lanes, unsigned group);

 private:
  template <typename One>
  static Coming together(const std::vector<One*>& all);

  struct Lanes {
    unsigned holders = 0;
    std::array<uint32_t, 32> at{};
  };

  void begin_moment();
  void change();
  void learn_of_other_warps(const Coming& all);

  unsigned actor;
  uint32_t moment = 1;
  Moments seen, over;
  Earlier earlier;         // what it sees of other units
  Reference<Lanes> lanes;  // the moments up to which the lanes of its warp have read what it depends on
  Moments last;            // what it told, as long as nothing is new
  bool holds = false;      // that is so
  bool told = false;       // somebody may know of its moment
};

}
