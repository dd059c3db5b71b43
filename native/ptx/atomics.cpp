// Atomic operations (PTX ISA, "atom", "red") and fences ("membar / fence").
#include <algorithm>
#include <cmath>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "ptx/harmless.h"
#include "ptx/instructions.h"
#include "ptx/memory.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

// From what is there, b, and c for cas.
template <typename T>
using Change = T (*)(T old, T b, T c);

struct Atomic {
  Access access;
  bool order_shows = false;  // its result has other bits in another order
  bool exchanges = false;    // of several threads, the last one's value stays
};

bool releases(const Access& access) {
  return access.semantics == Semantics::RELEASE || access.semantics == Semantics::BOTH;
}

bool acquires(const Access& access) {
  return access.semantics == Semantics::ACQUIRE || access.semantics == Semantics::BOTH;
}

uintptr_t checked_address(const Access& access, const Instruction& i, Run& run) {
  uintptr_t address = address_in(access.space, run, run.registers[i.a] + uint64_t(i.number));
  check_space(access.space, address, i.size, true);
  check_aligned(address, i.size, true);
  if (address - block->thread->stack < block->stack_size) {
    fail_thread(Flaw::WRONG_SPACE, "atomic operation on local memory or parameters");
  }
  return address;
}

template <typename T, Change<T> change>
T change_one(const Atomic& atomic, uintptr_t address, T b, T c, Run& run) {
  const Access& access = atomic.access;
  if (releases(access)) {
    release(address, access.scope);
  }
  check_atomic(address, sizeof(T), access.scope);
  T old;
  std::memcpy(&old, reinterpret_cast<const void*>(address), sizeof old);
  T changed = change(old, b, c);
  bool same = std::memcmp(&changed, &old, sizeof old) == 0;
  std::memcpy(reinterpret_cast<void*>(address), &changed, sizeof changed);
  if (acquires(access)) {
    acquire(address, access.scope);
  }
  order_may_show |= atomic.order_shows;
  if (atomic.exchanges) {
    note_exchange(reinterpret_cast<const void*>(address));
  }
  changes += !same;
  if (same) {
    look(run);
  }
  return old;
}

template <typename T, Change<T> change>
const Instruction* change_memory(const Instruction& i, Run& run) {
  const auto& atomic = *static_cast<const Atomic*>(i.form);
  uintptr_t address = checked_address(atomic.access, i, run);
  T old = change_one<T, change>(atomic, address, get<T>(run, i.b), i.c == NO_SLOT ? T() : get<T>(run, i.c), run);
  if (i.to != NO_SLOT && i.result_read) {
    order_may_show = true;
    put<T>(run, i.to, old);
  }
  return &i + 1;
}

// Each element by itself; the slots are those of the operand and then of the result.
template <typename T, Change<T> change>
const Instruction* change_vector(const Instruction& i, Run& run) {
  const auto& atomic = *static_cast<const Atomic*>(i.form);
  uintptr_t address = checked_address(atomic.access, i, run);
  size_t count = i.size / sizeof(T);
  for (size_t k = 0; k < count; k++) {
    T old = change_one<T, change>(atomic, address + k * sizeof(T), get<T>(run, i.more[k]), T(), run);
    if (i.detail) {
      order_may_show = true;
      put<T>(run, i.more[count + k], old);
    }
  }
  return &i + 1;
}

template <typename T>
T add_to(T old, T b, T) { return T(old + b); }
template <typename T>
T least_of(T old, T b, T) { return std::min(old, b); }
template <typename T>
T most_of(T old, T b, T) { return std::max(old, b); }
template <typename T>
T both_of(T old, T b, T) { return old & b; }
template <typename T>
T either_of(T old, T b, T) { return old | b; }
template <typename T>
T one_of(T old, T b, T) { return old ^ b; }
template <typename T>
T exchange_for(T, T b, T) { return b; }
template <typename T>
T swap_if(T old, T b, T c) { return old == b ? c : old; }
uint32_t count_up(uint32_t old, uint32_t b, uint32_t) { return old >= b ? 0 : old + 1; }
uint32_t count_down(uint32_t old, uint32_t b, uint32_t) { return old == 0 || old > b ? b : old - 1; }

// In global memory subnormal numbers are zeros, and in shared memory they are not.
float add_flushed(float old, float b, float) { return flush(flush(old) + flush(b)); }

const Instruction* add_to_generic(const Instruction& i, Run& run) {
  uintptr_t address = run.registers[i.a] + uint64_t(i.number);
  return in_device_space(address) ? change_memory<float, add_flushed>(i, run)
                                  : change_memory<float, add_to<float>>(i, run);
}

