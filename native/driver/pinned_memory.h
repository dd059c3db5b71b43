// Host memory that the driver allocated, which kernels access at the same address, or that a program registered. The
// driver knows when this memory is freed.
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

// The pinned memory that contains an address, or null.
std::shared_ptr<Pinned> pinned_at(const void* address);

// A host range as a call names it. The range is gone if it was pinned at the call and has been freed since.
class HostPlace {
 public:
  explicit HostPlace(const void* start);
  bool gone() const { return pinned_ && memory_.expired(); }

 private:
  bool pinned_;
  std::weak_ptr<Pinned> memory_;
};

// False if a range begins in pinned memory and ends beyond it.
bool within_pinned_memory(const void* start, size_t size);

}
