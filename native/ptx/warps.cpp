// Operations of a warp's lanes together (PTX ISA, "shfl.sync", "vote.sync", "match.sync", "activemask", "redux.sync",
// "elect.sync" and "Warp Level Matrix Instructions").
#include <algorithm>
#include <cstdio>

#include "machine/cluster.h"
#include "machine/order/order.h"
#include "ptx/instructions.h"
#include "ptx/matrices.h"
#include "ptx/steps.h"

namespace sim {

uint64_t exchange(unsigned mask, uint64_t value, unsigned source) __attribute__((visibility("default")));
unsigned vote(unsigned mask, bool value) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

enum Shuffle : uint8_t { UP, DOWN, BUTTERFLY, INDEX };

// The lane it takes from, and whether that is within the segment.
template <Shuffle mode>
const Instruction* shuffle(const Instruction& i, Run& run) {
  uint32_t by = get<uint32_t>(run, i.b) & 31, bounds = get<uint32_t>(run, i.c);
  unsigned lane = block->thread->lane(), segments = bounds >> 8 & 31, last = bounds & 31;
  int most = int((lane & segments) | (last & ~segments)), least = int(lane & segments);
  int source = mode == UP          ? int(lane) - int(by)
               : mode == DOWN      ? int(lane) + int(by)
               : mode == BUTTERFLY ? int(lane ^ by)
                                   : int(least | (by & ~segments));
  bool within = mode == UP ? source >= most : source <= most;
  uint64_t received =
      exchange(get<uint32_t>(run, i.more[0]), get<uint32_t>(run, i.a), within ? unsigned(source) : lane);
  put<uint32_t>(run, i.to, uint32_t(received));
  if (i.detail) {
    run.registers[i.more[1]] = within;
  }
  return &i + 1;
}

// d, or d|p.
void take_result(Statement& s, Type type, std::vector<Slot>& more) {
  const Operand& to = s.at(0);
  s.made.detail = to.pair;
  s.made.to = s.destination(to.pair ? to.elements[0] : to, type);
  if (to.pair) {
    more.push_back(s.destination(to.elements[1], Type::PRED));
  }
}

Step decode_shfl(Statement& s) {
  if (!s.take("sync")) {
    s.fail("without .sync is of GPUs before Volta");
  }
  std::string_view mode = s.take_one({"up", "down", "bfly", "idx"});
  Type type = s.want_type();
  s.want_operands(5);
  std::vector<Slot> more = {s.source(4, Type::B32)};
  take_result(s, type, more);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, Type::B32);
  s.made.c = s.source(3, Type::B32);
  s.made.more = s.keep(more);
  return type != Type::B32 ? nullptr
         : mode == "up"    ? shuffle<UP>
         : mode == "down"  ? shuffle<DOWN>
         : mode == "bfly"  ? shuffle<BUTTERFLY>
         : mode == "idx"   ? shuffle<INDEX>
                           : nullptr;
}

enum Vote : uint8_t { ALL, ANY, UNIFORM, BALLOT };

// For each lane a mask of others, and above it that of all which took part. When the lane goes on, some may have left.
template <typename Includes>
void give_masks(Thread* lanes, unsigned group, Includes includes) {
  for (unsigned lane = 0; lane < 32; lane++) {
    uint64_t mask = 0;
    for (unsigned other = 0; other < 32 && group >> lane & 1; other++) {
      mask |= (group >> other & 1 && includes(lanes[other], lanes[lane]) ? 1u : 0u) << other;
    }
    if (group >> lane & 1) {
      lanes[lane].received = mask | uint64_t(group) << 32;
    }
  }
}

void count_votes(Thread* lanes, unsigned group) {
  give_masks(lanes, group, [](const Thread& other, const Thread&) { return other.sent != 0; });
}

