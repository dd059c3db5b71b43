// The admission of every call, of the driver and of the libraries that stand on it.
#pragma once
#include "api/cuda.h"
#include "calls/refused.h"
#include "memory/state.h"

namespace sim __attribute__((visibility("default"))) {

// A call needs nothing, a driver that was initialised, or a current context. A release of what is in a context needs
// none that is current, since its handle or address says in which it is: numba's tests hold NVIDIA's driver to that.
enum class Needs { NOTHING, DRIVER, DRIVER_TO_RELEASE, CONTEXT, CONTEXT_TO_RELEASE };

// Holds the one lock over all state for the length of a call, and answers in its place if it may not go on. A release
// that is set to fail, or comes to a failed context, is carried out and answers with the failure all the same, so that
// what an owner forgets to release shows in the counters.
class Admission {
 public:
  explicit Admission(Needs needs);
  ~Admission();
  Admission(const Admission&) = delete;
  bool granted() const { return granted_; }
  CUresult refusal() const { return refusal_; }

 private:
  bool granted_ = true;
  CUresult refusal_ = CUDA_SUCCESS;
  int device_before_;
};

// Tells of a call whose status shows a mistake of the program, if nothing else has told of it. One that only asks may
// be a way to find out if a handle is good.
void tell_misuse(const char* name, CUresult status);

}

namespace sim {

// The state that cuInit left, and the number of the context that is current to this thread.
extern bool initialised;
extern thread_local unsigned long long current_context;

// Whether this thread runs a program's function in a stream, which must not call CUDA (cuLaunchHostFunc).
extern thread_local bool in_host_function;

// The driver whose memory pools came first: 11.2.
constexpr int FIRST_WITH_POOLS = 11020;

inline void require_device(CUdevice device) {
  require(device >= 0 && device < settings.devices, CUDA_ERROR_INVALID_DEVICE);
}

// The failure that the running call answers with although it is carried out, since it releases something.
extern CUresult answer_in_any_case;

}
