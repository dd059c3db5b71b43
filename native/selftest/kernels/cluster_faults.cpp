// Faults of blocks of a cluster against one another are told, in each order of blocks.
#include <cstdlib>

#include "selftest/must_fail.h"

namespace {

constexpr CUresult FAILED = CUDA_ERROR_LAUNCH_FAILED, ADDRESS = CUDA_ERROR_ILLEGAL_ADDRESS;
constexpr CUresult MISALIGNED = CUDA_ERROR_MISALIGNED_ADDRESS;

std::vector<CUdeviceptr> out(Driver& driver) {
  return {driver.fresh(512 * 4)};
}

std::vector<CUdeviceptr> in_and_out(Driver& driver) {
  return {driver.holding(drawn(512, 3)), driver.fresh(512 * 4)};
}

// None is found out by its result: each breaks a rule of who comes before whom.
void recurrences() {
  {
    Driver driver;
    CUdeviceptr x = driver.holding(drawn(512, 3)), y = driver.fresh(512 * 4);
    CHECK(driver.launch("wrong_recurrence", 8, 64, x, y, 7, 0) == CUDA_SUCCESS);
    driver.free({x, y});
  }
  const char* const told[] = {
      "send: nobody has certainly made an arrival barrier before at byte 0 of a shared array of 16 of block 1",
      "which a send wrote in phase 0 of the arrival barrier at byte 0 of a shared array of 16 of block 0",
      "which still expects 16 bytes",
      "read and nothing orders before it",
      "which a send wrote in phase 0 of the arrival barrier at byte 0 of a shared array of 16 of block 0",
      "which a send wrote in phase 0 of the arrival barrier at byte 0 of a shared array of 16 of block 0",
      "for which nobody has said how many bytes to expect, though 1024 bytes have come",
      "which a send wrote in phase 0 of the arrival barrier at byte 8 of a shared array of 16 of block 2",
      "which a send wrote in phase 0",
      "",
      "read and nothing orders before it",
      "expect_bytes twice in phase 0"};
  for (int fault = 1; fault <= 12; fault++) {
    must_fail(FAILED, told[fault - 1], "wrong_recurrence", 4, 64, in_and_out, 7, fault);
  }
}

void places() {
  must_fail(FAILED, "place_in block 2 of a cluster of 2", "place_outside", 2, 1, out, 2, 0);
  must_fail(ADDRESS, "place_in of what is not in shared memory", "place_outside", 2, 1, out, 0, 1);
  must_fail(ADDRESS, "send of 16 bytes to byte 20 of a shared array of 32 of block 1", "send_far", 2, 1, out, 20, 1, 0);
  must_fail(ADDRESS, "out-of-bounds send of 16 bytes to", "send_far", 2, 1, out, -16, 1, 0);
  must_fail(ADDRESS, "send of 16 bytes to what is not shared memory", "send_far", 2, 1, out, 1 << 30, 1, 0);
  must_fail(MISALIGNED, "misaligned send of 16 bytes to byte 8", "send_far", 2, 1, out, 8, 1, 0);
  must_fail(MISALIGNED, "misaligned send of 4 bytes to byte 2", "send_word_misaligned", 2, 1, out);
  must_fail(FAILED, "and has it counted in another block", "send_far", 2, 1, out, 0, 0, 0);
  must_fail(FAILED, "nobody has certainly made an arrival barrier before at byte 8 of", "send_far", 2, 1, out, 0, 1, 8);
  must_fail(FAILED, "and has it counted in another block", "send_far", 2, 1, out, 0, 1, 1 << 30);
}

void before_and_after() {
  must_fail(FAILED, "nobody has certainly made an arrival barrier before", "send_before_made", 2, 1, out, 0, 0);
  must_fail(FAILED, "nobody has certainly made an arrival barrier before", "send_before_made", 2, 1, out, 1, 0);
  // Where the block that makes it runs first, it is there, and still nothing says that it had to be.
  {
    Driver driver("eager", "", "one");
    CUdeviceptr y = driver.fresh(4);
    CHECK(driver.launch("send_before_made", 2, 1, y, 0, 1) == FAILED);
    driver.free({y});
  }
  must_fail(FAILED, "all that was sent to it has certainly come: none waits for phase 0", "send_to_returned", 2, 1, out,
            0);
  must_fail(FAILED, "of block 0 of its cluster, which has returned", "send_to_returned", 2, 1, out, 1);
  must_fail(FAILED, "of block 0 of its cluster, which has returned", "send_to_returned", 2, 1, out, 2);
  must_fail(FAILED, "of its cluster, which a send wrote in phase 0", "cluster_barrier_for_wait", 2, 1, out);
  must_fail(FAILED, "of its cluster, which a send wrote in phase 0", "later_for_earlier", 2, 1, out);
  must_fail(FAILED, "reads byte 0 of a shared array of 4 of block 0 of its cluster, to which a send is under way",
            "reads_what_is_under_way", 2, 1, out, 0);
  must_fail(FAILED, "writes byte 0 of a shared array of 4 of block 0 of its cluster, to which a send is under way",
            "reads_what_is_under_way", 2, 1, out, 1);
}

void over_one_another() {
  must_fail(FAILED, "which thread number 0 of block 0 of its cluster read", "send_over", 2, 1, out, 0);
  must_fail(FAILED, "which thread number 0 of block 0 of its cluster wrote", "send_over", 2, 1, out, 1);
  must_fail(FAILED, "which a send wrote in phase 0", "send_over", 2, 1, out, 2);
  must_fail(FAILED, "of block 0 of its cluster read and nothing orders", "send_for_others", 2, 32, out, 0);
  must_fail(FAILED, "which thread number 0 of block 0 of its cluster wrote and nothing orders",
            "read_what_sender_wrote", 2, 64, out, 0);
  Driver driver;
  CUdeviceptr y = driver.fresh(128 * 4);
  CHECK(driver.launch("send_for_others", 2, 32, y, 1) == CUDA_SUCCESS);
  CHECK(driver.launch("read_what_sender_wrote", 2, 64, y, 1) == CUDA_SUCCESS);
  CHECK(driver.read(y, 64)[32] == 11.0f);
  driver.free({y});
}

void bytes_and_phases() {
  const unsigned most = (1 << 20) - 1;
  must_fail(FAILED, "which still expects 4 bytes", "bytes_do_not_match", 2, 1, out, 20, 0, 1);
  must_fail(FAILED, "to which 2 bytes more have come", "bytes_do_not_match", 2, 1, out, 14, 0, 1);
  must_fail(FAILED, "ends in phase 1 of the arrival barrier", "bytes_do_not_match", 2, 1, out, 12, 0, 1);
  must_fail(FAILED, "nobody has said how many bytes to expect", "bytes_do_not_match", 2, 1, out, 0, 0, 0);
  must_fail(FAILED, "expect_bytes twice in phase 0 of the arrival barrier", "bytes_do_not_match", 2, 1, out, 12, 4, 2);
  must_fail(FAILED, "which still expects", "bytes_do_not_match", 2, 1, out, most, 0, 1);
  must_fail(FAILED, "more bytes than an arrival barrier can", "bytes_do_not_match", 2, 1, out, most + 1, 0, 1);
  must_fail(FAILED, "wait_for_bytes: parity 2 of", "unlikely_parity", 2, 1, out, 2);
  must_fail(FAILED, "nobody has said how many bytes to expect", "unlikely_parity", 2, 1, out, 0);
}

void barriers() {
  must_fail(MISALIGNED, "byte 4 of a shared array of 16 of block 0 of its cluster is not aligned to 8",
            "barrier_misplaced", 2, 2, out, 0);
  must_fail(ADDRESS, "make_arrival_barrier of what is not shared memory", "barrier_misplaced", 2, 2, out, 1);
  must_fail(ADDRESS, "make_arrival_barrier of what is not shared memory", "barrier_misplaced", 2, 2, out, 2);
  must_fail(FAILED, "which is an arrival barrier", "barrier_misplaced", 2, 1, out, 3);
  must_fail(FAILED, "which is an arrival barrier", "barrier_misplaced", 2, 1, out, 4);
  must_fail(FAILED, "expect_bytes: nobody has certainly made an arrival barrier", "barrier_misplaced", 2, 1, out, 5);
  must_fail(FAILED, "which is an arrival barrier", "barrier_misplaced", 2, 1, out, 6);
  must_fail(FAILED, "wait_for_bytes: nobody has certainly made", "barrier_misplaced", 2, 2, out, 7);
  must_fail(FAILED, "cluster barrier not reached by all threads: 32 of 64 wait at it, 30 have returned",
            "cluster_barrier_for_some", 2, 32, out, 0);
  must_fail(FAILED, "cluster barrier not reached by all threads: 62 of 64", "cluster_barrier_for_some", 2, 32, out, 1);
}

void launches() {
  {
    Driver driver;
    CUdeviceptr y = driver.fresh(64 * 4);
    CHECK(driver.launch("cluster_of_nine", 9, 1, y) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
    CHECK(driver.launch("ranks", 2, 1, y) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
    CHECK(driver.launch("cluster_barrier_for_some", 2, 32, y, 2) == CUDA_SUCCESS);
    driver.free({y});
  }
  must_fail(FAILED, "send in a cluster of one block", "cluster_of_one", 1, 1, out);
  must_fail(FAILED, "cluster_rank by a kernel that is of no cluster", "of_no_cluster", 1, 1, out);
  setenv("CHARLSTM_SIM_CAPABILITY", "890", 1);
  must_fail(FAILED, "cluster_rank on a card that has no clusters", "ranks", 4, 1, out);
  unsetenv("CHARLSTM_SIM_CAPABILITY");
}

void within_one_block() {
  must_fail(FAILED, "race: writes byte 4 of", "race_within_block", 2, 64, in_and_out, 0);
  must_fail(FAILED, "race: writes byte 128 of", "race_within_block", 2, 64, in_and_out, 1);
  must_fail(FAILED, "race: writes byte 0", "race_within_block", 2, 64, in_and_out, 2);
  must_fail(FAILED, "race: reads byte", "race_within_block", 2, 64, in_and_out, 3);
}

}

void test_cluster_faults() {
  recurrences();
  places();
  before_and_after();
  over_one_another();
  bytes_and_phases();
  barriers();
  launches();
  within_one_block();
}
