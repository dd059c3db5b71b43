// Launches whose blocks run in processes side by side: what they leave, count and tell is what one process does.
#include <signal.h>

#include <cstdlib>
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

constexpr unsigned BLOCKS = 8, WORDS = BLOCKS * 4;

volatile sig_atomic_t processes_ended;

// The results of two launches of a kernel. Another stream reads beside the first what the second half of its blocks
// writes.
struct Seen {
  Words out = Words(WORDS);
  std::string said, whole, after;
  CUresult result = CUDA_SUCCESS;
  long long counted[COUNTERS] = {}, moved[4] = {};
  int first = 0, second = 0;  // whether processes ended meanwhile

  bool operator==(const Seen& other) const {
    return out == other.out && said == other.said && whole == other.whole && after == other.after &&
           result == other.result && std::memcmp(counted, other.counted, sizeof counted) == 0 &&
           std::memcmp(moved, other.moved, sizeof moved) == 0;
  }
};

CUresult launch(Driver& driver, CUmodule module, CUdeviceptr in, CUdeviceptr out) {
  CUfunction function = nullptr;
  cuModuleGetFunction(&function, module, "k");
  void* arguments[] = {&in, &out};
  return cuLaunchKernel(function, BLOCKS, 1, 1, 4, 1, 1, 0, driver.stream, arguments, nullptr);
}

// Memory of twice so many words, of which the first are zeros and nobody has written the others.
Seen seen_on(const char* cores, const std::string& body) {
  setenv("CHARLSTM_SIM_CORES", cores, 1);
  Seen seen;
  {
    Driver driver("eager", "", "one");
    CUstream other = nullptr;
    cuStreamCreate(&other, CU_STREAM_NON_BLOCKING);
    Text text;
    text.before = ".shared .align 4 .b8 own[64];\n.global .align 1 .b8 empty[1] = {0};\n"
                  ".extern .func (.param .b64 p) malloc(.param .b64 size);\n"
                  ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 v);\n";
    text.body = body;
    CUmodule module = nullptr;
    CHECK(cuModuleLoadData(&module, text.whole().c_str()) == CUDA_SUCCESS);
    CUdeviceptr in = driver.holding(drawn(WORDS, 1)), out = driver.fresh(2 * WORDS * sizeof(unsigned));
    cuMemsetD32_v2(out, 0, WORDS);
    long long before[COUNTERS] = {}, moved_before[4] = {};
    charlstm_sim_counters(before);
    charlstm_sim_traffic("k", moved_before);
    processes_ended = 0;
    seen.result = launch(driver, module, in, out);
    seen.said = charlstm_sim_last_error();
    seen.first = processes_ended;
    cuMemcpyDtoHAsync_v2(seen.out.data(), out + WORDS * 2, WORDS * 2, other);
    seen.after = charlstm_sim_last_error();
    cuCtxSynchronize();
    processes_ended = 0;
    if (seen.result == CUDA_SUCCESS) {
      seen.result = launch(driver, module, in, out);
    }
    seen.second = processes_ended;
    charlstm_sim_counters(seen.counted);
    charlstm_sim_traffic("k", seen.moved);
    for (int i = 0; i < COUNTERS; i++) {
      seen.counted[i] -= before[i];
    }
    for (int i = 0; i < 4; i++) {
      seen.moved[i] -= moved_before[i];
    }
    cuCtxSynchronize();
    cuMemcpyDtoH_v2(seen.out.data(), out, WORDS * sizeof(unsigned));
    Words all(2 * WORDS);
    cuMemcpyDtoH_v2(all.data(), out, all.size() * sizeof(unsigned));
    seen.whole = charlstm_sim_last_error();
    cuStreamDestroy_v2(other);
    driver.free({in, out});
    cuModuleUnload(module);
  }
  unsetenv("CHARLSTM_SIM_CORES");
  return seen;
}

// The same on one core and on two; gives what was seen on these.
Seen same_on_two(const char* what, const std::string& body) {
  Seen one = seen_on("1", body), two = seen_on("2:now", body);
  check(one == two, (std::string(what) + "\n  one: " + one.said + one.after + one.whole + "\n  two: " + two.said +
                     two.after + two.whole).c_str(), __FILE__, __LINE__);
  CHECK(one.first == 0 && one.second == 0 && two.first > 0);
  return two;
}

bool has(const std::string& text, const char* words) {
  return text.find(words) != std::string::npos;
}

