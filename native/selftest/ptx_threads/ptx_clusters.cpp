// Blocks of a cluster together (PTX ISA, "mapa", "getctarank", "barrier.cluster", "st.async", "mbarrier" of
// another block).
#include "selftest/ptx/ptx_launches.h"

namespace {

const Shape TWO_BLOCKS = {2, 32};

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 16 .b8 own[512];\n.shared .align 8 .b64 bar;\n";
  text.directives = ".explicitcluster\n.reqnctapercluster 2, 1, 1\n";
  text.body = R"(mov.u32 %r4, %cluster_ctarank;
xor.b32 %r5, %r4, 1;
mov.u32 %r6, own;
mad.lo.u32 %r7, %r1, 4, %r6;
mapa.shared::cluster.u32 %r8, %r7, %r5;
mov.u32 %r20, bar;
mapa.shared::cluster.u32 %r21, %r20, %r5;
setp.eq.u32 %p9, %r1, 0;
)" + body;
  return text;
}

const std::string MEET = "barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\n";

// Each thread's number and that of its block, as its neighbour in the other block gets it.
Words exchanged(unsigned add = 0) {
  Words expected(64);
  for (unsigned i = 0; i < 64; i++) {
    expected[i] = (i ^ 32) + add;
  }
  return expected;
}

