// Barriers of a block and of a warp in every form, and mistakes at them (PTX ISA, "bar", "barrier", "bar.warp.sync").
#include "selftest/ptx/ptx_launches.h"

namespace {

// Each thread gives its word to the one as far from the other end, with this barrier between.
std::string mirrored(const std::string& barrier, unsigned threads) {
  return "mov.u32 %r10, own;\nmad.lo.u32 %r11, %r1, 4, %r10;\nst.shared.u32 [%r11], %r1;\n" + barrier +
         "\nsub.u32 %r12, " + std::to_string(threads - 1) +
         ", %r1;\nmad.lo.u32 %r13, %r12, 4, %r10;\nld.shared.u32 %r14, [%r13]; // here\nst.global.u32 [%d3], %r14;";
}

// Where the barrier is missing, the finding is at the write that comes after another's read.
std::string found_at_write(std::string text) {
  const std::string write = "st.shared.u32 [%r11], %r1;";
  text.erase(text.find(" // here"), 8);
  return text.insert(text.find(write) + write.size(), " // here");
}

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 4 .b8 own[4096];\n";
  text.body = body;
  return text;
}

void block_barriers() {
  for (const std::string barrier :
       {"bar.sync 0;", "bar.cta.sync 0;", "barrier.sync 0;", "barrier.sync.aligned 0;", "barrier.cta.sync 3;",
        "barrier.cta.sync.aligned 15;", "bar.sync 1, 96;", "bar.sync 0, 96;", "mov.u32 %r20, 5;\nbar.sync %r20;",
        "mov.u32 %r20, 96;\nbar.sync 2, %r20;", "bar.red.popc.u32 %r20, 1, %p1;", "bar.red.and.pred %p2, 0, 96, %p1;",
        "barrier.cluster.arrive;\nbarrier.cluster.wait;"}) {
    std::string whole = "setp.eq.u32 %p1, %r1, 0;\n" + barrier;
    Words expected(96);
    for (unsigned i = 0; i < 96; i++) {
      expected[i] = 95 - i;
    }
    must_give(barrier, text_of(mirrored(whole, 96)), {1, 96}, {0}, expected);
  }
  must_find(text_of(found_at_write(mirrored("", 96))), {1, 96},
            {"race: writes byte 192 of a shared array of 4096, which thread number 47 read and nothing orders before "
             "it",
             "(48,0,0)"});
}

// A warp's own barrier, for all lanes or for halves in branches of their own.
void warp_barriers() {
  Words expected(32);
  for (unsigned i = 0; i < 32; i++) {
    expected[i] = 31 - i;
  }
  must_give("bar.warp.sync", text_of(mirrored("bar.warp.sync 0xffffffff;", 32)), {1, 32}, {0}, expected);
  must_find(text_of(found_at_write(mirrored("setp.lt.u32 %p1, %r1, 16;\nselp.b32 %r20, 0xffff, 0xffff0000, %p1;\n"
                                            "bar.warp.sync %r20;", 32))), {1, 32},
            {"race: writes byte 64 of a shared array of 4096, which thread number 15 read and nothing orders before it",
             "(16,0,0)"});
}

// The lanes of a warp count as one in barriers that part of a block meets at.
void parts_of_a_block() {
  Text text = text_of(R"(mov.u32 %r10, own;
mad.lo.u32 %r11, %r1, 4, %r10;
setp.lt.u32 %p1, %r1, 64;
@%p1 bra FIRST;
// The last two warps wait for what the first two bring.
bar.sync 1, 128;
sub.u32 %r12, 127, %r1;
mad.lo.u32 %r13, %r12, 4, %r10;
ld.shared.u32 %r14, [%r13];
st.global.u32 [%d3], %r14;
bra END;
FIRST:
st.shared.u32 [%r11], %r1;
bar.arrive 1, 128;
bar.sync 2, 64;
xor.b32 %r12, %r1, 32;
mad.lo.u32 %r13, %r12, 4, %r10;
ld.shared.u32 %r14, [%r13];
st.global.u32 [%d3], %r14;
END:)");
  Words expected(128);
  for (unsigned i = 0; i < 128; i++) {
    expected[i] = i < 64 ? i ^ 32 : 127 - i;
  }
  must_give("parts of a block", text, {1, 128}, {0}, expected);
}

// Barrier 0 of the whole block is that of all its threads: the first half only arrives, and the second waits for that.
void arrivals_at_the_block_s_barrier() {
  for (const std::string waits : {"bar.sync 0, 128;", "bar.sync 0;", "barrier.cta.sync 0, 128;"}) {
    Text text = text_of(R"(mov.u32 %r10, own;
mad.lo.u32 %r11, %r1, 4, %r10;
setp.lt.u32 %p1, %r1, 64;
@%p1 bra FIRST;
)" + waits + R"(
sub.u32 %r12, 127, %r1;
mad.lo.u32 %r13, %r12, 4, %r10;
ld.shared.u32 %r14, [%r13];
st.global.u32 [%d3], %r14;
bar.arrive 1, 128;
bra END;
FIRST:
st.shared.u32 [%r11], %r1;
bar.arrive 0, 128;
bar.sync 1, 128;
st.shared.u32 [%r11], 0;
END:
bar.sync 0;)");
    Words expected(128);
    for (unsigned i = 64; i < 128; i++) {
      expected[i] = 127 - i;
    }
    must_give("bar.arrive 0 with " + waits, text, {1, 128}, {0}, expected);
  }
  Text twice = text_of("setp.lt.u32 %p1, %r1, 64;\n@%p1 bar.arrive 0, 128;\nbar.sync 0; // here");
  must_find(twice, {1, 128}, {"a warp comes to barrier 0 again before all others have come to it", "(96,0,0)"});
}

