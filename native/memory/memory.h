// The device's memory: live allocations, and the known facts about each of their bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "memory/marks.h"

namespace sim {

using Address = uintptr_t;

constexpr size_t PAGE = 4096;

struct AccessPage;

constexpr int OF_ALL = -1;

struct Allocation {
  Address start = 0;
  size_t size = 0;
  int device = 0;                 // the device that it belongs to, or OF_ALL for memory of all devices
  long long number = 0;           // of the program's allocations, in order; 0 for others
  bool constant = false;          // no kernel may write it
  bool managed = false;           // a variable that the host accesses too
  Marks written;
  Zeros<AccessPage*> accesses;    // of the running launch, for each page that it has touched
  std::vector<uint64_t> saved_in; // the launch that last saved a page's earlier content
};

// Addresses are assigned in slots, and allocations neither share slots nor touch, so an access beyond an edge is always
// found; the allocation of an address is a table lookup.
constexpr int SLOT_BITS = 16;
constexpr size_t SPACE = 24ull << 30;
extern Address space_start;
extern Allocation* slots[SPACE >> SLOT_BITS];

inline bool in_device_space(Address address) {
  return address - space_start < SPACE && space_start != 0;
}

inline Allocation* allocation_at(Address address) {
  return slots[(address - space_start) >> SLOT_BITS];
}

// Maps the allocation's slots to a value, or to null.
void set_slots(const Allocation& allocation, Allocation* value);

// Null if there is no room. Fresh memory is filled with NaN and counts as unwritten.
Allocation* allocate(size_t size);
bool release(Address start);

// While an object lives, a device is at work, and other devices' unreachable memory is unmapped. Allocations of OF_ALL
// are visible to all.
class AtWork {
 public:
  explicit AtWork(int device);
  ~AtWork();
  AtWork(const AtWork&) = delete;

 private:
  int before_;
  std::vector<Allocation*> hidden_;
};

void drop_memory();
size_t memory_in_use();

// The allocation that contains a whole range, or null.
Allocation* allocation_of(Address address, size_t size);

// "memory that nobody wrote", with the first unwritten byte of the range; empty if all bytes are written.
std::string unwritten(const Allocation& allocation, Address address, size_t size);
// The same, but ignores possible padding: a gap before a larger, aligned value.
std::string unwritten_value(const Allocation& allocation, Address address, size_t size);
void mark_written(Allocation& allocation, Address address, size_t size);

// "S bytes at A"; and a description of an address: its allocation, or the distance to the nearest.
std::string bytes_at(Address address, size_t size);
std::string describe(Address address, size_t size);
// Whether the address lies in another device's memory that the device at work cannot access.
bool out_of_reach(Address address);
// Whether the address lies in recently freed memory.
bool was_freed(Address address);

}
