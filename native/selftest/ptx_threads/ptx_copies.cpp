// Copies to and from shared memory that are waited for later (PTX ISA, "cp.async", "cp.async.bulk").
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

Words counted() {
  Words words(64);
  for (unsigned i = 0; i < 64; i++) {
    words[i] = 0x01020304 * (i + 1);
  }
  return words;
}

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 16 .b8 own[1024];\n.shared .align 8 .b64 bar;\n";
  text.body = body;
  return text;
}

const std::string GIVE_BACK = "mov.u32 %r20, own;\nmad.lo.u32 %r21, %r1, 4, %r20;\nld.shared.u32 %r22, [%r21]; // "
    "here\n"
                              "st.global.u32 [%d3], %r22;";

// The first bytes of a copy come from device memory, and zeros fill the rest.
void sizes() {
  const struct {
    const char* instruction;
    size_t size, read;
  } copies[] = {
      {"cp.async.ca.shared.global [own], [%d1+16], 4;", 4, 4},
      {"cp.async.ca.shared::cta.global.L2::128B [own], [%d1+16], 8;", 8, 8},
      {"cp.async.ca.shared.global [own], [%d1+16], 16;", 16, 16},
      {"cp.async.cg.shared.global [%r10], [%d1+16], 16;", 16, 16},
      {"cp.async.cg.shared.global.L2::cache_hint [own], [%d1+16], 16, %d9;", 16, 16},
      {"cp.async.cg.shared.global [own], [%d1+16], 16, 6;", 16, 6},
      {"cp.async.ca.shared.global [own], [%d1+16], 16, %r11;", 16, 12},
      {"cp.async.ca.shared.global [own], [%d1+16], 8, 0;", 8, 0},
      {"cp.async.ca.shared.global [own], [%d1+16], 16, %p1;", 16, 0},
      {"cp.async.ca.shared.global [own], [%d1+16], 16, %p2;", 16, 16},
  };
  for (const auto& one : copies) {
    for (const std::string wait : {"cp.async.wait_all;", "cp.async.commit_group;\ncp.async.wait_group 0;"}) {
      Text text = text_of(std::string("mov.u32 %r10, own;\nmov.u32 %r11, 12;\nsetp.eq.u32 %p1, %r1, 0;\n"
                                      "setp.ne.u32 %p2, %r1, 0;\ncreatepolicy.fractional.L2::evict_first.b64 %d9, "
                                      "1.0;\n"
                                      "mov.b32 %r12, 0x77777777;\n"
                                      "st.shared.v4.b32 [own], {%r12, %r12, %r12, %r12};\n") +
                          one.instruction + "\n" + wait +
                          "\nld.shared.v4.b32 {%r20, %r21, %r22, %r23}, [own];\n"
                          "st.global.v4.b32 [%d2], {%r20, %r21, %r22, %r23};");
      Words in = counted(), expected(4, 0x77777777);
      std::memset(expected.data(), 0, one.size);
      std::memcpy(expected.data(), &in[4], one.read);
      must_give(one.instruction, text, {}, in, expected);
    }
  }
}

const std::string THREE = "mov.u32 %r20, own;\nmad.lo.u32 %r21, %r1, 12, %r20;\nmad.wide.u32 %d10, %r1, 12, %d1;\n"
                          "cp.async.ca.shared.global [%r21], [%d10], 4;\ncp.async.commit_group;\n"
                          "cp.async.ca.shared.global [%r21+4], [%d10+4], 4;\ncp.async.commit_group;\n"
                          "cp.async.ca.shared.global [%r21+8], [%d10+8], 4;\n";

// Each wait lets the older groups arrive and no other.
void groups() {
  for (int left : {0, 1, 2}) {
    for (int word : {0, 1, 2}) {
      Text text = text_of(THREE + "cp.async.commit_group;\ncp.async.wait_group " + std::to_string(left) +
                          ";\nld.shared.u32 %r22, [%r21+" + std::to_string(4 * word) +
                          "]; // here\ncp.async.wait_all;\nst.global.u32 [%d3], %r22;");
      if (word + left < 3) {
        Words in = counted();
        must_give("cp.async.wait_group", text, {1, 2}, in, {in[word], in[3 + word]});
      } else {
        must_find(text, {1, 2}, {"reads byte " + std::to_string(4 * word) +
                                 " of a shared array of 1024, to which a copy is under way that nobody has waited "
                                 "for"});
      }
    }
  }
  // A copy that no group has been made of is left by a wait for groups, and waited for by wait_all.
  must_find(text_of(THREE + "cp.async.wait_group 0;\nld.shared.u32 %r22, [%r21+8]; // here\n"), {},
            {"reads byte 8 of a shared array of 1024, to which a copy is under way that nobody has waited for"});
  must_give("cp.async.wait_all", text_of(THREE + "cp.async.wait_all;\nld.shared.u32 %r22, [%r21+8];\n"
                                                 "st.global.u32 [%d3], %r22;"), {}, counted(), {counted()[2]});
}

