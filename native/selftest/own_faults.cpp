// Faults of a program's own kernels are found and named as those of built-in ones are.
#include <cstring>

#include "selftest/nvrtc.h"

namespace {

// The launch must fail with the code, name the kernel and say what is wrong.
void must_fail_of(const Compiled& compiled, CUresult code, const std::string& words, const char* name, unsigned grid,
                  unsigned threads, unsigned shared = 0) {
  Driver driver;
  CUmodule module = load(compiled);
  CUdeviceptr x = driver.holding(std::vector<float>(64, 1.0f)), y = driver.holding(std::vector<float>(64));
  bool two = std::strstr("missing_own_barrier past_the_end", name);
  std::vector<void*> arguments = {&y};
  if (two) {
    arguments = {&x, &y};
  }
  CUresult result = launch_of(module, name, driver.stream, grid, 1, threads, 1, shared, arguments);
  std::string message = charlstm_sim_last_error();
  bool right = result == code && message.find(words) != std::string::npos &&
               message.find(std::string("kernel ") + name) != std::string::npos;
  check(right, (std::string(name) + ": " + words).c_str(), __FILE__, __LINE__);
  cuModuleUnload(module);
  driver.free({x, y});
}

void atomic_on_fresh_memory(const Compiled& compiled) {
  Driver driver;
  CUmodule module = load(compiled);
  CUdeviceptr y = driver.fresh(8);
  CHECK(launch_of(module, "block_reads_atomic", driver.stream, 1, 1, 1, 1, 0, {&y}) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "uninitialised atomic read of 4 bytes"));
  cuModuleUnload(module);
  cuMemFree_v2(y);
}

}

void test_own_faults() {
  Compiled faults = compile(file_of("own/faults.cu"));
  const CUresult address = CUDA_ERROR_ILLEGAL_ADDRESS, failed = CUDA_ERROR_LAUNCH_FAILED;
  auto fails = [&](CUresult code, const char* words, const char* name, unsigned grid, unsigned threads) {
    must_fail_of(faults, code, words, name, grid, threads);
  };
  fails(failed, "reads byte 252 of a shared array of 256 that nobody wrote", "missing_own_barrier", 1, 64);
  fails(failed, "barrier not reached by all threads: 16 of 32", "own_barrier_for_half", 1, 32);
  fails(address, "(byte 256 of argument 0), 0 bytes past an allocation of 256", "past_the_end", 1, 64);
  fails(address, "out-of-bounds write of 4 bytes at byte 256 of a shared array of 256", "past_a_row", 1, 32);
  must_fail_of(faults, address, "byte 128 of a shared array of 128", "past_dynamic", 1, 64, 128);
  fails(failed, "race between blocks: read of 4 bytes", "lost_additions", 2, 1);
  fails(failed, "race: writes byte 0 of a shared array of 4, which other threads wrote", "atomic_beside_plain", 1, 64);
  fails(failed, "race: writes byte 0 of a shared array of 4, which thread number 0 wrote", "atomic_after_plain", 1, 2);
  fails(failed, "race: reads byte 0 of a shared array of 4, which other threads wrote", "read_beside_atomics", 1, 64);
  fails(failed, "race: writes byte 0 of a shared array of 4, which other threads read", "atomic_after_read", 1, 64);
  fails(failed, "changes byte 0 of a shared array of 4 that nobody wrote", "atomic_on_nothing", 1, 1);
  fails(failed, "(byte 0 of argument 0), which another block changes atomically", "block_reads_atomic", 2, 1);
  fails(failed, "(byte 0 of argument 0), which another block reads", "block_changes_what_is_read", 2, 1);
  fails(failed, "(byte 0 of argument 0), which another block writes", "block_changes_what_is_written", 2, 1);
  fails(address, "(byte 256 of argument 0), 0 bytes past an allocation of 256", "atomic_past_the_end", 1, 1);
  fails(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned atomic write of 4 bytes", "atomic_misaligned", 1, 1);
  fails(address, "out-of-bounds atomic operation of 4 bytes at byte 8", "atomic_past_shared", 1, 1);
  fails(failed, "depends on the order of blocks or threads", "order_beside_atomics", 1, 4);
  fails(failed, "those with __device__ or __constant__ can only be read", "write_own_variable", 1, 1);
  fails(CUDA_ERROR_ASSERT, "assertion 'threadIdx.x < 5' at own.cu:", "failing_assertion", 1, 32);
  fails(failed, "__trap() was called; block (0,0,0) thread (3,0,0)", "trapped", 1, 32);
  fails(failed, "does atomic operations without end", "wait_for_ever", 1, 1);
  fails(failed, "changes byte 0 of a shared array of 4 of block 0 of its cluster, which thread number 0 of block 0",
        "read_beside_atomics_in_cluster", 2, 32);
  atomic_on_fresh_memory(faults);
}
