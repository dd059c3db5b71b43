// PTX ISA, "SIMD Video Instructions", part by part, and the scalar ones; and the system's part of shared memory, which
// NVIDIA's cooperative groups take.
#include <algorithm>

#include "selftest/ptx/ptx_launches.h"
#include "selftest/single.h"

namespace {

using Apply = std::function<__int128(__int128 a, __int128 b)>;

__int128 part(uint64_t word, int at, int bits, char sign) {
  return wide(word >> at * bits & ((1u << bits) - 1), sign + std::to_string(bits));
}

void add(Singles& singles, const std::string& name, int bits, const std::string& signs, const std::string& end,
         const Apply& apply) {
  bool sets = signs.size() == 2, sat = end == ".sat", adds = end == ".add";
  char of_result = sets ? 'u' : signs[0];
  std::string text = name;
  for (char sign : signs) {
    text += std::string(".") + sign + "32";
  }
  singles.add(text + end + " $x, $a, $b, $c;", {"b32"}, {"b32", "b32", "b32"},
              [=](const uint64_t* in, const uint64_t* got) {
                uint64_t joined = 0, sum = in[2];
                __int128 most = of_result == 's' ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
                for (int at = 0; at < 32 / bits; at++) {
                  __int128 made = apply(part(in[0], at, bits, signs[signs.size() - 2]),
                                        part(in[1], at, bits, signs[signs.size() - 1]));
                  made = sat ? std::min(std::max(made, of_result == 's' ? -most - 1 : __int128(0)), most) : made;
                  joined |= low(made, bits) << at * bits;
                  sum += uint64_t(part(low(made, bits), 0, bits, of_result));
                }
                return got[0] == (adds ? low(sum, 32) : joined);
              });
}

void videos() {
  const std::pair<const char*, Apply> operations[] = {
      {"vadd", [](__int128 a, __int128 b) { return a + b; }},
      {"vsub", [](__int128 a, __int128 b) { return a - b; }},
      {"vavrg", [](__int128 a, __int128 b) { return (a + b + (a + b < 0 ? 0 : 1)) >> 1; }},
      {"vabsdiff", [](__int128 a, __int128 b) { return a < b ? b - a : a - b; }},
      {"vmin", [](__int128 a, __int128 b) { return a < b ? a : b; }},
      {"vmax", [](__int128 a, __int128 b) { return a < b ? b : a; }},
  };
  Singles singles;
  for (int count : {2, 4}) {
    for (const auto& [name, apply] : operations) {
      for (const char* signs : {"uuu", "sss", "sus"}) {
        for (const char* end : {"", ".sat", ".add"}) {
          add(singles, name + std::to_string(count), 32 / count, signs, end, apply);
        }
      }
    }
    std::string set = "vset" + std::to_string(count);
    add(singles, set, 32 / count, "us", ".ge", [](__int128 a, __int128 b) { return a >= b; });
    add(singles, set, 32 / count, "ss", ".ne", [](__int128 a, __int128 b) { return a != b; });
  }
  singles.run();
}

// Of whole words, with a second operation on c, by the manual's pseudocode: nothing is cut off before that.
void words() {
  const std::pair<const char*, Apply> operations[] = {
      {"vadd", [](__int128 a, __int128 b) { return a + b; }},
      {"vsub", [](__int128 a, __int128 b) { return a - b; }},
      {"vabsdiff", [](__int128 a, __int128 b) { return a < b ? b - a : a - b; }},
      {"vmin", [](__int128 a, __int128 b) { return std::min(a, b); }},
      {"vmax", [](__int128 a, __int128 b) { return std::max(a, b); }},
      {"vset", [](__int128 a, __int128 b) { return a < b; }},
  };
  Singles singles;
  for (const auto& [name, apply] : operations) {
    bool sets = name == std::string("vset");
    for (std::string signs : {"uuu", "sss", "sus", "uss"}) {
      for (std::string end : {"", ".sat", ".add", ".sat.min", ".max"}) {
        bool sat = end.find(".sat") == 0, takes_c = end.size() > 4 || (end != "" && end != ".sat");
        if (sets && (signs[0] == 's' || sat)) {
          continue;
        }
        std::string text = name;
        for (char sign : sets ? signs.substr(1) : signs) {
          text += std::string(".") + sign + "32";
        }
        singles.add(text + (sets ? ".lt" : "") + end + " $x, $a, $b" + (takes_c ? ", $c;" : ";"), {"b32"},
                    {"b32", "b32", "b32"}, [=, &apply = apply](const uint64_t* in, const uint64_t* got) {
                      __int128 most = signs[0] == 's' ? 0x7fffffff : 0xffffffff;
                      __int128 a = wide(in[0], signs.substr(1, 1) + "32"), b = wide(in[1], signs.substr(2) + "32");
                      __int128 made = apply(a, b), c = wide(in[2], signs.substr(0, 1) + "32");
                      made = sat ? std::min(std::max(made, signs[0] == 's' ? -most - 1 : __int128(0)), most) : made;
                      made = end == ".add" ? made + c : end == ".max" ? std::max(made, c) : made;
                      return got[0] == low(end == ".sat.min" ? std::min(made, c) : made, 32);
                    });
      }
    }
  }
  singles.run();
}

// All threads find zeros there, and count.
void reserved() {
  Text text;
  text.body = R"(
mov.u32 %r10, %reserved_smem_offset_1;
atom.shared.add.u32 %r11, [%r10], 1;
mov.u32 %r12, %reserved_smem_offset_begin;
mov.u32 %r13, %reserved_smem_offset_end;
sub.u32 %r13, %r13, %r12;
mov.u32 %r14, %reserved_smem_offset_cap;
sub.u32 %r13, %r13, %r14;
add.u32 %r13, %r13, 7;
mov.u32 %r14, %aggr_smem_size;
mov.u32 %r15, %total_smem_size;
sub.u32 %r14, %r14, %r15;
mov.u32 %r16, %envreg5;
add.u32 %r14, %r14, %r16;
mov.u32 %r17, %pm1;
add.u32 %r14, %r14, %r17;
bar.sync 0;
ld.shared.u32 %r11, [%r10];
setp.eq.u32 %p1, %r3, 0;
selp.u32 %r11, %r11, %r15, %p1;
st.global.u32 [%d3], %r11;
setp.eq.u32 %p1, %r1, 0;
@%p1 st.global.u32 [%d3], %r13;
setp.eq.u32 %p1, %r1, 1;
@%p1 st.global.u32 [%d3], %r14;)";
  text.before = ".shared .align 4 .b8 own[100];";
  text.body = "mov.u32 %r20, own;\n" + text.body;
  must_give("reserved shared memory", text, {2, 4, 1000}, {0}, {7, 1024, 4, 4, 7, 1024, 1152, 1152});
  text.body = "mov.u32 %r10, %reserved_smem_offset_end;\nst.shared.u32 [%r10], 1; // here";
  must_find(text, {}, {"out-of-bounds write of 4 bytes at byte 1024 of a shared array of 1024", "(0,0,0)",
                       "(0,0,0)", "", CUDA_ERROR_ILLEGAL_ADDRESS});
}

}

void test_ptx_videos() {
  videos();
  words();
  reserved();
}
