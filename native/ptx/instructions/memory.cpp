// Loads and stores (PTX ISA, "ld", "ld.global.nc", "ldu", "st", "prefetch").
#include "ptx/instructions/memory.h"

#include <algorithm>
#include <iterator>

#include "machine/cluster.h"
#include "machine/order/global_shadow.h"
#include "machine/order/quick_access.h"
#include "machine/remarks.h"
#include "ptx/harmless.h"
#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

Strength take_scope(Statement& s, Strength otherwise) {
  return s.take("cta")                       ? Strength::BLOCK
         : s.take("cluster")                 ? Strength::CLUSTER
         : s.take("gpu") || s.take("sys")    ? Strength::GPU
                                             : otherwise;
}

Space take_space(Statement& s) {
  return s.take("global")                                                     ? Space::GLOBAL
         : s.take("const")                                                    ? Space::CONST
         : s.take("local")                                                    ? Space::LOCAL
         : s.take("param") || s.take("param::entry") || s.take("param::func") ? Space::PARAM
         : s.take("shared") || s.take("shared::cta")                          ? Space::SHARED
         : s.take("shared::cluster")                                          ? Space::CLUSTER
                                                                              : Space::GENERIC;
}

Access take_access(Statement& s, Strength otherwise) {
  Access access;
  access.semantics = s.take("mmio") | s.take("relaxed") | s.take("volatile") ? Semantics::RELAXED
                     : s.take("acquire")                                       ? Semantics::ACQUIRE
                     : s.take("release")                                       ? Semantics::RELEASE
                     : s.take("acq_rel")                                       ? Semantics::BOTH
                                                                               : Semantics::WEAK;
  s.take("weak");
  access.scope = take_scope(s, otherwise);
  access.space = take_space(s);
  s.function.uses_local |= access.space == Space::LOCAL;
  return access;
}

bool take_hints(Statement& s) {
  s.take_one({"ca", "cg", "cs", "lu", "cv", "wb", "wt"});
  bool policy = s.take("L2::cache_hint");
  s.modifiers.erase(std::remove_if(s.modifiers.begin(), s.modifiers.end(),
                                   [](std::string_view one) {
                                     return one.substr(0, 4) == "L1::" || one.substr(0, 4) == "L2::";
                                   }),
                    s.modifiers.end());
  s.take("unified");
  return policy;
}

void drop_policy(Statement& s) {
  if (take_hints(s) && !s.operands.empty()) {
    s.operands.pop_back();
  }
}

void want_within(Statement& s, const Operand& address, size_t size) {
  const Variable* variable = address.name.empty() ? nullptr : s.names.find_variable(address.name);
  // Other accesses may never run, and say themselves where they go.
  bool known = variable && variable->sized && !variable->is_external && variable->space == Space::PARAM;
  if (known && (address.offset < 0 || size_t(address.offset) + size > variable->size)) {
    s.fail("byte " + std::to_string(address.offset) + " to " + std::to_string(address.offset + int64_t(size)) +
           " is not within " + variable->name + ", which has " + std::to_string(variable->size));
  }
  if (known && (variable->place + size_t(address.offset)) % size != 0) {
    s.fail("byte " + std::to_string(address.offset) + " of " + variable->name + " is not aligned to " +
           std::to_string(size));
  }
}

