// Blocks that wait for others, before or after them: these run beside them, as many as a card holds at once.
#include "selftest/ptx/ptx_launches.h"

namespace {

// 4 multiprocessors with 32 blocks each.
constexpr unsigned ROOM = 128;

Text of(const std::string& body) {
  Text text;
  text.body = body;
  return text;
}

Words counted(unsigned count) {
  Words words(count);
  for (unsigned i = 0; i < count; i++) {
    words[i] = i + 1;
  }
  return words;
}

// Each block adds 1 to what the one before has written.
const char* const CHAIN = R"(mov.u32 %r10, 0;
setp.eq.u32 %p1, %r3, 0;
@%p1 bra GO;
WAIT:
ld.acquire.gpu.global.u32 %r10, [%d3+-4];
setp.eq.u32 %p2, %r10, 0;
@%p2 bra WAIT;
GO:
add.u32 %r10, %r10, 1;
st.release.gpu.global.u32 [%d3], %r10;)";

// The first waits for all others, of which there are more than find room beside it.
const char* const GATHER = R"(setp.eq.u32 %p1, %r3, 0;
@%p1 bra WAIT;
red.release.gpu.global.add.u32 [%d2], 1;
ret;
WAIT:
ld.acquire.gpu.global.u32 %r10, [%d2];
setp.ne.u32 %p2, %r10, 299;
@%p2 bra WAIT;
st.global.u32 [%d2+4], %r10;)";

// All come to a barrier of their own making, three times; before it each writes a word, and after it reads another's.
const char* const BARRIER = R"(mov.u32 %r20, %nctaid.x;
mov.u32 %r11, 0;
mov.u32 %r12, 0;
AGAIN:
setp.ne.u32 %p1, %r1, 0;
add.u32 %r13, %r12, %r3;
@%p1 st.global.u32 [%d3+4], %r13;
bar.sync 0;
add.u32 %r11, %r11, %r20;
@%p1 bra PASSED;
atom.release.gpu.global.add.u32 %r14, [%d2], 1;
WAIT:
ld.acquire.gpu.global.u32 %r10, [%d2];
setp.lt.u32 %p2, %r10, %r11;
@%p2 bra WAIT;
PASSED:
bar.sync 0;
add.u32 %r15, %r3, 1;
rem.u32 %r15, %r15, %r20;
mov.u32 %r16, %ntid.x;
mul.lo.u32 %r15, %r15, %r16;
mul.wide.u32 %d4, %r15, 4;
add.u64 %d4, %d4, %d2;
@%p1 ld.global.u32 %r17, [%d4+8];
bar.sync 0;
add.u32 %r11, %r11, %r20;
@%p1 bra LEFT;
atom.release.gpu.global.add.u32 %r14, [%d2], 1;
READ:
ld.acquire.gpu.global.u32 %r10, [%d2];
setp.lt.u32 %p2, %r10, %r11;
@%p2 bra READ;
LEFT:
bar.sync 0;
add.u32 %r12, %r12, 100;
setp.lt.u32 %p3, %r12, 300;
@%p3 bra AGAIN;
@%p1 st.global.u32 [%d3+4], %r17;)";

void earlier_and_later() {
  long long mark = charlstm_sim_found();
  must_give("a chain of blocks", of(CHAIN), {300, 1}, {0}, counted(300));
  Words gathered(2);
  gathered[0] = gathered[1] = 299;
  must_give("a block that waits for all others", of(GATHER), {300, 1}, {0}, gathered);
  CHECK(charlstm_sim_found() == mark);
}

