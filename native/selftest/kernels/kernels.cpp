// Sound kernels pass and compute what they should; unsound ones fail with the right code and message.
#include <numeric>

#include "selftest/must_fail.h"

namespace {

std::vector<float> counting(int n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

std::vector<CUdeviceptr> out(Driver& driver) {
  return {driver.fresh(64 * 4)};
}

std::vector<CUdeviceptr> held(Driver& driver) {
  return {driver.holding(counting(64))};
}

std::vector<CUdeviceptr> in_and_out(Driver& driver) {
  return {driver.holding(counting(64)), driver.fresh(64 * 4)};
}

}

void test_kernels() {
  Driver driver;
  CUdeviceptr x = driver.holding(counting(1000));
  CUdeviceptr sums = driver.fresh(4 * 4);
  CHECK(driver.launch("block_sum", 4, 256, x, sums, 1000) == CUDA_SUCCESS);
  CHECK(driver.read(sums, 4) == std::vector<float>({32640.0f, 98176.0f, 163712.0f, 204972.0f}));
  CHECK(driver.launch("add_one", 4, 256, x, 1000) == CUDA_SUCCESS);
  long long moved[4];
  charlstm_sim_traffic("add_one", moved);
  CHECK(moved[0] == 1 && moved[1] == 4000 && moved[2] == 4000);
  CHECK(driver.read(x, 1000)[999] == 1000.0f && driver.read(x, 1)[0] == 1.0f);
  int columns = 70;
  void* rows[] = {&x, &sums, &columns};
  CHECK(driver.launch_with("warp_rows", 1, 32, 4, 0, rows) == CUDA_SUCCESS);
  CHECK(driver.read(sums, 2) == std::vector<float>({2485.0f, 7385.0f}));
  CUdeviceptr y = driver.fresh(64 * 4);
  CHECK(driver.launch("warp_reversal", 1, 64, x, y) == CUDA_SUCCESS);
  CHECK(driver.read(y, 64)[32] == 64.0f && driver.read(y, 1)[0] == 32.0f);
  void* reversal[] = {&x, &y};
  CHECK(driver.launch_with("dynamic_reversal", 1, 64, 1, 256, reversal) == CUDA_SUCCESS);
  CHECK(driver.read(y, 1)[0] == 64.0f);
  CHECK(driver.launch("bytes_of_words", 1, 64, y) == CUDA_SUCCESS);
  CHECK(driver.read(y, 64) == counting(64));
  CUdeviceptr mixed = driver.fresh(24);
  CHECK(driver.launch("mixed_arguments", 1, 3, mixed, char(-1), 0.5, short(-300), 2.25f, 1ull << 40) == CUDA_SUCCESS);
  double expected = -1 + 0.5 - 300 + 2.25 + double(1ull << 40);
  double results[3];
  cuMemcpyDtoHAsync_v2(results, mixed, 24, driver.stream);
  CHECK(results[0] == expected && results[2] == 100 * expected);
  CHECK(driver.launch("barrier_after_return", 1, 64, y) == CUDA_SUCCESS && driver.read(y, 64)[40] == 1.0f);
  for (CUdeviceptr address : {x, sums, y, mixed}) {
    CHECK(cuMemFree_v2(address) == CUDA_SUCCESS);
  }
}

void test_faults_of_memory() {
  const CUresult address = CUDA_ERROR_ILLEGAL_ADDRESS, failed = CUDA_ERROR_LAUNCH_FAILED;
  must_fail(address, "out-of-bounds read of 4 bytes", "read_past_end", 1, 1, in_and_out, 64);
  must_fail(address, "0 bytes past an allocation of 256", "read_past_end", 1, 1, in_and_out, 64);
  must_fail(address, "byte 256 of argument 0", "write_past_end", 1, 1, out, 64);
  must_fail(address, "4 bytes before an allocation", "read_before_start", 1, 1, in_and_out);
  must_fail(address, "out-of-bounds read of 4 bytes", "read_far_away", 1, 1, in_and_out);
  // An allocation of 60 bytes ends there, though the card deals in larger units.
  auto sixty = [](Driver& driver) {
    return std::vector<CUdeviceptr>{driver.holding(counting(15)), driver.fresh(8)};
  };
  must_fail(address, "4 of them past an allocation of 60", "read_straddling_end", 1, 1, sixty, 60);
  must_fail(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned read of 4 bytes", "read_misaligned", 1, 1, in_and_out);
  must_fail(failed, "uninitialised read of 4 bytes", "add_one", 1, 1, out, 1);
  auto null = [](Driver& driver) { return std::vector<CUdeviceptr>{0, driver.fresh(4)}; };
  must_fail(address, "which is not device memory; argument 0 is null", "read_at", 1, 1, null);
  static int on_host = 5;
  auto host = [](Driver& driver) { return std::vector<CUdeviceptr>{CUdeviceptr(&on_host), driver.fresh(4)}; };
  must_fail(address, "not device memory; argument 0 is an address of the host's memory", "read_at", 1, 1, host);
  auto two = [](Driver& driver) { return std::vector<CUdeviceptr>{driver.fresh(8), driver.fresh(8)}; };
  must_fail(address, "which is not device memory", "read_other_stack", 1, 2, two);
  must_fail(address, "byte 128 of a shared array of 128", "shared_past_end", 1, 32, out);
  must_fail(failed, "of a shared array of 256 that nobody wrote", "shared_unwritten", 1, 32, out);
  must_fail(address, "of a shared array of 0", "dynamic_past_end", 1, 1, out);
  must_fail(failed, "more than it may", "shared_too_large", 1, 1, out);
}

void test_faults_of_order() {
  const CUresult failed = CUDA_ERROR_LAUNCH_FAILED;
  must_fail(failed, "race: reads byte 0 of a shared array of 256, which", "missing_barrier", 1, 64, in_and_out);
  must_fail(failed, "read since the last barrier", "write_after_read", 1, 64, in_and_out);
  must_fail(failed, "wrote since the last barrier", "two_writers", 1, 2, out);
  must_fail(failed, "wrote since the last barrier", "warp_barrier_across_warps", 1, 64, in_and_out);
  must_fail(failed, "race: writes byte 2 of a shared array of 4", "byte_of_a_word", 1, 64, out);
  must_fail(failed, "reads byte 0 of a shared array of 4 that nobody wrote", "word_after_a_byte", 1, 64, out);
  must_fail(failed, "barrier not reached by all threads: 16 of 32", "barrier_for_half", 1, 32, out);
  must_fail(failed, "reads byte 12 of a shared array of 128, which thread number 3 wrote since", "reads_of_the_gone", 1,
            32, out);
  must_fail(failed, "a lane that takes no part", "shuffle_without_some", 1, 32, in_and_out);
  must_fail(failed, "byte 0 of argument 0), which another block writes", "blocks_write_same", 2, 1, out);
  must_fail(failed, "byte 0 of argument 0), which another block writes", "block_reads_other", 2, 1, out);
  must_fail(failed, "which another block reads", "block_writes_what_others_read", 4, 1, held);
  must_fail(failed, "depends on the order", "depends_on_order", 1, 4, held);
  must_fail(failed, "depends on the order", "depends_on_shuffling", 8, 1, held);
}
