// Races as users make them: a missing barrier of the block or the warp, two blocks, a missing fence (PTX ISA, "Memory
// Consistency Model"). Each mistake stands beside the kernel without it.
#include "selftest/ptx/ptx_launches.h"

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 8 .b8 own[512];\n.shared .align 4 .b32 ticket;\n";
  text.body = body;
  return text;
}

// Sound with the words in the place of MISSING, and without them not.
void with_and_without(const std::string& body, const std::string& missing, Shape shape, const Words& expected,
                      const Finding& found) {
  must_give("with " + missing, text_of(replaced(body, "MISSING", missing)), shape, Words(64), expected);
  must_find(text_of(replaced(body, "MISSING", "")), shape, found);
}

// Each thread gives its value to the one as far from the other end. All have written before, so that a value is there.
std::string mirrored(const std::string& threads, const std::string& space) {
  std::string text = R"(sub.u32 %r12, LAST, %r1;
mov.u64 %d10, BASE;
mad.wide.u32 %d11, %r1, 4, %d10;
mad.wide.u32 %d12, %r12, 4, %d10;
st.SPACE.u32 [%d11], %r1;
bar.sync 0;
add.u32 %r13, %r1, 100;
st.SPACE.u32 [%d11], %r13; // here
MISSING
ld.SPACE.u32 %r14, [%d12];
bar.sync 0;
st.global.u32 [%d3], %r14;)";
  text = replaced(text, "LAST", threads);
  text = replaced(text, "BASE", space == "shared" ? "own" : "%d1");
  for (int i = 0; i < 3; i++) {
    text = replaced(text, "SPACE", space);
  }
  return text;
}

Words mirror(unsigned count) {
  Words words(count);
  for (unsigned i = 0; i < count; i++) {
    words[i] = count - 1 - i + 100;
  }
  return words;
}

void within_a_block() {
  const std::string why = " and nothing orders before it";
  with_and_without(mirrored("63", "shared"), "bar.sync 0;", {1, 64}, mirror(64),
                   {"race: writes byte 128 of a shared array of 512, which thread number 31 read" + why, "(32,0,0)"});
  with_and_without(mirrored("31", "shared"), "bar.warp.sync -1;", {1, 32}, mirror(32),
                   {"race: writes byte 64 of a shared array of 512, which thread number 15 read" + why, "(16,0,0)"});
  with_and_without(mirrored("63", "global"), "bar.sync 0;", {1, 64}, mirror(64),
                   {"race: writes byte 128 of argument 0, which thread number 31 read" + why, "(32,0,0)"});
  with_and_without(mirrored("31", "global"), "bar.warp.sync -1;", {1, 32}, mirror(32),
                   {"race: writes byte 64 of argument 0, which thread number 15 read" + why, "(16,0,0)"});
  must_find(text_of("st.shared.u32 [own], %r1; // here"), {1, 2},
            {"race: writes byte 0 of a shared array of 512, which thread number 0 wrote" + why, "(1,0,0)"});
}

// Blocks that touch the same words: only atomic operations and strong accesses may, of the scope that has both.
void between_blocks() {
  const std::string other = ", which thread number 0 of block (0,0,0) ", why = " and nothing orders before it";
  auto of_block_one = [](const std::string& what) { return Finding{"race: " + what, "(0,0,0)", "(1,0,0)"}; };
  must_find(text_of("st.global.u32 [%d2], %r3; // here"), {2, 1},
            of_block_one("writes byte 0 of argument 1" + other + "wrote" + why));
  must_find(text_of("ld.global.u32 %r10, [%d1];\nsetp.eq.u32 %p1, %r3, 1;\n@%p1 st.global.u32 [%d1], %r3; // here"),
            {2, 1}, of_block_one("writes byte 0 of argument 0" + other + "read" + why));
  must_find(text_of("setp.eq.u32 %p1, %r3, 1;\n@!%p1 atom.global.add.u32 %r10, [%d2], 1;\n"
                    "@%p1 ld.global.u32 %r11, [%d2]; // here"), {2, 1},
            of_block_one("reads byte 0 of argument 1" + other + "wrote" + why));
  must_give("atomic operations", text_of("red.global.add.u32 [%d2], 1;"), {2, 32}, {0}, {64});
  must_give("strong accesses", text_of("st.relaxed.gpu.global.u32 [%d2], 5;\nld.volatile.global.u32 %r10, [%d2];"),
            {2, 32}, {0}, {5});
  must_find(text_of("st.relaxed.cta.global.u32 [%d2], 5; // here"), {2, 1},
            of_block_one("writes byte 0 of argument 1" + other + "wrote" + why));
  must_find(text_of("atom.cta.global.add.u32 %r10, [%d2], 5; // here"), {2, 1},
            of_block_one("changes byte 0 of argument 1" + other + "wrote" + why));
}

