// The device's memory: live allocations, and beside each what is known of every byte of it.
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
  int device = 0;                 // that it is memory of, or OF_ALL, which all devices reach
  long long number = 0;           // among all that the program was given; 0 for others
  bool constant = false;          // no kernel may write it
  bool managed = false;           // a variable that the host accesses too
  Marks written;
  Zeros<AccessPage*> accesses;    // by the launch that runs, of each page that it has touched
  std::vector<uint64_t> saved_in; // the launch that last saved a page's earlier content
};

// Address space is dealt in slots and no two allocations share one or neighbour one another, so that a step over an
// edge is always seen, and the allocation of an address is found by one look into a table.
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

// Makes an address of it lead to this, or nowhere.
void set_slots(const Allocation& allocation, Allocation* value);

// Null if there is no room. Fresh memory is filled with NaN and counts as unwritten.
Allocation* allocate(size_t size);
bool release(Address start);

// While it lives, a device is at work, and memory that it cannot reach leads nowhere. What OF_ALL makes is everywhere.
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

// The allocation that holds all of a range, or null.
Allocation* allocation_of(Address address, size_t size);

// "memory that nobody wrote", and the first such byte, if there is one among these; or empty.
std::string unwritten(const Allocation& allocation, Address address, size_t size);
// The same but for what may be padding: a gap before a value that is larger, and lies where it must.
std::string unwritten_value(const Allocation& allocation, Address address, size_t size);
void mark_written(Allocation& allocation, Address address, size_t size);

// "S bytes at A"; and where an address lies: in which allocation, or how far from the nearest.
std::string bytes_at(Address address, size_t size);
std::string describe(Address address, size_t size);
// Whether it lies in memory of another device, which the one at work may not reach.
bool out_of_reach(Address address);
// Whether it lies in memory that was freed, not long ago.
bool was_freed(Address address);

}
