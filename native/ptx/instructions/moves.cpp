// Moves, conversions and addresses (PTX ISA, "Data Movement and Conversion Instructions").
#include <algorithm>

#include "ptx/instructions/memory.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

const Instruction* move(const Instruction& i, Run& run) {
  run.registers[i.to] = run.registers[i.a];
  return after(i, run);
}

// Packs elements of this many bits into one register, the first lowest.
const Instruction* pack(const Instruction& i, Run& run) {
  uint64_t whole = 0;
  for (unsigned k = 0; k < i.size; k++) {
    whole |= run.registers[i.more[k]] << k * i.detail;
  }
  run.registers[i.to] = whole;
  return after(i, run);
}

const Instruction* unpack(const Instruction& i, Run& run) {
  uint64_t whole = run.registers[i.a], mask = (uint64_t(1) << i.detail) - 1;
  for (unsigned k = 0; k < i.size; k++) {
    run.registers[i.more[k]] = whole >> k * i.detail & mask;
  }
  return after(i, run);
}

// Converts between integers by sign extension or truncation. If a register is wider than the type, its lower bits
// count.
template <typename To, typename From>
const Instruction* cast(const Instruction& i, Run& run) {
  put<To>(run, i.to, To(get<From>(run, i.a)));
  return after(i, run);
}

// Moves a vector's elements. The result may hold the same registers in another order.
const Instruction* move_each(const Instruction& i, Run& run) {
  uint64_t values[4];
  for (unsigned k = 0; k < i.size; k++) {
    values[k] = run.registers[i.more[i.size + k]];
  }
  for (unsigned k = 0; k < i.size; k++) {
    run.registers[i.more[k]] = values[k];
  }
  return after(i, run);
}

Step decode_mov(Statement& s) {
  int elements = s.take_vector();
  Type type = s.want_type();
  s.want_operands(2);
  if (elements > 1) {
    const Slot *to = s.destinations(0, elements, type), *from = s.sources(1, elements, type);
    std::vector<Slot> both(to, to + elements);
    both.insert(both.end(), from, from + elements);
    s.made.more = s.keep(both);
    s.made.size = uint16_t(elements);
    return elements <= 4 ? move_each : nullptr;
  }
  bool packs = s.at(1).kind == Operand::VECTOR, unpacks = s.at(0).kind == Operand::VECTOR;
  if (packs || unpacks) {
    const Operand& vector = s.at(packs ? 1 : 0);
    int count = int(vector.elements.size()), bits = count == 0 ? 0 : bits_of(type) / count;
    Type element = bits == 8 ? Type::B8 : bits == 16 ? Type::B16 : bits == 32 ? Type::B32 : Type::NONE;
    if (element == Type::NONE || bits * count != bits_of(type) || (packs && unpacks)) {
      s.fail("a vector has to have elements that make all of the bits");
    }
    s.made.detail = uint8_t(bits);
    s.made.size = uint16_t(count);
    if (packs) {
      s.made.to = s.destination(0, type);
      s.made.more = s.sources(1, count, element);
      return pack;
    }
    s.made.a = s.source(1, type);
    s.made.more = s.destinations(0, count, element);
    return unpack;
  }
  s.made.to = s.destination(0, type);
  const Operand& from = s.at(1);
  if (from.kind == Operand::NAME && from.name[0] == '%' && !s.names.find_register(from.name) &&
      !s.names.find_variable(from.name)) {
    Type has = Type::NONE;
    Step step = special_register(from.name, has);
    s.made.plain = false;
    if (step && bits_of(has) == bits_of(type) && !is_float(type)) {
      return step;
    }
    // A text may read the lower 16 bits of a 32-bit special register.
    if (step && has == Type::U32 && bits_of(type) == 16) {
      s.made.a = s.source(1, Type::B32);
      return cast<uint16_t, uint32_t>;
    }
  }
  s.made.a = s.source(1, type);
  return move;
}

// A result that is narrower than its register is sign-extended.
const Instruction* convert_any(const Instruction& i, Run& run) {
  const auto& conversion = *static_cast<const Conversion*>(i.form);
  int to = bits_of(conversion.to);
  uint64_t result = convert(run.registers[i.a], conversion);
  if (is_signed(conversion.to) && !is_float(conversion.to) && to < 64) {
    result = uint64_t(int64_t(result << (64 - to)) >> (64 - to)) & (i.detail >= 64 ? ~uint64_t(0)
                                                                                    : (uint64_t(1) << i.detail) - 1);
  }
  run.registers[i.to] = result;
  return after(i, run);
}