template <Vote kind>
const Instruction* take_vote(const Instruction& i, Run& run) {
  meet(get<uint32_t>(run, i.b), count_votes, is_set(run, i.a) != (i.number != 0));
  auto votes = uint32_t(block->thread->received), all = uint32_t(block->thread->received >> 32);
  run.registers[i.to] = kind == BALLOT ? votes
                        : kind == ANY  ? votes != 0
                        : kind == ALL  ? votes == all
                                       : votes == 0 || votes == all;
  return &i + 1;
}

Step decode_vote(Statement& s) {
  if (!s.take("sync")) {
    s.fail("without .sync is of GPUs before Volta");
  }
  std::string_view kind = s.take_one({"all", "any", "uni", "ballot"});
  Type type = s.want_type();
  s.want_operands(3);
  s.made.to = s.destination(0, type);
  bool negated = false;
  s.made.a = s.predicate(1, negated);
  s.made.number = negated;
  s.made.b = s.source(2, Type::B32);
  bool fits = (kind == "ballot") == (type == Type::B32) && (type == Type::B32 || type == Type::PRED);
  return !fits             ? nullptr
         : kind == "all"    ? take_vote<ALL>
         : kind == "any"    ? take_vote<ANY>
         : kind == "uni"    ? take_vote<UNIFORM>
         : kind == "ballot" ? take_vote<BALLOT>
                            : nullptr;
}

void find_equals(Thread* lanes, unsigned group) {
  give_masks(lanes, group, [](const Thread& other, const Thread& mine) { return other.sent == mine.sent; });
}

const Instruction* match(const Instruction& i, Run& run) {
  meet(get<uint32_t>(run, i.b), find_equals, run.registers[i.a]);
  auto equal = uint32_t(block->thread->received), all = uint32_t(block->thread->received >> 32);
  bool of_all = i.number;
  put<uint32_t>(run, i.to, !of_all || equal == all ? equal : 0);
  if (i.detail) {
    run.registers[i.more[0]] = equal == all;
  }
  return &i + 1;
}

Step decode_match(Statement& s) {
  s.want_target(70, "match.sync");
  std::string_view kind = s.take_one({"any", "all"});
  s.take("sync");
  Type type = s.want_type();
  s.want_operands(3);
  std::vector<Slot> more;
  take_result(s, Type::B32, more);
  s.made.more = s.keep(more);
  s.made.number = kind == "all";
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, Type::B32);
  bool fits = (type == Type::B32 || type == Type::B64) && (kind == "all" || (kind == "any" && !s.made.detail));
  return fits ? match : nullptr;
}

uintptr_t place_and_calls(const Instruction& i, const Run& run) {
  auto place = reinterpret_cast<uintptr_t>(&i);
  for (const Frame* frame = run.frame; frame; frame = frame->caller) {
    place = place * 31 + reinterpret_cast<uintptr_t>(frame->back);
  }
  return place;
}

// A legal answer to which lanes run together is each lane alone: nothing but a barrier makes them. In lockstep a lane
// waits for a few turns, and those that have come to the same place by then run together.
const Instruction* active_mask(const Instruction& i, Run& run) {
  constexpr int TURNS = 16;
  Thread& self = *block->thread;
  order_may_show = true;
  self.asks_at = place_and_calls(i, run);
  self.active = 0;
  for (int turn = 0; turn < TURNS && self.active == 0 && cluster->order == Order::LOCKSTEP; turn++) {
    pause();
  }
  if (self.active == 0) {
    Thread* lanes = &block->threads[self.number - self.lane()];
    unsigned together = 0;
    for (unsigned alive = block->warps[self.warp()].alive; alive != 0; alive &= alive - 1) {
      const Thread& other = lanes[__builtin_ctz(alive)];
      together |= other.active == 0 && other.asks_at == self.asks_at ? 1u << other.lane() : 0;
    }
    for (unsigned rest = together; rest != 0; rest &= rest - 1) {
      lanes[__builtin_ctz(rest)].active = together;
    }
  }
  self.asks_at = 0;
  put<uint32_t>(run, i.to, self.active);
  return &i + 1;
}

Step decode_activemask(Statement& s) {
  s.want_type();
  s.want_operands(1);
  s.made.to = s.destination(0, Type::B32);
  return active_mask;
}

