// Shuffles in all modes, widths and clamps, and what lanes decide together (PTX ISA, "shfl.sync", "vote.sync",
// "match.sync", "redux.sync", "elect.sync", "activemask").
#include <algorithm>
#include <functional>

#include "selftest/ptx/ptx_launches.h"

namespace {

// The lane that shfl.sync's table takes a value from, or -1 where that is out of range.
int source_of(const std::string& mode, int lane, int b, int c) {
  int segments = c >> 8 & 31, last = c & 31, by = b & 31;
  int most = (lane & segments) | (last & ~segments), least = lane & segments;
  int source = mode == "up"     ? lane - by
               : mode == "down" ? lane + by
               : mode == "bfly" ? lane ^ by
                                : least | (by & ~segments);
  return (mode == "up" ? source >= most : source <= most) ? source : -1;
}

// Of one warp, whose lanes hold 1000 and more.
void shuffles() {
  for (const std::string mode : {"up", "down", "bfly", "idx"}) {
    for (int width : {2, 8, 32}) {
      for (int clamp : {0, 1, 5, 31}) {
        for (int by : {0, 1, 3, 17, 33}) {
          int c = (32 - width) << 8 | clamp;
          Text text;
          text.body = "add.u32 %r10, %r1, 1000;\nshfl.sync." + mode + ".b32 %r11|%p1, %r10, " + std::to_string(by) +
                      ", " + std::to_string(c) + ", 0xffffffff;\nselp.b32 %r12, 5000, 0, %p1;\n"
                      "add.u32 %r11, %r11, %r12;\nst.global.u32 [%d3], %r11;";
          Words expected(32);
          for (int lane = 0; lane < 32; lane++) {
            int source = source_of(mode, lane, by, c);
            expected[lane] = unsigned(1000 + (source < 0 ? lane : source) + (source < 0 ? 0 : 5000));
          }
          must_give("shfl." + mode + " by " + std::to_string(by) + ", " + std::to_string(c), text, {1, 32}, {0},
                    expected);
        }
      }
    }
  }
}

// Halves of a warp apart, each in its own branch and with its own mask; the amount differs between lanes.
void halves_of_a_warp() {
  Text text;
  text.body = R"(setp.lt.u32 %p1, %r1, 16;
@%p1 bra LOW;
shfl.sync.idx.b32 %r10, %r1, 20, 31, 0xffff0000;
bra.uni END;
LOW:
sub.u32 %r11, 15, %r1;
shfl.sync.idx.b32 %r10, %r1, %r11, 31, 0xffff;
END:
st.global.u32 [%d3], %r10;)";
  Words expected(32, 20);
  for (unsigned i = 0; i < 16; i++) {
    expected[i] = 15 - i;
  }
  must_give("halves of a warp", text, {1, 32}, {0}, expected);
}

// The value that each lane gets, from those of all lanes of the mask.
struct Together {
  const char* name;
  std::string operation;  // from %r10, or the predicate %p1 that its lowest bit sets, with the mask in %r11, to %r12
  std::function<unsigned(const std::vector<unsigned>& values, unsigned mine)> result;
};

unsigned sum(const std::vector<unsigned>& values, unsigned) {
  unsigned all = 0;
  for (unsigned value : values) {
    all += value;
  }
  return all;
}

bool all_odd(const std::vector<unsigned>& values) {
  return std::all_of(values.begin(), values.end(), [](unsigned value) { return value & 1; });
}

bool any_odd(const std::vector<unsigned>& values) {
  return std::any_of(values.begin(), values.end(), [](unsigned value) { return value & 1; });
}

template <typename T>
unsigned extreme(const std::vector<unsigned>& values, bool least) {
  auto less = [](unsigned a, unsigned b) { return T(a) < T(b); };
  return least ? *std::min_element(values.begin(), values.end(), less)
               : *std::max_element(values.begin(), values.end(), less);
}

const std::string AS_WORD = "\nselp.b32 %r12, 1, 0, %p2;";

