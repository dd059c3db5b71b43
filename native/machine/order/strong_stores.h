// Strong stores to device memory that other threads may see in another order. This is no race, but no fence separates
// the data from the flag that announces it.
#pragma once
#include "machine/order/access_record.h"

namespace sim {

// Notes the running thread's access after its check; plain accesses are st and ld, others atomic changes.
void note_strong_store(Address address, const Accessor& now, bool plain);
void note_strong_read(Address address, const Accessor& now, bool plain);
void note_fence();

// Forgets all stores when a launch begins in another order.
void forget_strong_stores();

}