const std::string MADE = "setp.eq.u32 %p9, %r1, 0;\n@%p9 mbarrier.init.shared.b64 [bar], COUNT;\nbar.sync 0;\n";

std::string made(const std::string& count) {
  std::string text = MADE;
  return text.replace(text.find("COUNT"), 5, count);
}

const std::string WAIT = "WAIT:\nmbarrier.try_wait.parity.shared.b64 %p1, [bar], 0;\n@!%p1 bra WAIT;\n";

// Copies of all threads arrive at an mbarrier, which counts each thread's arrival or is counted up for it.
void arrivals() {
  const std::string copy = "mov.u32 %r20, own;\nmad.lo.u32 %r21, %r1, 4, %r20;\nmad.wide.u32 %d10, %r1, 4, %d1;\n"
                           "cp.async.ca.shared.global [%r21], [%d10], 4;\n";
  const std::string read = "sub.u32 %r22, 31, %r1;\nmad.lo.u32 %r23, %r22, 4, %r20;\nld.shared.u32 %r24, [%r23]; // "
      "here\n"
                           "st.global.u32 [%d3], %r24;";
  Words in = counted(), expected(32);
  for (unsigned i = 0; i < 32; i++) {
    expected[i] = in[31 - i];
  }
  must_give("cp.async.mbarrier.arrive.noinc",
            text_of(made("32") + copy + "cp.async.mbarrier.arrive.noinc.shared.b64 [bar];\n" + WAIT + read), {1, 32},
            in,
            expected);
  must_give("cp.async.mbarrier.arrive",
            text_of(made("32") + copy + "cp.async.mbarrier.arrive.shared::cta.b64 [bar];\n"
                                        "mbarrier.arrive.shared.b64 %d11, [bar];\n" + WAIT + read),
            {1, 32}, in, expected);
  must_find(text_of(made("32") + copy + "mbarrier.arrive.shared.b64 %d11, [bar];\n" + WAIT + read), {1, 32},
            {"reads byte 0 of a shared array of 1024, to which a copy is under way that nobody has waited for",
             "(31,0,0)"}, in);
}

void bulk_copies() {
  Words in = counted(), expected(in.begin() + 8, in.begin() + 40);
  for (const std::string space : {"shared::cluster", "shared::cta"}) {
    must_give("cp.async.bulk." + space,
              text_of(made("1") + "@%p9 mbarrier.arrive.expect_tx.shared.b64 %d11, [bar], 128;\n@%p9 cp.async.bulk." +
                      space + ".global.mbarrier::complete_tx::bytes [own], [%d1+32], 128, [bar];\n" + WAIT + GIVE_BACK),
              {1, 32}, in, expected);
  }
  const std::string fill = "mov.u32 %r20, own;\nmad.lo.u32 %r21, %r1, 4, %r20;\nst.shared.u32 [%r21], %r1;\nbar.sync "
      "0;\n"
                           "setp.ne.u32 %p9, %r1, 0;\n@%p9 ret;\n";
  const std::string out = "cp.async.bulk.global.shared::cta.bulk_group [%d2+16], [own], 64;\n"
                          "cp.async.bulk.commit_group;\n";
  Words numbers(20);
  for (unsigned i = 0; i < 16; i++) {
    numbers[4 + i] = i;
  }
  for (const std::string wait : {"cp.async.bulk.wait_group 0;\n", "cp.async.bulk.wait_group.read 0;\nst.shared.u32 "
      "[own], 9;"}) {
    must_give("cp.async.bulk.global", text_of(fill + out + wait), {1, 32}, in, numbers);
  }
  must_find(text_of(fill + out + "st.shared.u32 [own], 9;\ncp.async.bulk.wait_group 0; // here"), {1, 32},
            {"cp.async.bulk from what has changed before it was waited for: 16 bytes at SHARED"});
  must_find(text_of(fill + out + "cp.async.bulk.wait_group 1;\nret; // here"), {1, 32},
            {"returns with copies under way that nobody has waited for, the first of 16 bytes at SHARED"});
  must_find(text_of(made("1") + "@%p9 mbarrier.arrive.expect_tx.shared.b64 %d11, [bar], 128;\n@%p9 cp.async.bulk."
                    "shared::cta.global.mbarrier::complete_tx::bytes [own], [%d1+32], 112, [bar];\n"
                    "WAIT:\nmbarrier.try_wait.parity.shared.b64 %p1, [bar], 0; // here\n@!%p1 bra WAIT;\n"), {1, 32},
            {"waits for ever for phase 0 of the arrival barrier at byte 0 of a shared array of 8, which still expects "
             "16 "
             "bytes"});
  must_find(text_of(made("1") + "@%p9 mbarrier.arrive.expect_tx.shared.b64 %d11, [bar], 128;\n@%p9 cp.async.bulk."
                    "shared::cta.global.mbarrier::complete_tx::bytes [own], [%d1+32], 128, [bar];\nbar.sync 0;\n" +
                    GIVE_BACK), {1, 32},
            {"race: reads byte 0 of a shared array of 1024, which a send wrote in phase 0 of the arrival barrier at "
             "byte "
             "0 of a shared array of 8 and nothing orders before it"}, in);
}

