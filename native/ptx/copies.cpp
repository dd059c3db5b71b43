// Copies from global to shared memory that a thread starts and waits for later (PTX ISA, "cp.async").
#include "machine/order/order.h"
#include "ptx/instructions.h"
#include "ptx/memory.h"
#include "ptx/steps.h"

namespace sim {

void commit_copies() __attribute__((visibility("default")));
void wait_for_copies(unsigned groups_left) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

// a is where to, b where from, by the offsets in number and c; more[0] is how many bytes are read, or, where that is
// asked for, whether none are.
const Instruction* start_copy(const Instruction& i, Run& run) {
  uint64_t size = !i.more ? i.size : i.detail ? is_set(run, i.more[0]) ? 0 : i.size : get<uint32_t>(run, i.more[0]);
  if (size > i.size) {
    fail_thread(Flaw::ASYNC_COPY, "cp.async of " + std::to_string(size) + " bytes to " +
                                      std::to_string(i.size));
  }
  copy_to_shared(address_in(Space::SHARED, run, run.registers[i.a] + uint64_t(i.number)),
                 run.registers[i.b] + uint64_t(int64_t(int32_t(i.c))), i.size, size);
  return &i + 1;
}

const Instruction* commit(const Instruction& i, Run&) {
  commit_copies();
  return &i + 1;
}

// Those that no group has been made of are waited for too, by wait_all.
const Instruction* wait_for_groups(const Instruction& i, Run&) {
  if (i.detail) {
    commit_copies();
  }
  wait_for_copies(unsigned(i.number));
  return &i + 1;
}

const Instruction* arrive_later(const Instruction& i, Run& run) {
  arrive_after_copies(address_in(Space(i.detail), run, run.registers[i.a] + uint64_t(i.number)), i.size != 0);
  return &i + 1;
}

Step decode_copy(Statement& s) {
  bool first_level = s.take("ca"), second_level = s.take("cg");
  bool shared = s.take("shared") || s.take("shared::cta");
  bool global = s.take("global");
  bool policy = take_hints(s);
  if (policy && !s.operands.empty()) {
    s.operands.pop_back();
  }
  if (!shared || !global || first_level == second_level) {
    return nullptr;
  }
  s.want_operands(3, 4);
  s.made.a = s.base(0, s.made.number);
  int64_t offset = 0;
  s.made.b = s.base(1, offset);
  s.made.c = Slot(offset);
  int64_t size = s.integer(2);
  if ((size != 4 && size != 8 && size != 16) || (second_level && size != 16)) {
    s.fail("copies 4, 8 or 16 bytes, and by .cg 16");
  }
  s.made.size = uint16_t(size);
  if (s.operands.size() == 4) {
    const Register* last = s.names.find_register(s.at(3).name);
    s.made.detail = last && last->type == Type::PRED;
    s.made.more = s.keep({s.source(3, s.made.detail ? Type::PRED : Type::B32)});
  }
  return start_copy;
}

Step decode_cp(Statement& s) {
  s.want_target(80, "cp.async");
  for (const char* kind : {"reduce", "tensor"}) {
    if (s.take(kind)) {
      s.lack(std::string("with .") + kind + " is not simulated");
    }
  }
  if (!s.take("async")) {
    return nullptr;
  }
  if (s.take("bulk")) {
    return decode_bulk(s);
  }
  if (s.take("commit_group")) {
    s.want_operands(0);
    return commit;
  }
  if (s.take("wait_all")) {
    s.want_operands(0);
    s.made.detail = 1;
    return wait_for_groups;
  }
  if (s.take("wait_group")) {
    s.want_operands(1);
    s.made.number = s.integer(0);
    return wait_for_groups;
  }
  if (s.take("mbarrier")) {
    s.take("arrive");
    s.made.size = !s.take("noinc");
    s.made.detail = uint8_t(s.take("shared") || s.take("shared::cta") ? Space::SHARED : Space::GENERIC);
    s.want_type();
    s.want_operands(1);
    s.made.a = s.base(0, s.made.number);
    return arrive_later;
  }
  return decode_copy(s);
}

}

const Known COPIES[] = {{"cp", decode_cp}, {"", nullptr}};

}
