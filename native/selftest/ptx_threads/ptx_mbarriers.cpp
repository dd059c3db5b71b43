// mbarriers in all forms, within a block (PTX ISA, "Parallel Synchronization and Communication Instructions:
// mbarrier").
#include "selftest/ptx/ptx_launches.h"

namespace {

const char* VARIABLES = ".shared .align 8 .b64 bar;\n.shared .align 4 .b8 own[512];\n";

// One thread makes an mbarrier for so many.
std::string made(const std::string& count) {
  return "setp.eq.u32 %p9, %r1, 0;\n@%p9 mbarrier.init.shared.b64 [bar], " + count + ";\nbar.sync 0;\n";
}

Text text_of(const std::string& body, const std::string& count = "32") {
  Text text;
  text.before = VARIABLES;
  text.body = made(count) + body;
  return text;
}

// Threads write, arrive in some way, wait in some way, and read what another has written.
std::string exchange(const std::string& arrive, const std::string& wait) {
  return "mov.u32 %r10, own;\nmov.u32 %r20, 0;\nmad.lo.u32 %r11, %r1, 4, %r10;\nst.shared.u32 [%r11], %r1;\n" +
      arrive + "\n" + wait +
         "\nsub.u32 %r12, 31, %r1;\nmad.lo.u32 %r13, %r12, 4, %r10;\nld.shared.u32 %r14, [%r13]; // here\n"
         "st.global.u32 [%d3], %r14;";
}

// Where the barrier is missing, the finding is at the write that comes after another's read.
std::string found_at_write(std::string text) {
  const std::string write = "st.shared.u32 [%r11], %r1;";
  text.erase(text.find(" // here"), 8);
  return text.insert(text.find(write) + write.size(), " // here");
}

const std::string BY_STATE = "WAIT:\nmbarrier.try_wait.shared.b64 %p1, [bar], %d10;\n@!%p1 bra WAIT;";

Words mirror() {
  Words expected(32);
  for (unsigned i = 0; i < 32; i++) {
    expected[i] = 31 - i;
  }
  return expected;
}

void arrivals() {
  const struct {
    const char *arrive, *count;
  } ways[] = {
      {"mbarrier.arrive.shared.b64 %d10, [bar];", "32"},
      {"mov.u64 %d11, bar;\ncvta.shared.u64 %d11, %d11;\nmbarrier.arrive.b64 %d10, [%d11];", "32"},
      {"mbarrier.arrive.release.cta.shared::cta.b64 %d10, [bar], 3;", "96"},
      {"mbarrier.arrive.release.cluster.shared.b64 %d10, [bar];", "32"},
      {"mbarrier.arrive_drop.shared.b64 %d10, [bar];", "32"},
      {"mbarrier.arrive.expect_tx.shared.b64 %d10, [bar], 0;", "32"},
      {"mbarrier.expect_tx.relaxed.cta.shared.b64 [bar], 8;\nmbarrier.arrive.shared.b64 %d10, [bar];\n"
       "mbarrier.complete_tx.relaxed.cta.shared.b64 [bar], 8;", "32"},
      {"mbarrier.arrive.expect_tx.shared.b64 %d10, [bar], 4;\nmbarrier.complete_tx.shared.b64 [bar], 4;", "32"},
      {"mbarrier.arrive.noComplete.shared.b64 %d11, [bar], 1;\nmbarrier.arrive.shared.b64 %d10, [bar];", "64"},
  };
  for (const auto& way : ways) {
    must_give(way.arrive, text_of(exchange(way.arrive, BY_STATE), way.count), {1, 32}, {0}, mirror());
  }
}

void waits() {
  for (const std::string wait :
       {"mbarrier.test_wait.shared.b64 %p1, [bar], %d10;", "mbarrier.test_wait.acquire.cta.shared::cta.b64 %p1, "
        "[bar], %d10;",
        "mbarrier.test_wait.parity.shared.b64 %p1, [bar], 0;", "mbarrier.try_wait.shared.b64 %p1, [bar], %d10, 1000;",
        "mbarrier.try_wait.parity.shared.b64 %p1, [bar], %r20;",
        "mbarrier.try_wait.parity.acquire.cluster.shared.b64 %p1, [bar], 0, 1000;"}) {
    std::string loop = "WAIT:\n" + wait + "\n@!%p1 bra WAIT;";
    must_give(wait, text_of(exchange("mbarrier.arrive.shared.b64 %d10, [bar];", loop)), {1, 32}, {0}, mirror());
  }
  // The thread that asks for the next phase's parity is told at once that the phase before is over.
  must_give("parity of the phase before", text_of(R"(mbarrier.test_wait.parity.shared.b64 %p1, [bar], 1;
selp.b32 %r10, 1, 0, %p1;
mbarrier.test_wait.parity.shared.b64 %p2, [bar], 0;
selp.b32 %r11, 10, 20, %p2;
add.u32 %r10, %r10, %r11;
st.global.u32 [%d3], %r10;)"), {1, 2}, {0}, {21, 21});
}

// A try gives up where nothing else goes on, so a thread may do other things in between.
void tries_between() {
  Text text = text_of(R"(AGAIN:
mbarrier.try_wait.parity.shared.b64 %p1, [bar], 0;
@%p1 bra DONE;
mbarrier.arrive.shared.b64 %d10, [bar];
bra AGAIN;
DONE:
st.global.u32 [%d3], 5;)", "3");
  must_give("a thread that tries and arrives", text, {1, 1}, {0}, {5});
}

// Many phases; those that drop out are not waited for; what is pending can be asked for.
void phases() {
  must_give("phases", text_of(R"(mov.u32 %r10, 0;
mov.u32 %r12, own;
mad.lo.u32 %r13, %r1, 4, %r12;
AGAIN:
add.u32 %r11, %r10, %r1;
st.shared.u32 [%r13], %r11;
setp.eq.u32 %p2, %r10, %r1;
@%p2 mbarrier.arrive_drop.shared.b64 %d10, [bar];
@%p2 bra END;
mbarrier.arrive.shared.b64 %d10, [bar];
WAIT:
mbarrier.try_wait.shared.b64 %p1, [bar], %d10;
@!%p1 bra WAIT;
add.u32 %r10, %r10, 1;
bra AGAIN;
END:
st.global.u32 [%d3], %r10;)", "4"), {1, 4}, {0}, {0, 1, 2, 3});
  must_give("pending", text_of(R"(mbarrier.arrive.noComplete.shared.b64 %d10, [bar], 2;
mbarrier.pending_count.b64 %r10, %d10;
mbarrier.arrive_drop.noComplete.shared.b64 %d11, [bar], 1;
mbarrier.pending_count.b64 %r11, %d11;
st.global.u32 [%d2], %r10;
st.global.u32 [%d2+4], %r11;)", "9"), {1, 1}, {0}, {9, 7});
}

void ends() {
  must_give("inval", text_of(R"(mbarrier.arrive.shared.b64 %d10, [bar];
mbarrier.inval.shared.b64 [bar];
st.shared.u64 [bar], 12;
ld.shared.u32 %r10, [bar];
mbarrier.init.shared.b64 [bar], 2;
mbarrier.arrive.shared.b64 %d10, [bar];
st.global.u32 [%d3], %r10;)", "1"), {1, 1}, {0}, {12});
}

void mistakes() {
  const std::string where = "the arrival barrier at byte 0 of a shared array of 8";
  const struct {
    std::string body;
    const char* count;
    Finding finding;
    unsigned threads = 32;
  } wrong[] = {
      {exchange("mbarrier.arrive.relaxed.cta.shared.b64 %d10, [bar];", BY_STATE), "32",
       {"race: reads byte 0 of a shared array of 512, which thread number 0 wrote and nothing orders before it",
        "(31,0,0)"}},
      {exchange("mbarrier.arrive.shared.b64 %d10, [bar];", "WAIT:\nmbarrier.try_wait.relaxed.cta.shared.b64 %p1, "
       "[bar], "
                "%d10;\n@!%p1 bra WAIT;"), "32",
       {"race: reads byte 0 of a shared array of 512, which thread number 0 wrote and nothing orders before it",
        "(31,0,0)"}},
      {found_at_write(exchange("mbarrier.arrive.shared.b64 %d10, [bar];", "")), "32",
       {"race: writes byte 64 of a shared array of 512, which thread number 15 read and nothing orders before it",
        "(16,0,0)"}},
      {"mbarrier.arrive.shared.b64 %d10, [bar];\nWAIT:\nmbarrier.try_wait.shared.b64 %p1, [bar], %d10; // here\n"
       "@!%p1 bra WAIT;", "33", {"waits for ever for phase 0 of " + where +
       ", which still waits for 1 of 33 arrivals"}},
      {"mbarrier.arrive.shared.b64 %d10, [bar], 2; // here", "1",
       {"mbarrier.arrive: 2 arrivals at phase 0 of " + where + ", which waits for 1 of 1"}, 1},
      {"mbarrier.arrive.noComplete.shared.b64 %d10, [bar], 1; // here", "1",
       {"mbarrier.arrive.noComplete ends phase 0 of " + where}, 1},
      {"mbarrier.test_wait.shared.b64 %p1, [bar], 3; // here", "32",
       {"mbarrier.test_wait: state of phase 3 in phase 0 of " + where}},
      {"mbarrier.try_wait.parity.shared.b64 %p1, [bar], 2; // here", "32",
       {"mbarrier.try_wait: parity 2 in phase 0 of " + where}},
      {"ld.shared.u32 %r10, [bar]; // here", "32", {"reads byte 0 of a shared array of 8, which is an arrival "
       "barrier"}},
      {"mbarrier.init.shared.b64 [own+4], 1; // here", "32",
       {"mbarrier.init: byte 4 of a shared array of 512 is not aligned to 8", "(0,0,0)", "(0,0,0)", "",
        CUDA_ERROR_MISALIGNED_ADDRESS}},
      {"mbarrier.init.shared.b64 [own+508], 1; // here", "32",
       {"mbarrier.init of what is not shared memory", "(0,0,0)", "(0,0,0)", "", CUDA_ERROR_ILLEGAL_ADDRESS}},
      {"mbarrier.arrive.shared.b64 %d10, [own]; // here", "32",
       {"mbarrier.arrive: nobody has certainly made an arrival barrier before at byte 0 of a shared array of 512"}},
      {"bar.sync 1;\n@%p9 mbarrier.expect_tx.shared.b64 [bar], 4;\n@%p9 mbarrier.inval.shared.b64 [bar]; // here", "32",
       {"invalidates phase 0 of " + where + ", which still waits for 32 of 32 arrivals"}},
  };
  for (const auto& one : wrong) {
    must_find(text_of(one.body, one.count), {1, one.threads}, one.finding);
  }
  // A state of the phase before the last is none that may be waited for.
  must_find(text_of("mbarrier.arrive.shared.b64 %d10, [bar];\nmbarrier.arrive.shared.b64 %d11, [bar];\n"
                    "mbarrier.test_wait.shared.b64 %p1, [bar], %d10; // here", "1"), {1, 1},
            {"mbarrier.test_wait: state of phase 0 in phase 2 of " + where});
}

void refusals() {
  must_refuse_each({
      {"mbarrier.arrive.release.cluster.shared::cluster.b64 %d10, [%r10];", "its first operand is _"},
      {"mbarrier.arrive.expect_tx.shared.b64 %d10, [bar];", "a number of bytes is missing"},
      {"mbarrier.arrive.noComplete.shared.b64 %d10, [bar];", "a number of arrivals is missing"},
      {"mbarrier.test_wait.shared.b64 %p1, [bar], %d10, 5;", "has 4 operands, not 3"},
      {"mbarrier.init.shared.b32 [bar], 1;", "mbarrier"},
  }, [](const char* body) { return text_of(body); });
}

}

void test_ptx_mbarriers() {
  arrivals();
  waits();
  tries_between();
  phases();
  ends();
  mistakes();
  refusals();
}
