// Copies that a thread starts and waits for later (PTX ISA, "cp.async" and "cp.async.bulk").
#include "machine/cluster.h"
#include "machine/order/order.h"
#include "machine/shared_memory.h"
#include "ptx/instructions/memory.h"
#include "ptx/steps.h"

namespace sim {

void commit_copies() __attribute__((visibility("default")));
void wait_for_copies(unsigned groups_left) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

struct Copy {
  int64_t from_offset = 0;
  Slot bytes = NO_SLOT;    // how many bytes are read
  Slot ignores = NO_SLOT;  // whether nothing is read
};

// a is the target, b the source.
const Instruction* start_copy(const Instruction& i, Run& run) {
  const auto& form = *static_cast<const Copy*>(i.form);
  uint64_t size = form.bytes != NO_SLOT                                     ? get<uint32_t>(run, form.bytes)
                  : form.ignores != NO_SLOT && is_set(run, form.ignores) ? 0
                                                                         : i.size;
  if (size > i.size) {
    fail_thread(Flaw::ASYNC_COPY, "cp.async of " + std::to_string(size) + " bytes to " + std::to_string(i.size));
  }
  copy_to_shared(address_in(Space::SHARED, run, run.registers[i.a] + uint64_t(i.number)),
                 run.registers[i.b] + uint64_t(form.from_offset), i.size, size);
  return &i + 1;
}

// Groups of copies, and groups of bulk copies.
template <void (*commit)()>
Step decode_commit(Statement& s) {
  s.want_target(80, "cp.async");
  s.want_operands(0);
  return [](const Instruction& i, Run&) -> const Instruction* {
    commit();
    return &i + 1;
  };
}

template <void (*wait)(unsigned groups_left)>
Step decode_wait(Statement& s) {
  s.want_target(80, "cp.async");
  // A wait with .read equals a whole wait: bytes are written as soon as they are read.
  s.take("read");
  s.want_operands(1);
  s.made.number = s.integer(0);
  return [](const Instruction& i, Run&) -> const Instruction* {
    wait(unsigned(i.number));
    return &i + 1;
  };
}

// Copies that belong to no group yet are waited for too.
void wait_for_all() {
  commit_copies();
  wait_for_copies(0);
}

const Instruction* arrive_later(const Instruction& i, Run& run) {
  arrive_after_copies(address_in(Space(i.detail), run, run.registers[i.a] + uint64_t(i.number)), i.size != 0);
  return &i + 1;
}

Step decode_arrival(Statement& s) {
  s.want_target(80, "cp.async");
  s.made.size = !s.take("noinc");
  s.made.detail = uint8_t(s.take("shared") || s.take("shared::cta") ? Space::SHARED : Space::GENERIC);
  s.want_operands(1);
  s.made.a = s.base(0, s.made.number);
  return arrive_later;
}

Step decode_copy(Statement& s) {
  s.want_target(80, "cp.async");
  bool first_level = s.take("ca"), second_level = s.take("cg");
  bool shared = s.take("shared") || s.take("shared::cta");
  drop_policy(s);
  if (!shared || first_level == second_level) {
    return nullptr;
  }
  Copy form;
  s.want_operands(3, 4);
  s.made.a = s.base(0, s.made.number);
  s.made.b = s.base(1, form.from_offset);
  int64_t size = s.integer(2);
  if ((size != 4 && size != 8 && size != 16) || (second_level && size != 16)) {
    s.fail("copies 4, 8 or 16 bytes, and by .cg 16");
  }
  s.made.size = uint16_t(size);
  if (s.operands.size() == 4) {
    const Register* last = s.names.find_register(s.at(3).name);
    bool ignores = last && last->type == Type::PRED;
    (ignores ? form.ignores : form.bytes) = s.source(3, ignores ? Type::PRED : Type::B32);
  }
  s.made.form = s.keep_form(form);
  return start_copy;
}

struct BulkCopy {
  Space to = Space::GENERIC, from = Space::GENERIC;
  int64_t from_offset = 0, barrier_offset = 0;
  Slot blocks = NO_SLOT;  // mask of the cluster's blocks that get the bytes, at the same place
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

// a is the target, b the source, c the number of bytes; more[0] is the mbarrier.
const Instruction* copy_bulk(const Instruction& i, Run& run) {
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

Space space_of(std::string_view name) {
  return name == "global"                           ? Space::GLOBAL
         : name == "shared::cluster"                ? Space::CLUSTER
         : name == "shared::cta" || name == "shared" ? Space::SHARED
                                                     : Space::GENERIC;
}

Step decode_bulk(Statement& s) {
  s.want_target(90, "cp.async.bulk");
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
  drop_policy(s);
  bool several = form.to == Space::CLUSTER && form.from == Space::GLOBAL && s.take("multicast::cluster");
  s.want_operands(out ? 3 : several ? 5 : 4);
  form.blocks = several ? s.source(4, Type::B16) : NO_SLOT;
  s.made.a = s.base(0, s.made.number);
  s.made.b = s.base(1, form.from_offset);
  s.made.c = s.source(2, Type::B32);
  s.made.more = in ? s.keep({s.base(3, form.barrier_offset)}) : nullptr;
  s.made.form = s.keep_form(form);
  return copy_bulk;
}

Step decode_bulk_prefetch(Statement& s) {
  s.take("L2");
  s.take("global");
  s.want_operands(take_hints(s) ? 3 : 2);
  return do_nothing;
}

Step decode_tensor(Statement& s) {
  s.lack("with .tensor is not simulated");
}

Step decode_reduction(Statement& s) {
  s.lack("with .reduce is not simulated");
}

}

const Known COPIES[] = {
    {"cp.async.bulk.tensor", decode_tensor}, {"cp.reduce.async.bulk", decode_reduction},
    {"cp.async.bulk", decode_bulk}, {"cp.async.global", decode_copy},
    {"cp.async.commit_group", decode_commit<commit_copies>},
    {"cp.async.wait_group", decode_wait<wait_for_copies>}, {"cp.async.wait_all", decode_commit<wait_for_all>},
    {"cp.async.mbarrier.arrive.b64", decode_arrival},
    {"cp.async.bulk.commit_group", decode_commit<commit_bulk_copies>},
    {"cp.async.bulk.wait_group", decode_wait<wait_for_bulk_copies>},
    {"cp.async.bulk.prefetch", decode_bulk_prefetch}, {"", nullptr}};

}
