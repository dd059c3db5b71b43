// Threads that wait in loops: for others of their block, which go on, and for what nobody does. A launch of which no
// thread can make progress but by spinning ends with a finding, with CHARLSTM_SIM_SECONDS or without it.
#include <chrono>
#include <cstdlib>

#include "selftest/ptx/ptx_launches.h"

namespace {

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 8 .b8 own[64];\n.shared .align 8 .b64 bar;\n";
  text.body = "setp.eq.u32 %p9, %r1, 0;\n@%p9 st.shared.v2.u32 [own], {0, 0};\nbar.sync 0;\n" + body;
  text.body.replace(text.body.find("{0, 0}"), 6, "{%r3, %r3}");
  return text;
}

// Threads of a warp take a lock in turn, and add up without atomic operations.
void locks() {
  must_give("a lock", text_of(R"(TAKE:
atom.acquire.cta.shared.cas.b32 %r10, [own], 0, 1;
setp.ne.u32 %p1, %r10, 0;
@%p1 bra TAKE;
ld.shared.u32 %r11, [own+4];
add.u32 %r11, %r11, 1;
st.shared.u32 [own+4], %r11;
atom.release.cta.shared.exch.b32 %r10, [own], 0;
bar.sync 0;
ld.shared.u32 %r13, [own+4];
st.global.u32 [%d3], %r13;)"), {1, 64}, {0}, Words(64, 64));
}

// Two threads hand a number to and fro.
void handing_over() {
  must_give("handing over", text_of(R"(mov.u32 %r10, %r1;
AGAIN:
ld.acquire.cta.shared.u32 %r11, [own];
setp.ne.u32 %p1, %r11, %r10;
@%p1 bra AGAIN;
add.u32 %r12, %r11, 1;
st.release.cta.shared.u32 [own], %r12;
add.u32 %r10, %r10, 2;
setp.lt.u32 %p2, %r10, 1000;
@%p2 bra AGAIN;
bar.sync 0;
ld.shared.u32 %r13, [own];
st.global.u32 [%d3], %r13;)"), {1, 2}, {0}, {1000, 1000});
}

// A thread that computes for long while others wait for it is not at fault.
void computing() {
  must_give("a long loop", text_of(R"(setp.ne.u32 %p1, %r1, 0;
@%p1 bra MEET;
mov.u32 %r10, 0;
AGAIN:
add.u32 %r10, %r10, 1;
setp.lt.u32 %p2, %r10, 1000000;
@%p2 bra AGAIN;
st.shared.u32 [own], %r10;
MEET:
bar.sync 0;
ld.shared.u32 %r11, [own];
st.global.u32 [%d3], %r11;)"), {1, 2}, {0}, {1000000, 1000000});
  must_give("nanosleep", text_of(R"(mov.u64 %d10, %globaltimer;
add.u64 %d10, %d10, 10000000;
AGAIN:
nanosleep.u32 100;
mov.u64 %d11, %globaltimer;
setp.lt.u64 %p1, %d11, %d10;
@%p1 bra AGAIN;
st.global.u32 [%d3], 3;)"), {1, 2}, {0}, {3, 3});
}

// As long as memory changes now and then, threads may sleep more often than a wait without end would bear.
void sleeping() {
  must_give("sleeping", text_of(R"(mov.u32 %r10, 0;
AGAIN:
nanosleep.u32 1;
add.u32 %r10, %r10, 1;
st.global.u32 [%d3], %r10;
setp.lt.u32 %p2, %r10, 20000;
@%p2 bra AGAIN;)"), {1, 1}, {0}, {20000});
}

void without_end() {
  const std::string thread = "waits in a loop for what no thread does";
  const struct {
    const char* body;
    Shape shape;
    Finding found;
  } wrong[] = {
      // A lock that nobody frees, a flag of this block.
      {"WAIT:\natom.global.exch.b32 %r10, [%d2], 1;\nsetp.ne.u32 %p2, %r10, 0;\n@%p2 bra WAIT; // here\n", {2, 1},
       {thread, "(0,0,0)", "(1,0,0)"}},
      {"WAIT:\natom.shared.cas.b32 %r10, [own], 1, 2;\nsetp.ne.u32 %p2, %r10, 1;\n@%p2 bra WAIT; // here\n", {1, 40},
       {thread}},
      {"WAIT:\nld.volatile.shared.u32 %r10, [own];\nmov.u32 %r11, 1;\nT: .branchtargets WAIT, END;\n"
       "min.u32 %r10, %r10, 1;\nbrx.idx %r10, T; // here\nEND:\n", {1, 1}, {thread}},
      {"WAIT:\nnanosleep.u32 100; // here\nld.volatile.shared.u32 %r10, [own];\nsetp.eq.u32 %p2, %r10, 0;\n"
       "@%p2 bra WAIT;\n", {1, 1}, {thread}},
      {"@%p9 mbarrier.init.shared.b64 [bar], 2;\nbar.sync 0;\nWAIT:\n"
       "mbarrier.test_wait.parity.shared.b64 %p2, [bar], 0;\n@!%p2 bra WAIT; // here\n", {1, 2}, {thread}},
      // One waits at the block's barrier for another that spins.
      {"@!%p9 bra MEET;\nWAIT:\nld.relaxed.cta.shared.u32 %r10, [own];\nsetp.eq.u32 %p2, %r10, 0;\n"
       "@%p2 bra WAIT; // here\nMEET:\nbar.sync 0;", {1, 64}, {thread}},
  };
  for (const auto& one : wrong) {
    auto start = std::chrono::steady_clock::now();
    must_find(text_of(one.body), one.shape, one.found);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
}

// With a limit of time that ends it, whatever a loop does.
void limits() {
  setenv("CHARLSTM_SIM_SECONDS", "0.05", 1);
  const Finding found = {"has not ended after 0.05 seconds (CHARLSTM_SIM_SECONDS)", "(0,0,0)", "(0,0,0)", "",
                         CUDA_ERROR_LAUNCH_TIMEOUT};
  for (const char* loop : {"add.u32 %r10, %r10, 1;\n", "st.global.u32 [%d2], %r10;\n",
                           "atom.global.add.u32 %r10, [%d2], 1;\n", "ld.volatile.global.u32 %r10, [%d2];\n"}) {
    must_find(text_of(std::string("WAIT:\n") + loop + "bra WAIT; // here"), {1, 1}, found);
  }
  unsetenv("CHARLSTM_SIM_SECONDS");
}

}

void test_ptx_spins() {
  locks();
  handing_over();
  computing();
  sleeping();
  without_end();
  limits();
}
