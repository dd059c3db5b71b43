// Loads and stores of every type, vector and form (PTX ISA, "ld", "st", "Operand Size Exceeding Instruction-Type
// Size").
#include <algorithm>
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

// A word with the highest bit of each byte set, and one with none.
const Words IN = {0x80c1e2f3, 0x91a2b3c4, 0x01234567, 0x76543210, 0xfedcba98, 0x89abcdef, 0x0f1e2d3c, 0xf0e1d2c3};

std::string registers_of(int bits) {
  return bits == 16 ? "%h" : bits == 32 ? "%r" : "%d";
}

// The bits of a value of so many, with its sign or with zeros above, in a register of 64.
unsigned long long widened(unsigned long long value, int bits, bool is_signed) {
  unsigned long long mask = bits == 64 ? ~0ull : (1ull << bits) - 1;
  bool negative = is_signed && (value >> (bits - 1) & 1);
  return (value & mask) | (negative ? ~mask : 0);
}

unsigned long long value_at(const Words& words, size_t byte, int bits) {
  unsigned long long value = 0;
  std::memcpy(&value, reinterpret_cast<const char*>(words.data()) + byte, size_t(bits) / 8);
  return value;
}

struct Type {
  const char* name;
  int bits;
  bool is_signed;
};

const Type TYPES[] = {{"u8", 8, false}, {"s8", 8, true}, {"b8", 8, false}, {"u16", 16, false}, {"s16", 16, true},
                      {"b16", 16, false}, {"u32", 32, false}, {"s32", 32, true}, {"b32", 32, false},
                      {"u64", 64, false}, {"s64", 64, true}, {"b64", 64, false}};

// Each type into registers of its size and of each larger: signs fill what is left, or zeros do.
void wider_registers() {
  for (const Type& type : TYPES) {
    for (int wide : {16, 32, 64}) {
      if (wide < type.bits) {
        continue;
      }
      std::string to = registers_of(wide) + "10";
      Text text;
      text.body = std::string("ld.global.") + type.name + " " + to + ", [%d1];\nmov.b64 %d9, 0;\n";
      text.body += wide == 16   ? "cvt.u64.u16 %d9, %h10;"
                   : wide == 32 ? "cvt.u64.u32 %d9, %r10;"
                                : "mov.b64 %d9, %d10;";
      text.body += "\nst.global.b64 [%d2], %d9;\n";
      // Only the low part of a wider register is stored.
      text.body += std::string("st.global.") + (type.bits == 8 ? "u8" : "b" + std::to_string(type.bits)) +
                   " [%d2+8], " + to + ";";
      unsigned long long expected = widened(value_at(IN, 0, type.bits), type.bits, type.is_signed);
      expected = widened(expected, wide, false);
      unsigned long long stored = widened(expected, type.bits, false);
      must_give(std::string("ld.") + type.name + " into " + std::to_string(wide) + " bits", text, {}, IN,
                {unsigned(expected), unsigned(expected >> 32), unsigned(stored), unsigned(stored >> 32)});
    }
  }
}

// Each vector; an element may be left out.
void vectors() {
  for (const Type& type : TYPES) {
    for (int count : {2, 4}) {
      if (count * type.bits > 128) {
        continue;
      }
      std::string list;
      for (int i = 0; i < count; i++) {
        list += (i ? ", " : "{") + registers_of(std::max(type.bits, 16)) + std::to_string(10 + i);
      }
      list += "}";
      std::string form = ".v" + std::to_string(count) + "." + type.name + " ";
      Text text;
      text.body = "ld.global" + form + list + ", [%d1+16];\nst.global" + form + "[%d2+16], " + list + ";";
      Words expected(8);
      std::memcpy(&expected[4], &IN[4], size_t(count * type.bits) / 8);
      must_give("ld" + form, text, {}, IN, expected);
    }
  }
  Text text;
  text.body = R"(ld.global.v4.f32 {%f1, _, %f3, _}, [%d1];
mov.b32 %r10, %f1;
mov.b32 %r11, %f3;
st.global.v2.b32 [%d2], {%r11, %r10};
ld.global.v2.f64 {%e1, %e2}, [%d1+16];
st.global.v2.f64 [%d2+16], {%e2, %e1};)";
  must_give("vectors of floats", text, {}, IN, {IN[2], IN[0], 0, 0, IN[6], IN[7], IN[4], IN[5]});
}

