#include "calls/library.h"

namespace sim {

const char* current_call = "";

int answer(Needs needs, const char* name, const std::function<void()>& call, int (*as_status)(CUresult),
           void (*tell)(int status, const std::string& message)) {
  Admission admission(needs);
  int status = 0;
  if (admission.granted()) {
    current_call = name;
    try {
      call();
    } catch (const Refusal& refusal) {
      status = refusal.status;
      tell(status, std::string(name) + ": " + refusal.why);
    } catch (CUresult failure) {
      status = as_status(failure);
    }
  }
  return admission.refusal() == CUDA_SUCCESS ? status : as_status(admission.refusal());
}

}
