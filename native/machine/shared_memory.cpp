#include "machine/shared_memory.h"

#include "machine/order/cluster_shadow.h"
#include "machine/order/shadow.h"
#include "machine/remarks.h"
#include "memory/memory.h"

namespace sim {

LastArray last_arrays[8];

char* shared_arena;

namespace {

constexpr size_t ARENA = SHARED_SPACE_OF_A_BLOCK;

// The last access to a byte: the barriers passed by then, and its thread or threads. An access of an earlier block
// counts as none: nothing needs clearing for the next block.
struct LastAccess {
  uint64_t epoch;       // of the block, plus one
  uint32_t warp_epoch;
  uint16_t thread;
  uint8_t several;      // SEVERAL_IN_WARP or SEVERAL, when it is not one thread
  bool under_way;       // while a copy writes it
};
constexpr uint8_t SEVERAL_IN_WARP = 1;
constexpr uint8_t SEVERAL = 2;

struct LastAccesses {
  LastAccess write;
  LastAccess read;
};

const char dynamic_site = 0, reserved_site = 0;

char* window;  // the parts of the running blocks
Shadow<LastAccesses> shadow;
SharedArrays* arrays;

size_t in_use() {
  size_t sum = 0;
  for (const SharedArray& array : arrays->all) {
    sum += array.site == &dynamic_site || array.site == &reserved_site ? 0 : array.size;
  }
  return sum;
}

char* own_arena() {
  return window + block->rank * ARENA;
}

// The last array that begins at or before a place of a block's part, or the first array.
const SharedArray* nearest_array(size_t offset) {
  const SharedArray* nearest = nullptr;
  for (const SharedArray& array : arrays->all) {
    if (offset >= array.offset || !nearest) {
      nearest = &array;
    }
  }
  return nearest;
}

bool holds(const SharedArray* array, size_t offset, size_t size) {
  return array && offset >= array->offset && offset + size <= array->offset + array->size;
}

void* find_or_make(const void* site, size_t size) {
  for (const SharedArray& array : arrays->all) {
    if (array.site == site) {
      return own_arena() + array.offset;
    }
  }
  // Whole pages apart, so that a step over an edge falls between two arrays.
  size_t room = (size + PAGE - 1) / PAGE * PAGE + PAGE;
  if (!shared_arena || arrays->next_offset + room > ARENA) {
    fail_thread(Flaw::LAUNCH, "no room for its shared arrays");
  }
  arrays->all.push_back({site, arrays->next_offset, size});
  for (unsigned rank = 0; rank < (cluster ? cluster->blocks.size() : 1); rank++) {
    std::memset(window + rank * ARENA + arrays->next_offset, shared_content, size);
  }
  arrays->next_offset += room;
  return own_arena() + arrays->all.back().offset;
}

inline bool of_this_block(const LastAccess& access) {
  return access.epoch > block->first_epoch;
}

// The access of a thread that returned without a barrier after it.
inline bool left_behind(const LastAccess& access) {
  return of_this_block(access) && block->returned > 0 && block->threads[access.thread].left == access.epoch;
}

inline bool before_me(const LastAccess& access, const Thread& me) {
  if (access.epoch != block->epoch + 1) {
    return !left_behind(access);
  }
  bool same_warp = access.thread / 32 == me.warp();
  if (access.several == SEVERAL || !same_warp) {
    return false;
  }
  return access.warp_epoch != me.epoch || (access.several == 0 && access.thread == me.number);
}

// A barrier waits for the reads of threads that return, too.
inline bool over(const LastAccess& read, const Thread& me) {
  return before_me(read, me) || (read.epoch != block->epoch + 1 && left_behind(read));
}

inline void note_read(LastAccess& read, const Thread& me) {
  bool earlier = read.epoch != block->epoch + 1;
  bool same_warp = read.thread / 32 == me.warp();
  if (earlier || (same_warp && read.several != SEVERAL && read.warp_epoch != me.epoch)) {
    read = {block->epoch + 1, me.epoch, uint16_t(me.number), 0, false};
  } else if (!same_warp) {
    read.several = SEVERAL;
  } else if (read.thread != me.number && read.several == 0) {
    read.several = SEVERAL_IN_WARP;
  }
}

std::string place(const SharedArray& array, size_t offset) {
  return " byte " + std::to_string(int64_t(offset)) + " of a shared array of " + std::to_string(array.size);
}

// For kernels whose fences are not all known: races by barriers. machine/order/access_history.cpp has the clocks of
// other kernels.
void race(bool writes, const SharedArray& array, size_t offset, const LastAccess& other, const char* did) {
  std::string who = other.several ? "other threads" : "thread number " + std::to_string(other.thread);
  fail_thread(Flaw::RACE, std::string("race: ") + (writes ? "writes" : "reads") + place(array, offset) +
                              ", which " + who + " " + did + " since the last barrier");
}

inline void check_content(const LastAccesses& last, const SharedArray& array, size_t offset, bool writes) {
  const char* does = writes ? "writes" : "reads";
  if (last.write.under_way && of_this_block(last.write)) {
    fail_thread(Flaw::ASYNC_COPY, does + place(array, offset) +
                                      ", to which a copy is under way that nobody has waited for");
  }
  if (!writes && !of_this_block(last.write)) {
    fail_thread(Flaw::UNWRITTEN, does + place(array, offset) + " that nobody wrote");
  }
}

inline void check_access_to(LastAccesses& last, const SharedArray& array, size_t offset, bool writes) {
  const Thread& me = *block->thread;
  check_content(last, array, offset, writes);
  if (!before_me(last.write, me)) {
    race(writes, array, offset, last.write, "wrote");
  }
  if (writes) {
    if (!over(last.read, me)) {
      race(writes, array, offset, last.read, "read");
    }
    last.write = {block->epoch + 1, me.epoch, uint16_t(me.number), 0, false};
  } else {
    note_read(last.read, me);
  }
}

// The array that holds all bytes of the access, or the thread fails. Only interpreted kernels reach arrays of other
// blocks this way.
const SharedArray* array_of(uintptr_t address, size_t size, const char* kind) {
  bool other = block->interpreted && rank_of(address) != block->rank;
  size_t offset = other ? shared_offset(address) % ARENA : address - own_shared_space();
  const SharedArray* nearest = nearest_array(offset);
  if (other && rank_of(address) >= cluster->blocks.size()) {
    nearest = nullptr;
  }
  if (!holds(nearest, offset, size)) {
    std::string what = std::string("out-of-bounds ") + kind + " of " + std::to_string(size) + " bytes";
    fail_thread(Flaw::OUT_OF_BOUNDS,
                nearest ? what + " at" + place(*nearest, offset - nearest->offset) : what + " in shared memory");
  }
  if (other && cluster->blocks[rank_of(address)].returned == block->threads.size()) {
    fail_thread(Flaw::CLUSTER, std::string(kind) + " of " + shared_place(address) + ", which has returned",
                "Put a barrier of the cluster before the end of each block");
  }
  if (!other) {
    last_array(address) = {own_shared_space() + nearest->offset, nearest->size};
  }
  return nearest;
}

}

bool in_shared_space(uintptr_t address) {
  // Behind the arena other memory may lie.
  return shared_arena && shared_offset(address) < size_t(shared_arena + ARENA * MOST_BLOCKS_TOGETHER - window);
}

unsigned rank_of(uintptr_t address) {
  return unsigned(shared_offset(address) / ARENA);
}

uintptr_t own_shared_space() {
  return reinterpret_cast<uintptr_t>(own_arena());
}

size_t shared_offset(uintptr_t address) {
  return address - reinterpret_cast<uintptr_t>(window);
}

bool within_shared_array(uintptr_t address, size_t size) {
  size_t offset = shared_offset(address) % ARENA;
  return holds(nearest_array(offset), offset, size);
}

std::string shared_place(uintptr_t address) {
  size_t offset = shared_offset(address) % ARENA;
  const SharedArray* array = nearest_array(offset);
  std::string where = array ? place(*array, offset - array->offset) : " shared memory";
  bool one_of_several = cluster && cluster->blocks.size() > 1;
  return where.substr(1) +
         (one_of_several ? " of block " + std::to_string(rank_of(address)) + " of its cluster" : "");
}

void use_shared_arrays(SharedArrays& of_those, unsigned first_part) {
  if (!shared_arena) {
    shared_arena = reserve<char>(ARENA * MOST_BLOCKS_TOGETHER);
    shadow.make(ARENA);
  }
  arrays = &of_those;
  window = shared_arena + first_part * ARENA;
  std::fill(std::begin(last_arrays), std::end(last_arrays), LastArray());
}

void check_shared(uintptr_t address, size_t size, bool writes, Strength strength) {
  if (cluster && within_last_array(address, size) && rank_of(address) == block->rank) {
    check_cluster_access(address, size, writes, strength);
    return;
  }
  const SharedArray* array = array_of(address, size, writes ? "write" : "read");
  if (cluster) {
    check_cluster_access(address, size, writes, strength);
    return;
  }
  size_t offset = address - own_shared_space();
  shadow.each(offset, offset + size,
             [&](LastAccesses& last, size_t at) { check_access_to(last, *array, at - array->offset, writes); });
}

void check_shared_atomic(uintptr_t address, size_t size, Strength strength) {
  array_of(address, size, "atomic operation");
  check_cluster_change(address, size, strength);
}

void set_under_way(uintptr_t address, size_t size, bool under_way) {
  if (cluster) {
    set_cluster_copy(address, size, under_way);
    return;
  }
  size_t offset = address - own_shared_space();
  shadow.each(offset, offset + size, [&](LastAccesses& last, size_t) { last.write.under_way = under_way; });
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by cuda_on_cpu.h.

void* shared_array(const void* site, size_t size) {
  void* array = find_or_make(site, size);
  size_t declared = in_use(), all = declared + block->launch->shared_bytes;
  const Kernel& kernel = *block->launch->kernel;
  kernel.shared_bytes = std::max(kernel.shared_bytes, declared);
  if (declared > size_t(SHARED_LIMIT) || all > block->launch->shared_limit) {
    fail_thread(Flaw::LAUNCH, "needs " + std::to_string(all) + " bytes of shared memory, more than it may");
  }
  return array;
}

void* dynamic_shared() {
  return find_or_make(&dynamic_site, block->launch->shared_bytes);
}

void* reserved_shared() {
  bool made = std::any_of(arrays->all.begin(), arrays->all.end(),
                          [](const SharedArray& one) { return one.site == &reserved_site; });
  void* reserved = find_or_make(&reserved_site, RESERVED_SHARED);
  for (unsigned rank = 0; !made && rank < cluster->blocks.size(); rank++) {
    char* start = static_cast<char*>(reserved) + (ptrdiff_t(rank) - ptrdiff_t(block->rank)) * ptrdiff_t(ARENA);
    std::memset(start, 0, RESERVED_SHARED);
    // Counts as written by this thread before all other accesses.
    end_send(reinterpret_cast<uintptr_t>(start), RESERVED_SHARED, own_actor(), 0);
  }
  return reserved;
}

}