template <double (*value_of)(uint16_t), uint16_t (*bits_of_value)(double, Rounding)>
uint16_t add_small(uint16_t old, uint16_t b, uint16_t) {
  return bits_of_value(value_of(old) + value_of(b), Rounding::RN);
}
template <double (*value_of)(uint16_t), uint16_t (*bits_of_value)(double, Rounding)>
uint32_t add_pair(uint32_t old, uint32_t b, uint32_t) {
  return add_small<value_of, bits_of_value>(uint16_t(old), uint16_t(b), 0) |
         uint32_t(add_small<value_of, bits_of_value>(uint16_t(old >> 16), uint16_t(b >> 16), 0)) << 16;
}

Step add_step(Type type, Space space) {
  switch (type) {
    case Type::U32:
    case Type::S32: return change_memory<uint32_t, add_to<uint32_t>>;
    case Type::U64:
    case Type::S64: return change_memory<uint64_t, add_to<uint64_t>>;
    case Type::F32:
      return space == Space::GLOBAL    ? change_memory<float, add_flushed>
             : space == Space::GENERIC ? add_to_generic
                                       : change_memory<float, add_to<float>>;
    case Type::F64: return change_memory<double, add_to<double>>;
    case Type::F16: return change_memory<uint16_t, add_small<half_value, half_bits>>;
    case Type::BF16: return change_memory<uint16_t, add_small<bf16_value, bf16_bits>>;
    case Type::F16X2: return change_memory<uint32_t, add_pair<half_value, half_bits>>;
    case Type::BF16X2: return change_memory<uint32_t, add_pair<bf16_value, bf16_bits>>;
    default: return nullptr;
  }
}

template <typename T>
Step extreme_of(bool least) {
  return least ? change_memory<T, least_of<T>> : change_memory<T, most_of<T>>;
}

Step extreme_step(Type type, bool least) {
  switch (type) {
    case Type::U32: return extreme_of<uint32_t>(least);
    case Type::S32: return extreme_of<int32_t>(least);
    case Type::U64: return extreme_of<uint64_t>(least);
    case Type::S64: return extreme_of<int64_t>(least);
    default: return nullptr;
  }
}

template <typename T>
Step bits_step(std::string_view operation) {
  return operation == "and"    ? change_memory<T, both_of<T>>
         : operation == "or"   ? change_memory<T, either_of<T>>
         : operation == "xor"  ? change_memory<T, one_of<T>>
         : operation == "exch" ? change_memory<T, exchange_for<T>>
         : operation == "cas"  ? change_memory<T, swap_if<T>>
                               : nullptr;
}

// Of halves, NaN is the least that counts: the other value comes out (as min and max have it).
template <double (*value_of)(uint16_t), bool least>
uint16_t extreme_small(uint16_t old, uint16_t b, uint16_t) {
  double one = value_of(old), other = value_of(b);
  if (std::isnan(one) || std::isnan(other)) {
    return std::isnan(one) && std::isnan(other) ? 0x7fff : std::isnan(one) ? b : old;
  }
  bool first = one == other ? std::signbit(one) == least : (one < other) == least;
  return first ? old : b;
}
template <double (*value_of)(uint16_t), bool least>
uint32_t extreme_pair(uint32_t old, uint32_t b, uint32_t) {
  return extreme_small<value_of, least>(uint16_t(old), uint16_t(b), 0) |
         uint32_t(extreme_small<value_of, least>(uint16_t(old >> 16), uint16_t(b >> 16), 0)) << 16;
}

template <double (*value_of)(uint16_t), uint16_t (*bits_of_value)(double, Rounding)>
Step vector_of_halves(std::string_view operation, bool pairs) {
  return operation == "add"   ? pairs ? change_vector<uint32_t, add_pair<value_of, bits_of_value>>
                                      : change_vector<uint16_t, add_small<value_of, bits_of_value>>
         : operation == "min" ? pairs ? change_vector<uint32_t, extreme_pair<value_of, true>>
                                      : change_vector<uint16_t, extreme_small<value_of, true>>
         : operation == "max" ? pairs ? change_vector<uint32_t, extreme_pair<value_of, false>>
                                      : change_vector<uint16_t, extreme_small<value_of, false>>
                              : nullptr;
}

Step vector_step(std::string_view operation, Type type) {
  switch (type) {
    case Type::F32: return operation == "add" ? change_vector<float, add_flushed> : nullptr;
    case Type::F16:
    case Type::F16X2: return vector_of_halves<half_value, half_bits>(operation, type == Type::F16X2);
    case Type::BF16:
    case Type::BF16X2: return vector_of_halves<bf16_value, bf16_bits>(operation, type == Type::BF16X2);
    default: return nullptr;
  }
}

