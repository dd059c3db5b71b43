// How long a launch may take, if CHARLSTM_SIM_SECONDS limits it.
#pragma once
#include <string>

namespace sim {

// A launch has begun: its time starts to run.
void start_time();

// Why the launch must end, if that time is over; or empty.
std::string time_is_over();

// The launch fails if that time is over; and the same to end the running thread too.
void look_at_time();
void end_if_time_is_over();

}