const Instruction* convert_to_pair(const Instruction& i, Run& run) {
  run.registers[i.to] = convert_pair(get<float>(run, i.a), get<float>(run, i.b),
                                     *static_cast<const Conversion*>(i.form));
  return after(i, run);
}

Step quick_cast(Type to, Type from) {
  return to == Type::S64 && from == Type::S32   ? cast<int64_t, int32_t>
         : to == Type::U64 && from == Type::U32 ? cast<uint64_t, uint32_t>
         : to == Type::U32 && from == Type::U64 ? cast<uint32_t, uint64_t>
         : to == Type::S32 && from == Type::S64 ? cast<int32_t, int64_t>
         : to == Type::U32 && from == Type::U16 ? cast<uint32_t, uint16_t>
         : to == Type::U16 && from == Type::U32 ? cast<uint16_t, uint32_t>
         : to == Type::F64 && from == Type::F32 ? cast<double, float>
                                                : nullptr;
}

// "cvt.pack.sat.u8.s32.b32 d, a, b, c"; 16-bit forms have no c. Clamps a and b, and packs b lowest, then a, then the
// bits of c that have room.
template <int bits, bool is_signed>
constexpr auto PACKED = [](int32_t a, int32_t b, auto... c) {
  auto part = [](int32_t value) {
    constexpr int64_t TOP = int64_t(1) << (bits - is_signed);
    return uint64_t(std::clamp<int64_t>(value, is_signed ? -TOP : 0, TOP - 1)) & ((1 << bits) - 1);
  };
  return uint32_t((uint64_t(0) | ... | c) << 2 * bits | part(a) << bits | part(b));
};
template <int bits, bool is_signed>
constexpr Decode decode_pack = decode_of<PACKED<bits, is_signed>, int32_t, int32_t, uint32_t>;

Step decode_cvt(Statement& s) {
  Conversion conversion;
  Statement::Rounded rounded = s.take_rounding();
  conversion.rounding = rounded.rounding;
  conversion.integer = rounded.integer;
  conversion.ftz = s.take("ftz");
  conversion.sat = s.take("sat");
  conversion.relu = s.take("relu");
  conversion.satfinite = s.take("satfinite");
  conversion.to = s.want_type();
  conversion.from = s.want_type();
  if (conversion.to == Type::PRED || conversion.from == Type::PRED) {
    return nullptr;
  }
  if (s.operands.size() == 3) {
    s.made.to = s.destination(0, bits_of(conversion.to) == 16 ? Type::B16 : Type::B32);
    s.made.a = s.source(1, Type::F32);
    s.made.b = s.source(2, Type::F32);
    s.made.form = s.keep_form(conversion);
    return is_pair(conversion.to) && conversion.from == Type::F32 ? convert_to_pair : nullptr;
  }
  s.want_operands(2);
  // Pairs and tf32 live in untyped registers.
  auto in_register = [](Type type) {
    return bits_of(type) == 32 && type != Type::F32 && is_float(type) ? Type::B32
           : type == Type::E4M3X2 || type == Type::E5M2X2             ? Type::B16
                                                                      : type;
  };
  s.made.to = s.destination(s.at(0), in_register(conversion.to), true);
  s.made.a = s.source(s.at(1), in_register(conversion.from), true);
  s.made.form = s.keep_form(conversion);
  const Register* to = s.at(0).kind == Operand::NAME ? s.names.find_register(s.at(0).name) : nullptr;
  s.made.detail = uint8_t(to ? bits_of(to->type) : bits_of(conversion.to));
  bool plain = !conversion.ftz && !conversion.sat && !conversion.relu && conversion.rounding == Rounding::NONE &&
               s.made.detail == bits_of(conversion.to);
  Step quick = plain ? quick_cast(conversion.to, conversion.from) : nullptr;
  return quick ? quick : convert_any;
}

const Instruction* to_generic(const Instruction& i, Run& run) {
  run.registers[i.to] = address_in(Space(i.detail), run, run.registers[i.a]);
  return after(i, run);
}

const Instruction* from_generic(const Instruction& i, Run& run) {
  uint64_t address = run.registers[i.a] - address_in(Space(i.detail), run, 0);
  run.registers[i.to] = i.size == 32 ? uint32_t(address) : address;
  return after(i, run);
}

Step decode_cvta(Statement& s) {
  bool leaves = s.take("to");
  Space space = take_space(s);
  s.function.uses_local |= space == Space::LOCAL;
  Type type = s.want_type();
  s.take_operands(type, {type});
  s.made.detail = uint8_t(space);
  s.made.size = uint16_t(bits_of(type));
  return bits_of(type) != 64 ? nullptr
         : space == Space::GLOBAL || space == Space::CONST ? move
         : space == Space::GENERIC ? nullptr
         : leaves                  ? from_generic
                                   : to_generic;
}

