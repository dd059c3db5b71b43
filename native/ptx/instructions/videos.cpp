// PTX ISA, "Scalar Video Instructions", "SIMD Video Instructions": operations on a word, or its two or four parts.
#include <algorithm>

#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

using Apply = int64_t (*)(int64_t a, int64_t b);

// The second operation, if there is one, combines with c: the sum of all parts, or the minimum or maximum of words.
struct Parts {
  Apply apply = nullptr, second = nullptr;
  int bits = 8;
  bool a_signed = false, b_signed = false, signs = false, saturates = false;
};

int64_t part_of(uint32_t word, int from, int bits, bool is_signed) {
  uint64_t part = uint64_t(word) >> from & ((uint64_t(1) << bits) - 1);
  return is_signed ? int64_t(part << (64 - bits)) >> (64 - bits) : int64_t(part);
}

const Instruction* combine_parts(const Instruction& i, Run& run) {
  const auto& parts = *static_cast<const Parts*>(i.form);
  int64_t most = (int64_t(1) << (parts.bits - parts.signs)) - 1, least = parts.signs ? -most - 1 : 0;
  auto a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b);
  int64_t c = parts.second ? part_of(get<uint32_t>(run, i.c), 0, 32, parts.signs) : 0;
  uint32_t joined = 0;
  for (int from = 0; from < 32; from += parts.bits) {
    int64_t part = parts.apply(part_of(a, from, parts.bits, parts.a_signed),
                               part_of(b, from, parts.bits, parts.b_signed));
    part = parts.saturates ? std::clamp(part, least, most) : part;
    if (parts.second) {
      c = parts.second(parts.bits == 32 ? part : part_of(uint32_t(part), 0, parts.bits, parts.signs), c);
    }
    joined |= uint32_t(part_of(uint32_t(part), 0, parts.bits, false)) << from;
  }
  put<uint32_t>(run, i.to, parts.second ? uint32_t(c) : joined);
  return after(i, run);
}

constexpr struct {
  std::string_view name;
  Apply apply;
} OPERATIONS[] = {
    {"vadd", [](int64_t a, int64_t b) { return a + b; }},
    {"vsub", [](int64_t a, int64_t b) { return a - b; }},
    {"vavrg", [](int64_t a, int64_t b) { return (a + b + (a + b >= 0)) >> 1; }},
    {"vabsdiff", [](int64_t a, int64_t b) { return std::max(a, b) - std::min(a, b); }},
    {"vmin", [](int64_t a, int64_t b) { return std::min(a, b); }},
    {"vmax", [](int64_t a, int64_t b) { return std::max(a, b); }},
    {"eq", [](int64_t a, int64_t b) { return int64_t(a == b); }},
    {"ne", [](int64_t a, int64_t b) { return int64_t(a != b); }},
    {"lt", [](int64_t a, int64_t b) { return int64_t(a < b); }},
    {"le", [](int64_t a, int64_t b) { return int64_t(a <= b); }},
    {"gt", [](int64_t a, int64_t b) { return int64_t(a > b); }},
    {"ge", [](int64_t a, int64_t b) { return int64_t(a >= b); }},
};

Apply operation_of(std::string_view name) {
  auto found = std::find_if(std::begin(OPERATIONS), std::end(OPERATIONS),
                            [=](const auto& known) { return known.name == name; });
  return found == std::end(OPERATIONS) ? nullptr : found->apply;
}

bool take_sign(Statement& s) {
  Type type = s.want_type();
  if (type != Type::S32 && type != Type::U32) {
    s.fail("is of .s32 and .u32");
  }
  return type == Type::S32;
}

Step decode_parts(Statement& s) {
  Parts parts;
  bool whole = s.name.back() != '2' && s.name.back() != '4';
  std::string_view operation = s.name.substr(0, s.name.size() - !whole);
  parts.bits = whole ? 32 : s.name.back() == '2' ? 16 : 8;
  bool sets = operation == "vset";
  parts.signs = !sets && take_sign(s);
  parts.a_signed = take_sign(s);
  parts.b_signed = take_sign(s);
  parts.apply = operation_of(sets ? s.take_one({"eq", "ne", "lt", "le", "gt", "ge"}) : operation);
  parts.saturates = !sets && s.take("sat");
  std::string_view second = whole ? s.take_one({"add", "min", "max"}) : s.take_one({"add"});
  parts.second = second.empty() ? nullptr : operation_of("v" + std::string(second));
  for (const Operand& operand : s.operands) {
    if (operand.name.find('.') != std::string_view::npos) {
      s.lack("chosen parts of an operand are not simulated");
    }
  }
  if (whole && !parts.second) {
    s.take_operands(Type::B32, {Type::B32, Type::B32});
  } else {
    s.take_operands(Type::B32, {Type::B32, Type::B32, Type::B32});
  }
  s.made.form = s.keep_form(parts);
  return parts.apply ? combine_parts : nullptr;
}

}

const Known VIDEOS[] = {
    {"vadd2", decode_parts}, {"vadd4", decode_parts}, {"vsub2", decode_parts}, {"vsub4", decode_parts},
    {"vavrg2", decode_parts}, {"vavrg4", decode_parts}, {"vabsdiff2", decode_parts}, {"vabsdiff4", decode_parts},
    {"vmin2", decode_parts}, {"vmin4", decode_parts}, {"vmax2", decode_parts}, {"vmax4", decode_parts},
    {"vset2", decode_parts}, {"vset4", decode_parts}, {"vadd", decode_parts}, {"vsub", decode_parts},
    {"vabsdiff", decode_parts}, {"vmin", decode_parts}, {"vmax", decode_parts}, {"vset", decode_parts}, {"", nullptr}};

}
