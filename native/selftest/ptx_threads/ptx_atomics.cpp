// Atomic operations of every kind and type in global and shared memory (PTX ISA, "atom", "red").
#include <algorithm>
#include <array>
#include <functional>

#include "selftest/ptx/ptx_launches.h"

namespace {

using Value = unsigned long long;

struct Operation {
  const char* name;
  const char* type;
  std::function<Value(Value old, Value b, Value c)> change;  // each in the lowest bits
};

Value both_halves(Value old, Value b, unsigned (*change)(unsigned, unsigned)) {
  return change(old & 0xffff, b & 0xffff) | Value(change(old >> 16 & 0xffff, b >> 16 & 0xffff)) << 16;
}

// Small whole numbers in f16 and bf16 add up without rounding, and so can be looked up.
unsigned small_number(unsigned bits, const unsigned (&numbers)[6]) {
  return unsigned(std::find(numbers, numbers + 6, bits) - numbers);
}
const unsigned HALVES[6] = {0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500};
const unsigned BF16S[6] = {0, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0};
unsigned add_halves(unsigned a, unsigned b) { return HALVES[small_number(a, HALVES) + small_number(b, HALVES)]; }
unsigned add_bf16s(unsigned a, unsigned b) { return BF16S[small_number(a, BF16S) + small_number(b, BF16S)]; }

const Operation OPERATIONS[] = {
    {"add", "u32", [](Value a, Value b, Value) { return Value(unsigned(a + b)); }},
    {"add", "s32", [](Value a, Value b, Value) { return Value(unsigned(a + b)); }},
    {"add", "u64", [](Value a, Value b, Value) { return a + b; }},
    {"add", "f32", [](Value a, Value b, Value) { return bits_as(as<float>(a) + as<float>(b)); }},
    {"add", "f64", [](Value a, Value b, Value) { return bits_as(as<double>(a) + as<double>(b)); }},
    {"add.noftz", "f16", [](Value a, Value b, Value) { return Value(add_halves(unsigned(a), unsigned(b))); }},
    {"add.noftz", "f16x2", [](Value a, Value b, Value) { return both_halves(a, b, add_halves); }},
    {"add.noftz", "bf16", [](Value a, Value b, Value) { return Value(add_bf16s(unsigned(a), unsigned(b))); }},
    {"add.noftz", "bf16x2", [](Value a, Value b, Value) { return both_halves(a, b, add_bf16s); }},
    {"min", "u32", [](Value a, Value b, Value) { return std::min(a, b); }},
    {"min", "s32", [](Value a, Value b, Value) { return Value(unsigned(std::min(int(a), int(b)))); }},
    {"min", "u64", [](Value a, Value b, Value) { return std::min(a, b); }},
    {"min", "s64", [](Value a, Value b, Value) { return Value(std::min((long long)a, (long long)b)); }},
    {"max", "u32", [](Value a, Value b, Value) { return std::max(a, b); }},
    {"max", "s32", [](Value a, Value b, Value) { return Value(unsigned(std::max(int(a), int(b)))); }},
    {"max", "u64", [](Value a, Value b, Value) { return std::max(a, b); }},
    {"max", "s64", [](Value a, Value b, Value) { return Value(std::max((long long)a, (long long)b)); }},
    {"inc", "u32", [](Value a, Value b, Value) { return a >= b ? 0 : a + 1; }},
    {"dec", "u32", [](Value a, Value b, Value) { return a == 0 || a > b ? b : a - 1; }},
    {"and", "b32", [](Value a, Value b, Value) { return a & b; }},
    {"and", "b64", [](Value a, Value b, Value) { return a & b; }},
    {"or", "b32", [](Value a, Value b, Value) { return a | b; }},
    {"or", "b64", [](Value a, Value b, Value) { return a | b; }},
    {"xor", "b32", [](Value a, Value b, Value) { return a ^ b; }},
    {"xor", "b64", [](Value a, Value b, Value) { return a ^ b; }},
    {"exch", "b32", [](Value, Value b, Value) { return b; }},
    {"exch", "b64", [](Value, Value b, Value) { return b; }},
    {"cas", "b16", [](Value a, Value b, Value c) { return a == b ? c : a; }},
    {"cas", "b32", [](Value a, Value b, Value c) { return a == b ? c : a; }},
    {"cas", "b64", [](Value a, Value b, Value c) { return a == b ? c : a; }},
};

// The old value, b and c, with numbers of the type where that is a float's.
std::vector<std::array<Value, 3>> values_for(const std::string& type) {
  if (type == "f32") {
    return {{bits_as(1.5f), bits_as(2.25f), 0}, {bits_as(-1e30f), bits_as(1.0f), 0}};
  }
  if (type == "f64") {
    return {{bits_as(1.5), bits_as(2.25), 0}, {bits_as(1e300), bits_as(-1.0), 0}};
  }
  if (type.find("bf16") == 0) {
    return {{0x3f804000, 0x40003f80, 0}};
  }
  if (type.find("f16") == 0) {
    return {{0x3c004000, 0x40003c00, 0}};
  }
  return {{5, 7, 9}, {7, 7, 0x123456789abcdef0}, {0, 3, 1}, {0xfffffffffffffffe, 3, 2}, {3, 0xfffffffffffffffe, 1}};
}

std::string registers_of(int bits) {
  return bits == 16 ? "%h" : bits == 32 ? "%r" : "%d";
}

int width_of(const std::string& type) {
  return type.find("x2") != std::string::npos ? 32 : std::stoi(type.substr(type.find_first_of("0123456789")));
}

// Once as atom and once as red; in memory by its own space and by a generic address.
void operation(const Operation& one, const std::array<Value, 3>& values, bool shared, bool generic) {
  int bits = width_of(one.type);
  Value mask = bits == 64 ? ~Value(0) : (Value(1) << bits) - 1;
  std::string r = registers_of(bits), width = "b" + std::to_string(bits);
  std::string c = std::string(one.name) == "cas" ? ", " : "";
  std::string space = generic ? "" : shared ? ".shared" : ".global";
  Text text;
  text.before = ".shared .align 16 .b8 own[16];\n";
  text.body = "mov.u64 %d20, " + std::string(shared ? "own" : "0") + ";\n" +
              (shared ? generic ? "cvta.shared.u64 %d20, %d20;\n" : "" : "add.u64 %d20, %d2, 32;\n");
  std::string at = "[%d20]";
  text.body += "ld.global." + width + " " + r + "10, [%d1];\nld.global." + width + " " + r + "11, [%d1+8];\n" +
               "ld.global." + width + " " + r + "12, [%d1+16];\n";
  std::string operands = at + ", " + r + "11" + (c.empty() ? "" : c + r + "12") + ";\n";
  std::string plain = shared ? ".shared" : "";
  std::string base = shared && generic ? "st." + width : "st" + std::string(shared ? ".shared." : ".global.") + width;
  text.body += base + " " + at + ", " + r + "10;\natom" + space + "." + one.name + "." + one.type + " " + r +
               "13, " + operands;
  std::string load = "ld" + base.substr(2);
  text.body += load + " " + r + "14, " + at + ";\nst.global." + width + " [%d2], " + r + "13;\nst.global." + width +
               " [%d2+8], " + r + "14;\n";
  if (c.empty() && std::string(one.name) != "exch") {
    // Then red does the same to what was there before.
    text.body += base + " " + at + ", " + r + "10;\nred" + space + "." + one.name + "." + one.type + " " + operands;
  }
  text.body += load + " " + r + "15, " + at + ";\nst.global." + width + " [%d2+16], " + r + "15;\n";
  Words in;
  for (Value value : values) {
    in.insert(in.end(), {unsigned(value), unsigned(value >> 32)});
  }
  Value old = values[0] & mask, changed = one.change(old, values[1] & mask, values[2] & mask) & mask;
  Words expected = {unsigned(old), unsigned(old >> 32), unsigned(changed), unsigned(changed >> 32),
                    unsigned(changed), unsigned(changed >> 32), 0, 0};
  if (!shared) {
    expected.insert(expected.end(), {unsigned(changed), unsigned(changed >> 32)});
  }
  must_give("atom" + space + "." + one.name + "." + one.type, text, {}, in, expected);
}

void operations() {
  for (const Operation& one : OPERATIONS) {
    for (const auto& values : values_for(one.type)) {
      operation(one, values, false, false);
      operation(one, values, true, false);
    }
    operation(one, values_for(one.type)[0], false, true);
    operation(one, values_for(one.type)[0], true, true);
  }
}

// Numbers below the smallest normal one are zeros to atom.add.f32 in global memory, and not in shared memory.
void subnormals() {
  Text text;
  text.before = ".shared .align 4 .b32 own;\n";
  text.body = R"(mov.b32 %f1, 0x00400000;
st.shared.f32 [own], %f1;
st.global.f32 [%d2], %f1;
atom.shared.add.f32 %f2, [own], %f1;
red.global.add.f32 [%d2], %f1;
st.global.f32 [%d2+8], %f1;
red.add.f32 [%d2+8], 0f3F800000;
ld.shared.f32 %f3, [own];
st.global.f32 [%d2+4], %f3;)";
  must_give("subnormal numbers", text, {}, {0}, {0, 0x00800000, 0x3f800000});
}

