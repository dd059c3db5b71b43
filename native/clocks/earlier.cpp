#include "clocks/earlier.h"

namespace sim {

unsigned Earlier::levels;

void Earlier::prepare(uint64_t units) {
  for (levels = 0; units > uint64_t(BRANCHES) << levels * BITS;) {
    levels++;
  }
}

const Moments* Earlier::of(uint32_t unit) const {
  const Node* node = root.get();
  for (unsigned level = levels; node && level > 0; level--) {
    node = node->below[unit >> level * BITS & (BRANCHES - 1)].get();
  }
  return node ? &node->moments[unit & (BRANCHES - 1)] : nullptr;
}

Reference<Earlier::Node> Earlier::joined(const Reference<Node>& one, const Reference<Node>& other, unsigned level) {
  if (one == other || !other) {
    return one;
  }
  if (!one) {
    return other;
  }
  // The result is one of the two where that holds all of both.
  Reference<Node> made(new Node);
  bool is_one = true, is_other = true;
  for (unsigned i = 0; i < BRANCHES; i++) {
    if (level == 0) {
      made->moments[i] = one->moments[i];
      made->moments[i].join(other->moments[i]);
      is_one &= made->moments[i].same(one->moments[i]);
      is_other &= made->moments[i].same(other->moments[i]);
    } else {
      made->below[i] = joined(one->below[i], other->below[i], level - 1);
      is_one &= made->below[i] == one->below[i];
      is_other &= made->below[i] == other->below[i];
    }
  }
  return is_one ? one : is_other ? other : made;
}

Reference<Earlier::Node> Earlier::path(uint32_t unit, const Moments& moments, unsigned level) {
  Reference<Node> made(new Node);
  unsigned branch = unit >> level * BITS & (BRANCHES - 1);
  if (level == 0) {
    made->moments[branch] = moments;
  } else {
    made->below[branch] = path(unit, moments, level - 1);
  }
  return made;
}

void Earlier::join(const Earlier& other) {
  if (root != other.root) {
    root = joined(root, other.root, levels);
  }
}

void Earlier::add(uint32_t unit, const Moments& moments) {
  root = joined(root, path(unit, moments, levels), levels);
}

}
