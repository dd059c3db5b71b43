#include "memory/heap.h"

#include <algorithm>
#include <map>
#include <set>

#include "memory/findings.h"
#include "memory/journal.h"
#include "memory/state.h"

namespace sim {

size_t heap_limit = DEFAULT_HEAP;

namespace {

// Blocks take room in steps, with a head each, as heaps do.
constexpr size_t STEP = 16;

struct Block {
  Allocation* allocation;
  bool of_this_launch = true;
  bool freed = false;  // freed by this launch but made before it: a rewind brings it back
};

// Never destroyed: it is read when the process ends.
std::map<Address, Block>& blocks = *new std::map<Address, Block>();
std::set<Address> freed_blocks;
size_t heap_in_use;

size_t room_of(size_t size) {
  return (size + STEP - 1) / STEP * STEP + STEP;
}

void end_block(std::map<Address, Block>::iterator block) {
  Address start = block->first;
  heap_in_use -= block->second.freed ? 0 : room_of(block->second.allocation->size);
  blocks.erase(block);
  release(start);
}

template <typename Condition>
void end_blocks(Condition condition) {
  for (auto next = blocks.begin(); next != blocks.end();) {
    auto block = next++;
    if (condition(block->second)) {
      end_block(block);
    }
  }
}

}

Address allocate_in_heap(size_t size) {
  keep_to_one_process();
  bool fits = size > 0 && size <= heap_limit && heap_in_use + room_of(size) <= heap_limit;
  Allocation* made = fits ? allocate(size) : nullptr;
  if (!made) {
    return 0;
  }
  heap_in_use += room_of(size);
  // The journal need not take back what nobody knew before.
  std::fill(made->saved_in.begin(), made->saved_in.end(), journal_number);
  blocks[made->start] = {made};
  freed_blocks.erase(made->start);
  return made->start;
}

HeapFree free_in_heap(Address address) {
  keep_to_one_process();
  auto block = blocks.find(address);
  if (block == blocks.end() || block->second.freed) {
    return freed_blocks.count(address) ? HeapFree::TWICE : HeapFree::NOT_A_BLOCK;
  }
  freed_blocks.insert(address);
  if (block->second.of_this_launch) {
    end_block(block);
  } else {
    heap_in_use -= room_of(block->second.allocation->size);
    block->second.freed = true;
    set_slots(*block->second.allocation, nullptr);
  }
  return HeapFree::DONE;
}

void rewind_heap() {
  end_blocks([](const Block& block) { return block.of_this_launch; });
  for (auto& [start, block] : blocks) {
    if (block.freed) {
      block.freed = false;
      heap_in_use += room_of(block.allocation->size);
      set_slots(*block.allocation, block.allocation);
      freed_blocks.erase(start);
    }
  }
}

void settle_heap() {
  end_blocks([](const Block& block) { return block.freed; });
  for (auto& [start, block] : blocks) {
    block.of_this_launch = false;
  }
}

void tell_heap(bool process_ends) {
  size_t bytes = 0;
  for (const auto& [start, block] : blocks) {
    bytes += block.allocation->size;
  }
  if (bytes > 0) {
    remark_on({Grade::NOTE, Flaw::LEAK, "malloc in kernels",
               "malloc in kernels: " + std::to_string(blocks.size()) + " blocks of " + std::to_string(bytes) +
                   " bytes in all were never freed", "", "Free them in a kernel"}, !process_ends);
  }
}

void drop_heap() {
  tell_heap();
  end_blocks([](const Block&) { return true; });
  freed_blocks.clear();
  heap_limit = DEFAULT_HEAP;
}

}
