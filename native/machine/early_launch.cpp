#include "machine/early_launch.h"

#include "machine/order/access_history.h"

namespace sim {

// The block's barrier passes it on to the others.
void wait_for_launch_before() {
  block->thread->waited = block->waited = true;
}

void let_next_launch_begin() {
  block->lets_begin_first |= !block->thread->waited;
}

void check_overlap(Address address, size_t size, bool writes, bool strong) {
  bool waited = block->thread->waited;
  for (const std::shared_ptr<const Ran>& one : waited ? overlap->after_wait : overlap->at_begin) {
    Address found = first_conflict(one->footprint, {address, address + size}, writes, strong);
    if (found) {
      std::string why = waited ? "though it has waited: a kernel between them has not" : "before griddepcontrol.wait";
      fail_thread(Flaw::RACE, std::string(writes ? "writes " : "reads ") + place_of(found) + ", which " + one->what +
                                  " before it may still access, " + why,
                  "Call cudaGridDependencySynchronize() before it, in each kernel that is launched early");
    }
  }
}

void leave_overlap() {
  overlap->waited |= block->waited;
  overlap->next_begins_after |= block->waited && !block->lets_begin_first;
}

}
