// Calls of libraries that stand on the driver. One that is refused ends with a Refusal, wherever the mistake is seen; a
// failure of the driver's, which has been told, ends it with the library's status for that.
#pragma once
#include <functional>
#include <string>

#include "calls/admission.h"
#include "calls/handles.h"
#include "calls/refused.h"

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

// The object of a handle: one that is stale or of another kind is refused with that status.
template <typename Handle, typename Object>
std::shared_ptr<Object> find_object(const Handles<Handle, Object>& all, Handle handle, int status, const char* name) {
  std::shared_ptr<Object> found = all.find(handle);
  refuse_if(!found, status, std::string(name) + ": no such object, or one that was destroyed");
  return found;
}

template <typename Handle, typename Object>
void create_object(Handles<Handle, Object>& all, Handle* handle, int status, const Object& object = {}) {
  refuse_if(!handle, status, "the new handle: null");
  *handle = all.add(std::make_shared<Object>(object));
}

// To destroy null succeeds.
template <typename Handle, typename Object>
void destroy_object(Handles<Handle, Object>& all, Handle handle, int status, const char* name) {
  if (handle) {
    find_object(all, handle, status, name);
    all.remove(handle);
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
