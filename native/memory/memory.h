// The device's memory: live allocations, and beside each what is known of every byte of it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sim {

using Address = uintptr_t;

constexpr size_t PAGE = 4096;

// Frees what calloc gave; calloc's zeros cost nothing until they are touched.
struct Freed {
  void operator()(void* memory) const;
};
template <typename T>
using Zeros = std::unique_ptr<T[], Freed>;

struct GlobalShadow;

struct Allocation {
  Address start = 0;
  size_t size = 0;
  bool constant = false;          // no kernel may write it
  Zeros<uint8_t> written;         // for each byte the size of the access that wrote it, or 1; 0 if nobody did
  Zeros<uint32_t> written_by;     // the block that wrote a byte last, by its stamp
  Zeros<uint32_t> read_by;        // the block that read a byte last, or the stamp for several
  Zeros<uint32_t> atomic_by;      // the block that changed a byte atomically last, or the stamp for several; if any did
  std::shared_ptr<GlobalShadow> shadow;  // of interpreted kernels, if any accessed it
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

// Null if there is no room. Fresh memory is filled with NaN and counts as unwritten.
Allocation* allocate(size_t size);
bool release(Address start);
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

// Those of atomic changes, made at the first.
uint32_t* atomic_stamps(Allocation& allocation);

// Forgets which block accessed what, for when stamps run out.
void clear_stamps();

}
