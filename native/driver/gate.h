// The gate that every call passes, of the driver and of the libraries that stand on it.
#pragma once
#include "api/cuda.h"

namespace sim __attribute__((visibility("default"))) {

// A call needs nothing, a driver that was initialised, or a current context.
enum class Needs { NOTHING, DRIVER, DRIVER_TO_RELEASE, CONTEXT, CONTEXT_TO_RELEASE };

// Holds the one lock over all state for the length of a call, and answers in its place if it may not go on. A release
// that is set to fail, or comes to a failed context, is carried out and answers with the failure all the same, so that
// what an owner forgets to release shows in the counters.
class Gate {
 public:
  explicit Gate(Needs needs);
  ~Gate();
  Gate(const Gate&) = delete;
  bool open() const { return open_; }
  CUresult refusal() const { return refusal_; }
  CUresult answer(CUresult result) const { return refusal_ == CUDA_SUCCESS ? result : refusal_; }

 private:
  bool open_ = true;
  CUresult refusal_ = CUDA_SUCCESS;
};

}

namespace sim {

// The state that cuInit left, and the number of the context that is current to this thread.
extern bool initialised;
extern thread_local unsigned long long current_context;

}