// The last block adds up what all have left: each writes, fences and draws a ticket, and who draws the last one fences.
void last_block() {
  const std::string body = R"(mov.b32 %r20, 0;
mad.wide.u32 %d10, %r3, 4, %d1;
add.u32 %r10, %r3, 10;
st.global.u32 [%d10], %r10;
BEFORE
TICKET
setp.ne.u32 %p1, %r11, 3;
@%p1 ret;
AFTER
mov.u32 %r12, 0;
AGAIN:
mad.wide.u32 %d11, %r12, 4, %d1;
ld.global.u32 %r13, [%d11]; // here
add.u32 %r20, %r20, %r13;
add.u32 %r12, %r12, 1;
setp.lt.u32 %p2, %r12, 4;
@%p2 bra AGAIN;
st.global.u32 [%d2], %r20;)";
  const std::string relaxed = "atom.global.add.u32 %r11, [%d2+4], 1;", both = "atom.acq_rel.gpu.global.add.u32 %r11, "
      "[%d2+4], 1;";
  auto with = [&](const std::string& before, const std::string& ticket, const std::string& after) {
    return text_of(replaced(replaced(replaced(body, "BEFORE", before), "TICKET", ticket), "AFTER", after));
  };
  const Words expected = {46, 4};
  must_give("membar.gl", with("membar.gl;", relaxed, "membar.gl;"), {4, 1}, Words(64), expected);
  must_give("fence.acq_rel.gpu", with("fence.acq_rel.gpu;", relaxed, "fence.sc.gpu;"), {4, 1}, Words(64), expected);
  must_give("fence.release and fence.acquire", with("fence.release.sys;", relaxed, "fence.acquire.gpu;"), {4, 1},
            Words(64), expected);
  must_give("atom.acq_rel", with("", both, ""), {4, 1}, Words(64), expected);
  must_give("atom.release and fence", with("", "atom.release.gpu.global.add.u32 %r11, [%d2+4], 1;", "membar.sys;"),
            {4, 1},
            Words(64), expected);
  const Finding found = {"race: reads byte 0 of argument 0, which thread number 0 of block (0,0,0) wrote and nothing "
      "orders "
                         "before it", "(0,0,0)", "(3,0,0)"};
  must_find(with("", relaxed, "membar.gl;"), {4, 1}, found);
  // The last lacks a fence for this, which is a warning.
  must_give("no fence", with("membar.gl;", relaxed, ""), {4, 1}, Words(64), expected);
  must_give("a narrow fence", with("fence.acq_rel.gpu;", relaxed, "fence.acq_rel.cluster;"), {4, 1}, Words(64),
            expected);
  must_find(with("membar.cta;", relaxed, "membar.gl;"), {4, 1}, found);
  must_find(with("", "atom.acquire.gpu.global.add.u32 %r11, [%d2+4], 1;", ""), {4, 1}, found);
  must_find(with("fence.proxy.alias;", relaxed, "membar.gl;"), {4, 1}, found);
}