template <typename T, T (*combine)(T, T)>
void reduce(Thread* lanes, unsigned group) {
  bool first = true;
  T all = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      all = first ? T(lanes[lane].sent) : combine(all, T(lanes[lane].sent));
      first = false;
    }
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      lanes[lane].received = uint64_t(all);
    }
  }
}

template <typename T>
T sum(T a, T b) { return T(uint32_t(a) + uint32_t(b)); }
template <typename T>
T least(T a, T b) { return std::min(a, b); }
template <typename T>
T most(T a, T b) { return std::max(a, b); }
template <typename T>
T both(T a, T b) { return a & b; }
template <typename T>
T either(T a, T b) { return a | b; }
template <typename T>
T one_of(T a, T b) { return a ^ b; }

const Instruction* reduce_over_lanes(const Instruction& i, Run& run) {
  meet(get<uint32_t>(run, i.b), *static_cast<const Together*>(i.form), get<uint32_t>(run, i.a));
  put<uint32_t>(run, i.to, uint32_t(block->thread->received));
  return &i + 1;
}

Step decode_redux(Statement& s) {
  s.want_target(80, "redux.sync");
  s.take("sync");
  std::string_view operation = s.take_one({"add", "min", "max", "and", "or", "xor"});
  Type type = s.want_type();
  s.take_operands(type, {type, Type::B32});
  bool is_signed = type == Type::S32;
  Together together = operation == "add" ? reduce<uint32_t, sum>
                      : operation == "min" ? is_signed ? reduce<int32_t, least> : reduce<uint32_t, least>
                      : operation == "max" ? is_signed ? reduce<int32_t, most> : reduce<uint32_t, most>
                      : operation == "and" ? reduce<uint32_t, both>
                      : operation == "or"  ? reduce<uint32_t, either>
                                           : reduce<uint32_t, one_of>;
  s.made.form = s.keep_form(together);
  bool bits = operation == "and" || operation == "or" || operation == "xor";
  bool fits = bits ? type == Type::B32 : type == Type::U32 || type == Type::S32;
  return fits && !operation.empty() ? reduce_over_lanes : nullptr;
}

const Instruction* elect(const Instruction& i, Run& run) {
  unsigned group = vote(get<uint32_t>(run, i.a), true);
  auto leader = unsigned(__builtin_ctz(group));
  put<uint32_t>(run, i.to, leader);
  if (i.detail) {
    run.registers[i.more[0]] = leader == block->thread->lane();
  }
  return &i + 1;
}

Step decode_elect(Statement& s) {
  s.want_target(90, "elect.sync");
  s.take("sync");
  s.want_operands(2);
  std::vector<Slot> more;
  take_result(s, Type::B32, more);
  s.made.more = s.keep(more);
  s.made.a = s.source(1, Type::B32);
  return elect;
}

constexpr int MOST_OF_A_FRAGMENT = 32;

void collect(uint64_t* to, const Slot* slots, int count, const Run& run) {
  for (int k = 0; k < count; k++) {
    to[k] = run.registers[slots[k]];
  }
}

const Instruction* multiply_matrices(const Instruction& i, Run& run) {
  const auto& product = *static_cast<const Product*>(i.form);
  uint64_t a[MOST_OF_A_FRAGMENT], b[MOST_OF_A_FRAGMENT], c[MOST_OF_A_FRAGMENT], d[MOST_OF_A_FRAGMENT];
  const Slot* slots = i.more;
  collect(a, slots + product.d_registers, product.a_registers, run);
  collect(b, slots + product.d_registers + product.a_registers, product.b_registers, run);
  collect(c, slots + product.d_registers + product.a_registers + product.b_registers, product.c_registers, run);
  multiply_add(product, d, a, b, c);
  for (int k = 0; k < product.d_registers; k++) {
    run.registers[slots[k]] = d[k];
  }
  return &i + 1;
}

