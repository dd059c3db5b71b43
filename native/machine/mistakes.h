// Mistakes that a program's own kernel makes by itself, without touching memory that it was given.
#pragma once

namespace sim {

// A launch has begun: its time starts to run, if CHARLSTM_SIM_SECONDS limits it.
void start_time();

// True, and the launch has failed, if that time is over; and the same to fail the running thread.
bool out_of_time();
void look_at_time();

}