// Every form gives what the plain one does, in each space that takes it.
void forms() {
  const char* loads[] = {"", ".ca", ".cg", ".cs", ".lu", ".cv", ".L1::no_allocate", ".L1::evict_last", ".L2::128B",
                         ".L1::evict_first.L2::64B"};
  for (const std::string form : loads) {
    Text text;
    text.body = "ld.global" + form + ".b32 %r10, [%d1+4];\nst.global.b32 [%d2], %r10;";
    must_give("ld" + form, text, {}, IN, {IN[1]});
  }
  for (const std::string form : {"", ".wb", ".cg", ".cs", ".wt", ".L1::no_allocate"}) {
    Text text;
    text.body = "ld.global.b32 %r10, [%d1+4];\nst.global" + form + ".b32 [%d2], %r10;";
    must_give("st" + form, text, {}, IN, {IN[1]});
  }
  Text policy;
  policy.body = R"(createpolicy.fractional.L2::evict_first.b64 %d8, 1.0;
ld.global.L2::cache_hint.b32 %r10, [%d1+8], %d8;
st.global.L2::cache_hint.b32 [%d2], %r10, %d8;
ld.global.nc.L1::no_allocate.L2::cache_hint.v2.b32 {%r11, %r12}, [%d1], %d8;
st.global.v2.b32 [%d2+8], {%r11, %r12};
ldu.global.b32 %r13, [%d1+12];
st.global.b32 [%d2+4], %r13;
prefetch.global.L2 [%d1];
atom.global.add.L2::cache_hint.u32 %r14, [%d2], 1, %d8;)";
  must_give("policies", policy, {}, IN, {IN[2] + 1, IN[3], IN[0], IN[1]});
}

void strong_forms() {
  for (const std::string space : {".global", ".shared", ""}) {
    for (const std::string form : {".volatile", ".relaxed.cta", ".relaxed.cluster", ".relaxed.gpu", ".relaxed.sys",
                                   ".acquire.cta", ".acquire.gpu", ".acquire.sys"}) {
      std::string store = form.substr(0, 2) == ".a" ? ".release" + form.substr(8) : form;
      Text text;
      text.before = ".shared .align 16 .b8 own[64];\n";
      text.body = "mov.b64 %d10, %d2;\nmov.b32 %r20, own;\n";
      std::string at = space == ".shared" ? "[%r20]" : "[%d10]";
      text.body += "ld.global.s16 %r10, [%d1];\nst" + store + space + ".b32 " + at + ", %r10;\nld" + form + space +
                   ".s16 %r11, " + at + ";\nst.global.b32 [%d2+4], %r11;\n";
      unsigned value = unsigned(widened(IN[0], 16, true));
      must_give("ld" + form + space, text, {}, IN, {space == ".shared" ? 0 : value, value});
    }
  }
  Text mmio;
  mmio.body = "mov.b32 %r10, 7;\nst.mmio.relaxed.sys.global.u32 [%d2], %r10;\n"
              "ld.mmio.relaxed.sys.global.u32 %r11, [%d2];\nst.global.u32 [%d2+4], %r11;";
  must_give("mmio", mmio, {}, IN, {7, 7});
}

void refusals() {
  must_refuse_each({
      {"ld.release.gpu.global.u32 %r10, [%d1];", "ld"},
      {"st.acquire.gpu.global.u32 [%d1], %r10;", "st"},
      {"st.const.u32 [%d1], %r10;", "st"},
      {"ld.global.u32 %h10, [%d1];", "%h10 is a register of type .b16, which does not go with .u32"},
      {"ld.global.v2.u32 {%r10}, [%d1];", "operand 1 has 1 elements, not 2"},
      {"ld.param.u32 %r10, [in+6];", "byte 6 to 10 is not within in, which has 8"},
      {"ld.param.u32 %r10, [in+2];", "byte 2 of in is not aligned to 4"},
      {"ld.global.b128 %d10, [%d1];", "values of 128 bits are not simulated"},
      {"ld.global.cx.u32 %r10, [%d1];", ".cx is not simulated"},
  });
}

}

void test_ptx_loads() {
  wider_registers();
  vectors();
  forms();
  strong_forms();
  refusals();
}