void addresses() {
  must_give("mapa and getctarank", text_of(R"(mov.u64 %d10, own;
cvta.shared.u64 %d11, %d10;
mapa.u64 %d12, %d11, %r5;
getctarank.u64 %r10, %d12;
getctarank.shared::cluster.u32 %r11, %r8;
getctarank.shared::cluster.u32 %r12, %r7;
mapa.u64 %d13, %d12, %r4;
setp.eq.u64 %p1, %d13, %d11;
selp.b32 %r13, 1, 0, %p1;
mapa.shared::cluster.u32 %r14, own+8, %r5;
mapa.shared::cluster.u32 %r15, own, %r5;
sub.u32 %r14, %r14, %r15;
sub.u32 %r10, %r10, %r5;
sub.u32 %r11, %r11, %r5;
sub.u32 %r12, %r12, %r4;
or.b32 %r10, %r10, %r11;
or.b32 %r10, %r10, %r12;
mad.lo.u32 %r10, %r10, 100, %r13;
mad.lo.u32 %r10, %r14, 10, %r10;
st.global.u32 [%d3], %r10;)"), {2, 1}, {0}, {81, 81});
  must_find(text_of("mapa.u64 %d10, %d1, 0; // here"), {2, 1},
            {"mapa of what is not in shared memory", "(0,0,0)", "(0,0,0)", "", CUDA_ERROR_ILLEGAL_ADDRESS});
  must_find(text_of("mapa.shared::cluster.u32 %r10, own, 2; // here"), {2, 1},
            {"place_in block 2 of a cluster of 2"});
}

// By loads, stores and atomic operations of the other block's memory, in its own space and by generic addresses.
void far_accesses() {
  for (const std::string& way :
       {"st.shared::cluster.u32 [%r8], %r2;\n" + MEET + "ld.shared.u32 %r10, [%r7];\n",
        "st.shared.u32 [%r7], %r2;\n" + MEET + "ld.shared::cluster.u32 %r10, [%r8];\n" + MEET,
        "cvt.u64.u32 %d9, %r7;\ncvta.shared.u64 %d9, %d9;\nmapa.u64 %d10, %d9, %r5;\nst.u32 [%d10], %r2;\n" + MEET +
            "ld.shared.u32 %r10, [%r7];\n",
        "st.shared.u32 [%r7], 0;\n" + MEET + "red.shared::cluster.add.u32 [%r8], %r2;\n" + MEET +
            "ld.shared.u32 %r10, [%r7];\n"}) {
    must_give(way, text_of(way + "st.global.u32 [%d3], %r10;"), TWO_BLOCKS, {0}, exchanged());
  }
  must_find(text_of("ld.shared.u32 %r10, [%r8]; // here"), TWO_BLOCKS,
            {"out-of-bounds read of 4 bytes at SHARED, which is not the block's own shared memory (.shared::cluster is "
             "that of others)", "(0,0,0)", "(0,0,0)", "", CUDA_ERROR_ILLEGAL_ADDRESS});
  must_find(text_of("st.shared.u32 [%r7], %r2;\n" + MEET + "setp.eq.u32 %p1, %r4, 0;\n@%p1 ret;\nADD:\n"
                    "ld.shared::cluster.u32 %r10, [%r8]; // here"), TWO_BLOCKS,
            {"read of byte 0 of a shared array of 512 of block 0 of its cluster, which has returned", "(0,0,0)",
             "(1,0,0)"});
}

// The two halves of the cluster's barrier: what lies between them is of no use to others, or harms nobody.
void halves_of_the_barrier() {
  const std::string store = "st.shared::cluster.u32 [%r8], %r2;\n", load = "ld.shared.u32 %r10, [%r7]; // here\n",
                    out = "st.global.u32 [%d3], %r10;";
  const std::string race = "race: reads byte 0 of a shared array of 512 of block 1 of its cluster, which thread "
      "number 0 "
                           "of block 0 of its cluster wrote and nothing orders before it";
  const Finding unordered = {race, "(0,0,0)", "(1,0,0)"};
  must_give("a store before the arrival",
            text_of(store + "barrier.cluster.arrive;\nadd.u32 %r9, %r2, 1;\nbarrier.cluster.wait.acquire;\n" + load +
            out),
            TWO_BLOCKS, {0}, exchanged());
  must_give("a fence before a relaxed arrival",
            text_of(store + "fence.acq_rel.cluster;\nbarrier.cluster.arrive.relaxed;\nbarrier.cluster.wait;\n" + load +
            out),
            TWO_BLOCKS, {0}, exchanged());
  must_give("both forms of an arrival, twice",
            text_of("barrier.cluster.arrive.relaxed.aligned;\nbarrier.cluster.wait.aligned;\n" + store +
                    "barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;\n" + load + out),
            TWO_BLOCKS, {0}, exchanged());
  // Block 1 reads what block 0 has written before both arrive, and after.
  const std::string only_first = "setp.eq.u32 %p1, %r4, 0;\n@%p1 " + store, only_second = "@!%p1 " + load;
  must_give("an arrival and a wait", text_of(only_first + MEET + only_second), TWO_BLOCKS, {0}, Words(4));
  must_find(text_of("setp.eq.u32 %p1, %r4, 0;\nbarrier.cluster.arrive;\n@%p1 " + store + "barrier.cluster.wait;\n" +
                    only_second), TWO_BLOCKS, unordered);
  must_find(text_of(only_first + "barrier.cluster.arrive.relaxed;\nbarrier.cluster.wait;\n" + only_second), TWO_BLOCKS,
            unordered);
  must_find(text_of(only_first + "fence.acq_rel.cta;\nbarrier.cluster.arrive.relaxed;\nbarrier.cluster.wait;\n" +
                    only_second), TWO_BLOCKS, unordered);
  // A thread that has left is not waited for; one that comes twice, or not at all, has made a mistake.
  must_give("threads that have left", text_of("@%p9 ret;\n" + MEET + "st.global.u32 [%d3], 4;"), {2, 2}, {0},
            {0, 4, 0, 4});
  must_give("threads that arrive and leave",
            text_of("barrier.cluster.arrive;\n@%p9 ret;\nbarrier.cluster.wait;\nst.global.u32 [%d3], 4;"), {2, 2}, {0},
            {0, 4, 0, 4});
  must_find(text_of("barrier.cluster.arrive;\nbarrier.cluster.arrive; // here"), TWO_BLOCKS,
            {"comes to the barrier of its cluster twice, and does not wait between"});
  must_find(text_of("barrier.cluster.wait; // here"), TWO_BLOCKS,
            {"waits at the barrier of its cluster, to which it has not come"});
  must_find(text_of("@%p9 bra END;\n" + std::string("barrier.cluster.arrive;\nbarrier.cluster.wait;\nEND:\n"
                    "@%p9 bar.sync 1, 64; // here")), {2, 64},
            {"cluster barrier not reached by all threads: 126 of 128 wait at it, 0 have returned"});
}

// Bytes that are sent arrive with their count; arrivals at another block's mbarrier, with and without a fence for its
// making.
void messages() {
  const std::string made = "@%p9 mbarrier.init.shared.b64 [bar], COUNT;\n";
  auto make = [&](const std::string& count) {
    std::string text = made;
    return text.replace(text.find("COUNT"), 5, count);
  };
  const std::string wait = "WAIT:\nmbarrier.try_wait.parity.acquire.cluster.shared.b64 %p1, [bar], 0;\n@!%p1 bra "
      "WAIT;\n";
  const std::string expect = "@%p9 mbarrier.arrive.expect_tx.shared.b64 %d10, [bar], 128;\n";
  const std::string out = "ld.shared.u32 %r10, [%r7]; // here\nst.global.u32 [%d3], %r10;";
  for (const std::string send :
       {"st.async.shared::cluster.mbarrier::complete_tx::bytes.u32 [%r8], %r2, [%r21];\n",
        "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [%r8+0], %r2, [%r21];\n",
        "cvt.u64.u32 %d9, %r7;\ncvta.shared.u64 %d9, %d9;\nmapa.u64 %d10, %d9, %r5;\ncvt.u64.u32 %d11, %r20;\n"
        "cvta.shared.u64 %d11, %d11;\nmapa.u64 %d12, %d11, %r5;\n"
        "st.async.weak.mbarrier::complete_tx::bytes.b32 [%d10], %r2, [%d12];\n"}) {
    must_give(send, text_of(make("1") + expect + MEET + send + wait + out), TWO_BLOCKS, {0}, exchanged());
  }
  must_give("vectors",
            text_of(make("1") + expect + MEET +
                    "setp.ge.u32 %p2, %r1, 8;\n@%p2 bra READ;\nmad.lo.u32 %r11, %r1, 16, %r6;\n"
                    "mapa.shared::cluster.u32 %r12, %r11, %r5;\nmul.lo.u32 %r13, %r1, 4;\nmad.lo.u32 %r13, %r4, 32, "
                    "%r13;\n"
                    "add.u32 %r14, %r13, 1;\nadd.u32 %r15, %r13, 2;\nadd.u32 %r16, %r13, 3;\n"
                    "st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%r12], {%r13, %r14, %r15, %r16}, "
                    "[%r21];\nREAD:\n" + wait + out),
            TWO_BLOCKS, {0}, exchanged());
  const std::string arrive = "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r21];\n";
  must_give("arrivals from another block",
            text_of(make("32") + MEET + "st.shared::cluster.u32 [%r8], %r2;\n" + arrive + wait + out + "\n" + MEET),
            TWO_BLOCKS, {0}, exchanged());
  must_give("a fence for mbarriers",
            text_of(make("32") + "@%p9 fence.mbarrier_init.release.cluster;\nbarrier.cluster.arrive.relaxed;\n"
                    "barrier.cluster.wait;\nst.shared::cluster.u32 [%r8], %r2;\n" + arrive + wait + out + "\n" + MEET),
            TWO_BLOCKS, {0}, exchanged());
  must_find(text_of(make("32") + "barrier.cluster.arrive.relaxed;\nbarrier.cluster.wait;\n"
                    "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r21]; // here"), TWO_BLOCKS,
            {"mbarrier.arrive: nobody has certainly made an arrival barrier before at byte 0 of a shared array of 8 of "
             "block 1 of its cluster"});
  const std::string near = "mbarrier.try_wait.parity.acquire.cta.shared.b64 %p1, [bar], 0;\n";
  must_find(text_of(make("32") + MEET + "st.shared::cluster.u32 [%r8], %r2;\n" + arrive + "WAIT:\n" + near +
                    "@!%p1 bra WAIT;\n" + out + "\n" + MEET), TWO_BLOCKS,
            {"race: reads byte 0 of a shared array of 512 of block 1 of its cluster, which thread number 0 of block 0 "
             "of "
             "its cluster wrote and nothing orders before it", "(0,0,0)", "(1,0,0)"});
  must_find(text_of(make("1") + MEET + "mbarrier.test_wait.parity.shared.b64 %p1, [%r21], 0; // here"), TWO_BLOCKS,
            {"mbarrier.test_wait at the arrival barrier at byte 0 of a shared array of 8 of block 1 of its cluster, "
             "which "
             "is not the thread's own block"});
}

void refusals() {
  Text old;
  old.target = "sm_80";
  old.body = "mapa.shared::cluster.u32 %r10, %r11, 0;";
  must_refuse(old, "mapa needs .target sm_90 or newer, not sm_80");
  old.body = "barrier.cluster.arrive;";
  must_refuse(old, "barrier.cluster needs .target sm_90 or newer, not sm_80");
}

// Block 0 copies to both, to the same places, and each counts its own.
void copies_to_several() {
  const std::string text = R"(@!%p9 bra MADE;
mbarrier.init.shared.b64 [bar], 1;
mbarrier.arrive.expect_tx.shared.b64 %d10, [bar], 128;
MADE:
)" + MEET + R"(mov.u16 %h1, MASK;
prefetch.global.L2 [%d1];
cp.async.bulk.prefetch.L2.global [%d1], 128;
setp.eq.and.u32 %p2, %r4, 0, %p9;
@%p2 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [own], // here
[%d1], 128, [bar], %h1;
WAIT:
mbarrier.try_wait.parity.shared.b64 %p1, [bar], 0;
@!%p1 bra WAIT;
ld.shared.u32 %r10, [%r7];
st.global.u32 [%d3], %r10;
)" + MEET;
  Words in(32), expected(64);
  for (unsigned i = 0; i < 64; i++) {
    in[i % 32] = 3 * (i % 32);
    expected[i] = 3 * (i % 32);
  }
  auto with = [&](const char* mask) {
    std::string whole = text;
    return text_of(whole.replace(whole.find("MASK"), 4, mask));
  };
  must_give("cp.async.bulk to several blocks", with("3"), TWO_BLOCKS, in, expected);
  must_find(with("7"), TWO_BLOCKS, {"cp.async.bulk to blocks that the cluster does not have"}, in);
}

}

void test_ptx_clusters() {
  copies_to_several();
  addresses();
  far_accesses();
  halves_of_the_barrier();
  messages();
  refusals();
}
