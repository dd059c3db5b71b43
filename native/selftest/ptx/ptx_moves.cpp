// PTX ISA, "Data Movement and Conversion Instructions: mov, cvta, isspacep" and "Special Registers".
#include "selftest/single.h"

namespace {

void moves(Singles& singles) {
  for (std::string type : {"b16", "b32", "b64", "u16", "u32", "u64", "s16", "s32", "s64", "f32", "f64", "pred"}) {
    singles.plain("mov." + type, type, {type}, [](const uint64_t* in) { return in[0]; });
  }
  struct {
    const char *type, *number;
    uint64_t bits;
  } const NUMBERS[] = {{"u32", "42", 42}, {"s16", "-3", 0xfffd}, {"u64", "0xffffffffffffffff", ~uint64_t(0)},
                       {"b32", "0b101", 5}, {"b32", "017", 15}, {"s32", "-2147483648", 0x80000000}, {"u32", "7U", 7},
                       {"b64", "0x8000000000000000U", uint64_t(1) << 63}, {"f32", "0f3F800001", 0x3f800001},
                       {"f32", "0fFFC12345", 0xffc12345}, {"f64", "0d400921FB54442D18", 0x400921fb54442d18},
                       {"f32", "1.5", 0x3fc00000}, {"f64", "-2.5e-1", 0xbfd0000000000000}, {"u32", "WARP_SZ", 32}};
  for (const auto& one : NUMBERS) {
    singles.add(std::string("mov.") + one.type + " $x, " + one.number + ";", {one.type}, {},
                [&one, bits = one.bits](const uint64_t*, const uint64_t* got) { return got[0] == bits; });
  }
}

void vectors(Singles& singles) {
  auto swapped = [&](const std::string& type, const std::string& element, int count) {
    std::string registers, back;
    for (int k = 0; k < count; k++) {
      registers += (k ? ", %q" : "%q") + std::to_string(k);
      back += (k ? ", %q" : "%q") + std::to_string(count - 1 - k);
    }
    int bits = value_bits_of(type) / count;
    singles.add("{ .reg ." + element + " %q<" + std::to_string(count) + ">; mov." + type + " {" + registers +
                    "}, $a; mov." + type + " $x, {" + back + "}; }",
                {type}, {type}, [=](const uint64_t* in, const uint64_t* got) {
                  uint64_t result = 0;
                  for (int k = 0; k < count; k++) {
                    result = result << bits | low(in[0] >> k * bits, bits);
                  }
                  return got[0] == result;
                });
  };
  swapped("b32", "b16", 2);
  swapped("b64", "b32", 2);
  swapped("b64", "f32", 2);
  swapped("b64", "u16", 4);
  swapped("b16", "b8", 2);
  swapped("b32", "b8", 4);
  singles.add("{ .reg .b32 %q; mov.b64 {_, %q}, $a; mov.b64 $x, {%q, %q}; }", {"b64"}, {"b64"},
              [](const uint64_t* in, const uint64_t* got) { return got[0] == (in[0] >> 32 | in[0] >> 32 << 32); });
}

// Registers that are vectors, whose elements have names, and move all at once.
void vector_registers(Singles& singles) {
  singles.add("{ .reg .v2 .u32 %v, %w<3>; mov.v2.u32 %v, {$a, $b}; mov.v2.u32 %w2, %v; mov.v2.u32 {%w2.y, %w2.r}, %w2; "
              "sub.u32 $x, %w2.x, %w2.g; }",
              {"u32"}, {"u32", "u32"}, [](const uint64_t* in, const uint64_t* got) {
                return got[0] == low(in[1] - in[0], 32);
              });
  singles.add("{ .reg .v4 .b16 q; mov.b64 q, $a; mov.v4.b16 q, {q.w, q.b, q.y, q.r}; mov.b64 $x, q; }", {"b64"},
              {"b64"},
              [](const uint64_t* in, const uint64_t* got) {
                uint64_t halves = in[0] << 16 >> 48 << 16 | in[0] >> 48;
                return got[0] == (halves | (in[0] >> 16 & 0xffff) << 32 | in[0] << 48);
              });
}

// A sign fills a wider register, and no more than that.
void filled_registers(Singles& singles) {
  singles.add("{ .reg .b32 %q<2>; mov.u32 %q1, 5; cvt.s16.s32 %q0, $a; mov.b64 $x, {%q0, %q1}; }", {"b64"}, {"b32"},
              [](const uint64_t* in, const uint64_t* got) {
                return got[0] == (low(wide(in[0], "s16"), 32) | uint64_t(5) << 32);
              });
}

// Which of isspacep's spaces an address is in, bit by bit, and that it comes back from a generic address.
void spaces(Singles& singles) {
  const char* const NAMES[] = {"global", "const", "shared", "shared::cta", "shared::cluster", "local", "param"};
  auto in_spaces = [&](const std::string& before, std::initializer_list<int> within) {
    std::string text = "{ .reg .b64 %q; .reg .b32 %one; .reg .pred %is; .shared .b64 sv; .local .b64 lv; "
                       "mov.u32 $x, 0; " + before;
    for (int k = 0; k < 7; k++) {
      text += std::string(" isspacep.") + NAMES[k] + " %is, %q; selp.u32 %one, " + std::to_string(1 << k) +
              ", 0, %is; or.b32 $x, $x, %one;";
    }
    uint64_t expected = 0;
    for (int space : within) {
      expected |= uint64_t(1) << space;
    }
    singles.add(text + " }", {"b32"}, {},
                [=](const uint64_t*, const uint64_t* got) { return got[0] == expected; });
  };
  in_spaces("mov.u64 %q, %out;", {0});
  in_spaces("mov.u64 %q, gv; cvta.global.u64 %q, %q;", {0});
  in_spaces("mov.u64 %q, cv; cvta.const.u64 %q, %q;", {1});
  in_spaces("mov.u64 %q, sv; cvta.shared.u64 %q, %q;", {2, 3, 4});
  in_spaces("mov.u64 %q, lv; cvta.local.u64 %q, %q;", {5});
  in_spaces("mov.u64 %q, 0;", {});
  // Only local memory is each thread's own.
  for (std::string space : {"shared", "local"}) {
    std::string variable = space.substr(0, 1) + "v";
    std::string through = space == "local" ? "st.u64 [%q2], $a; ld.local.u64 $x, [lv];" : "mov.u64 $x, $a;";
    singles.add("{ .reg .b64 %q<3>; ." + space + " .align 8 .b64 " + variable + "; mov.u64 %q1, " + variable +
                    "; cvta." + space + ".u64 %q2, %q1; " + through + " cvta.to." + space +
                    ".u64 %q2, %q2; sub.u64 $y, %q2, %q1; }",
                {"u64", "u64"}, {"u64"},
                [](const uint64_t* in, const uint64_t* got) { return got[0] == in[0] && got[1] == 0; });
  }
  for (std::string space : {"global", "const"}) {
    singles.add("cvta." + space + ".u64 $x, $a; cvta.to." + space + ".u64 $y, $x;", {"u64", "u64"}, {"u64"},
                [](const uint64_t* in, const uint64_t* got) { return got[0] == in[0] && got[1] == in[0]; });
  }
  singles.add("{ .reg .b64 %q; mov.b64 %q, in; cvta.param.u64 %q, %q; ld.u64 %q, [%q]; sub.u64 $x, %in, %q; }",
              {"u64"}, {}, [](const uint64_t* in, const uint64_t* got) { return got[0] == 8 * in[5]; });
}

template <uint64_t value>
uint64_t always(uint64_t) {
  return value;
}

// 512 threads, in blocks of 32 x 2 x 2 of a grid of 2 x 1 x 2.
void special_registers(Singles& singles) {
  struct {
    const char* name;
    uint64_t (*value)(uint64_t thread);
  } const WORDS[] = {
      {"%tid.x", [](uint64_t i) { return i % 32; }}, {"%tid.y", [](uint64_t i) { return i / 32 % 2; }},
      {"%tid.z", [](uint64_t i) { return i / 64 % 2; }}, {"%ntid.x", always<32>},
      {"%ntid.y", always<2>}, {"%ntid.z", always<2>},
      {"%ctaid.x", [](uint64_t i) { return i / 128 % 2; }}, {"%ctaid.y", always<0>},
      {"%ctaid.z", [](uint64_t i) { return i / 256; }}, {"%nctaid.x", always<2>},
      {"%nctaid.y", always<1>}, {"%nctaid.z", always<2>},
      {"%laneid", [](uint64_t i) { return i % 32; }}, {"%warpid", [](uint64_t i) { return i % 128 / 32; }},
      {"WARP_SZ", always<32>},
      {"%lanemask_eq", [](uint64_t i) { return uint64_t(1) << i % 32; }},
      {"%lanemask_lt", [](uint64_t i) { return (uint64_t(1) << i % 32) - 1; }},
      {"%lanemask_le", [](uint64_t i) { return (uint64_t(2) << i % 32) - 1; }},
      {"%lanemask_gt", [](uint64_t i) { return low(-(__int128(2) << i % 32), 32); }},
      {"%lanemask_ge", [](uint64_t i) { return low(-(__int128(1) << i % 32), 32); }},
      {"%dynamic_smem_size", always<0>},
      {"%cluster_ctarank", always<0>}, {"%cluster_nctarank", always<1>},
      {"%cluster_ctaid.x", always<0>}, {"%cluster_ctaid.y", always<0>},
      {"%cluster_ctaid.z", always<0>}, {"%cluster_nctaid.x", always<1>},
      {"%cluster_nctaid.y", always<1>}, {"%cluster_nctaid.z", always<1>},
      {"%clusterid.x", [](uint64_t i) { return i / 128 % 2; }}, {"%clusterid.y", always<0>},
      {"%clusterid.z", [](uint64_t i) { return i / 256; }}, {"%nclusterid.x", always<2>},
      {"%nclusterid.y", always<1>}, {"%nclusterid.z", always<2>}};
  for (const auto& one : WORDS) {
    auto value = one.value;
    singles.add(std::string("mov.u32 $x, ") + one.name + ";", {"u32"}, {},
                [=](const uint64_t* in, const uint64_t* got) { return got[0] == value(in[5]); });
    singles.add(std::string("cvt.u64.u32 $x, ") + one.name + ";", {"u64"}, {},
                [=](const uint64_t* in, const uint64_t* got) { return got[0] == value(in[5]); });
  }
  singles.add("mov.pred $x, %is_explicit_cluster; mov.u32 $y, 1; @%is_explicit_cluster mov.u32 $y, WARP_SZ;",
              {"pred", "u32"}, {}, [](const uint64_t*, const uint64_t* got) { return got[0] == 0 && got[1] == 1; });
  singles.add("mov.u16 $x, %tid.x;", {"u16"}, {},
              [](const uint64_t* in, const uint64_t* got) { return got[0] == in[5] % 32; });
  // Below another register, or the same.
  for (std::string pair : {"%nwarpid", "%nsmid", "%total_smem_size"}) {
    std::string below = pair == "%nwarpid" ? "%warpid" : pair == "%nsmid" ? "%smid" : "%dynamic_smem_size";
    singles.add("mov.u32 $x, " + pair + "; mov.u32 $y, " + below + ";", {"u32", "u32"}, {},
                [](const uint64_t*, const uint64_t* got) { return got[0] > got[1] || (got[0] == 0 && got[1] == 0); });
  }
  singles.add("mov.u64 $x, %gridid;", {"u64"}, {}, [](const uint64_t*, const uint64_t*) { return true; });
  for (std::string clock : {"u64 ?, %clock64", "u64 ?, %globaltimer", "u32 ?, %clock", "u32 ?, %clock_hi",
                            "u32 ?, %globaltimer_lo", "u32 ?, %globaltimer_hi"}) {
    std::string first = clock, second = clock, type = clock.substr(0, 3);
    first.replace(4, 1, "$x");
    second.replace(4, 1, "$y");
    singles.add("mov." + first + "; mov." + second + ";", {type, type}, {}, [=](const uint64_t*, const uint64_t* got) {
      // The lower words go round.
      return low(got[1] - got[0], value_bits_of(type)) < 0x40000000;
    });
  }
}

}

void test_ptx_moves() {
  Singles singles;
  moves(singles);
  vectors(singles);
  vector_registers(singles);
  filled_registers(singles);
  spaces(singles);
  special_registers(singles);
  singles.run();
}
