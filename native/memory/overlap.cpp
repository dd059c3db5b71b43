#include "memory/overlap.h"

namespace sim {

Overlap* overlap;

// A kernel has ended only after its wait: where it has none, those before it may outlast it.
void begin_overlap(Overlap* of) {
  overlap = of && of->before && of->before->ran ? of : nullptr;
  if (overlap) {
    const Overlap& before = *of->before;
    of->at_begin = before.next_begins_after ? before.after_wait : before.at_begin;
    of->at_begin.push_back(before.ran);
    of->after_wait = before.waited ? before.after_wait : before.at_begin;
  }
  if (of) {
    of->before = nullptr;
  }
}

}