void reductions() {
  Text text;
  text.body = R"(setp.lt.u32 %p1, %r1, 40;
bar.red.popc.u32 %r10, 0, %p1;
bar.red.and.pred %p2, 1, %p1;
bar.red.or.pred %p3, 2, 64, %p1;
bar.red.and.pred %p4, 3, !%p3;
barrier.red.popc.u32 %r11, 4, 64, !%p1;
barrier.cta.red.or.pred.aligned %p5, 0, %p4;
selp.b32 %r12, 1000, 0, %p2;
add.u32 %r10, %r10, %r12;
selp.b32 %r12, 2000, 0, %p3;
add.u32 %r10, %r10, %r12;
selp.b32 %r12, 4000, 0, %p4;
add.u32 %r10, %r10, %r12;
selp.b32 %r12, 8000, 0, %p5;
add.u32 %r10, %r10, %r12;
mad.lo.u32 %r10, %r11, 10000, %r10;
st.global.u32 [%d3], %r10;)";
  text.body.replace(text.body.find(".or.pred.aligned"), 16, ".aligned.or.pred");
  must_give("reductions", text, {1, 64}, {0}, Words(64, 40 + 2000 + 24 * 10000));
}

void mistakes() {
  const struct {
    const char* body;
    unsigned threads;
    Finding finding;
  } wrong[] = {
      // One barrier in each branch: the lanes of a warp must be at the same one, unless they say otherwise.
      {"setp.lt.u32 %p1, %r1, 9;\n@%p1 bra LOW;\nbar.sync 0;\nbra END;\nLOW:\nbar.sync 0; // here\nEND:", 32,
       {"lanes 0 and 9 of a warp come to different barriers: it must be one for all of it", "(0,0,0)"}},
      {"setp.lt.u32 %p1, %r1, 9;\n@%p1 bra LOW;\nbar.sync 1; // here\nbra END;\nLOW:\nbar.sync 1;\nEND:", 32,
       {"lanes 0 and 9 of a warp come to different barriers: it must be one for all of it", "(31,0,0)"}},
      {"setp.lt.u32 %p1, %r1, 32;\n@%p1 bar.sync 0;\nbar.sync 0; // here\n", 40,
       {"barrier not reached by all threads: 32 of 40 wait at a barrier, 0 in a warp operation, 8 have returned",
        "(31,0,0)"}},
      {"bar.sync 1, 64; // here", 96, {"barrier 1 not reached by all that it waits for: 32 of 64 threads", "(64,0,0)"}},
      {"bar.sync 1, 48; // here", 96, {"barrier 1 of 48 threads, in a block of 96: they must be whole warps of it",
                                       "(0,0,0)"}},
      {"mov.u32 %r10, 16;\nbar.sync %r10; // here", 96, {"barrier 16 is none of the 16 that a block has", "(0,0,0)"}},
      {"setp.lt.u32 %p1, %r1, 32;\nselp.b32 %r10, 64, 96, %p1;\nbar.sync 1, %r10; // here", 96,
       {"barrier 1 waits for 64 threads, and a warp comes that expects 96", "(63,0,0)"}},
  };
  for (const auto& one : wrong) {
    Text text;
    text.body = one.body;
    must_find(text, {1, one.threads}, one.finding);
  }
  Text apart;
  apart.body = "setp.lt.u32 %p1, %r1, 9;\n@%p1 bra LOW;\nbarrier.sync 1;\nbra END;\nLOW:\nbarrier.sync 1;\nEND:\n"
               "st.global.u32 [%d3], 1;";
  must_give("barrier.sync in two branches", apart, {1, 32}, {0}, Words(32, 1));
}

void refusals() {
  must_refuse_each({
      {"bar.arrive 1;", "has 1 operands, not 2"},
      {"bar.red.popc.pred %p1, 0, %p2;", "bar"},
      {"bar.red.and.u32 %r10, 0, %p2;", "bar"},
      {"barrier.cluster.arrive.acquire;", "its modifier .acquire is not simulated"},
      {"barrier.cluster.wait.relaxed;", "its modifier .relaxed is not simulated"},
  });
}

}

void test_ptx_barriers() {
  block_barriers();
  warp_barriers();
  parts_of_a_block();
  arrivals_at_the_block_s_barrier();
  reductions();
  mistakes();
  refusals();
}
