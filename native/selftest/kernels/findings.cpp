// Grades, suppressions, reports and exit codes of findings.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>

#include "selftest/ptx/ptx_launches.h"
#include "selftest/texts.h"

extern "C" void** __cudaRegisterFatBinary(void* image);
extern "C" char __cudaInitModule(void** handle);

namespace {

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 8 .b8 own[512];\n";
  text.body = body;
  return text;
}

std::string told_since(long long mark) {
  std::string text(charlstm_sim_findings(mark, nullptr, 0), 0);
  charlstm_sim_findings(mark, text.data(), text.size());
  return text;
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// The launch gives the words, and tells this: its grade, its kind and a part of its line.
void must_remark(const char* grade, const char* kind, const std::string& words, const Text& text, Shape shape,
                 const Words& expected) {
  long long mark = charlstm_sim_found();
  must_give(words, text, shape, Words(64), expected);
  std::string told = told_since(mark);
  std::string head = std::string("{\"grade\":\"") + grade + "\",\"kind\":\"" + kind + "\",\"kernel\":\"k\"";
  bool right = has(told, head) && has(told, words) && !has(told, "\"error\"");
  check(right, (words + "\n  was: " + told).c_str(), __FILE__, __LINE__);
}

// The launch gives that, and tells nothing.
void must_not_find(const std::string& what, const Text& text, Shape shape, const Words& expected) {
  long long mark = charlstm_sim_found();
  must_give(what, text, shape, Words(64), expected);
  check(charlstm_sim_found() == mark, (what + "\n  was: " + told_since(mark)).c_str(), __FILE__, __LINE__);
}

Words first_is(unsigned value) {
  return {value};
}

void races_with_one_outcome() {
  Text text = text_of("mov.u32 %r10, 7;\nst.global.u32 [%d2], %r10;");
  must_not_find("one value from a warp", text, {1, 32}, first_is(7));
  must_remark("warning", "same-value-race", "which thread number 0 of block (0,0,0) wrote", text, {2, 1}, first_is(7));
  must_remark("warning", "same-value-race", "wrote and nothing orders before it; this thread wrote the same value",
              text_of("mov.u32 %r10, 7;\nst.shared.u32 [own], %r10;\nld.shared.u32 %r10, [own];\n"
                      "st.global.u32 [%d3], %r10;"), {1, 32}, Words(32, 7));
  must_find(text_of("mov.u32 %r10, 7;\nsetp.lt.u32 %p1, %r1, 9;\n@%p1 st.shared.u32 [own], %r10;\n"
                    "ld.shared.u32 %r10, [own]; // here\nst.global.u32 [%d3], %r10;"), {1, 32},
            {"race: reads byte 0 of a shared array of 512, which thread number 8 wrote and nothing orders before it",
             "(9,0,0)"});
  must_find(text_of("st.global.u32 [%d2], %r1; // here"), {1, 32},
            {"race: writes byte 0 of argument 1, which thread number 0 wrote and nothing orders before it", "(1,0,0)"});
  std::string most = "ld.global.u32 %r10, [%d2];\nsetp.lt.u32 %p1, %r10, %r1;\n@%p1 red.global.max.u32 [%d2], %r1;";
  must_remark("warning", "benign-race", "an atomic operation at the same address follows", text_of(most), {1, 64},
              first_is(63));
  // Told once a place: far from those of other texts.
  std::string by_cas = std::string(99, '\n') +
                       "add.u64 %d10, %d2, 0;\nld.global.u32 %r10, [%d10];\nagain:\nadd.u32 %r11, %r10, 1;\n"
                       "atom.global.cas.b32 %r12, [%d2], %r10, %r11;\nsetp.ne.u32 %p1, %r12, %r10;\n"
                       "mov.u32 %r10, %r12;\n@%p1 bra again;";
  must_remark("warning", "benign-race", "an atomic operation at the same address follows", text_of(by_cas), {1, 64},
              first_is(64));
  must_find(text_of("add.u64 %d10, %d2, 0;\nld.global.u32 %r10, [%d10]; // here\nred.global.max.u32 [%d2], %r1;"),
            {1, 64}, {"race: reads byte 0 of argument 1, which thread number 0 wrote and nothing orders before it",
                      "(1,0,0)"});
}

void writes_beside_atomics() {
  must_find(text_of("mov.u32 %r10, 9;\nsetp.eq.u32 %p1, %r1, 0;\n@%p1 st.global.u32 [%d2], %r10;\n"
                    "@%p1 ld.global.u32 %r11, [%d2];\n@!%p1 red.global.max.u32 [%d2], %r1; // here"),
            {1, 32}, {"race: changes byte 0 of argument 1, which thread number 0 wrote and nothing orders before it",
                      "(1,0,0)"});
}

// 32 blocks add to a word under a lock. That is released by a plain store, behind a fence or not.
void locks_released_by_stores() {
  auto text = [](const std::string& releases) {
    return text_of("again:\natom.global.exch.b32 %r10, [%d1], 1;\nmembar.gl;\nsetp.ne.u32 %p1, %r10, 0;\n"
                   "@%p1 bra again;\nld.global.u32 %r11, [%d2];\nadd.u32 %r11, %r11, 1;\nst.global.u32 [%d2], %r11;\n" +
                   releases);
  };
  must_remark("warning", "benign-race", "by a plain store after a fence, beside atomic ones",
              text("membar.sys;\nmov.u32 %r12, 0;\nst.global.u32 [%d1], %r12; // here"), {32, 1}, first_is(32));
  std::string bare = text("mov.u32 %r12, 0;\nst.global.u32 [%d1], %r12;").body;
  bare.replace(bare.find(" 1;\n"), 4, " 1; // here\n");
  must_find(text_of(bare), {32, 1},
            {"race: changes byte 0 of argument 0, which thread number 0 of block (0,0,0) wrote and nothing orders "
             "before it", "(0,0,0)", "(1,0,0)"});
}

// Lane 0 learns of a write by another warp. The others look without that, or it passes it on by a shuffle.
std::string told_by_lane(const std::string& hears) {
  return "mov.u32 %r11, 0;\nsetp.eq.u32 %p1, %r1, 0;\n@%p1 st.shared.u32 [own+8], %r11;\nbar.sync 0;\n"
         "setp.lt.u32 %p2, %r1, 32;\n@%p2 bra hears;\nsetp.ne.u32 %p2, %r1, 32;\n@%p2 ret;\nmov.u32 %r10, 7;\n"
         "st.shared.u32 [own], %r10;\nst.release.cta.shared.u32 [own+8], %r10;\nret;\nhears:\n" + hears +
         "ld.shared.u32 %r12, [own]; // here\nst.global.u32 [%d3], %r12;";
}

void lanes_that_pass_on() {
  const std::string shuffle = "shfl.sync.idx.b32 %r12, %r11, 0, 31, 0xffffffff;\n";
  const std::string looks = "ld.acquire.cta.shared.u32 %r11, [own+8];\nsetp.eq.u32 %p2, %r11, 0;\n@%p2 bra look;\n";
  must_not_find("an acquired write passed on", text_of(told_by_lane("@!%p1 bra come;\nlook:\n" + looks + "come:\n" +
                                                                    shuffle)), {1, 64}, Words(32, 7));
  must_find(text_of(told_by_lane(shuffle + "@%p1 bra look;\nother:\nld.relaxed.cta.shared.u32 %r11, [own+8];\n"
                                           "setp.eq.u32 %p2, %r11, 0;\n@%p2 bra other;\nbra come;\nlook:\n" + looks +
                                 "come:\n")),
            {1, 64}, {"race: reads byte 0 of a shared array of 512, which thread number 32 wrote and nothing orders "
                      "before it", "(1,0,0)"});
}

// A write of the warp's own is not passed on by a shuffle, and a read before one is over.
void lanes_beside_a_shuffle() {
  const std::string shuffle = "shfl.sync.idx.b32 %r12, %r11, 0, 31, 0xffffffff;\n";
  const std::string write = "mov.u32 %r11, 7;\nsetp.eq.u32 %p1, %r1, 0;\n@%p1 st.shared.u32 [own], %r11;\n";
  const std::string read = "ld.shared.u32 %r13, [own]; // here\nst.global.u32 [%d3], %r13;\n";
  must_remark("warning", "benign-race", "thread number 0 wrote and nothing orders before it; only a shuffle or a vote",
              text_of(write + shuffle + read), {1, 32}, Words(32, 7));
  must_remark("warning", "benign-race", "only a shuffle or a vote lies between",
              text_of(write + "vote.sync.any.pred %p2, %p1, 0xffffffff;\n" + read), {1, 32}, Words(32, 7));
  must_remark("note", "benign-race", "read and nothing orders before it; only a shuffle or a vote lies between",
              text_of(write + "bar.warp.sync 0xffffffff;\nld.shared.u32 %r11, [own];\n" + shuffle +
                      "setp.eq.u32 %p1, %r1, 31;\n@%p1 st.shared.u32 [own], %r1;\nst.global.u32 [%d3], %r12;"),
              {1, 32}, Words(32, 7));
  Text lockstep = text_of("xor.b32 %r12, %r1, 1;\nmad.wide.u32 %d10, %r12, 4, %d2;\nst.global.u32 [%d3], %r1;\n"
                          "ld.global.u32 %r13, [%d10];\nst.global.u32 [%d3+128], %r13;");
  lockstep.orders = "lockstep";
  Words swapped(64);
  for (unsigned i = 0; i < 32; i++) {
    swapped[i] = i;
    swapped[32 + i] = i ^ 1;
  }
  must_remark("note", "benign-race", "only lockstep orders them", lockstep, {1, 32}, swapped);
  must_find(text_of(write + read), {1, 32}, {"race: reads byte 0 of a shared array of 512, which thread number 0 wrote "
                                             "and nothing orders before it", "(1,0,0)"});
}

// Lane 0 of a block waits for another block, with a fence or without, and tells its warp by a shuffle.
std::string told_by_block(const std::string& hears) {
  return "setp.eq.u32 %p1, %r1, 0;\nsetp.ne.u32 %p2, %r3, 0;\n@%p2 bra hears;\n@%p1 st.global.u32 [%d1], 7;\n"
         "@%p1 st.release.gpu.global.u32 [%d1+8], 1;\nret;\nhears:\n@!%p1 bra come;\nlook:\n"
         "ld.relaxed.gpu.global.u32 %r11, [%d1+8];\nsetp.eq.u32 %p2, %r11, 0;\n@%p2 bra look;\n" + hears +
         "come:\nshfl.sync.idx.b32 %r12, %r11, 0, 31, 0xffffffff;\nld.global.u32 %r13, [%d1];\n"
         "st.global.u32 [%d3], %r13;";
}

void lanes_that_pass_on_from_blocks() {
  Words expected(64);
  std::fill_n(expected.begin() + 32, 32, 7);
  must_not_find("a fence before the shuffle", text_of(told_by_block("fence.acq_rel.gpu;\n")), {2, 32}, expected);
  must_remark("warning", "missing-fence", "by an atomic operation without a fence after that",
              text_of(told_by_block("")), {2, 32}, expected);
}

// A loop in which some threads take another turn: they wait alone at its barrier. An early return is no turn less.
void barriers_that_some_skip() {
  std::string loop = "mov.u32 %r10, %r1;\nagain:\nbar.sync 0;\nadd.u32 %r10, %r10, 64;\n"
                     "setp.lt.u32 %p1, %r10, 100;\n@%p1 bra again;\n";
  Words numbers(64);
  std::iota(numbers.begin(), numbers.end(), 0);
  must_remark("note", "barrier", "28 threads of the block never reached this barrier, and returned after others",
              text_of(loop + "st.global.u32 [%d3], %r1;"), {1, 64}, numbers);
  must_remark("note", "barrier", "32 threads of the block never reached this barrier, and returned after others",
              text_of("bar.sync 0;\nsetp.lt.u32 %p1, %r1, 32;\n@!%p1 bra end;\nbar.sync 0;\nend:\n"
                      "st.global.u32 [%d3], %r1;"), {1, 64}, numbers);
  must_not_find("an early return", text_of("setp.ge.u32 %p1, %r1, 40;\n@%p1 ret;\nbar.sync 0;\nbar.sync 0;\n"
                                           "st.global.u32 [%d3], 1;"), {1, 64}, Words(40, 1));
}

// Lanes that have voted return while others vote once more; a segment of 24 lanes is PTX's alone.
void operations_that_some_skip() {
  Words numbers(32);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::string vote = "vote.sync.any.pred %p2, %p1, 0xffffffff;\n", store = "st.global.u32 [%d3], %r1;";
  std::string leave = "setp.lt.u32 %p1, %r1, 12;\n@!%p1 bra end;\n";
  must_remark("note", "warp-operation", "20 lanes of its mask never reached this operation, and returned after others",
              text_of("setp.lt.u32 %p1, %r1, 9;\n" + vote + leave + vote + "end:\n" + store), {1, 32}, numbers);
  must_not_find("a vote after an early return", text_of("st.global.u32 [%d3], %r1;\n" + leave + vote + "end:"), {1, 32},
                numbers);
  must_remark("note", "warp-operation", "shuffle of width 24, which PTX defines and CUDA does not",
              text_of("shfl.sync.idx.b32 %r12, %r1, 0, 0x81f, 0xffffffff;\n" + store), {1, 32}, numbers);
}

// An addition in one line of the text lacks an atomic operation, and no barrier would do.
void additions_and_overflows() {
  Text text = text_of(".loc 1 18 0\nld.shared.u32 %r10, [own];\nadd.u32 %r10, %r10, 1;\nst.shared.u32 [own], %r10;");
  text.before += ".file 1 \"own.cu\"\n";
  text.body = "setp.eq.u32 %p1, %r1, 0;\n@%p1 st.shared.u32 [own], 0;\nbar.sync 0;\n" + text.body;
  Ran ran = run_ptx(text, {1, 64});
  CHECK(ran.result == CUDA_ERROR_LAUNCH_FAILED &&
        has(ran.said, "Make it one atomic operation, such as atomicAdd, or write elsewhere than it reads [race]"));
  ran = run_ptx(text_of("setp.ne.u32 %p1, %r1, 0;\n@!%p1 st.global.u32 [%d2], 0;\n"
                        "@%p1 atom.global.cas.b32 %r10, [%d2], 0, 1;"), {1, 2});
  CHECK(has(ran.said, ". Make the plain store atomic too: atomicExch(&lock, 0)"));
  ran = run_ptx(text_of("sub.s64 %d10, %d2, 2147483648;\nld.global.u32 %r10, [%d10];"));
  CHECK(has(ran.said, "; 2.0 GiB before argument 0: did an int overflow?"));
}

// Threads write and return, and the others read that behind a barrier, or without one.
void threads_that_return() {
  std::string text = "mov.u32 %r10, own;\nmad.lo.u32 %r11, %r1, 4, %r10;\nsetp.ge.u32 %p1, %r1, 32;\n"
                     "@%p1 st.shared.u32 [%r11], %r1; // here\n@%p1 ret;\n";
  std::string read = "ld.shared.u32 %r12, [%r10+160];\nst.global.u32 [%d3], %r12;";
  must_remark("warning", "benign-race", "thread number 40 wrote and nothing orders before it; that thread returned",
              text_of(text + "bar.sync 0;\n" + read), {1, 64}, Words(32, 40));
  must_find(text_of(text + read), {1, 64},
            {"race: writes byte 160 of a shared array of 512, which thread number 31 read and nothing orders before it",
             "(40,0,0)"});
}

// The last block adds up what all have written, with a fence between or without it.
std::string last_block(const std::string& fence) {
  return "add.u32 %r10, %r3, 1;\nmad.wide.u32 %d10, %r3, 4, %d1;\nst.global.u32 [%d10], %r10;\nmembar.gl;\n"
         "atom.global.inc.u32 %r11, [%d2+4], 99;\nsetp.ne.u32 %p1, %r11, 3;\n@%p1 ret;\n" + fence +
         "ld.global.u32 %r12, [%d1];\nld.global.u32 %r13, [%d1+4];\nadd.u32 %r12, %r12, %r13;\n"
         "ld.global.u32 %r13, [%d1+8];\nadd.u32 %r12, %r12, %r13;\nld.global.u32 %r13, [%d1+12];\n"
         "add.u32 %r12, %r12, %r13;\nst.global.u32 [%d2], %r12;";
}

void fences() {
  long long mark = charlstm_sim_found();
  must_give("with a fence", text_of(last_block("membar.gl;\n")), {4, 1}, Words(64), {10, 4});
  CHECK(charlstm_sim_found() == mark);
  must_give("without a fence", text_of(last_block("")), {4, 1}, Words(64), {10, 4});
  CHECK(has(told_since(mark), "\"warning\",\"kind\":\"missing-fence\""));
  CHECK(has(told_since(mark), "by an atomic operation without a fence after that"));
  CHECK(has(told_since(mark), "\"Put a __threadfence() after the atomic operation\""));
}

// One thread of each block adds 1 to a sum under a lock, with fences after it was taken and before it is given back, or
// without one of them.
std::string under_lock(const std::string& taken, const std::string& given, const std::string& kind = "") {
  return "wait:\natom.global.cas.b32 %r10, [%d2+4], 0, 1;\nsetp.ne.u32 %p1, %r10, 0;\n@%p1 bra wait;\n" + taken +
         "ld" + kind + ".global.u32 %r11, [%d2];\nadd.u32 %r11, %r11, 1;\nst" + kind + ".global.u32 [%d2], %r11;\n" +
         given + "atom.global.exch.b32 %r10, [%d2+4], 0;";
}

void locks() {
  const std::string fence = "membar.gl;\n", stores = "with no fence between both stores: the old value may still";
  const std::string orders = "Make both accesses atomic, or order them by a __threadfence() on both sides";
  for (const std::string& taken : {std::string(), fence}) {
    Ran ran = run_ptx(text_of(under_lock(taken, "")), {4, 1});
    CHECK(ran.result == CUDA_ERROR_LAUNCH_FAILED && has(ran.said, orders));
    long long mark = charlstm_sim_found();
    run_ptx(text_of(under_lock(taken, "", ".volatile")), {4, 1});
    CHECK(has(told_since(mark), stores));
  }
  long long mark = charlstm_sim_found();
  run_ptx(text_of(under_lock("", fence)), {4, 1});
  CHECK(has(told_since(mark), "by an atomic operation without a fence after that"));
  mark = charlstm_sim_found();
  run_ptx(text_of(under_lock(fence, fence)), {4, 1});
  run_ptx(text_of(under_lock(fence, fence, ".volatile")), {4, 1});
  CHECK(charlstm_sim_found() == mark);
}

void unwritten_shared_memory() {
  const std::string load = "ld.shared.u32 %r10, [own+4];\n";
  const std::string read = "reads byte 4 of a shared array of 512, that nobody wrote";
  must_remark("note", "unused-read", read, text_of(load + "st.global.u32 [%d3], %r1;"), {1, 2}, {0, 1});
  must_remark("note", "unused-read", read, text_of(load + "and.b32 %r10, %r10, 0;\nst.global.u32 [%d3], %r10;"),
              {1, 2}, {0, 0});
  must_find(text_of("ld.shared.u32 %r10, [own+4]; // here\nst.global.u32 [%d3], %r10;"), {1, 2}, {read});
  must_find(text_of("ld.shared.u32 %r10, [own+4]; // here\nsetp.gt.s32 %p1, %r10, 0;\n@%p1 st.global.u32 [%d3], %r3;\n"
                    "@!%p1 st.global.u32 [%d3], %r2;"), {2, 2}, {read});
  Text mirrored = text_of(
      "mul.lo.u32 %r10, %r1, 4;\nsub.u32 %r11, 252, %r10;\nmov.u32 %r12, own;\nadd.u32 %r10, %r10, %r12;\n"
      "add.u32 %r11, %r11, %r12;\nst.shared.u32 [%r10], %r1;\nld.shared.u32 %r13, [%r11];\nst.global.u32 [%d3], %r13;");
  Ran ran = run_ptx(mirrored, {1, 64});
  CHECK(ran.result == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(has(ran.said, "which thread number 31 read and nothing orders before it"));
  CHECK(has(ran.said, "PTX line 29. Put a __syncthreads() between this and PTX line 30"));
}

void refused_calls() {
  Driver driver;
  auto said = [](const char* words) { return has(charlstm_sim_last_error(), words); };
  CUdeviceptr address = driver.fresh(64);
  CHECK(cuMemFree_v2(address) == CUDA_SUCCESS);
  CHECK(cuMemFree_v2(address) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("byte 0 of an allocation of 64 that was freed (number "));
  CHECK(said("). Free each allocation once; called by ") && said("+0x") && said(" [double-free]"));
  address = driver.fresh(64);
  char bytes[65] = {};
  CHECK(cuMemcpyHtoD_v2(address, bytes, 65) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("copy to the device of 65 bytes at ") && said("1 of them past an allocation of 64. Copy or set no more"));
  CHECK(cuMemsetD8_v2(address + 64, 0, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("memset of 1 bytes at ") && said("0 bytes past an allocation of 64"));
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  CHECK(cuModuleLoadData(&module, text_of("").whole().c_str()) == CUDA_SUCCESS);
  CHECK(cuModuleGetFunction(&function, module, "k") == CUDA_SUCCESS);
  CHECK(cuLaunchKernel(function, 1, 1, 1, 2000, 1, 1, 0, nullptr, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said(" in a grid of 1 x 1 x 1, blocks of 2000 x 1 x 1: a grid has 1 to 2147483647 x 65535 x 65535 blocks"));
  CHECK(cuLaunchKernel(function, 0, 1, 1, 32, 1, 1, 0, nullptr, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said(" in a grid of 0 x 1 x 1"));
  CHECK(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said(": argument 1 of ") && said(" cannot be read, or there are too few. Pass an argument for each parameter"));
  cuModuleUnload(module);
  driver.free({address});
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

// Does this in a process of its own under such a setting, checks its code, and gives all that it says.
template <typename Do>
std::string said_by_process(const std::string& folder, const char* setting, const std::string& value, int code,
                            Do run) {
  std::string path = folder + "/said";
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    if (!std::freopen(path.c_str(), "w", stderr)) {
      std::_Exit(1);
    }
    setenv(setting, value.c_str(), 1);
    run();
    std::exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  check(WIFEXITED(status) && WEXITSTATUS(status) == code, (std::string(setting) + " " + value).c_str(), __FILE__,
        __LINE__);
  return content_of(path);
}

void settings() {
  char folder[] = "/tmp/findings.XXXXXX";
  CHECK(mkdtemp(folder));
  std::string path = std::string(folder) + "/file";
  auto harmless = [] { run_ptx(text_of("mov.u32 %r10, 7;\nst.global.u32 [%d2], %r10;"), {2, 1}); };
  auto racy = [] {
    Ran ran = run_ptx(text_of("st.global.u32 [%d2], %r1;"), {1, 2});
    std::fprintf(stderr, "result %d\n", int(ran.result));
  };
  std::ofstream(path) << "k same-value-race # known\n?* race PTX:*\n* out-of-bounds\nk\nk order\n";
  std::string said = said_by_process(folder, "CHARLSTM_SIM_FINDINGS", path, 0, [&] { harmless(); racy(); });
  CHECK(!has(said, "warning: ") && has(said, "result 0") && has(said, "/file:3: suppresses nothing: * out-of-bounds"));
  CHECK(has(said, "/file:4: a line names a kernel, a kind and perhaps a place"));
  CHECK(!has(said, "/file:1: ") && !has(said, "/file:2: "));
  said = said_by_process(folder, "CHARLSTM_SIM_EXIT", "7", 7, [&] { harmless(); racy(); });
  CHECK(has(said, "result 719") && has(said, "charlstm sim: findings: ") && has(said, " warning"));
  CHECK(has(said, ". Let one thread write it, or make it atomic [race]\n") &&
        has(said, "charlstm sim: 1 error ended work of this process, the first in k at PTX line ") &&
        has(said, " [race]: trust no result of it\n"));
  said_by_process(folder, "CHARLSTM_SIM_EXIT", "7", 3, [] { std::exit(3); });
  said = said_by_process(folder, "CHARLSTM_SIM_EXIT", "7", 7, [] {
    Driver driver;
    cuMemFree_v2(driver.fresh(8) + 1);
  });
  CHECK(!has(said, "ended work"));
  auto noted = [] { run_ptx(text_of("ld.shared.u32 %r10, [own+4];\nst.global.u32 [%d3], %r1;"), {1, 2}); };
  said_by_process(folder, "CHARLSTM_SIM_EXIT", "7", 0, harmless);
  said_by_process(folder, "CHARLSTM_SIM_EXIT", "7:warning", 7, harmless);
  said_by_process(folder, "CHARLSTM_SIM_EXIT", "7:warning", 0, noted);
  said_by_process(folder, "CHARLSTM_SIM_EXIT", "7:note", 7, noted);
  said = said_by_process(folder, "CHARLSTM_SIM_REPORT", path + ".jsonl", 0, racy);
  CHECK(has(content_of(path + ".jsonl"), "{\"grade\":\"error\",\"kind\":\"race\",\"kernel\":\"k\","));
  // Another process adds to it.
  said_by_process(folder, "CHARLSTM_SIM_REPORT", path + ".sarif", 0, racy);
  said_by_process(folder, "CHARLSTM_SIM_REPORT", path + ".sarif", 0, [] {
    Text text = text_of(".loc 1 20 0\nst.global.u32 [%d2], %r1;");
    text.before += ".file 1 \"own.cu\"\n";
    run_ptx(text, {1, 2});
  });
  std::string sarif = content_of(path + ".sarif");
  CHECK(has(sarif, "\"version\":\"2.1.0\"") && has(sarif, "{\"ruleId\":\"race\",\"level\":\"error\""));
  CHECK(has(sarif, "{\"artifactLocation\":{\"uri\":\"own.cu\"},\"region\":{\"startLine\":20}}"));
  CHECK(has(sarif, "]},\n{\"tool\"") && has(sarif, "]}\n]}\n"));
  said = said_by_process(folder, "CHARLSTM_SIM_LEAKS", "1", 0, [] {
    Driver driver;
    driver.fresh(48);
  });
  CHECK(has(said, "warning: cuMemAlloc: 1 allocations of device memory were (the first of 48 bytes, number "));
  // Rows of 8 bytes with padding that nobody wrote, which 2D copies go through one by one, are told once.
  said = said_by_process(folder, "CHARLSTM_SIM_LEAKS", "0", 0, [] {
    Driver driver;
    CUdeviceptr rows = driver.fresh(64);
    char got[16];
    for (int i = 0; i < 4; i++) {
      cuMemsetD8_v2(rows + 16 * i, 1, 8);
      CHECK(cuMemcpyDtoH_v2(got, rows + 16 * i, 16) == CUDA_SUCCESS);
    }
  });
  CHECK(has(said, "nobody wrote: byte 8 of an allocation of 64") && !has(said, "nobody wrote: byte 24"));
  CHECK(has(said, "findings: 4 warnings at 1 place"));
  // What the runtime loads is not the program's to unload.
  said = said_by_process(folder, "CHARLSTM_SIM_LEAKS", "1", 0, [] {
    static std::string text = fat_binary_of(text_of("").whole(), 90);
    static const void* wrapper[] = {reinterpret_cast<const void*>(1ull << 32 | 0x466243b1), text.data(), nullptr};
    CHECK(__cudaInitModule(__cudaRegisterFatBinary(wrapper)));
  });
  CHECK(!has(said, "modules were") && !has(said, "error"));
  for (const char* end : {"", ".jsonl", ".sarif"}) {
    unlink((path + end).c_str());
  }
  unlink((std::string(folder) + "/said").c_str());
  rmdir(folder);
}

}

void test_findings() {
  // First, for its processes begin with what this one has found.
  settings();
  races_with_one_outcome();
  writes_beside_atomics();
  locks_released_by_stores();
  lanes_that_pass_on();
  threads_that_return();
  barriers_that_some_skip();
  operations_that_some_skip();
  additions_and_overflows();
  lanes_beside_a_shuffle();
  lanes_that_pass_on_from_blocks();
  fences();
  locks();
  unwritten_shared_memory();
  refused_calls();
}
