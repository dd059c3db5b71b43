// Clusters and mbarriers (PTX ISA, "mapa", "getctarank", "st.async", "mbarrier").
#include "machine/cluster.h"
#include "machine/order/order.h"
#include "ptx/instructions.h"
#include "ptx/memory.h"
#include "ptx/steps.h"

namespace sim {

unsigned long long place_in(const void* shared, unsigned rank) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

// The same place in the shared memory of another block: of generic addresses, or of shared ones.
const Instruction* map_to_block(const Instruction& i, Run& run) {
  uintptr_t address = address_in(Space(i.detail), run, run.registers[i.a]);
  if (!in_shared_space(address)) {
    fail_thread(Flaw::WRONG_SPACE, "mapa of what is not in shared memory");
  }
  // It may be another block's already.
  uintptr_t own = address + (uintptr_t(block->rank) - rank_of(address)) * SHARED_SPACE_OF_A_BLOCK;
  uint64_t mapped = place_in(reinterpret_cast<const void*>(own), get<uint32_t>(run, i.b));
  run.registers[i.to] = mapped - address_in(Space(i.detail), run, 0);
  return &i + 1;
}

Step decode_mapa(Statement& s) {
  s.want_target(90, "mapa");
  s.made.detail = uint8_t(s.take("shared::cluster") ? Space::SHARED : Space::GENERIC);
  Type type = s.want_type();
  s.take_operands(type, {type, Type::B32});
  bool fits = bits_of(type) == 64 || (bits_of(type) == 32 && Space(s.made.detail) == Space::SHARED);
  return fits ? map_to_block : nullptr;
}

const Instruction* rank_of_address(const Instruction& i, Run& run) {
  uintptr_t address = address_in(Space(i.detail), run, run.registers[i.a]);
  if (!in_shared_space(address)) {
    fail_thread(Flaw::WRONG_SPACE, "getctarank of what is not in shared memory");
  }
  put<uint32_t>(run, i.to, rank_of(address));
  return &i + 1;
}

Step decode_getctarank(Statement& s) {
  s.want_target(90, "getctarank");
  s.made.detail = uint8_t(s.take("shared::cluster") ? Space::SHARED : Space::GENERIC);
  Type type = s.want_type();
  s.take_operands(Type::B32, {type});
  bool fits = bits_of(type) == 64 || (bits_of(type) == 32 && Space(s.made.detail) == Space::SHARED);
  return fits ? rank_of_address : nullptr;
}

// a is the address, b the mbarrier's.
template <Space space>
const Instruction* send(const Instruction& i, Run& run) {
  char bytes[16];
  size_t each = i.detail;
  for (size_t k = 0; k * each < i.size; k++) {
    std::memcpy(bytes + k * each, run.registers + i.more[k], each);
  }
  send_bytes(address_in(space, run, run.registers[i.a] + uint64_t(i.number)),
             address_in(space, run, run.registers[i.b] + uint64_t(int64_t(int32_t(i.c)))), bytes, i.size);
  return &i + 1;
}

struct Mbarrier {
  Space space = Space::GENERIC;
  Strength scope = Strength::BLOCK;
  bool expects = false, drops = false, by_parity = false, waits = false, may_end = true;
};

uintptr_t address_of(const Instruction& i, const Run& run, const Mbarrier& form) {
  return address_in(form.space, run, run.registers[i.a] + uint64_t(i.number));
}

const Mbarrier& form_of(const Instruction& i) {
  return *static_cast<const Mbarrier*>(i.form);
}

const Instruction* make(const Instruction& i, Run& run) {
  make_mbarrier(address_of(i, run, form_of(i)), get<uint32_t>(run, i.b));
  return &i + 1;
}

const Instruction* invalidate(const Instruction& i, Run& run) {
  invalidate_mbarrier(address_of(i, run, form_of(i)));
  return &i + 1;
}

const Instruction* arrive(const Instruction& i, Run& run) {
  const Mbarrier& form = form_of(i);
  Arrival arrival;
  arrival.count = !form.expects && i.b != NO_SLOT ? get<uint32_t>(run, i.b) : 1;
  arrival.expected_bytes = form.expects ? get<uint32_t>(run, i.b) : 0;
  arrival.drops = form.drops;
  arrival.may_end = form.may_end;
  arrival.releases_to = form.scope;
  uint64_t state = arrive_at_mbarrier(address_of(i, run, form), arrival);
  if (i.to != NO_SLOT) {
    run.registers[i.to] = state;
  }
  return &i + 1;
}

const Instruction* expect(const Instruction& i, Run& run) {
  expect_bytes_at_mbarrier(address_of(i, run, form_of(i)), get<uint32_t>(run, i.b));
  return &i + 1;
}

const Instruction* complete(const Instruction& i, Run& run) {
  complete_bytes_at_mbarrier(address_of(i, run, form_of(i)), get<uint32_t>(run, i.b));
  return &i + 1;
}

const Instruction* test(const Instruction& i, Run& run) {
  const Mbarrier& form = form_of(i);
  Question question;
  question.by_parity = form.by_parity;
  question.may_wait = form.waits;
  question.state_or_parity = form.by_parity ? get<uint32_t>(run, i.b) : run.registers[i.b];
  question.acquires_from = form.scope;
  bool ended = mbarrier_phase_ended(address_of(i, run, form), question);
  run.registers[i.to] = ended;
  if (!ended) {
    look(run);
  }
  return &i + 1;
}

const Instruction* pending(const Instruction& i, Run& run) {
  put<uint32_t>(run, i.to, pending_of_state(run.registers[i.a]));
  return &i + 1;
}

Step decode_arrive(Statement& s, Mbarrier form, bool drops) {
  form.drops = drops;
  form.expects = s.take("expect_tx");
  form.may_end = !s.take("noComplete");
  s.want_operands(2, 3);
  bool gives = s.at(0).kind != Operand::SINK;
  s.made.to = gives ? s.destination(0, Type::B64) : NO_SLOT;
  s.made.a = s.base(1, s.made.number);
  s.made.b = s.operands.size() == 3 ? s.source(2, Type::B32) : NO_SLOT;
  s.made.form = s.keep_form(form);
  if ((form.expects || !form.may_end) && s.made.b == NO_SLOT) {
    s.fail(form.expects ? "a number of bytes is missing" : "a number of arrivals is missing");
  }
  if (gives && form.space == Space::CLUSTER) {
    s.fail("gives no state of another block's mbarrier: its first operand is _");
  }
  return arrive;
}

Step decode_mbarrier(Statement& s) {
  s.want_target(80, "mbarrier");
  Mbarrier form;
  std::string_view what = s.take_one({"init", "inval", "arrive", "arrive_drop", "expect_tx", "complete_tx",
                                      "test_wait", "try_wait", "pending_count"});
  form.by_parity = s.take("parity");
  form.waits = what == "try_wait";
  bool relaxed = s.take("relaxed");
  s.take_one({"release", "acquire"});
  form.scope = take_scope(s, Strength::BLOCK);
  form.scope = relaxed ? Strength::WEAK : form.scope;
  form.space = s.take("shared") || s.take("shared::cta") ? Space::SHARED
               : s.take("shared::cluster")               ? Space::CLUSTER
                                                         : Space::GENERIC;
  if (s.want_type() != Type::B64) {
    return nullptr;
  }
  if (what == "arrive" || what == "arrive_drop") {
    return decode_arrive(s, form, what == "arrive_drop");
  }
  s.made.form = s.keep_form(form);
  if (what == "init" || what == "expect_tx" || what == "complete_tx") {
    s.want_operands(2);
    s.made.a = s.base(0, s.made.number);
    s.made.b = s.source(1, Type::B32);
    return what == "init" ? make : what == "expect_tx" ? expect : complete;
  }
  if (what == "inval") {
    s.want_operands(1);
    s.made.a = s.base(0, s.made.number);
    return invalidate;
  }
  if (what == "test_wait" || what == "try_wait") {
    s.want_operands(3, what == "try_wait" ? 4 : 3);
    s.made.to = s.destination(0, Type::PRED);
    s.made.a = s.base(1, s.made.number);
    s.made.b = s.source(2, form.by_parity ? Type::B32 : Type::B64);
    if (s.operands.size() == 4) {
      s.source(3, Type::B32);
    }
    return test;
  }
  if (what == "pending_count") {
    s.take_operands(Type::B32, {Type::B64});
    return pending;
  }
  return nullptr;
}

}

Step decode_send(Statement& s) {
  s.want_target(90, "st.async");
  s.take("weak");
  bool shared = s.take("shared::cluster");
  s.take("mbarrier::complete_tx::bytes");
  int count = s.take_vector();
  Type type = s.want_type();
  s.want_operands(3);
  s.made.detail = uint8_t(bits_of(type) / 8);
  s.made.size = uint16_t(count * s.made.detail);
  s.made.more = s.sources(1, count, type);
  s.made.a = s.base(0, s.made.number);
  int64_t offset = 0;
  s.made.b = s.base(2, offset);
  s.made.c = Slot(offset);
  bool fits = s.made.size <= 16 && s.made.detail >= 4;
  return !fits ? nullptr : shared ? send<Space::CLUSTER> : send<Space::GENERIC>;
}

const Known CLUSTERS[] = {
    {"mapa", decode_mapa}, {"getctarank", decode_getctarank}, {"mbarrier", decode_mbarrier}, {"", nullptr}};

}
