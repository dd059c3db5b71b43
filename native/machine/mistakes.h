// Mistakes that a program's own kernel makes by itself, without touching memory that it was given.
#pragma once
#include <string>

namespace sim {

// A launch has begun: its time starts to run, if CHARLSTM_SIM_SECONDS limits it.
void start_time();

// Why the launch must end, if that time is over; or empty.
std::string time_is_over();

// True, and the launch has failed, if that time is over; and the same to fail the running thread.
bool out_of_time();
void look_at_time();

}
