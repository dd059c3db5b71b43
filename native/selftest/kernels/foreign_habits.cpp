// Habits of other people's kernels that are no mistakes, each beside the mistake that looks like it.
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

Text text_of(const std::string& body) {
  Text text;
  text.before = ".shared .align 4 .b8 own[512];\n";
  text.body = body;
  return text;
}

// Barriers do not wait for threads that have returned.
void threads_that_have_returned() {
  const std::string early = "mov.u32 %r10, own;\nmad.lo.u32 %r11, %r1, 4, %r10;\nst.global.u32 [%d3], 7;\n"
                            "setp.ge.u32 %p1, %r1, 40;\nWROTE\n@%p1 ret;\nst.shared.u32 [%r11], %r1;\nBARRIER\n"
                            "ld.shared.u32 %r12, [%r10+PLACE]; // here\nst.global.u32 [%d3], %r12;";
  auto with = [&](const std::string& wrote, const std::string& barrier, const std::string& place) {
    std::string body = early;
    body.replace(body.find("WROTE"), 5, wrote);
    body.replace(body.find("BARRIER"), 7, barrier);
    return text_of(body.replace(body.find("PLACE"), 5, place));
  };
  Words expected(100, 7);
  for (int i = 0; i < 40; i++) {
    expected[i] = 39;
  }
  for (const char* barrier : {"bar.sync 0;", "barrier.sync 0;", "bar.sync 2;", "bar.red.popc.u32 %r20, 0, %p1;"}) {
    must_give(barrier, with("", barrier, "156"), {1, 100}, {0}, expected);
  }
  Words counts(100, 7);
  for (int i = 0; i < 40; i++) {
    counts[i] = 40;
  }
  std::string count = "bar.red.popc.u32 %r12, 0, !%p1;\nst.global.u32 [%d3], %r12;\nret;";
  must_give("a count of those that are left", with("", count, "156"), {1, 100}, {0}, counts);
  // A barrier for so many threads waits for them, and those that go on to another have missed this one.
  must_find(text_of("setp.ge.u32 %p1, %r1, 32;\n@%p1 ret;\nbar.sync 1, 64; // here"), {1, 64},
            {"barrier 1 not reached by all that it waits for: 32 of 64 threads", "(0,0,0)"});
  must_find(text_of("setp.lt.u32 %p1, %r1, 32;\n@%p1 bar.sync 0;\nst.global.u32 [%d3], 1;\nbar.sync 0; // here"),
            {1, 64},
            {"barrier not reached by all threads: 32 of 64 wait at a barrier, 0 in a warp operation, 32 have returned",
             "(31,0,0)"});
}

// As cuda_bf16.hpp and NVIDIA's guide write an atomic operation that a card lacks.
void loops_that_compare_and_swap() {
  const std::string loop = "ld.global.u32 %r10, [%d2];\nAGAIN:\nadd.u32 %r11, %r10, 1;\n"
                           "atom.global.cas.b32 %r12, [%d2], %r10, %r11;\nsetp.ne.u32 %p1, %r10, %r12;\n"
                           "mov.u32 %r10, %r12;\n@%p1 bra AGAIN;";
  must_give("a loop of atom.cas", text_of(loop), {3, 40}, {0}, Words({120}));
  // A value that is read beside such a loop is not compared by it: a warning.
  long long before = charlstm_sim_found();
  Ran ran = run_ptx(text_of("ld.global.u32 %r13, [%d2];\n" + loop), {2, 1}, {0}, 1);
  CHECK(ran.result == CUDA_SUCCESS && charlstm_sim_found() > before);
}

void exchanges_without_a_result() {
  Ran ran = run_ptx(text_of("atom.global.exch.b32 %r10, [%d2], %r2;"), {4, 32}, {0}, 1);
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0] < 128);
  ran = run_ptx(text_of("add.u32 %r11, %r2, 1;\natom.global.cas.b32 %r10, [%d2], 0, %r11;"), {4, 32}, {0}, 1);
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0] <= 128);
}

// Nobody writes the padding of a struct, and all of it is copied.
void padding() {
  const struct {
    const char* name;
    size_t bytes;
    int hole;  // or -1
  } cases[] = {{"pairs", 64, -1}, {"wides", 128, -1}, {"last_int", 64, 57}, {"some_floats", 32, 12},
               {"some_bytes", 8, 1}};
  for (const auto& one : cases) {
    Driver driver;
    CUdeviceptr y = driver.fresh(one.bytes);
    CHECK(driver.launch(one.name, 1, 8, y) == CUDA_SUCCESS);
    std::vector<char> bytes(one.bytes);
    CUresult result = cuMemcpyDtoHAsync_v2(bytes.data(), y, one.bytes, driver.stream);
    std::string words = "memory that nobody wrote: byte " + std::to_string(one.hole) + " of an allocation";
    bool told = std::strstr(charlstm_sim_last_error(), words.c_str());
    check(result == CUDA_SUCCESS && told == (one.hole >= 0), one.name, __FILE__, __LINE__);
    driver.free({y});
  }
}

}

void test_foreign_habits() {
  threads_that_have_returned();
  loops_that_compare_and_swap();
  exchanges_without_a_result();
  padding();
}
