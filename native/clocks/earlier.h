// How far the actors of each unit of a launch are known, by the unit's number; a unit is a cluster or a single block.
// Blocks run one after another, so one learns of others that have ended by what they have left in memory. A tree whose
// parts are shared, since most of it is what others know too.
#pragma once
#include <array>
#include <cstdint>

#include "clocks/moments.h"

namespace sim {

class Earlier {
 public:
  // Before a launch of so many units: those that are there must be gone.
  static void prepare(uint64_t units);

  // Null if nothing is known of the unit.
  const Moments* of(uint32_t unit) const;
  void join(const Earlier& other);
  void add(uint32_t unit, const Moments& moments);
  bool same(const Earlier& other) const { return root == other.root; }
  explicit operator bool() const { return bool(root); }

 private:
  static constexpr unsigned BITS = 4, BRANCHES = 1 << BITS;

  struct Node {
    unsigned holders = 0;
    std::array<Reference<Node>, BRANCHES> below;
    std::array<Moments, BRANCHES> moments;  // at the lowest level
  };

  static Reference<Node> joined(const Reference<Node>& one, const Reference<Node>& other, unsigned level);
  static Reference<Node> path(uint32_t unit, const Moments& moments, unsigned level);

  static unsigned levels;  // above the lowest
  Reference<Node> root;
};

}
