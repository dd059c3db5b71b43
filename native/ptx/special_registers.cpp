// PTX ISA, "Special Registers".
#include "ptx/special_registers.h"

#include <ctime>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "machine/reserved_memory.h"
#include "memory/state.h"
#include "ptx/run.h"

namespace sim::ptx {

namespace {

using Value = uint64_t (*)(const Run& run);

template <Value value>
const Instruction* read_value(const Instruction& i, Run& run) {
  run.registers[i.to] = value(run);
  return &i + 1;
}

// Of a thread, a block, and the sizes of both.
template <unsigned Dimensions::*axis>
uint64_t thread_along(const Run&) { return block->thread->index.*axis; }
template <unsigned Dimensions::*axis>
uint64_t threads_along(const Run&) { return block->launch->block.*axis; }
template <unsigned Dimensions::*axis>
uint64_t block_along(const Run&) { return block->index.*axis; }
template <unsigned Dimensions::*axis>
uint64_t blocks_along(const Run&) { return block->launch->grid.*axis; }

uint64_t lane_number(const Run&) { return block->thread->lane(); }
uint64_t warp_number(const Run&) { return block->thread->warp(); }
uint64_t warps_at_once(const Run&) { return MOST_THREADS_AT_ONCE / 32; }
uint64_t mask_equal(const Run&) { return 1u << block->thread->lane(); }
uint64_t mask_less(const Run&) { return (1u << block->thread->lane()) - 1; }
uint64_t mask_less_equal(const Run&) { return mask_less({}) | mask_equal({}); }
uint64_t mask_greater(const Run&) { return ~uint32_t(mask_less_equal({})); }
uint64_t mask_greater_equal(const Run&) { return ~uint32_t(mask_less({})); }
uint64_t multiprocessor(const Run&) { return block->index.x % MULTIPROCESSORS; }
uint64_t multiprocessors(const Run&) { return MULTIPROCESSORS; }
uint64_t dynamic_bytes(const Run&) { return block->launch->shared_bytes; }
// A multiple of what shared memory is dealt in.
uint64_t shared_bytes(const Run&) {
  constexpr uint64_t UNIT = 128;
  return (block->launch->kernel->shared_bytes + block->launch->shared_bytes + UNIT - 1) / UNIT * UNIT;
}
uint64_t all_shared_bytes(const Run& run) { return shared_bytes(run) + RESERVED_SHARED; }
uint64_t reserved_bytes(const Run&) { return RESERVED_SHARED; }
// cooperative_groups.h takes 288 bytes from the second place on.
template <size_t offset>
uint64_t reserved_place(const Run& run) { return reinterpret_cast<uintptr_t>(reserved_shared()) - run.shared + offset; }
uint64_t zero(const Run&) { return 0; }
uint64_t one(const Run&) { return 1; }

// Blocks of a cluster follow one another along x.
uint64_t blocks_of_cluster() { return cluster ? cluster->blocks.size() : 1; }
uint64_t cluster_rank_of(const Run&) { return block->rank; }
uint64_t cluster_size(const Run&) { return blocks_of_cluster(); }
uint64_t cluster_along_x(const Run&) { return block->index.x / blocks_of_cluster(); }
uint64_t clusters_along_x(const Run&) { return block->launch->grid.x / blocks_of_cluster(); }
uint64_t is_explicit_cluster(const Run&) { return block->launch->cluster > 0; }

// Where the barrier of the grid is, which cooperative_groups.h reads from registers that NVIDIA does not describe.
uint64_t low_workspace(const Run&) { return uint32_t(grid_workspace); }
uint64_t high_workspace(const Run&) { return grid_workspace >> 32; }

// Time is a change too, which a loop may wait for, and no order gives the same.
uint64_t nanoseconds(const Run&) {
  changes++;
  order_may_show = true;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000 + uint64_t(now.tv_nsec);
}
uint64_t low_nanoseconds(const Run& run) { return uint32_t(nanoseconds(run)); }
uint64_t high_nanoseconds(const Run& run) { return nanoseconds(run) >> 32; }

struct Special {
  std::string_view name;
  Type type;
  Step step;
};

#define OF_THREE(name, value)                                              \
  {name ".x", Type::U32, read_value<value<&Dimensions::x>>},               \
      {name ".y", Type::U32, read_value<value<&Dimensions::y>>},           \
      {name ".z", Type::U32, read_value<value<&Dimensions::z>>}

const Special ALL[] = {
    OF_THREE("%tid", thread_along), OF_THREE("%ntid", threads_along), OF_THREE("%ctaid", block_along),
    OF_THREE("%nctaid", blocks_along), {"%laneid", Type::U32, read_value<lane_number>},
    {"%warpid", Type::U32, read_value<warp_number>}, {"%nwarpid", Type::U32, read_value<warps_at_once>},
    {"%lanemask_eq", Type::U32, read_value<mask_equal>},
    {"%lanemask_lt", Type::U32, read_value<mask_less>}, {"%lanemask_le", Type::U32, read_value<mask_less_equal>},
    {"%lanemask_gt", Type::U32, read_value<mask_greater>},
    {"%lanemask_ge", Type::U32, read_value<mask_greater_equal>}, {"%smid", Type::U32, read_value<multiprocessor>},
    {"%nsmid", Type::U32, read_value<multiprocessors>}, {"%gridid", Type::U64, read_value<zero>},
    {"%dynamic_smem_size", Type::U32, read_value<dynamic_bytes>},
    {"%total_smem_size", Type::U32, read_value<shared_bytes>},
    {"%aggr_smem_size", Type::U32, read_value<all_shared_bytes>},
    {"%reserved_smem_offset_begin", Type::U32, read_value<reserved_place<0>>},
    {"%reserved_smem_offset_end", Type::U32, read_value<reserved_place<RESERVED_SHARED>>},
    {"%reserved_smem_offset_cap", Type::U32, read_value<reserved_bytes>},
    {"%reserved_smem_offset_0", Type::U32, read_value<reserved_place<0>>},
    {"%reserved_smem_offset_1", Type::U32, read_value<reserved_place<RESERVED_SHARED / 2>>},
    {"%current_graph_exec", Type::U64, read_value<zero>},
    {"%cluster_ctarank", Type::U32, read_value<cluster_rank_of>},
    {"%cluster_nctarank", Type::U32, read_value<cluster_size>},
    {"%cluster_ctaid.x", Type::U32, read_value<cluster_rank_of>}, {"%cluster_ctaid.y", Type::U32, read_value<zero>},
    {"%cluster_ctaid.z", Type::U32, read_value<zero>}, {"%cluster_nctaid.x", Type::U32, read_value<cluster_size>},
    {"%cluster_nctaid.y", Type::U32, read_value<one>}, {"%cluster_nctaid.z", Type::U32, read_value<one>},
    {"%clusterid.x", Type::U32, read_value<cluster_along_x>},
    {"%clusterid.y", Type::U32, read_value<block_along<&Dimensions::y>>},
    {"%clusterid.z", Type::U32, read_value<block_along<&Dimensions::z>>},
    {"%nclusterid.x", Type::U32, read_value<clusters_along_x>},
    {"%nclusterid.y", Type::U32, read_value<blocks_along<&Dimensions::y>>},
    {"%nclusterid.z", Type::U32, read_value<blocks_along<&Dimensions::z>>},
    {"%is_explicit_cluster", Type::PRED, read_value<is_explicit_cluster>},
    {"%envreg1", Type::U32, read_value<high_workspace>}, {"%envreg2", Type::U32, read_value<low_workspace>},
    {"%clock", Type::U32, read_value<low_nanoseconds>}, {"%clock_hi", Type::U32, read_value<high_nanoseconds>},
    {"%clock64", Type::U64, read_value<nanoseconds>}, {"%globaltimer", Type::U64, read_value<nanoseconds>},
    {"%globaltimer_lo", Type::U32, read_value<low_nanoseconds>},
    {"%globaltimer_hi", Type::U32, read_value<high_nanoseconds>}};

}

Step special_register(std::string_view name, Type& type) {
  for (const Special& one : ALL) {
    if (one.name == name) {
      type = one.type;
      return one.step;
    }
  }
  // The driver's own, and counters of performance.
  bool wide = name.substr(0, 3) == "%pm" && name.size() > 3 && name.substr(name.size() - 3) == "_64";
  if (name.substr(0, 7) == "%envreg" || name.substr(0, 3) == "%pm") {
    type = wide ? Type::U64 : Type::U32;
    return read_value<zero>;
  }
  return nullptr;
}

}
