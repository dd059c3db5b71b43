// A moment of each actor: a vector clock. Those that know the same share it, and it is copied when one learns more.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clocks/reference.h"

namespace sim {

// Actors are the threads of a cluster and then its arrival barriers, whose moments are the phases that have ended.
class Moments {
 public:
  uint32_t of(unsigned actor) const { return row && actor < row->at.size() ? row->at[actor] : 0; }
  void raise(unsigned actor, uint32_t moment);
  // Of actors below a number, to be raised.
  uint32_t* own(size_t actors) {
    make_own(actors);
    return row->at.data();
  }
  void join(const Moments& other);
  // The same but for actors from one to another.
  void join_outside(const Moments& other, unsigned from, unsigned to);

  bool same(const Moments& other) const { return row == other.row; }
  // Two with the same version, which is not 0, hold the same.
  uint64_t version() const { return row ? row->version : 0; }

 private:
  struct Row {
    unsigned holders = 0;
    uint64_t version = 0;
    std::vector<uint32_t> at;
  };

  void make_own(size_t size);

  Reference<Row> row;
};

}