namespace {

template <Space space>
inline uintptr_t address_of(const Instruction& i, const Run& run, bool writes) {
  uintptr_t address = address_in(space, run, run.registers[i.a] + uint64_t(i.number));
  bool elsewhere = space == Space::GLOBAL   ? !in_device_space(address)
                   : space == Space::SHARED ? (address - run.shared) / SHARED_SPACE_OF_A_BLOCK != block->rank
                                            : space == Space::CONST;
  if (elsewhere) {
    check_space(space, address, i.size, writes);
  }
  return address;
}

uintptr_t address_of(const Access& access, const Instruction& i, const Run& run, bool writes) {
  uintptr_t address = address_in(access.space, run, run.registers[i.a] + uint64_t(i.number));
  check_space(access.space, address, i.size, writes);
  return address;
}

// A weak access in a known space.
template <Space space>
__attribute__((always_inline)) inline void check_access_to(uintptr_t address, size_t size, bool writes) {
  if (space == Space::GLOBAL) {
    bool quick = address % size == 0 && (size == 4    ? quickly_accessed<4>(address, writes)
                                         : size == 8  ? quickly_accessed<8>(address, writes)
                                         : size == 16 ? quickly_accessed<16>(address, writes)
                                                      : false);
    if (quick) {
      changes += writes;
    } else {
      check_global(address, size, writes);
    }
  } else if (space == Space::SHARED) {
    check_own_shared(address, size, writes);
  } else if (writes) {
    check_write(address, size);
  } else {
    check_read(address, size);
  }
}

inline bool is_own_word(uintptr_t address, const Run& run, size_t size) {
  return size == 4 && address % 4 == 0 && (address - run.shared) / SHARED_SPACE_OF_A_BLOCK == block->rank;
}

template <typename T>
uint64_t loaded(const char* from, uint64_t mask) {
  T value;
  std::memcpy(&value, from, sizeof value);
  // A load of a signed type extends its sign over a wider register.
  return std::is_signed_v<T> ? uint64_t(int64_t(value)) & mask : uint64_t(value);
}

// The mask of the register's bits.
uint64_t mask_of(const Instruction& i) {
  return i.detail >= 64 ? ~uint64_t(0) : (uint64_t(1) << i.detail) - 1;
}

template <typename T>
void fill(const Instruction& i, Run& run, uintptr_t address) {
  auto* from = reinterpret_cast<const char*>(address);
  uint64_t mask = mask_of(i);
  for (size_t k = 0; k * sizeof(T) < i.size; k++) {
    run.registers[i.more[k]] = loaded<T>(from + k * sizeof(T), mask);
  }
}

template <typename T, Space space>
const Instruction* load(const Instruction& i, Run& run) {
  uintptr_t address = address_of<space>(i, run, false);
  check_access_to<space>(address, i.size, false);
  fill<T>(i, run, address);
  return after(i, run);
}

template <typename T, Space space>
__attribute__((noinline)) const Instruction* load_one(const Instruction& i, Run& run) {
  uintptr_t address = address_of<space>(i, run, false);
  check_access_to<space>(address, sizeof(T), false);
  run.registers[i.to] = loaded<T>(reinterpret_cast<const char*>(address), mask_of(i));
  return after(i, run);
}

// Most words are checked without a call.
template <typename T>
const Instruction* load_shared(const Instruction& i, Run& run) {
  uintptr_t address = address_in(Space::SHARED, run, run.registers[i.a] + uint64_t(i.number));
  if (is_own_word(address, run, sizeof(T)) && quickly_accessed_word(address, false)) {
    run.registers[i.to] = loaded<T>(reinterpret_cast<const char*>(address), mask_of(i));
    return after(i, run);
  }
  return load_one<T, Space::SHARED>(i, run);
}

// An access by a parameter's name, with known bounds.
template <typename T>
const Instruction* load_parameter(const Instruction& i, Run& run) {
  fill<T>(i, run, address_of<Space::PARAM>(i, run, false));
  return after(i, run);
}

template <typename T>
const Instruction* load_non_coherent(const Instruction& i, Run& run) {
  uintptr_t address = address_of<Space::GLOBAL>(i, run, false);
  check_aligned(address, i.size, false);
  check_constant(address, i.size);
  fill<T>(i, run, address);
  return after(i, run);
}

template <typename T>
const Instruction* load_strong(const Instruction& i, Run& run) {
  const auto& access = *static_cast<const Access*>(i.form);
  uintptr_t address = address_of(access, i, run, false);
  look(run);
  check_aligned(address, i.size, false);
  check_access(address, i.size, false, access.scope);
  fill<T>(i, run, address);
  if (access.semantics == Semantics::ACQUIRE) {
    acquire(address, access.scope);
  }
  return after(i, run);
}

template <typename T>
void spill(const Instruction& i, const Run& run, uintptr_t address) {
  auto* to = reinterpret_cast<char*>(address);
  for (size_t k = 0; k * sizeof(T) < i.size; k++) {
    std::memcpy(to + k * sizeof(T), run.registers + i.more[k], sizeof(T));
  }
}

template <typename T, Space space>
__attribute__((noinline)) const Instruction* store(const Instruction& i, Run& run) {
  uintptr_t address = address_of<space>(i, run, true);
  check_access_to<space>(address, i.size, true);
  spill<T>(i, run, address);
  return after(i, run);
}

template <typename T>
const Instruction* store_shared(const Instruction& i, Run& run) {
  uintptr_t address = address_in(Space::SHARED, run, run.registers[i.a] + uint64_t(i.number));
  if (is_own_word(address, run, i.size) && quickly_accessed_word(address, true)) {
    changes++;
    spill<T>(i, run, address);
    return after(i, run);
  }
  return store<T, Space::SHARED>(i, run);
}

template <typename T, Space space>
bool stores_the_same(const Instruction& i, const Run& run) {
  auto* there = reinterpret_cast<const char*>(address_of<space>(i, run, true));
  for (size_t k = 0; k * sizeof(T) < i.size; k++) {
    const char* now = there + k * sizeof(T);
    if (std::memcmp(now, run.registers + i.more[k], sizeof(T)) != 0 &&
        (sizeof(T) != 8 || !is_same_local_place(*reinterpret_cast<const uint64_t*>(now), run.registers[i.more[k]]))) {
      return false;
    }
  }
  return true;
}

template <typename T, Space space>
Step plain_store() {
  return with_role(space == Space::SHARED ? store_shared<T> : store<T, space>,
                   {Role::PLAIN_STORE, stores_the_same<T, space>});
}

// libgomp releases a lock so, and takes it by atomic operations. By the letter the store must be strong (PTX ISA, "Data
// races"); that of an aligned word behind a fence comes neither early nor in parts (a guess): it is ordered so.
template <typename T, Space space>
const Instruction* store_after_fence(const Instruction& i, Run& run) {
  uintptr_t address = address_of<space>(i, run, true);
  Allocation* allocation = address % i.size == 0 ? allocation_of(address, i.size) : nullptr;
  if (!allocation || !is_strongly_written(*allocation, address, i.size)) {
    return store<T, space>(i, run);
  }
  remark_here(Grade::WARNING, Flaw::BENIGN_RACE,
              [&] { return "race: writes " + sim::place_of(address) + " by a plain store after a fence, beside atomic "
                           "ones"; },
              "Make it atomic too: atomicExch(&lock, 0)");
  check_access(address, i.size, true, Strength::GPU);
  spill<T>(i, run, address);
  changes++;
  return &i + 1;
}

template <typename T>
const Instruction* store_parameter(const Instruction& i, Run& run) {
  spill<T>(i, run, address_of<Space::PARAM>(i, run, true));
  return after(i, run);
}

template <typename T>
const Instruction* store_strong(const Instruction& i, Run& run) {
  const auto& access = *static_cast<const Access*>(i.form);
  uintptr_t address = address_of(access, i, run, true);
  check_aligned(address, i.size, true);
  if (access.semantics == Semantics::RELEASE) {
    release(address, access.scope);
  }
  check_access(address, i.size, true, access.scope);
  spill<T>(i, run, address);
  changes++;
  return after(i, run);
}

// An instruction with the type of a load.
template <typename Make>
Step with_loaded(Type type, Make make) {
  Step step = with_type(Types<Type::S8, Type::S16, Type::S32>(), type, make);
  return step ? step : with_bits(type, make);
}

// Shared and local memory take strong accesses of generic addresses too.
bool is_strong(const Access& access) {
  return access.semantics != Semantics::WEAK && access.space != Space::LOCAL && access.space != Space::PARAM &&
         access.space != Space::CONST;
}

// Whether the address is a parameter's, found by its name. In a loop a register may hold a parameter's address.
bool by_name(const Statement& s, const Access& access, const Operand& address) {
  return access.space == Space::PARAM && s.names.find_variable(address.name);
}

template <typename T>
Step step_of_load(Space space, bool one) {
  switch (space) {
    case Space::GENERIC: return one ? load_one<T, Space::GENERIC> : load<T, Space::GENERIC>;
    case Space::GLOBAL: return one ? load_one<T, Space::GLOBAL> : load<T, Space::GLOBAL>;
    case Space::CONST: return one ? load_one<T, Space::CONST> : load<T, Space::CONST>;
    case Space::CLUSTER: return one ? load_one<T, Space::CLUSTER> : load<T, Space::CLUSTER>;
    case Space::SHARED: return one ? load_shared<T> : load<T, Space::SHARED>;
    case Space::LOCAL: return one ? load_one<T, Space::LOCAL> : load<T, Space::LOCAL>;
    default: return load<T, Space::PARAM>;
  }
}

const Access STRONG[] = {{Space::GENERIC, Semantics::RELAXED, Strength::GPU},
                         {Space::GLOBAL, Semantics::RELAXED, Strength::GPU},
                         {Space::SHARED, Semantics::RELAXED, Strength::GPU}};

const Access* strong_of(Space space) {
  const Access* found = std::find_if(std::begin(STRONG), std::end(STRONG),
                                     [=](const Access& access) { return access.space == space; });
  return found == std::end(STRONG) ? nullptr : found;
}

Step decode_ld(Statement& s) {
  bool non_coherent = s.take("nc");
  drop_policy(s);
  Access access = take_access(s);
  if (access.semantics == Semantics::RELEASE || access.semantics == Semantics::BOTH) {
    return nullptr;
  }
  int count = s.take_vector();
  Type type = s.want_type();
  s.want_operands(2);
  s.made.size = uint16_t(count * bits_of(type) / 8);
  s.made.more = s.destinations(0, count, type, true);
  s.made.to = s.made.more[0];
  const Operand& first = s.at(0).kind == Operand::VECTOR ? s.at(0).elements[0] : s.at(0);
  const Register* to = s.names.find_register(first.name);
  s.made.detail = uint8_t(to ? bits_of(to->type) : bits_of(type));
  s.made.a = s.base(1, s.made.number);
  want_within(s, s.at(1), s.made.size);
  bool named = by_name(s, access, s.at(1)), strong = is_strong(access), one = count == 1;
  s.made.form = strong ? s.keep_form(access) : nullptr;
  s.made.seen = access.space != Space::LOCAL && access.space != Space::PARAM && access.space != Space::CONST;
  s.strong_form = one && !strong && !non_coherent ? strong_of(access.space) : nullptr;
  return with_loaded(type, [=, &s](auto of) -> Step {
    using T = typename decltype(of)::type;
    s.as_strong = load_strong<T>;
    return non_coherent ? load_non_coherent<T>
           : strong     ? load_strong<T>
           : named      ? load_parameter<T>
                        : with_role(step_of_load<T>(access.space, one), {Role::PLAIN_LOAD});
  });
}

Step decode_st(Statement& s) {
  drop_policy(s);
  Access access = take_access(s);
  if (access.semantics == Semantics::ACQUIRE || access.semantics == Semantics::BOTH || access.space == Space::CONST) {
    return nullptr;
  }
  int count = s.take_vector();
  Type type = s.want_type();
  s.want_operands(2);
  s.made.size = uint16_t(count * bits_of(type) / 8);
  s.made.more = s.sources(1, count, type, true);
  s.made.a = s.base(0, s.made.number);
  want_within(s, s.at(0), s.made.size);
  bool named = by_name(s, access, s.at(0)), strong = is_strong(access);
  s.made.form = strong ? s.keep_form(access) : nullptr;
  s.made.seen = access.space != Space::LOCAL && access.space != Space::PARAM;
  bool word = count == 1 && (s.made.size == 4 || s.made.size == 8);
  return with_bits(type, [=, &s](auto of) -> Step {
    using T = typename decltype(of)::type;
    if (strong) {
      return store_strong<T>;
    }
    if (word && (access.space == Space::GENERIC || access.space == Space::GLOBAL)) {
      Step step = access.space == Space::GLOBAL ? store_after_fence<T, Space::GLOBAL>
                                                : store_after_fence<T, Space::GENERIC>;
      s.after_fence = with_role(step, {Role::PLAIN_STORE, stores_the_same<T, Space::GENERIC>});
    }
    switch (access.space) {
      case Space::GENERIC: return plain_store<T, Space::GENERIC>();
      case Space::SHARED: return plain_store<T, Space::SHARED>();
      case Space::CLUSTER: return plain_store<T, Space::CLUSTER>();
      case Space::LOCAL: return store<T, Space::LOCAL>;
      case Space::PARAM: return named ? store_parameter<T> : store<T, Space::PARAM>;
      default: return plain_store<T, Space::GLOBAL>();
    }
  });
}

// Caches have no effect here, but their operands are checked.
Step decode_prefetch(Statement& s) {
  take_access(s);
  s.take_one({"L1", "L2"});
  take_hints(s);
  s.take("tensormap");
  s.want_operands(1, 2);
  int64_t offset = 0;
  s.base(0, offset);
  return do_nothing;
}

Step decode_policy(Statement& s) {
  s.modifiers.clear();
  s.made.to = s.destination(0, Type::B64);
  return do_nothing;
}

}

const Known MEMORY[] = {
    {"ld", decode_ld}, {"ldu", decode_ld}, {"st", decode_st}, {"prefetch", decode_prefetch},
    {"prefetchu", decode_prefetch}, {"applypriority", decode_prefetch}, {"discard", decode_prefetch},
    {"createpolicy", decode_policy}, {"", nullptr}};

}
