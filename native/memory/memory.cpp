#include "memory/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <new>

#include "memory/access_pages.h"
#include "memory/limit.h"
#include "memory/heap.h"
#include "memory/mirrors.h"
#include "memory/state.h"

namespace sim {

Address space_start;
Allocation* slots[SPACE >> SLOT_BITS];

namespace {

constexpr size_t SLOT = size_t(1) << SLOT_BITS;
constexpr size_t FRESH = size_t(1) << 20;

// The largest value that needs padding before it: a larger extent is a vector, or several values.
constexpr size_t LARGEST_VALUE = 8;

// Never destroyed: when a process ends, modules that nobody unloaded give their memory back, in whatever order.
std::map<Address, std::unique_ptr<Allocation>>& live = *new std::map<Address, std::unique_ptr<Allocation>>();
size_t in_use;
Address next;

// Memory that was freed last, latest first.
struct FreedRange {
  Address start;
  size_t size;
  long long number;
};
std::deque<FreedRange>& freed = *new std::deque<FreedRange>();
constexpr size_t MOST_FREED = 1000;

const FreedRange* freed_at(Address address) {
  auto found = std::find_if(freed.begin(), freed.end(),
                            [=](const FreedRange& one) { return address - one.start < one.size; });
  return found == freed.end() || allocation_of(address, 1) ? nullptr : &*found;
}

size_t whole(size_t size, size_t unit) {
  return (size + unit - 1) / unit * unit;
}

bool reserve_space() {
  if (space_start == 0) {
    void* space = mmap(nullptr, SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) {
      return false;
    }
    space_start = whole(reinterpret_cast<Address>(space), SLOT);
    next = space_start + SLOT;
  }
  return true;
}

// Walks on from the last allocation, so that a freed address comes back as late as possible.
Address find_room(size_t size) {
  size_t room = whole(size, SLOT) + SLOT;
  Address end = space_start + SPACE - SLOT;
  for (int round = 0; round < 2; round++) {
    auto after = live.lower_bound(next);
    while (next + room <= end) {
      if (after == live.end() || next + room <= after->first) {
        return next;
      }
      next = after->first + whole(after->second->size, SLOT) + SLOT;
      ++after;
    }
    next = space_start + SLOT;
  }
  return 0;
}

// A file of NaN, in memory.
int fresh_file() {
  int file = memfd_create("fresh", MFD_CLOEXEC);
  std::vector<char> content(FRESH, '\xff');
  return file >= 0 && write(file, content.data(), FRESH) == ssize_t(FRESH) ? file : -1;
}

// Maps the file's pages, again and again, for them to be copied when they are written: most of a workspace never is,
// and to fill all of it would take longer than what a test does with it.
bool map_fresh(Address start, size_t size) {
  static const int file = fresh_file();
  for (size_t offset = 0; offset < size; offset += FRESH) {
    if (file < 0 || mmap(reinterpret_cast<void*>(start + offset), std::min(FRESH, size - offset),
                         PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED) {
      return false;
    }
  }
  return true;
}

void close_off(Address start, size_t size) {
  mmap(reinterpret_cast<void*>(start), whole(size, PAGE), PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void give_back(const Allocation& allocation) {
  set_slots(allocation, nullptr);
  in_use -= allocation.size;
  close_off(allocation.start, allocation.size);
}

}

void set_slots(const Allocation& allocation, Allocation* value) {
  size_t first = (allocation.start - space_start) >> SLOT_BITS;
  size_t count = whole(allocation.size, SLOT) >> SLOT_BITS;
  for (size_t i = 0; i < count; i++) {
    slots[first + i] = value;
  }
}

namespace {

// A program may touch all of its own memory. Small extents are checked as they are touched.
bool within_limit(size_t size) {
  if (size < FRESH) {
    return true;
  }
  size_t with_marks = (in_use + size) / 2 * 3, most = most_bytes();
  bool within = with_marks <= most && resident_bytes() + size <= most;
  if (!within) {
    complain(std::to_string(size) + " bytes of device memory are more than the host has for the simulated GPU, which "
             "may take " + std::to_string(most >> 20) + " MiB (CHARLSTM_SIM_MEMORY) and takes " +
             std::to_string(resident_bytes() >> 20));
  }
  return within;
}

}

Allocation* allocate(size_t size) {
  if (size > TOTAL_MEMORY - in_use || !reserve_space() || !within_limit(size)) {
    return nullptr;
  }
  Address start = find_room(size);
  if (start == 0) {
    return nullptr;
  }
  auto made = std::make_unique<Allocation>();
  made->start = start;
  made->size = size;
  made->device = device_now;
  made->accesses = zeros<AccessPage*>(whole(size, PAGE) / PAGE);
  if (!made->written.make(size) || !made->accesses || !map_fresh(start, whole(size, PAGE))) {
    close_off(start, size);
    return nullptr;
  }
  made->saved_in.assign(whole(size, PAGE) / PAGE, 0);
  next = start + whole(size, SLOT) + SLOT;
  in_use += size;
  set_slots(*made, made.get());
  return (live[start] = std::move(made)).get();
}

bool release(Address start) {
  auto found = live.find(start);
  if (found == live.end()) {
    return false;
  }
  freed.push_front({start, found->second->size, found->second->number});
  freed.resize(std::min(freed.size(), MOST_FREED));
  give_back(*found->second);
  forget_accesses(*found->second);
  live.erase(found);
  return true;
}

namespace {

bool reaches(int device, const Allocation& allocation) {
  return device == OF_ALL || allocation.device == OF_ALL || allocation.device == device || allocation.managed ||
         context.peers.count({device, allocation.device});
}

}

bool out_of_reach(Address address) {
  auto after = live.upper_bound(address);
  return after != live.begin() && address - std::prev(after)->first < std::prev(after)->second->size &&
         !reaches(device_now, *std::prev(after)->second);
}

AtWork::AtWork(int device) : before_(device_now) {
  device_now = device;
  if (settings.devices == 1 || device == OF_ALL) {
    return;
  }
  for (auto& [start, one] : live) {
    if (!reaches(device, *one) && allocation_at(start)) {
      hidden_.push_back(one.get());
      set_slots(*one, nullptr);
    }
  }
}

AtWork::~AtWork() {
  device_now = before_;
  for (Allocation* one : hidden_) {
    set_slots(*one, one);
  }
}

void drop_memory() {
  drop_heap();
  mirrors.clear();
  while (!live.empty()) {
    release(live.begin()->first);
  }
}

size_t memory_in_use() {
  return in_use;
}

Allocation* allocation_of(Address address, size_t size) {
  Allocation* found = in_device_space(address) ? allocation_at(address) : nullptr;
  if (!found) {
    return nullptr;
  }
  size_t offset = address - found->start;
  return offset <= found->size && size <= found->size - offset ? found : nullptr;
}

namespace {

std::string hole_at(const Allocation& allocation, size_t offset) {
  return "memory that nobody wrote: byte " + std::to_string(offset) + " of an allocation of " +
         std::to_string(allocation.size);
}

// Where nothing follows, the largest value of those just before decides: a struct's size is a multiple of that.
bool may_be_padding(const Marks& written, size_t first, size_t hole, size_t end, size_t last) {
  size_t value = end < last ? written.size_at(end) : 0;
  for (size_t at = std::max(first, hole < LARGEST_VALUE ? 0 : hole - LARGEST_VALUE); end == last && at < hole; at++) {
    value = std::max(value, written.size_at(at));
  }
  return hole > first && value <= LARGEST_VALUE && end - hole < value && end % value == 0;
}

}

std::string unwritten(const Allocation& allocation, Address address, size_t size) {
  size_t from = address - allocation.start, hole = allocation.written.first(from, size, false);
  return hole < from + size ? hole_at(allocation, hole) : "";
}

std::string unwritten_value(const Allocation& allocation, Address address, size_t size) {
  const Marks& written = allocation.written;
  size_t first = address - allocation.start, last = first + size;
  for (size_t at = first; at < last;) {
    size_t hole = written.first(at, last - at, false);
    at = written.first(hole, last - hole, true);
    if (hole < last && !may_be_padding(written, first, hole, at, last)) {
      return hole_at(allocation, hole);
    }
  }
  return "";
}

void mark_written(Allocation& allocation, Address address, size_t size) {
  allocation.written.set(address - allocation.start, size, 1);
}

std::string bytes_at(Address address, size_t size) {
  char text[64];
  std::snprintf(text, sizeof text, "%zu bytes at 0x%zx", size, size_t(address));
  return text;
}

bool was_freed(Address address) {
  return freed_at(address) != nullptr;
}

std::string describe(Address address, size_t size) {
  const Allocation* below = nullptr;
  const Allocation* above = nullptr;
  auto after = live.upper_bound(address);
  if (after != live.end()) {
    above = after->second.get();
  }
  if (after != live.begin()) {
    below = std::prev(after)->second.get();
  }
  if (below && address - below->start < below->size) {
    if (allocation_at(address) == nullptr) {
      return "in an allocation of " + std::to_string(below->size) +
             (out_of_reach(address) ? " of device " + std::to_string(below->device) + ", which device " +
                                          std::to_string(device_now) + " may not reach"
                                    : " that a kernel has freed");
    }
    size_t first = address - below->start;
    if (size <= below->size - first) {
      return "byte " + std::to_string(first) + " of an allocation of " + std::to_string(below->size);
    }
    size_t over = first + size - below->size;
    return std::to_string(over) + " of them past an allocation of " + std::to_string(below->size);
  }
  size_t past = below ? address - (below->start + below->size) : SIZE_MAX;
  size_t before = above ? above->start - address : SIZE_MAX;
  if (!in_device_space(address)) {
    return "which is not device memory";
  }
  if (const FreedRange* was = freed_at(address)) {
    return "byte " + std::to_string(address - was->start) + " of an allocation of " + std::to_string(was->size) +
           " that was freed" + (was->number ? " (number " + std::to_string(was->number) + ")" : "");
  }
  if (!below && !above) {
    return "where nothing is allocated";
  }
  return past <= before ? std::to_string(past) + " bytes past an allocation of " + std::to_string(below->size)
                        : std::to_string(before) + " bytes before an allocation of " + std::to_string(above->size);
}

}