bool in_constants(uint64_t address, const Program& program) {
  return std::any_of(program.variables.begin(), program.variables.end(), [=](const Variable& variable) {
    return variable.space == Space::CONST && address - variable.place < variable.size;
  });
}

const Instruction* is_in_space(const Instruction& i, Run& run) {
  uint64_t address = run.registers[i.a];
  bool own = in_own_memory(address), local = own && address - uintptr_t(run.local) < run.local_end;
  bool within = false;
  switch (Space(i.detail)) {
    case Space::CLUSTER: within = in_shared_space(address); break;
    case Space::SHARED: within = address - own_shared_space() < SHARED_SPACE_OF_A_BLOCK; break;
    case Space::LOCAL: within = local; break;
    case Space::PARAM: within = own && !local; break;
    case Space::CONST: within = in_constants(address, *run.program); break;
    default: within = in_device_space(address) && !in_constants(address, *run.program);
  }
  run.registers[i.to] = within;
  return after(i, run);
}

Step decode_isspacep(Statement& s) {
  Space space = take_space(s);
  s.function.uses_local |= space == Space::LOCAL;
  s.take_operands(Type::PRED, {Type::B64});
  s.made.detail = uint8_t(space);
  return space == Space::GENERIC ? nullptr : is_in_space;
}

template <typename T>
const Instruction* allocate_local(const Instruction& i, Run& run) {
  put(run, i.to, T(extend_local(run, size_t(get<T>(run, i.a)), size_t(i.number))));
  return after(i, run);
}

using Sizes = Types<Type::U32, Type::U64>;

Step decode_alloca(Statement& s) {
  s.made.plain = false;
  s.function.uses_local = true;
  s.want_target(52, "alloca");
  Type type = s.want_type();
  s.want_operands(2, 3);
  s.made.to = s.destination(0, type);
  s.made.a = s.source(1, type);
  s.made.number = s.operands.size() == 3 ? s.integer(2) : 8;
  bool fits = s.made.number > 0 && s.made.number <= 4096 && (s.made.number & (s.made.number - 1)) == 0;
  return !fits ? nullptr
               : with_type(Sizes(), type, [](auto of) -> Step { return allocate_local<typename decltype(of)::type>; });
}

const Instruction* save_stack(const Instruction& i, Run& run) {
  run.registers[i.to] = run.local_end;
  return after(i, run);
}

template <typename T>
const Instruction* restore_stack(const Instruction& i, Run& run) {
  uint64_t end = get<T>(run, i.a);
  if (end < run.frame->local + run.frame->function->local_bytes || end > run.local_end) {
    fail_thread(Flaw::STACK_OVERFLOW, "stackrestore of what stacksave has not given",
                "Restore what the same function has saved");
  }
  run.local_end = size_t(end);
  return after(i, run);
}

template <bool saves>
Step decode_stack(Statement& s) {
  s.made.plain = false;
  s.function.uses_local = true;
  Type type = s.want_type();
  s.want_operands(1);
  (saves ? s.made.to : s.made.a) = saves ? s.destination(0, type) : s.source(0, type);
  return with_type(Sizes(), type, [](auto of) -> Step {
    return saves ? save_stack : restore_stack<typename decltype(of)::type>;
  });
}

}

const Known MOVES[] = {
    {"alloca", decode_alloca}, {"stacksave", decode_stack<true>}, {"stackrestore", decode_stack<false>},
    {"mov", decode_mov}, {"cvt", decode_cvt}, {"cvta", decode_cvta}, {"isspacep", decode_isspacep},
    {"cvt.pack.sat.u16.s32", decode_of<PACKED<16, false>, int32_t, int32_t>},
    {"cvt.pack.sat.s16.s32", decode_of<PACKED<16, true>, int32_t, int32_t>},
    {"cvt.pack.sat.u8.s32.b32", decode_pack<8, false>}, {"cvt.pack.sat.s8.s32.b32", decode_pack<8, true>},
    {"cvt.pack.sat.u4.s32.b32", decode_pack<4, false>}, {"cvt.pack.sat.s4.s32.b32", decode_pack<4, true>},
    {"cvt.pack.sat.u2.s32.b32", decode_pack<2, false>}, {"cvt.pack.sat.s2.s32.b32", decode_pack<2, true>},
    {"", nullptr}};

}
