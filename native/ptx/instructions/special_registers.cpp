// PTX ISA, "Special Registers".
#include <ctime>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "memory/state.h"
#include "ptx/instructions.h"
#include "ptx/run.h"

namespace sim::ptx {

namespace {

// A multiple of the unit in which shared memory is allocated.
uint64_t shared_bytes() {
  constexpr uint64_t UNIT = 128;
  return (block->launch->kernel->shared_bytes + block->launch->shared_bytes + UNIT - 1) / UNIT * UNIT;
}

// cooperative_groups.h takes 288 bytes from the second place on.
uint64_t reserved_place(const Run& run) {
  return reinterpret_cast<uintptr_t>(reserved_shared()) - run.shared;
}

// Blocks of a cluster follow one another along x.
uint64_t blocks_of_cluster() {
  return cluster ? cluster->blocks.size() : 1;
}

uint32_t mask_equal() {
  return 1u << block->thread->lane();
}

// A loop may wait for time to pass, and each order gives other times.
uint64_t nanoseconds() {
  changes++;
  order_may_show = true;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000 + uint64_t(now.tv_nsec);
}

struct Special {
  std::string_view name;
  Type type;
  Step step;
};

#define READS(value)                                              \
  [](const Instruction& i, [[maybe_unused]] Run& run) -> const Instruction* { \
    run.registers[i.to] = value;                                  \
    return after(i, run);                                         \
  }
#define OF_THREE(name, value)                                                           \
  {name ".x", Type::U32, READS(value.x)}, {name ".y", Type::U32, READS(value.y)},       \
      {name ".z", Type::U32, READS(value.z)}

const Special ALL[] = {
    OF_THREE("%tid", block->thread->index), OF_THREE("%ntid", block->launch->block),
    OF_THREE("%ctaid", block->index), OF_THREE("%nctaid", block->launch->grid),
    {"%laneid", Type::U32, READS(block->thread->lane())}, {"%warpid", Type::U32, READS(block->thread->warp())},
    {"%nwarpid", Type::U32, READS(MOST_THREADS_AT_ONCE / 32)}, {"%lanemask_eq", Type::U32, READS(mask_equal())},
    {"%lanemask_lt", Type::U32, READS(mask_equal() - 1)},
    {"%lanemask_le", Type::U32, READS(mask_equal() | (mask_equal() - 1))},
    {"%lanemask_gt", Type::U32, READS(uint32_t(-2 * mask_equal()))},
    {"%lanemask_ge", Type::U32, READS(uint32_t(-mask_equal()))},
    {"%smid", Type::U32, READS(block->index.x % MULTIPROCESSORS)}, {"%nsmid", Type::U32, READS(MULTIPROCESSORS)},
    {"%gridid", Type::U64, READS(0)}, {"%current_graph_exec", Type::U64, READS(0)},
    {"%dynamic_smem_size", Type::U32, READS(block->launch->shared_bytes)},
    {"%total_smem_size", Type::U32, READS(shared_bytes())},
    {"%aggr_smem_size", Type::U32, READS(shared_bytes() + RESERVED_SHARED)},
    {"%reserved_smem_offset_begin", Type::U32, READS(reserved_place(run))},
    {"%reserved_smem_offset_end", Type::U32, READS(reserved_place(run) + RESERVED_SHARED)},
    {"%reserved_smem_offset_cap", Type::U32, READS(RESERVED_SHARED)},
    {"%reserved_smem_offset_0", Type::U32, READS(reserved_place(run))},
    {"%reserved_smem_offset_1", Type::U32, READS(reserved_place(run) + RESERVED_SHARED / 2)},
    {"%cluster_ctarank", Type::U32, READS(block->rank)}, {"%cluster_nctarank", Type::U32, READS(blocks_of_cluster())},
    {"%cluster_ctaid.x", Type::U32, READS(block->rank)}, {"%cluster_ctaid.y", Type::U32, READS(0)},
    {"%cluster_ctaid.z", Type::U32, READS(0)}, {"%cluster_nctaid.x", Type::U32, READS(blocks_of_cluster())},
    {"%cluster_nctaid.y", Type::U32, READS(1)}, {"%cluster_nctaid.z", Type::U32, READS(1)},
    {"%clusterid.x", Type::U32, READS(block->index.x / blocks_of_cluster())},
    {"%clusterid.y", Type::U32, READS(block->index.y)}, {"%clusterid.z", Type::U32, READS(block->index.z)},
    {"%nclusterid.x", Type::U32, READS(block->launch->grid.x / blocks_of_cluster())},
    {"%nclusterid.y", Type::U32, READS(block->launch->grid.y)},
    {"%nclusterid.z", Type::U32, READS(block->launch->grid.z)},
    {"%is_explicit_cluster", Type::PRED, READS(block->launch->cluster > 0)},
    // Where the barrier of the grid is, which cooperative_groups.h reads from registers that NVIDIA does not describe.
    {"%envreg1", Type::U32, READS(find_grid_workspace() >> 32)},
    {"%envreg2", Type::U32, READS(uint32_t(find_grid_workspace()))},
    {"%clock", Type::U32, READS(uint32_t(nanoseconds()))}, {"%clock_hi", Type::U32, READS(nanoseconds() >> 32)},
    {"%clock64", Type::U64, READS(nanoseconds())}, {"%globaltimer", Type::U64, READS(nanoseconds())},
    {"%globaltimer_lo", Type::U32, READS(uint32_t(nanoseconds()))},
    {"%globaltimer_hi", Type::U32, READS(nanoseconds() >> 32)}};

}

Step special_register(std::string_view name, Type& type) {
  for (const Special& one : ALL) {
    if (one.name == name) {
      type = one.type;
      return one.step;
    }
  }
  // Registers of the driver, and performance counters.
  bool wide = name.substr(0, 3) == "%pm" && name.size() > 3 && name.substr(name.size() - 3) == "_64";
  if (name.substr(0, 7) == "%envreg" || name.substr(0, 3) == "%pm") {
    type = wide ? Type::U64 : Type::U32;
    return READS(0);
  }
  return nullptr;
}

}
