// Host memory that the driver gives out, which kernels reach by the same address, or that a program has registered. The
// driver knows when it ends.
#pragma once
#include <cstddef>
#include <memory>

namespace sim {

struct Pinned {
  ~Pinned();

  char* start;
  size_t size;
  bool given;  // by the driver
  unsigned flags;
  unsigned long long context;
};

// In which the address lies, or null.
std::shared_ptr<Pinned> pinned_at(const void* address);

// A range as a call names it. It is gone if it was pinned then and has been freed since.
class HostPlace {
 public:
  explicit HostPlace(const void* start);
  bool gone() const { return pinned_ && memory_.expired(); }

 private:
  bool pinned_;
  std::weak_ptr<Pinned> memory_;
};

// False where a range begins in pinned memory and ends past it.
bool within_pinned_memory(const void* start, size_t size);

}
