// Atomic operations (PTX ISA, "atom", "red") and fences ("membar / fence").
#include <algorithm>
#include <cmath>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "ptx/harmless.h"
#include "ptx/instructions.h"
#include "ptx/instructions/memory.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

struct Atomic {
  Access access;
  bool order_shows = false;  // its result has other bits in another order
  bool exchanges = false;    // the value of the last thread stays
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
  if (in_own_memory(address)) {
    fail_thread(Flaw::WRONG_SPACE, "atomic operation on local memory or parameters");
  }
  return address;
}

template <typename T, const auto& change>
T change_one(const Atomic& atomic, uintptr_t address, T b, T c, Run& run) {
  const Access& access = atomic.access;
  if (releases(access)) {
    release(address, access.scope);
  }
  check_atomic(address, sizeof(T), access.scope);
  T old;
  std::memcpy(&old, reinterpret_cast<const void*>(address), sizeof old);
  // Combines the old value with b, and with c for cas.
  T changed;
  if constexpr (std::is_invocable_v<decltype(change), T, T, T>) {
    changed = change(old, b, c);
  } else {
    changed = change(old, b);
  }
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

// Each element by itself; the slots are those of the operand and then of the result, if it is asked for.
template <typename T, const auto& change>
const Instruction* change_memory(const Instruction& i, Run& run) {
  const auto& atomic = *static_cast<const Atomic*>(i.form);
  uintptr_t address = checked_address(atomic.access, i, run);
  size_t count = i.size / sizeof(T);
  for (size_t k = 0; k < count; k++) {
    T c = i.c == NO_SLOT ? T() : get<T>(run, i.c);
    T old = change_one<T, change>(atomic, address + k * sizeof(T), get<T>(run, i.more[k]), c, run);
    if (i.detail && i.result_read) {
      order_may_show = true;
      put<T>(run, i.more[count + k], old);
    }
  }
  return &i + 1;
}

constexpr auto ADDED = [](auto old, auto b) {
  using T = decltype(old);
  if constexpr (std::is_class_v<T>) {
    return with_each([](uint16_t x, uint16_t y) { return T::rounded(T::value(x) + T::value(y)); }, old, b);
  } else {
    return T(old + b);
  }
};

// In global memory subnormal numbers are zeros, and in shared memory they are not.
constexpr auto ADDED_FLUSHED = [](float old, float b) { return flush(flush(old) + flush(b)); };

const Instruction* add_to_generic(const Instruction& i, Run& run) {
  uintptr_t address = run.registers[i.a] + uint64_t(i.number);
  return in_device_space(address) ? change_memory<float, ADDED_FLUSHED>(i, run) : change_memory<float, ADDED>(i, run);
}

template <bool least>
constexpr auto EXTREME = [](auto old, auto b) {
  using T = decltype(old);
  auto apply = [](uint16_t x, uint16_t y) {
    return T::rounded(extreme(T::value(x), T::value(y), least, false, false));
  };
  return with_each(apply, old, b);
};

constexpr auto COUNTED_UP = [](uint32_t old, uint32_t b) { return old >= b ? 0 : old + 1; };
constexpr auto COUNTED_DOWN = [](uint32_t old, uint32_t b) { return old == 0 || old > b ? b : old - 1; };
constexpr auto EXCHANGED = [](auto, auto b) { return b; };
constexpr auto SWAPPED = [](auto old, auto b, auto c) { return old == b ? c : old; };

using StepOf = Step (*)(Type type);
template <typename List, const auto& change>
constexpr StepOf STEP = [](Type type) {
  return with_type(List(), type, [](auto of) -> Step { return change_memory<typename decltype(of)::type, change>; });
};

using Sums = Types<Type::U32, Type::S32, Type::U64, Type::S64, Type::F32, Type::F64, Type::F16, Type::F16X2, Type::BF16,
                   Type::BF16X2>;
using Untyped = Types<Type::B32, Type::B64, Type::U32, Type::U64, Type::S32, Type::S64>;
using Swapped = Types<Type::B16, Type::B32, Type::B64, Type::U32, Type::U64, Type::S32, Type::S64>;

constexpr struct {
  std::string_view name;
  StepOf one, vector;
} OPERATIONS[] = {
    {"add", STEP<Sums, ADDED>, STEP<Halves, ADDED>}, {"min", STEP<Words, LEAST>, STEP<Halves, EXTREME<true>>},
    {"max", STEP<Words, MOST>, STEP<Halves, EXTREME<false>>},
    {"inc", STEP<Types<Type::U32>, COUNTED_UP>, nullptr}, {"dec", STEP<Types<Type::U32>, COUNTED_DOWN>, nullptr},
    {"and", STEP<Untyped, AND>, nullptr}, {"or", STEP<Untyped, OR>, nullptr}, {"xor", STEP<Untyped, XOR>, nullptr},
    {"exch", STEP<Untyped, EXCHANGED>, nullptr}, {"cas", STEP<Swapped, SWAPPED>, nullptr}};

Step step_of(std::string_view operation, Type type, Space space, bool vector) {
  if (type == Type::F32 && operation == "add" && (space == Space::GLOBAL || space == Space::GENERIC)) {
    return space == Space::GLOBAL ? change_memory<float, ADDED_FLUSHED> : add_to_generic;
  }
  for (const auto& one : OPERATIONS) {
    if (one.name == operation) {
      StepOf step = vector ? one.vector : one.one;
      return step ? step(type) : nullptr;
    }
  }
  return nullptr;
}

template <bool gives>
Step decode(Statement& s) {
  drop_policy(s);
  Atomic atomic;
  std::string_view operation = s.take_one({"add", "min", "max", "inc", "dec", "and", "or", "xor", "exch", "cas"});
  atomic.access = take_access(s);
  if (atomic.access.semantics == Semantics::WEAK) {
    atomic.access.semantics = Semantics::RELAXED;
  }
  // Each half of a pair is rounded; subnormal numbers are kept.
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
  if (count > 1 && space != Space::GLOBAL) {
    return nullptr;
  }
  const Slot* sources = s.sources(first + 1, count, type);
  std::vector<Slot> slots(sources, sources + count);
  s.made.b = slots[0];
  if (gives) {
    const Slot* results = s.destinations(0, count, type);
    slots.insert(slots.end(), results, results + count);
    s.made.to = count == 1 ? results[0] : NO_SLOT;
    s.is_atomic = count == 1;
  }
  s.made.detail = gives;
  s.made.more = s.keep(std::move(slots));
  s.made.c = operation == "cas" ? s.source(first + 2, type) : NO_SLOT;
  Step step = step_of(operation, type, space, count > 1);
  bool decides = operation == "cas" || operation == "min" || operation == "max";
  return decides && count == 1 && step ? with_role(step, {Role::ATOMIC}) : step;
}

Step decode_async(Statement& s) {
  s.lack("is not simulated");
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
  // Fences between proxies order nothing here: no proxy runs apart.
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
    {"atom", decode<true>}, {"red", decode<false>}, {"red.async", decode_async}, {"fence", decode_fence},
    {"membar", decode_fence}, {"", nullptr}};

}
