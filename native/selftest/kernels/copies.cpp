// Copies beside a kernel bring what they should, and not before they are waited for.
#include <numeric>

#include "selftest/must_fail.h"

namespace {

std::vector<float> counting(int n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

std::vector<CUdeviceptr> in_and_out(Driver& driver) {
  return {driver.holding(counting(256)), driver.fresh(256 * 4)};
}

void two_groups() {
  Driver driver;
  CUdeviceptr x = driver.holding(counting(512)), y = driver.fresh(512 * 4);
  CHECK(driver.launch("copy_in_two_groups", 1, 64, x, y) == CUDA_SUCCESS);
  std::vector<float> expected;
  for (int i = 0; i < 128; i++) {
    int piece = i < 64 ? 63 - i : 127 - (i - 64);
    for (int k = 0; k < 4; k++) {
      expected.push_back(4 * piece + k);
    }
  }
  CHECK(driver.read(y, 512) == expected);
  driver.free({x, y});
}

}

void test_copies() {
  two_groups();
  const CUresult address = CUDA_ERROR_ILLEGAL_ADDRESS, failed = CUDA_ERROR_LAUNCH_FAILED;
  const CUresult misaligned = CUDA_ERROR_MISALIGNED_ADDRESS;
  const char* under_way = "of a shared array of 1024, to which a copy is under way";
  must_fail(failed, under_way, "read_before_wait", 1, 64, in_and_out);
  must_fail(failed, under_way, "wait_for_too_few", 1, 64, in_and_out);
  must_fail(failed, under_way, "wait_without_commit", 1, 64, in_and_out);
  must_fail(failed, "writes byte 0 of a shared array of 1024, to which a copy", "write_under_copy", 1, 64, in_and_out);
  must_fail(failed, "race: reads byte 0", "copy_without_barrier", 1, 64, in_and_out);
  must_fail(failed, "race: reads byte 0", "barrier_before_wait", 1, 64, in_and_out);
  must_fail(failed, "read since the last barrier", "copy_over_readers", 1, 64, in_and_out);
  must_fail(failed, "returns with copies under way", "copy_never_waited_for", 1, 64, in_and_out);
  must_fail(misaligned, "copy_ahead to what is not aligned to 16", "copy_misaligned", 1, 1, in_and_out, 1, 0);
  must_fail(misaligned, "copy_ahead from what is not aligned to 16", "copy_misaligned", 1, 1, in_and_out, 0, 2);
  must_fail(address, "byte 32 of a shared array of 32", "copy_past_end", 1, 1, in_and_out, 2, 0);
  must_fail(address, "out-of-bounds read of 16 bytes", "copy_past_end", 1, 1, in_and_out, 0, 64);
  must_fail(address, "copy_ahead to what is not in shared memory", "copy_to_global", 1, 1, in_and_out);
  must_fail(address, "copy_ahead from what is not device memory", "copy_from_shared", 1, 1, in_and_out);
  must_fail(failed, "has changed before it was waited for", "source_changes", 1, 1, in_and_out);
}
