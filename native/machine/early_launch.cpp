#include "machine/early_launch.h"

#include "machine/order/access_history.h"

namespace sim {

// The block's barrier passes this knowledge on to the other threads.
void wait_for_launch_before() {
  block->thread->waited = block->waited = true;
}

void let_next_launch_begin() {
  block->lets_begin_first |= !block->thread->waited;
}

namespace {

void compare(Address address, size_t size, bool writes, bool strong, const Unfinished& unfinished) {
  std::vector<Extent> here{{address, address + size}}, none;
  Footprint now{writes ? none : here, writes ? here : none, strong ? here : none};
  for (const std::shared_ptr<const Ran>& one : unfinished) {
    Address found = first_conflict(now, one->footprint);
    if (found) {
      bool waited = block->thread->waited;
      std::string why = waited ? "though it has waited: a kernel between them has not" : "before griddepcontrol.wait";
      return violation(Flaw::RACE, std::string(writes ? "writes " : "reads ") + place_of(found) + ", which " +
                                       one->what + " before it may still access, " + why,
                       "Call cudaGridDependencySynchronize() before it, in each kernel that is launched early");
    }
  }
}

}

void check_overlap(Address address, size_t size, bool writes, bool strong) {
  const Unfinished& unfinished = block->thread->waited ? overlap->after_wait : overlap->at_begin;
  if (!unfinished.empty()) {
    compare(address, size, writes, strong, unfinished);
    if (block->failed) {
      suspend();
    }
  }
}

}
