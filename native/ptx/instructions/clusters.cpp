// Clusters and mbarriers (PTX ISA, "mapa", "getctarank", "st.async", "mbarrier").
#include "machine/cluster.h"
#include "machine/order/order.h"
#include "ptx/instructions.h"
#include "ptx/instructions/memory.h"
#include "ptx/steps.h"

namespace sim {

unsigned long long place_in(const void* shared, unsigned rank) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

// The same place in the shared memory of another block, of a generic address or of a shared one.
const Instruction* map_to_block(const Instruction& i, Run& run) {
  uintptr_t address = address_in(Space(i.detail), run, run.registers[i.a]);
  if (!in_shared_space(address)) {
    fail_thread(Flaw::WRONG_SPACE, "mapa of what is not in shared memory");
  }
  // The address may lie in another block already.
  uintptr_t own = address + (uintptr_t(block->rank) - rank_of(address)) * SHARED_SPACE_OF_A_BLOCK;
  uint64_t mapped = place_in(reinterpret_cast<const void*>(own), get<uint32_t>(run, i.b));
  run.registers[i.to] = mapped - address_in(Space(i.detail), run, 0);
  return &i + 1;
}

const Instruction* rank_of_address(const Instruction& i, Run& run) {
  uintptr_t address = address_in(Space(i.detail), run, run.registers[i.a]);
  if (!in_shared_space(address)) {
    fail_thread(Flaw::WRONG_SPACE, "getctarank of what is not in shared memory");
  }
  put<uint32_t>(run, i.to, rank_of(address));
  return &i + 1;
}

template <bool maps>
Step decode_of_address(Statement& s) {
  s.want_target(90, maps ? "mapa" : "getctarank");
  bool shared = s.take("shared::cluster");
  s.made.detail = uint8_t(shared ? Space::SHARED : Space::GENERIC);
  Type type = s.want_type();
  maps ? s.take_operands(type, {type, Type::B32}) : s.take_operands(Type::B32, {type});
  return bits_of(type) != 64 && !(shared && bits_of(type) == 32) ? nullptr : maps ? map_to_block : rank_of_address;
}

// a is the address, b the mbarrier's, whose offset follows the values.
template <Space space>
const Instruction* send(const Instruction& i, Run& run) {
  char bytes[16];
  size_t each = i.detail, count = i.size / each;
  for (size_t k = 0; k < count; k++) {
    std::memcpy(bytes + k * each, run.registers + i.more[k], each);
  }
  send_bytes(address_in(space, run, run.registers[i.a] + uint64_t(i.number)),
             address_in(space, run, run.registers[i.b] + uint64_t(int64_t(int32_t(i.more[count])))), bytes, i.size);
  return &i + 1;
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
  const Slot* values = s.sources(1, count, type);
  s.made.a = s.base(0, s.made.number);
  int64_t offset = 0;
  s.made.b = s.base(2, offset);
  std::vector<Slot> more(values, values + count);
  more.push_back(Slot(offset));
  s.made.more = s.keep(std::move(more));
  bool fits = s.made.size <= 16 && s.made.detail >= 4;
  return !fits ? nullptr : shared ? send<Space::CLUSTER> : send<Space::GENERIC>;
}

struct Mbarrier {
  Space space = Space::GENERIC;
  Strength scope = Strength::BLOCK;
  bool expects = false, drops = false, by_parity = false, waits = false, may_end = true;
};

uintptr_t address_of(const Instruction& i, const Run& run) {
  const auto& form = *static_cast<const Mbarrier*>(i.form);
  return address_in(form.space, run, run.registers[i.a] + uint64_t(i.number));
}

// An operation at an mbarrier that takes a number.
template <void (*act)(uintptr_t mbarrier, uint32_t number)>
const Instruction* act_at(const Instruction& i, Run& run) {
  act(address_of(i, run), get<uint32_t>(run, i.b));
  return &i + 1;
}

const Instruction* invalidate(const Instruction& i, Run& run) {
  invalidate_mbarrier(address_of(i, run));
  return &i + 1;
}

const Instruction* arrive(const Instruction& i, Run& run) {
  const auto& form = *static_cast<const Mbarrier*>(i.form);
  Arrival arrival;
  arrival.count = !form.expects && i.b != NO_SLOT ? get<uint32_t>(run, i.b) : 1;
  arrival.expected_bytes = form.expects ? get<uint32_t>(run, i.b) : 0;
  arrival.drops = form.drops;
  arrival.may_end = form.may_end;
  arrival.releases_to = form.scope;
  uint64_t state = arrive_at_mbarrier(address_of(i, run), arrival);
  if (i.to != NO_SLOT) {
    run.registers[i.to] = state;
  }
  return &i + 1;
}

const Instruction* test(const Instruction& i, Run& run) {
  const auto& form = *static_cast<const Mbarrier*>(i.form);
  Question question;
  question.by_parity = form.by_parity;
  question.may_wait = form.waits;
  question.state_or_parity = form.by_parity ? get<uint32_t>(run, i.b) : run.registers[i.b];
  question.acquires_from = form.scope;
  bool ended = mbarrier_phase_ended(address_of(i, run), question);
  run.registers[i.to] = ended;
  if (!ended) {
    look(run);
  }
  return &i + 1;
}

// The caller has taken the other modifiers.
Mbarrier take_mbarrier(Statement& s) {
  s.want_target(80, "mbarrier");
  Mbarrier form;
  bool relaxed = s.take("relaxed");
  s.take_one({"release", "acquire"});
  form.scope = take_scope(s, Strength::BLOCK);
  form.scope = relaxed ? Strength::WEAK : form.scope;
  form.space = s.take("shared") || s.take("shared::cta") ? Space::SHARED
               : s.take("shared::cluster")               ? Space::CLUSTER
                                                         : Space::GENERIC;
  return form;
}

template <Step step, size_t count>
Step decode_action(Statement& s) {
  s.made.form = s.keep_form(take_mbarrier(s));
  s.want_operands(count);
  s.made.a = s.base(0, s.made.number);
  s.made.b = count == 2 ? s.source(1, Type::B32) : NO_SLOT;
  return step;
}

template <bool expects, bool drops>
Step decode_arrive(Statement& s) {
  bool may_end = !s.take("noComplete");
  Mbarrier form = take_mbarrier(s);
  form.expects = expects;
  form.drops = drops;
  form.may_end = may_end;
  s.want_operands(2, 3);
  bool gives = s.at(0).kind != Operand::SINK;
  s.made.to = gives ? s.destination(0, Type::B64) : NO_SLOT;
  s.made.a = s.base(1, s.made.number);
  s.made.b = s.operands.size() == 3 ? s.source(2, Type::B32) : NO_SLOT;
  s.made.form = s.keep_form(form);
  if ((expects || !may_end) && s.made.b == NO_SLOT) {
    s.fail(expects ? "a number of bytes is missing" : "a number of arrivals is missing");
  }
  if (gives && form.space == Space::CLUSTER) {
    s.fail("gives no state of another block's mbarrier: its first operand is _");
  }
  return arrive;
}

template <bool waits>
Step decode_test(Statement& s) {
  bool by_parity = s.take("parity");
  Mbarrier form = take_mbarrier(s);
  form.by_parity = by_parity;
  form.waits = waits;
  s.want_operands(3, waits ? 4 : 3);
  s.made.to = s.destination(0, Type::PRED);
  s.made.a = s.base(1, s.made.number);
  s.made.b = s.source(2, by_parity ? Type::B32 : Type::B64);
  if (s.operands.size() == 4) {
    s.source(3, Type::B32);
  }
  s.made.form = s.keep_form(form);
  return test;
}

constexpr auto PENDING = [](uint64_t state) { return uint32_t(pending_of_state(state)); };

}

const Known CLUSTERS[] = {
    {"mapa", decode_of_address<true>}, {"getctarank", decode_of_address<false>}, {"st.async", decode_send},
    {"mbarrier.init.b64", decode_action<act_at<make_mbarrier>, 2>},
    {"mbarrier.inval.b64", decode_action<invalidate, 1>},
    {"mbarrier.expect_tx.b64", decode_action<act_at<expect_bytes_at_mbarrier>, 2>},
    {"mbarrier.complete_tx.b64", decode_action<act_at<complete_bytes_at_mbarrier>, 2>},
    {"mbarrier.arrive.b64", decode_arrive<false, false>}, {"mbarrier.arrive_drop.b64", decode_arrive<false, true>},
    {"mbarrier.arrive.expect_tx.b64", decode_arrive<true, false>},
    {"mbarrier.arrive_drop.expect_tx.b64", decode_arrive<true, true>},
    {"mbarrier.test_wait.b64", decode_test<false>}, {"mbarrier.try_wait.b64", decode_test<true>},
    {"mbarrier.pending_count.b64", decode_of<PENDING, uint64_t>}, {"", nullptr}};

}