void vectors() {
  Text text;
  text.body = R"(ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%d1];
st.global.v4.f32 [%d2], {%f1, %f2, %f3, %f4};
atom.global.v4.f32.add {%f5, %f6, %f7, %f8}, [%d2], {%f4, %f3, %f2, %f1};
st.global.v4.f32 [%d2+16], {%f5, %f6, %f7, %f8};
mov.b32 %r10, 0x40003c00;
mov.b32 %r11, 0x3c004000;
st.global.v2.b32 [%d2+32], {%r10, %r10};
red.global.v2.f16x2.add.noftz [%d2+32], {%r11, %r10};
st.global.v2.b32 [%d2+40], {%r10, %r10};
red.global.v2.f16x2.max.noftz [%d2+40], {%r11, %r10};
st.global.v2.b32 [%d2+48], {%r10, %r10};
red.relaxed.gpu.global.v2.bf16x2.min.noftz [%d2+48], {%r11, %r10};)";
  Words in = {0x3f800000, 0x40000000, 0x40400000, 0x40800000};  // 1 to 4
  must_give("vectors", text, {}, in,
            {0x40a00000, 0x40a00000, 0x40a00000, 0x40a00000, in[0], in[1], in[2], in[3], 0x42004200, 0x44004000,
             0x40004000, 0x40003c00, 0x3c003c00, 0x40003c00});
}

