// A pointer to something that counts those that hold it, in a process whose launches run one at a time.
#pragma once
#include <utility>

namespace sim {

template <typename T>
class Reference {
 public:
  Reference() = default;
  explicit Reference(T* to) : to(to) { hold(); }
  Reference(const Reference& other) : to(other.to) { hold(); }
  Reference(Reference&& other) noexcept : to(std::exchange(other.to, nullptr)) {}
  Reference& operator=(const Reference& other) {
    if (to != other.to) {
      Reference(other).swap(*this);
    }
    return *this;
  }
  Reference& operator=(Reference&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Reference() {
    if (to && --to->holders == 0) {
      delete to;
    }
  }

  T* get() const { return to; }
  T* operator->() const { return to; }
  explicit operator bool() const { return to; }
  bool operator==(const Reference& other) const { return to == other.to; }
  bool operator!=(const Reference& other) const { return to != other.to; }
  bool only_holder() const { return to && to->holders == 1; }

 private:
  void hold() {
    if (to) {
      to->holders++;
    }
  }
  void swap(Reference& other) noexcept { std::swap(to, other.to); }

  T* to = nullptr;
};

}