std::vector<Together> all_together() {
  using Values = const std::vector<unsigned>&;
  return {
      {"vote.all", "vote.sync.all.pred %p2, %p1, %r11;" + AS_WORD, [](Values v, unsigned) { return all_odd(v); }},
      {"vote.any", "vote.sync.any.pred %p2, %p1, %r11;" + AS_WORD, [](Values v, unsigned) { return any_odd(v); }},
      {"vote.uni", "vote.sync.uni.pred %p2, %p1, %r11;" + AS_WORD,
       [](Values v, unsigned) { return all_odd(v) || !any_odd(v); }},
      {"vote.all of !p", "vote.sync.all.pred %p2, !%p1, %r11;" + AS_WORD,
       [](Values v, unsigned) { return !any_odd(v); }},
      {"redux.add", "redux.sync.add.u32 %r12, %r10, %r11;", sum},
      {"redux.add.s32", "redux.sync.add.s32 %r12, %r10, %r11;", sum},
      {"redux.min.u32", "redux.sync.min.u32 %r12, %r10, %r11;",
       [](Values v, unsigned) { return extreme<unsigned>(v, true); }},
      {"redux.max.u32", "redux.sync.max.u32 %r12, %r10, %r11;",
       [](Values v, unsigned) { return extreme<unsigned>(v, false); }},
      {"redux.min.s32", "redux.sync.min.s32 %r12, %r10, %r11;",
       [](Values v, unsigned) { return extreme<int>(v, true); }},
      {"redux.max.s32", "redux.sync.max.s32 %r12, %r10, %r11;",
       [](Values v, unsigned) { return extreme<int>(v, false); }},
      {"redux.and", "redux.sync.and.b32 %r12, %r10, %r11;", [](Values v, unsigned) {
         unsigned all = ~0u;
         for (unsigned value : v) {
           all &= value;
         }
         return all;
       }},
      {"redux.or", "redux.sync.or.b32 %r12, %r10, %r11;", [](Values v, unsigned) {
         unsigned all = 0;
         for (unsigned value : v) {
           all |= value;
         }
         return all;
       }},
      {"redux.xor", "redux.sync.xor.b32 %r12, %r10, %r11;", [](Values v, unsigned) {
         unsigned all = 0;
         for (unsigned value : v) {
           all ^= value;
         }
         return all;
       }},
  };
}

// Three sets of values, of a whole warp and of a warp of 20 lanes, of which 3 take no part.
void decisions() {
  const std::vector<std::function<unsigned(unsigned)>> sets = {
      [](unsigned lane) { return lane * 0x9e3779b9u | 0x11; }, [](unsigned lane) { return (lane % 7 == 2 ? 3u : 8u); },
      [](unsigned) { return 0x80000002u; }};
  for (const Together& one : all_together()) {
    for (unsigned threads : {32u, 20u}) {
      for (const auto& value_of : sets) {
        unsigned mask = threads == 32 ? 0xffffffff : 0xfffff & ~7u;
        Text text;
        text.body = "setp.lt.u32 %p9, %r1, " + std::to_string(threads == 32 ? 0 : 3) + ";\n@%p9 bra END;\n" +
                    "mad.wide.u32 %d10, %r1, 4, %d1;\nld.global.u32 %r10, [%d10];\nand.b32 %r9, %r10, 1;\n"
                    "setp.ne.u32 %p1, %r9, 0;\nmov.b32 %r11, " + std::to_string(mask) + ";\n" + one.operation +
                    "\nst.global.u32 [%d3], %r12;\nEND:";
        Words in(32), expected(threads);
        std::vector<unsigned> taking_part;
        for (unsigned lane = 0; lane < threads; lane++) {
          in[lane] = value_of(lane);
          if (mask >> lane & 1) {
            taking_part.push_back(in[lane]);
          }
        }
        for (unsigned lane = 0; lane < threads; lane++) {
          expected[lane] = mask >> lane & 1 ? one.result(taking_part, in[lane]) : 0;
        }
        must_give(one.name, text, {1, threads}, in, expected);
      }
    }
  }
}

void masks() {
  Text text;
  text.body = R"(rem.u32 %r10, %r1, 3;
match.any.sync.b32 %r11, %r10, 0xffffffff;
cvt.u64.u32 %d10, %r10;
shl.b64 %d10, %d10, 40;
match.any.sync.b64 %r12, %d10, 0xffffffff;
setp.eq.u32 %p1, %r11, %r12;
@!%p1 trap;
match.all.sync.b32 %r13|%p2, %r10, 0xffffffff;
selp.b32 %r14, 1, 0, %p2;
match.all.sync.b64 %r15|%p3, 77, 0xffffffff;
selp.b32 %r16, 1, 0, %p3;
setp.ge.u32 %p4, %r1, 16;
vote.sync.ballot.b32 %r17, %p4, 0xffffffff;
elect.sync %r18|%p5, 0xfffffff0;
selp.b32 %r19, 1, 0, %p5;
activemask.b32 %r20;
shr.u32 %r20, %r20, %r1;
and.b32 %r20, %r20, 1;
mad.wide.u32 %d11, %r1, 36, %d2;
st.global.u32 [%d11], %r11;
st.global.u32 [%d11+4], %r13;
st.global.u32 [%d11+8], %r14;
st.global.u32 [%d11+12], %r15;
st.global.u32 [%d11+16], %r16;
st.global.u32 [%d11+20], %r17;
st.global.u32 [%d11+24], %r18;
st.global.u32 [%d11+28], %r19;
st.global.u32 [%d11+32], %r20;)";
  text.body.replace(text.body.find("elect.sync"), 33, "setp.lt.u32 %p6, %r1, 4;\nmov.b32 %r18, 4;\nmov.b32 %r19, 0;\n"
                                                      "@%p6 bra LOW;\nelect.sync %r18|%p5, 0xfffffff0;");
  text.body.insert(text.body.find("activemask"), "LOW:\n");
  Words expected;
  for (unsigned lane = 0; lane < 32; lane++) {
    unsigned same = 0;
    for (unsigned other = lane % 3; other < 32; other += 3) {
      same |= 1u << other;
    }
    for (unsigned word : {same, 0u, 0u, 0xffffffffu, 1u, 0xffff0000u, 4u, unsigned(lane == 4), 1u}) {
      expected.push_back(word);
    }
  }
  must_give("masks", text, {1, 32}, {0}, expected);
}

