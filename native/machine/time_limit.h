// The time limit of a launch, CHARLSTM_SIM_SECONDS.
#pragma once
#include <string>

namespace sim {

// Starts the time of a launch.
void start_time();

// The reason for ending the launch if the time is over; or empty.
std::string time_is_over();

// Fails the launch if the time is over; the second function also ends the running thread.
void look_at_time();
void end_if_time_is_over();

}
