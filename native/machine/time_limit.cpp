#include "machine/time_limit.h"

#include <chrono>
#include <sstream>

#include "machine/block.h"
#include "memory/state.h"

namespace sim {

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point start;

}

void start_time() {
  start = Clock::now();
}

std::string time_is_over() {
  if (settings.seconds <= 0 || Clock::now() - start <= std::chrono::duration<double>(settings.seconds)) {
    return "";
  }
  std::ostringstream what;
  what << "has not ended after " << settings.seconds << " seconds (CHARLSTM_SIM_SECONDS)";
  return what.str();
}

void look_at_time() {
  std::string why = time_is_over();
  if (!why.empty()) {
    violation(Flaw::TIMEOUT, why);
  }
}

void end_if_time_is_over() {
  std::string why = time_is_over();
  if (!why.empty()) {
    fail_thread(Flaw::TIMEOUT, why);
  }
}

}
