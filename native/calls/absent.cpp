#include "calls/absent.h"

#include <set>

#include "calls/admission.h"
#include "memory/state.h"

namespace sim {

void tell_absent(const std::string& name, const std::string& status) {
  static std::set<std::string> told;
  Admission admission(Needs::NOTHING);
  std::string message = name + " is not simulated: it answers " + status;
  (told.insert(name).second ? complain : keep_message)(message);
}

}
