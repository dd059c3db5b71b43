// Strong stores to device memory that others may see in another order than they were made: no race, but no fence stands
// between the data and what tells that it is there.
#pragma once
#include "machine/order/access_record.h"

namespace sim {

// By the running thread, once its order was checked; plain ones are those of st and ld, others are atomic changes.
void note_strong_store(Address address, const Accessor& now, bool plain);
void note_strong_read(Address address, const Accessor& now, bool plain);
void note_fence();

// A launch begins in another order.
void forget_strong_stores();

}