void mistakes() {
  const CUresult misaligned = CUDA_ERROR_MISALIGNED_ADDRESS, address = CUDA_ERROR_ILLEGAL_ADDRESS;
  const struct {
    const char* body;
    Finding finding;
  } wrong[] = {
      {"cp.async.ca.shared.global [own], [%d1+2], 4; // here",
       {"cp.async from what is not aligned to 4: 4 bytes at in+2", "(0,0,0)", "(0,0,0)", "", misaligned}},
      {"cp.async.ca.shared.global [own], [%d1+252], 8, 4; // here",
       {"cp.async from what is not aligned to 8: 8 bytes at in+252", "(0,0,0)", "(0,0,0)", "", misaligned}},
      {"cp.async.ca.shared.global [own], [%d1+256], 4; // here",
       {"out-of-bounds read of 4 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation of 256",
        "(0,0,0)",
        "(0,0,0)", "", address}},
      {"mov.u32 %r10, 5;\ncp.async.ca.shared.global [own], [%d1], 4, %r10; // here", {"cp.async of 5 bytes to 4"}},
      {"cp.async.ca.shared.global [own+1024], [%d1], 4; // here",
       {"out-of-bounds write of 4 bytes at byte 1024 of a shared array of 1024", "(0,0,0)", "(0,0,0)", "", address}},
      {"cp.async.ca.shared.global [own], [%d1], 4;\nst.global.u32 [%d1], 1;\ncp.async.wait_all; // here",
       {"cp.async from what has changed before it was waited for: 4 bytes at in+0"}},
      {"cp.async.ca.shared.global [own], [%d1], 4;\nret; // here",
       {"returns with copies under way that nobody has waited for, the first of 4 bytes at in+0"}},
      {"mbarrier.init.shared.b64 [bar], 1;\n"
       "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [own], [%d1], 24, [bar]; // here",
       {"cp.async.bulk of 24 bytes, which are no multiple of 16"}},
      {"mbarrier.init.shared.b64 [bar], 1;\n"
       "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [own], [%d1+8], 16, [bar]; // here",
       {"cp.async.bulk from what is not aligned to 16: 16 bytes at in+8", "(0,0,0)", "(0,0,0)", "", misaligned}},
  };
  for (const auto& one : wrong) {
    must_find(text_of(one.body), {}, one.finding);
  }
}

void refusals() {
  must_refuse_each({
      {"cp.async.ca.shared.global [own], [%d1], 12;", "copies 4, 8 or 16 bytes, and by .cg 16"},
      {"cp.async.cg.shared.global [own], [%d1], 8;", "copies 4, 8 or 16 bytes, and by .cg 16"},
      {"cp.async.shared.global [own], [%d1], 16;", "cp"},
      {"cp.async.bulk.tensor.1d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [own], [%d1, {%r1}], [bar];",
       "with .tensor is not simulated"},
      {"cp.reduce.async.bulk.global.shared::cta.bulk_group.add.u32 [%d1], [own], 16;", "with .reduce is not simulated"},
      {"wgmma.fence.sync.aligned;", "the instruction wgmma.fence.sync.aligned is not simulated"},
      {"tcgen05.fence::before_thread_sync;", "the instruction tcgen05.fence::before_thread_sync is not simulated"},
      {"ld.global.u32 %r10, [%d1, {%r1}];", "addresses of several parts are not simulated"},
  }, text_of);
}

}

void test_ptx_copies() {
  sizes();
  groups();
  arrivals();
  bulk_copies();
  mistakes();
  refusals();
}
