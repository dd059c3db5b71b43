// Bytes that threads of a cluster have sent and that have not arrived yet.
#pragma once

namespace sim {

void forget_sends();

// Lets what is under way arrive. As blocks run: some of it, if they run shuffled.
// When none of the cluster can go on: what was sent last; false if there is nothing.
void deliver_some();
bool deliver_late();

}
