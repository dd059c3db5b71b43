// Calls of the libraries that stand on the driver. One that is refused ends with a Refusal, wherever the mistake is seen.
#pragma once
#include <functional>
#include <string>

#include "calls/admission.h"

namespace sim {

// The library's status, and what is wrong: which argument, and why.
struct Refusal {
  int status;
  std::string why;
};

[[noreturn]] inline void refuse(int status, const std::string& why) { throw Refusal{status, why}; }

template <typename Words>
void refuse_if(bool wrong, int status, const Words& why) {
  if (wrong) {
    refuse(status, why);
  }
}

// An empty mistake is none.
inline void refuse_for(int status, const std::string& mistake) { refuse_if(!mistake.empty(), status, mistake); }

// Ends the call with the library's status for a failure of the driver's, which has been told.
inline void pass_on(CUresult result) {
  if (result != CUDA_SUCCESS) {
    throw result;
  }
}

// The name of the call that holds the lock.
extern const char* current_call;

// A library's own statuses for the driver's.
struct Statuses {
  int not_initialised, out_of_memory, invalid, internal, failed;
};

// Carries out a call under that name if it may go on. Refusals are told with it.
int answer(Needs needs, const char* name, const std::function<void()>& call, const Statuses& statuses,
           void (*tell)(int status, const std::string& message));

}