// A thread writes and sets a flag, for which another of the block waits.
void flags() {
  const std::string body = R"(setp.ne.u32 %p1, %r1, 0;
@%p1 bra WAIT;
mov.b32 %r10, 7;
st.shared.u32 [own+8], %r10;
SET
ret;
WAIT:
SEE
setp.eq.u32 %p2, %r11, 0;
@%p2 bra WAIT;
AFTER
ld.shared.u32 %r12, [own+8]; // here
st.global.u32 [%d3], %r12;)";
  auto with = [&](const std::string& set, const std::string& see, const std::string& after) {
    std::string text = replaced(replaced(replaced(body, "SET", set), "SEE", see), "AFTER", after);
    return text_of("setp.eq.u32 %p3, %r1, 0;\n@%p3 st.shared.u32 [own], 0;\nbar.sync 0;\n" + text);
  };
  const std::string store = "st.relaxed.cta.shared.u32 [own], 1;", load = "ld.relaxed.cta.shared.u32 %r11, [own];";
  const Words expected = {0, 7, 7};
  must_give("release and acquire", with("st.release.cta.shared.u32 [own], 1;",
      "ld.acquire.cta.shared.u32 %r11, [own];", ""),
            {1, 3}, {0}, expected);
  must_give("fences", with("fence.acq_rel.cta;\n" + store, load, "fence.acq_rel.cta;"), {1, 3}, {0}, expected);
  must_give("volatile and membar", with("membar.cta;\nst.volatile.shared.u32 [own], 1;",
                                        "ld.volatile.shared.u32 %r11, [own];", "membar.cta;"), {1, 3}, {0}, expected);
  must_give("atomic operations", with("atom.release.cta.shared.exch.b32 %r11, [own], 1;",
                                      "atom.acquire.cta.shared.add.u32 %r11, [own], 0;", ""), {1, 3}, {0}, expected);
  const Finding found = {"race: reads byte 8 of a shared array of 512, which thread number 0 wrote and nothing orders "
      "before "
                         "it", "(1,0,0)"};
  must_find(with(store, load, ""), {1, 2}, found);
  must_find(with("fence.acq_rel.cta;\n" + store, load, ""), {1, 2}, found);
  must_find(with("st.release.cta.shared.u32 [own], 1;", load, ""), {1, 2}, found);
  must_find(with(store, "ld.acquire.cta.shared.u32 %r11, [own];", ""), {1, 2}, found);
}

// Data and a flag, both by strong accesses: no race, but the first may be seen late where no fence stands between them.
void strong_data(const std::string& between, const std::string& flag, bool missing) {
  const std::string body = R"(setp.ne.u32 %p1, %r1, 0;
@%p1 bra WAIT;
st.volatile.global.u32 [%d1+8], 7; // data
BETWEEN
FLAG
ret;
WAIT:
ld.volatile.global.u32 %r11, [%d1+16];
setp.eq.u32 %p2, %r11, 0;
@%p2 bra WAIT;
ld.volatile.global.u32 %r12, [%d1+8]; // here
st.global.u32 [%d2], %r12;)";
  Ran ran = run_ptx(text_of(replaced(replaced(body, "BETWEEN", between), "FLAG", flag)), {1, 2}, Words(64), 1);
  CHECK(ran.result == CUDA_SUCCESS && ran.out == Words({7}));
  const char* words = "reads byte 8 of argument 0, which thread number 0 wrote at PTX line";
  CHECK((ran.said.find(words) != std::string::npos &&
         ran.said.find("after byte 16 of argument 0, which thread number 0 wrote later at PTX line") !=
             std::string::npos) == missing);
}

void missing_fences() {
  const std::string store = "st.volatile.global.u32 [%d1+16], 1;";
  strong_data("", store, true);
  strong_data("", "red.global.add.u32 [%d1+16], 1;", true);
  strong_data("membar.gl;", store, false);
  strong_data("membar.gl;", "red.global.add.u32 [%d1+16], 1;", false);
  strong_data("", "st.release.gpu.global.u32 [%d1+16], 1;", false);
}

}

void test_ptx_races() {
  missing_fences();
  within_a_block();
  between_blocks();
  last_block();
  flags();
}