Step step_of(std::string_view operation, Type type, Space space) {
  if (operation == "add") {
    return add_step(type, space);
  }
  if (operation == "min" || operation == "max") {
    return extreme_step(type, operation == "min");
  }
  if (operation == "inc" || operation == "dec") {
    return type != Type::U32 ? nullptr : operation == "inc" ? change_memory<uint32_t, count_up>
                                                            : change_memory<uint32_t, count_down>;
  }
  switch (bits_of(type)) {
    case 16: return operation == "cas" ? change_memory<uint16_t, swap_if<uint16_t>> : nullptr;
    case 32: return bits_step<uint32_t>(operation);
    case 64: return bits_step<uint64_t>(operation);
    default: return nullptr;
  }
}

void take_elements(Statement& s, bool gives, int count, Type type) {
  const Slot* sources = s.sources(gives ? 2 : 1, count, type);
  std::vector<Slot> slots(sources, sources + count);
  if (gives) {
    const Slot* results = s.destinations(0, count, type);
    slots.insert(slots.end(), results, results + count);
  }
  s.made.detail = gives;
  s.made.more = s.keep(std::move(slots));
}

Step decode(Statement& s, bool gives) {
  if (take_hints(s) && !s.operands.empty()) {
    s.operands.pop_back();
  }
  Atomic atomic;
  std::string_view operation = s.take_one({"add", "min", "max", "inc", "dec", "and", "or", "xor", "exch", "cas"});
  atomic.access = take_access(s);
  if (atomic.access.semantics == Semantics::WEAK) {
    atomic.access.semantics = Semantics::RELAXED;
  }
  // Of pairs each half is rounded; subnormal numbers are kept.
  s.take("noftz");
  int count = s.take_vector();
  Type type = s.want_type();
  atomic.order_shows = operation == "add" && is_float(type);
  atomic.exchanges = operation == "exch" || operation == "cas";
  size_t first = gives ? 1 : 0;
  s.want_operands(first + (operation == "cas" ? 3 : 2));
  s.made.a = s.base(first, s.made.number);
  s.made.size = uint16_t(count * bits_of(type) / 8);
  s.made.form = s.keep_form(atomic);
  Space space = atomic.access.space;
  bool own = space == Space::LOCAL || space == Space::PARAM || space == Space::CONST;
  if (own || operation.empty() || ((operation == "cas" || operation == "exch") && !gives)) {
    return nullptr;
  }
  if (count > 1) {
    take_elements(s, gives, count, type);
    return space == Space::GLOBAL ? vector_step(operation, type) : nullptr;
  }
  if (gives) {
    s.made.to = s.destination(0, type);
    s.is_atomic = true;
  }
  s.made.b = s.source(first + 1, type);
  s.made.c = operation == "cas" ? s.source(first + 2, type) : NO_SLOT;
  Step step = step_of(operation, type, space);
  bool decides = operation == "cas" || operation == "min" || operation == "max";
  return decides && step ? with_role(step, {Role::ATOMIC}) : step;
}

Step decode_atom(Statement& s) {
  return decode(s, true);
}

Step decode_red(Statement& s) {
  if (s.take("async")) {
    s.lack("is not simulated");
  }
  return decode(s, false);
}

const Instruction* order_accesses(const Instruction& i, Run&) {
  fence(Strength(i.detail), i.size != 0);
  return &i + 1;
}

const Instruction* order_made_mbarriers(const Instruction& i, Run&) {
  fence_made_mbarriers();
  return &i + 1;
}

Step decode_fence(Statement& s) {
  // Those between proxies order nothing that runs apart here.
  bool between_proxies = false, of_mbarriers = s.take("mbarrier_init");
  for (std::string_view one : {"proxy", "async", "alias", "global", "shared::cta", "shared::cluster", "async::generic",
                               "tensormap::generic", "sync_restrict::shared::cta", "sync_restrict::shared::cluster"}) {
    between_proxies |= s.take(one);
  }
  s.made.size = s.take("sc") || s.name == "membar";
  s.take_one({"acq_rel", "release", "acquire"});
  Strength scope = s.take("gl") ? Strength::GPU : take_scope(s, Strength::GPU);
  s.made.detail = uint8_t(scope);
  s.want_operands(0, between_proxies ? 2 : 0);
  return of_mbarriers ? order_made_mbarriers : between_proxies ? do_nothing : order_accesses;
}

}

const Known ATOMICS[] = {
    {"atom", decode_atom}, {"red", decode_red}, {"fence", decode_fence}, {"membar", decode_fence}, {"", nullptr}};

}