// All wait for a block in their middle, which comes in time only where blocks begin by their numbers.
void in_order_alone() {
  long long mark = charlstm_sim_found();
  must_give("a block in the middle", of(R"(setp.eq.u32 %p1, %r3, 100;
@%p1 st.release.gpu.global.u32 [%d2], 1;
WAIT:
ld.acquire.gpu.global.u32 %r10, [%d2];
setp.eq.u32 %p2, %r10, 0;
@%p2 bra WAIT;)"), {300, 1}, {0}, {1});
  std::string told(charlstm_sim_findings(mark, nullptr, 0), 0);
  charlstm_sim_findings(mark, told.data(), told.size());
  CHECK(told.find("\"warning\",\"kind\":\"order\"") != std::string::npos);
  CHECK(told.find("counts on blocks that begin in the order of their numbers") != std::string::npos);
}

// Of the blocks, with 2 threads each; the counter stands first.
void barriers() {
  constexpr unsigned BLOCKS = 20;
  Words passed(2 * BLOCKS + 1);
  passed[0] = 6 * BLOCKS;
  for (unsigned i = 0; i < BLOCKS; i++) {
    passed[2 * i + 2] = 200 + (i + 1) % BLOCKS;
  }
  must_give("a barrier of all blocks", of(BARRIER), {BLOCKS, 2}, {0}, passed);
}

// Each thread fences its own words before the barrier of its block, after which one counts. Sequential fences order
// what they stand for, whoever counts; others do not.
void fences_before_a_barrier() {
  auto with = [](const std::string& fence) {
    return of("add.u32 %r12, %r3, 7;\nst.global.u32 [%d3+4], %r12;\n" + fence + R"(
bar.sync 0;
setp.ne.u32 %p1, %r1, 0;
@%p1 bra MEET;
red.relaxed.gpu.global.add.u32 [%d2], 1;
WAIT:
ld.relaxed.gpu.global.u32 %r10, [%d2];
setp.ne.u32 %p2, %r10, 2;
@%p2 bra WAIT;
membar.gl;
MEET:
bar.sync 0;
xor.b32 %r11, %r2, 2;
mul.wide.u32 %d4, %r11, 4;
add.u64 %d4, %d4, %d2;
ld.global.u32 %r13, [%d4+4]; // here
sub.u32 %r13, %r13, %r12;)");
  };
  must_give("membar before a barrier", with("membar.gl;"), {2, 2}, {0}, {2, 7, 7, 8, 8});
  must_give("fence.sc before a barrier", with("fence.sc.gpu;"), {2, 2}, {0}, {2, 7, 7, 8, 8});
  must_find(with("fence.acq_rel.gpu;"), {2, 2},
            {"race: reads byte 8 of argument 1, which thread number 1 of block (0,0,0) wrote and nothing orders before "
             "it", "(1,0,0)", "(1,0,0)"});
}

void without_room() {
  // All count, and wait for the last.
  must_find(of(R"(mov.u32 %r10, %nctaid.x;
sub.u32 %r10, %r10, 1;
setp.eq.u32 %p1, %r3, %r10;
@%p1 st.release.gpu.global.u32 [%d2], 1;
red.relaxed.gpu.global.add.u32 [%d2+4], 1;
WAIT:
ld.acquire.gpu.global.u32 %r10, [%d2];
setp.eq.u32 %p2, %r10, 0;
@%p2 bra WAIT; // here)"), {ROOM + 1, 1},
            {"waits for another block, which cannot begin: the card holds 128 such blocks at once, and all of them "
             "wait"});
}

// With its data unfenced a wait for another block is a race, in whichever order they run.
void unfenced() {
  Text text = of(R"(setp.ne.u32 %p1, %r3, 0;
@%p1 st.global.u32 [%d2+8], 5;
@%p1 st.relaxed.gpu.global.u32 [%d2], 1;
@%p1 ret;
WAIT:
ld.relaxed.gpu.global.u32 %r10, [%d2];
setp.eq.u32 %p2, %r10, 0;
@%p2 bra WAIT;
ld.global.u32 %r11, [%d2+8]; // here)");
  must_find(text, {2, 1}, {"race: reads byte 8 of argument 1, which thread number 0 of block (1,0,0) wrote and nothing "
                           "orders before it"});
}

}

void test_ptx_waits() {
  earlier_and_later();
  in_order_alone();
  barriers();
  fences_before_a_barrier();
  without_room();
  unfenced();
}