// Many threads of several blocks add up, in every order, and each finds another number.
void many() {
  Text text;
  text.before = ".shared .align 4 .b32 sum;\n";
  text.body = R"(setp.ne.u32 %p1, %r1, 0;
@%p1 bra ADD;
mov.b32 %r10, 0;
st.shared.b32 [sum], %r10;
ADD:
bar.sync 0;
atom.shared.add.u32 %r11, [sum], %r1;
red.global.max.u32 [%d2], %r2;
atom.add.acq_rel.gpu.global.u32 %r12, [%d2+4], 1;
bar.sync 0;
@%p1 bra DONE;
ld.shared.u32 %r13, [sum];
red.global.add.u32 [%d2+8], %r13;
DONE:)";
  must_give("many threads", text, {3, 40}, {0}, {119, 120, 3 * 780});
}

void refusals() {
  must_refuse_each({
      {"atom.global.inc.s32 %r10, [%d1], 1;", "is not simulated with this type"},
      {"atom.local.add.u32 %r10, [%d1], 1;", "is not simulated with this type"},
      {"red.global.cas.b32 [%d1], %r10, %r11;", "is not simulated with this type"},
      {"red.global.exch.b32 [%d1], %r10;", "is not simulated with this type"},
      {"atom.global.exch.b128 %r10, [%d1], %r11;", "values of 128 bits are not simulated"},
      {"atom.shared.v2.f32.add {%f1, %f2}, [%r10], {%f1, %f2};", "is not simulated with this type"},
      {"red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.inc.u32 [%r10], %r11, [%r12];",
       "red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.inc.u32: is not simulated"},
  });
}

void mistakes() {
  Text own;
  own.body = "{\n.local .align 4 .b8 array[8];\nmov.u64 %d10, array;\ncvta.local.u64 %d10, %d10;\n"
             "atom.add.u32 %r10, [%d10], 1; // here\n}";
  must_find(own, {}, {"atomic operation on local memory or parameters", "(0,0,0)", "(0,0,0)", "",
                      CUDA_ERROR_ILLEGAL_ADDRESS});
  Text odd;
  odd.body = "atom.global.add.u64 %d10, [%d1+4], 1; // here";
  must_find(odd, {}, {"misaligned write of 8 bytes at in+4", "(0,0,0)", "(0,0,0)", "", CUDA_ERROR_MISALIGNED_ADDRESS});
}

}

void test_ptx_atomics() {
  operations();
  subnormals();
  vectors();
  many();
  refusals();
  mistakes();
}
