// What the threads of a cluster know of one another, as vector clocks.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace sim {

// Of each agent the moment up to which all it did has certainly happened. Agents are the threads of a cluster and then
// its arrival barriers, whose moments are the phases that have ended.
class Moments {
 public:
  uint32_t of(unsigned agent) const { return agent < moments.size() ? moments[agent] : 0; }
  void set(unsigned agent, uint32_t moment);
  void raise(unsigned agent, uint32_t moment);
  void join(const Moments& other);

 private:
  std::vector<uint32_t> moments;
};

class Knowledge {
 public:
  explicit Knowledge(unsigned agent);

  // The moment of what the thread does to memory now: a later one than any it has told of.
  uint32_t act();

  // Whether this happened before what the thread does now. Of reads it knows more than of writes: what a warp computes
  // together depends on what its lanes have read.
  bool knows(unsigned other, uint32_t moment) const { return other == agent || moments.of(other) >= moment; }
  bool knows_read(unsigned other, uint32_t moment) const {
    return knows(other, moment) || (other / 32 == agent / 32 && lanes[other % 32] >= moment);
  }
  uint32_t of(unsigned other) const { return moments.of(other); }

  // All that it knows, for others to learn.
  const std::shared_ptr<const Moments>& tell();
  void learn(const Moments& others);

  // Those of a barrier know afterwards what each of them knew.
  static void meet(const std::vector<Knowledge*>& all);
  // Lanes of a warp have computed something together, which orders what they have read and no more.
  static void depend(Knowledge* lanes, unsigned group);

 private:
  void change();

  unsigned agent;
  Moments moments;
  std::array<uint32_t, 32> lanes{};     // the moments up to which the lanes of its warp have read what it depends on
  std::shared_ptr<const Moments> last;  // what it told, as long as nothing is new
  bool told = false;                    // somebody may know of its moment
};

}
