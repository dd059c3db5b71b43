// Copies of many bytes (PTX ISA, "cp.async.bulk").
#include "machine/cluster.h"
#include "machine/order/order.h"
#include "machine/shared_memory.h"
#include "ptx/memory.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

struct BulkCopy {
  Space to = Space::GENERIC, from = Space::GENERIC;
  int64_t from_offset = 0, barrier_offset = 0;
  Slot blocks = NO_SLOT;  // those of the cluster to which it goes, at the same places
};

uintptr_t in_block(unsigned rank, uintptr_t shared) {
  return shared + (uintptr_t(rank) - rank_of(shared)) * SHARED_SPACE_OF_A_BLOCK;
}

void copy_to_blocks(unsigned blocks, uintptr_t to, uintptr_t from, size_t size, uintptr_t barrier) {
  if (blocks >> cluster->blocks.size() != 0) {
    fail_thread(Flaw::CLUSTER, "cp.async.bulk to blocks that the cluster does not have",
                "Set only bits of blocks that the cluster has in the mask");
  }
  for (unsigned rank = 0; blocks >> rank != 0; rank++) {
    if (blocks >> rank & 1) {
      copy_bulk_to_shared(in_block(rank, to), from, size, in_block(rank, barrier));
    }
  }
}

// a is where to, b where from, c how many bytes; more[0] is the mbarrier.
const Instruction* copy(const Instruction& i, Run& run) {
  const auto& form = *static_cast<const BulkCopy*>(i.form);
  uintptr_t to = address_in(form.to, run, run.registers[i.a] + uint64_t(i.number));
  uintptr_t from = address_in(form.from, run, run.registers[i.b] + uint64_t(form.from_offset));
  uint32_t size = get<uint32_t>(run, i.c);
  check_space(form.from, from, size, false);
  check_space(form.to, to, size, true);
  if (form.to == Space::GLOBAL) {
    copy_bulk_to_global(to, from, size);
  } else {
    uintptr_t barrier = address_in(form.to, run, run.registers[i.more[0]] + uint64_t(form.barrier_offset));
    if (form.blocks == NO_SLOT) {
      copy_bulk_to_shared(to, from, size, barrier);
    } else {
      copy_to_blocks(get<uint16_t>(run, form.blocks), to, from, size, barrier);
    }
  }
  return &i + 1;
}

const Instruction* commit(const Instruction& i, Run&) {
  commit_bulk_copies();
  return &i + 1;
}

const Instruction* wait_for_groups(const Instruction& i, Run&) {
  wait_for_bulk_copies(unsigned(i.number));
  return &i + 1;
}

Space space_of(std::string_view name) {
  return name == "global"                           ? Space::GLOBAL
         : name == "shared::cluster"                ? Space::CLUSTER
         : name == "shared::cta" || name == "shared" ? Space::SHARED
                                                     : Space::GENERIC;
}

}

Step decode_bulk(Statement& s) {
  s.want_target(90, "cp.async.bulk");
  if (s.take("commit_group")) {
    s.want_operands(0);
    return commit;
  }
  if (s.take("wait_group")) {
    // Of .read and the whole there is no difference: what has been read is written at once.
    s.take("read");
    s.want_operands(1);
    s.made.number = s.integer(0);
    return wait_for_groups;
  }
  if (s.take("prefetch")) {
    s.take("L2");
    s.take("global");
    s.want_operands(take_hints(s) ? 3 : 2);
    return do_nothing;
  }
  BulkCopy form;
  if (s.modifiers.size() > 1) {
    form.to = space_of(s.modifiers[0]);
    form.from = space_of(s.modifiers[1]);
  }
  bool out = form.to == Space::GLOBAL && form.from == Space::SHARED;
  bool in = (form.to != Space::GENERIC && form.from == Space::GLOBAL && form.to != Space::GLOBAL) ||
            (form.to == Space::CLUSTER && form.from == Space::SHARED);
  if (!out && !in) {
    s.lack("is not simulated");
  }
  s.modifiers.erase(s.modifiers.begin(), s.modifiers.begin() + 2);
  if (!s.take(out ? "bulk_group" : "mbarrier::complete_tx::bytes")) {
    s.fail("does not say how its end is told");
  }
  if (take_hints(s) && !s.operands.empty()) {
    s.operands.pop_back();
  }
  bool several = form.to == Space::CLUSTER && form.from == Space::GLOBAL && s.take("multicast::cluster");
  s.want_operands(out ? 3 : several ? 5 : 4);
  form.blocks = several ? s.source(4, Type::B16) : NO_SLOT;
  s.made.a = s.base(0, s.made.number);
  s.made.b = s.base(1, form.from_offset);
  s.made.c = s.source(2, Type::B32);
  s.made.more = in ? s.keep({s.base(3, form.barrier_offset)}) : nullptr;
  s.made.form = s.keep_form(form);
  return copy;
}

}
