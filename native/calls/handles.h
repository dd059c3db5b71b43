// Handles: numbers that are never used twice and never address anything, so that a handle that was destroyed, or is of
// another kind, is recognised.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "calls/of_context.h"

namespace sim {

inline uintptr_t next_handle() {
  static uintptr_t last = 0x51000000;
  return last += 16;
}

template <typename Handle, typename Object>
class Handles {
 public:
  // Counts what was added and not removed, if a counter is given; what went with its context stays counted.
  explicit Handles(long long* live = nullptr) : live_(live) {}

  Handle add(std::shared_ptr<Object> object) {
    Handle handle = reinterpret_cast<Handle>(next_handle());
    objects_[handle] = std::move(object);
    count(1);
    return handle;
  }
  std::shared_ptr<Object> find(Handle handle) const {
    auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second;
  }
  bool remove(Handle handle) {
    bool removed = objects_.erase(handle) == 1;
    count(removed ? -1 : 0);
    return removed;
  }
  auto begin() { return objects_.begin(); }
  auto end() { return objects_.end(); }

 private:
  void count(int more) {
    if (live_) {
      *live_ += more;
    }
  }

  OfContext<std::map<Handle, std::shared_ptr<Object>>> objects_;
  long long* live_;
};

}