// "m16n8k16"
bool read_shape(std::string_view text, Product& product) {
  std::string copy(text);
  return std::sscanf(copy.c_str(), "m%dn%dk%d", &product.m, &product.n, &product.k) == 3;
}

Step decode_mma(Statement& s) {
  Product product;
  s.take("sync");
  s.take("aligned");
  for (std::string_view modifier : s.modifiers) {
    if (read_shape(modifier, product)) {
      s.take(modifier);
      break;
    }
  }
  s.take("row");
  s.take("col");
  product.saturate = s.take("satfinite");
  product.d = s.want_type();
  product.a = s.want_type();
  product.b = s.want_type();
  product.c = s.want_type();
  std::string why;
  if (!know(product, why)) {
    s.lack(why);
  }
  s.want_operands(4);
  std::vector<Slot> slots;
  auto type_of_registers = [](Type type) { return type == Type::F64 ? Type::B64 : Type::B32; };
  const Slot* d = s.destinations(0, product.d_registers, type_of_registers(product.d));
  slots.insert(slots.end(), d, d + product.d_registers);
  const Slot* a = s.sources(1, product.a_registers, type_of_registers(product.a));
  slots.insert(slots.end(), a, a + product.a_registers);
  const Slot* b = s.sources(2, product.b_registers, type_of_registers(product.b));
  slots.insert(slots.end(), b, b + product.b_registers);
  const Slot* c = s.sources(3, product.c_registers, type_of_registers(product.c));
  slots.insert(slots.end(), c, c + product.c_registers);
  s.made.more = s.keep(std::move(slots));
  s.made.form = s.keep_form(product);
  return multiply_matrices;
}

const Instruction* load_rows(const Instruction& i, Run& run) {
  uint64_t to[4];
  load_matrices(to, i.size, i.detail, address_in(Space(i.b), run, run.registers[i.a] + uint64_t(i.number)));
  for (int k = 0; k < i.size; k++) {
    put<uint32_t>(run, i.more[k], uint32_t(to[k]));
  }
  return &i + 1;
}

const Instruction* store_rows(const Instruction& i, Run& run) {
  uint64_t from[4];
  collect(from, i.more, i.size, run);
  store_matrices(address_in(Space(i.b), run, run.registers[i.a] + uint64_t(i.number)), i.size, i.detail, from);
  return &i + 1;
}

Step decode_matrix_access(Statement& s) {
  bool loads = s.name == "ldmatrix";
  s.take("sync");
  s.take("aligned");
  bool known = s.take("m8n8");
  int count = s.take("x4") ? 4 : s.take("x2") ? 2 : s.take("x1") ? 1 : 0;
  s.made.detail = s.take("trans");
  s.made.b = Slot(s.take("shared") || s.take("shared::cta") ? Space::SHARED : Space::GENERIC);
  known &= s.want_type() == Type::B16;
  s.want_operands(2);
  s.made.size = uint16_t(count);
  s.made.a = s.base(loads ? 1 : 0, s.made.number);
  if (!known || count == 0) {
    return nullptr;
  }
  s.made.more = loads ? s.destinations(0, count, Type::B32) : s.sources(1, count, Type::B32);
  return loads ? load_rows : store_rows;
}

const Instruction* transpose(const Instruction& i, Run& run) {
  put<uint32_t>(run, i.to, transpose_matrix(get<uint32_t>(run, i.a)));
  return &i + 1;
}

Step decode_movmatrix(Statement& s) {
  s.take("sync");
  s.take("aligned");
  bool known = s.take("m8n8") && s.take("trans") && s.want_type() == Type::B16;
  s.take_operands(Type::B32, {Type::B32});
  return known ? transpose : nullptr;
}

}

const Known WARPS[] = {
    {"shfl", decode_shfl}, {"vote", decode_vote}, {"match", decode_match}, {"activemask", decode_activemask},
    {"redux", decode_redux}, {"elect", decode_elect}, {"mma", decode_mma}, {"ldmatrix", decode_matrix_access},
    {"stmatrix", decode_matrix_access}, {"movmatrix", decode_movmatrix}, {"", nullptr}};

}