void side_by_side() {
  // Each block writes its words, and the first bytes of the half that nobody has written.
  Seen seen = same_on_two("words and bytes", R"(mul.wide.u32 %d10, %r2, 4;
add.u64 %d11, %d1, %d10;
ld.global.u32 %r10, [%d11];
add.u32 %r10, %r10, %r3;
st.global.u32 [%d3], %r10;
cvt.u64.u32 %d12, %r3;
add.u64 %d13, %d2, %d12;
setp.eq.u32 %p1, %r1, 0;
@%p1 st.global.u8 [%d13+128], %r3;)");
  CHECK(seen.result == CUDA_SUCCESS && seen.second > 0 && seen.out[13] != 0);
  CHECK(has(seen.whole, "nobody wrote: byte 136 of an allocation of 256"));
  CHECK(has(seen.after, "streams: kernel k in stream"));
}

void in_one_process() {
  Seen seen = same_on_two("a block reads what another writes", R"(st.global.u32 [%d3], %r3;
setp.eq.u32 %p1, %r2, 20;
@%p1 ld.global.u32 %r10, [%d2+48];)");
  CHECK(has(seen.said, "race: reads byte 48 of argument 1, which thread number 0 of block (3,0,0) wrote"));
  seen = same_on_two("blocks write the same", R"(setp.lt.u32 %p1, %r3, 2;
@!%p1 st.global.u32 [%d2], %r1;)");
  CHECK(has(seen.said, "race: writes byte 0 of argument 1"));
  // The first block does not show that others change memory atomically.
  seen = same_on_two("atomic operations", R"(setp.eq.u32 %p1, %r3, 0;
@!%p1 atom.global.add.u32 %r10, [%d2], 1;
@!%p1 st.global.u32 [%d3], %r3;)");
  CHECK(seen.result == CUDA_SUCCESS && seen.out[0] == 2 * (BLOCKS - 1) * 4 && seen.second == 0);
  seen = same_on_two("atomic operations of each block's own", R"(setp.eq.u32 %p1, %r3, 0;
@!%p1 atom.global.add.u32 %r10, [%d3], 1;)");
  CHECK(seen.result == CUDA_SUCCESS && seen.out[4] == 2 && seen.second == 0);
  seen = same_on_two("each reads what the one before has left", R"(setp.eq.u32 %p1, %r3, 0;
setp.ne.or.u32 %p1, %r1, 0, %p1;
@!%p1 ld.volatile.global.u32 %r10, [%d3+-16];
@!%p1 add.u32 %r10, %r10, 1;
@!%p1 st.volatile.global.u32 [%d3], %r10;)");
  CHECK(seen.result == CUDA_SUCCESS && seen.out[WORDS - 4] == BLOCKS - 1 && seen.second == 0);
  seen = same_on_two("a warning", R"(setp.lt.u32 %p1, %r3, 6;
@!%p1 st.global.u32 [%d2], 0;)");
  CHECK(seen.result == CUDA_SUCCESS && has(seen.said, "it has that value already") && seen.second == 0);
  seen = same_on_two("a trap", R"(setp.eq.u32 %p1, %r2, 20;
@%p1 trap;)");
  CHECK(seen.result != CUDA_SUCCESS && has(seen.said, "block (5,0,0)"));
  seen = same_on_two("a read of shared memory that nobody wrote", R"(setp.eq.u32 %p1, %r2, 20;
@%p1 ld.shared.u32 %r10, [own];)");
  CHECK(seen.result == CUDA_SUCCESS && has(seen.said, "that nobody wrote") && seen.second == 0);
  for (const char* call : {"call (p), malloc, (a);", "call (r), vprintf, (e, a);"}) {
    seen = same_on_two(call, std::string(R"(setp.eq.u32 %p1, %r3, 0;
@%p1 bra END;
{
.param .b64 a;
.param .b64 p;
.param .b64 e;
.param .b32 r;
mov.u64 %d10, empty;
cvta.global.u64 %d10, %d10;
st.param.b64 [a], 16;
st.param.b64 [e], %d10;
)") + call + "\n}\nEND:");
    CHECK(seen.result == CUDA_SUCCESS && seen.second == 0);
  }
}

}

void test_ptx_cores() {
  struct sigaction before {}, counting {};
  counting.sa_handler = [](int) { processes_ended = processes_ended + 1; };
  sigaction(SIGCHLD, &counting, &before);
  side_by_side();
  in_one_process();
  sigaction(SIGCHLD, &before, nullptr);
}
