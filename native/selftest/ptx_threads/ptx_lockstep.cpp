// CHARLSTM_SIM_ORDERS=lockstep: the lanes of a warp run together where they are at the same instruction. Compilers
// count on that whose runtimes run all lanes over shared places.
#include "selftest/ptx/ptx_launches.h"

namespace {

Text in_lockstep(const std::string& body) {
  Text text;
  text.before = ".shared .align 4 .u32 slot;\n.shared .align 4 .b8 own[256];\n"
                ".func (.param .u32 r) mask() {\n.reg .u32 %q;\nactivemask.b32 %q;\nst.param.u32 [r], %q;\nret;\n}\n";
  text.body = body;
  text.orders = "lockstep";
  return text;
}

// Behind a loop of another length for each lane, and behind branches that lanes leave by calls, all run together again.
void meet_again() {
  Text text = in_lockstep(R"(rem.u32 %r10, %r1, 7;
mov.u32 %r11, own;
mad.lo.u32 %r11, %r1, 4, %r11;
LOOP:
st.shared.u32 [%r11], %r10;
setp.eq.u32 %p1, %r10, 0;
@%p1 bra DONE;
sub.u32 %r10, %r10, 1;
bra LOOP;
DONE:
activemask.b32 %r12;
and.b32 %r13, %r1, 1;
setp.eq.u32 %p2, %r13, 0;
{
.param .u32 got;
@%p2 bra EVEN;
call (got), mask;
ld.param.u32 %r14, [got];
st.shared.u32 [%r11], 1;
st.shared.u32 [%r11], 2;
bra BOTH;
EVEN:
call (got), mask;
ld.param.u32 %r14, [got];
}
BOTH:
activemask.b32 %r15;
and.b32 %r12, %r12, %r15;
setp.eq.u32 %p3, %r12, 0xffffffff;
selp.u32 %r16, %r14, 0, %p3;
st.global.u32 [%d3], %r16;)");
  Words expected(64);
  for (unsigned i = 0; i < 64; i++) {
    expected[i] = i % 2 == 0 ? 0x55555555 : 0xaaaaaaaa;
  }
  must_give("lanes that have branched apart", text, {1, 64}, {0}, expected);
}

// All lanes count in one place, where a store is one of all; each reads what its neighbour has stored, and no barrier
// lies between.
void share_places() {
  const std::string counts = R"(mov.u32 %r10, 0;
st.shared.u32 [slot], 0;
LOOP:
ld.shared.u32 %r11, [slot];
add.u32 %r11, %r11, 3;
st.shared.u32 [slot], %r11;
add.u32 %r10, %r10, 1;
setp.lt.u32 %p1, %r10, 5;
@%p1 bra LOOP;
mov.u32 %r12, own;
mad.lo.u32 %r13, %r1, 4, %r12;
st.shared.u32 [%r13], %r1;
xor.b32 %r14, %r1, 1;
mad.lo.u32 %r14, %r14, 4, %r12;
ld.shared.u32 %r15, [%r14];
mad.lo.u32 %r15, %r11, 1000, %r15;
st.global.u32 [%d3], %r15;)";
  Words expected(32);
  for (unsigned i = 0; i < 32; i++) {
    expected[i] = 15000 + (i ^ 1);
  }
  must_give("places that lanes share", in_lockstep(counts), {1, 32}, {0}, expected);
}

// GCC's runtime keeps the stack of all lanes in one place. Local memory lies at one address on a card.
void share_local_places() {
  Text text = in_lockstep("st.shared.u64 [stack], %d10;\nst.global.u32 [%d3], 1;");
  text.before += ".shared .align 8 .u64 stack;\n";
  text.body = "{\n.local .align 8 .b8 own_place[16];\ncvta.local.u64 %d10, own_place;\n" + text.body + "\n}";
  must_give("places in local memory", text, {1, 32}, {0}, Words(32, 1));
  text.body = "{\n.local .align 8 .b8 own_place[128];\nmov.u64 %d11, own_place;\nmad.wide.u32 %d10, %r1, 4, %d11;\n"
              "cvta.local.u64 %d10, %d10;\nst.shared.u64 [stack], %d10; // here\n}";
  must_find(text, {1, 32},
            {"race: writes byte 0 of a shared array of 8, which thread number 0 wrote and nothing orders before it",
             "(1,0,0)"});
}

// Two warps add under a lock, as GCC has it: one lane takes it, all do the rest at once. A plain store frees it.
void share_a_lock() {
  must_give("a lock that all lanes release", in_lockstep(R"(and.b32 %r10, %r1, 31;
setp.eq.u32 %p1, %r10, 0;
mov.u32 %r11, 0;
AGAIN:
@%p1 atom.global.exch.b32 %r11, [%d1], 1;
shfl.sync.idx.b32 %r11, %r11, 0, 31, 0xffffffff;
membar.sys;
setp.ne.u32 %p2, %r11, 0;
@%p2 bra AGAIN;
ld.global.u32 %r12, [%d2];
add.u32 %r12, %r12, 1;
st.global.u32 [%d2], %r12;
membar.sys;
mov.u32 %r13, 0;
st.global.u32 [%d1], %r13;)"), {1, 64}, {0}, {2});
}

// A store of all lanes at once has no one value, and other warps are in no lockstep with this.
void mistakes() {
  must_find(in_lockstep("st.shared.u32 [slot], %r1; // here"), {1, 32},
            {"race: writes byte 0 of a shared array of 4, which thread number 0 wrote and nothing orders before it",
             "(1,0,0)"});
  must_find(in_lockstep("st.shared.u32 [slot], 1;\nst.shared.u32 [slot], 2; // here"), {1, 64},
            {"race: writes byte 0 of a shared array of 4, which thread number 63 wrote and nothing orders before it",
             "(0,0,0)"});
}

}

void test_ptx_lockstep() {
  meet_again();
  share_places();
  share_local_places();
  share_a_lock();
  mistakes();
}