// In lockstep, which is the last order, those of a branch run together.
void active_lanes() {
  Text text;
  text.body = R"(mov.u32 %r11, 0;
and.b32 %r10, %r1, 1;
setp.eq.u32 %p1, %r10, 0;
@%p1 bra END;
activemask.b32 %r11;
END:
st.global.u32 [%d3], %r11;)";
  Words expected(64);
  for (unsigned i = 1; i < 64; i += 2) {
    expected[i] = 0xaaaaaaaa;
  }
  must_give("the mask of a branch", text, {1, 64}, {0}, expected);
}

void mistakes() {
  const struct {
    const char* body;
    unsigned threads;
    Finding finding;
  } wrong[] = {
      // A lane that has left gives no value, and one that the mask leaves out neither takes nor gives.
      {"setp.eq.u32 %p1, %r1, 9;\n@%p1 ret;\nshfl.sync.idx.b32 %r10, %r1, 9, 31, 0xffffffff; // here", 32,
       {"shuffle takes the value of a lane that takes no part", "(31,0,0)"}},
      {"shfl.sync.down.b32 %r10, %r1, 8, 31, 0xffffffff; // here", 20,
       {"shuffle takes the value of a lane that takes no part", "(19,0,0)"}},
      {"shfl.sync.idx.b32 %r10, %r1, 9, 31, 0xfffffffe; // here", 32,
       {"warp operation by a lane that its own mask leaves out", "(0,0,0)"}},
      {"setp.eq.u32 %p1, %r1, 5;\nmov.b32 %r10, -1;\n@%p1 mov.b32 %r10, 0xff;\n"
       "vote.sync.ballot.b32 %r11, %p1, %r10; // here", 32,
       {"lanes 31 and 5 of a warp wait for one another in different operations", "(31,0,0)"}},
      {"setp.eq.u32 %p1, %r1, 5;\n@%p1 bra OTHER;\nredux.sync.add.u32 %r11, %r1, -1; // here\nbra END;\nOTHER:\n"
       "vote.sync.ballot.b32 %r11, %p1, -1;\nEND:", 32,
       {"lanes 31 and 5 of a warp wait for one another in different operations", "(31,0,0)"}},
      {"setp.eq.u32 %p1, %r1, 31;\n@%p1 bra OTHER;\nbar.warp.sync -1;\nOTHER:\nbar.sync 0; // here", 32,
       {"barrier not reached by all threads: 1 of 32 wait at a barrier, 31 in a warp operation, 0 have returned",
        "(31,0,0)"}},
  };
  for (const auto& one : wrong) {
    Text text;
    text.body = one.body;
    must_find(text, {1, one.threads}, one.finding);
  }
}

void refusals() {
  must_refuse_each({
      {"shfl.up.b32 %r10, %r1, 1, 0;", "without .sync is of GPUs before Volta"},
      {"vote.all.pred %p1, %p2;", "without .sync is of GPUs before Volta"},
      {"shfl.sync.idx.b64 %d10, %d1, 1, 31, -1;", "shfl"},
      {"vote.sync.ballot.pred %p1, %p2, -1;", "vote"},
      {"redux.sync.add.b32 %r10, %r1, -1;", "redux"},
      {"redux.sync.and.u32 %r10, %r1, -1;", "redux"},
      {"redux.sync.min.f32 %f1, %f2, -1;", "redux"},
      {"match.any.sync.b32 %r10|%p1, %r1, -1;", "match"},
  });
  Text old;
  old.target = "sm_75";
  old.body = "redux.sync.add.u32 %r10, %r1, -1;";
  must_refuse(old, "redux.sync needs .target sm_80 or newer, not sm_75");
}

}

void test_ptx_shuffles() {
  shuffles();
  halves_of_a_warp();
  decisions();
  masks();
  active_lanes();
  mistakes();
  refusals();
}
