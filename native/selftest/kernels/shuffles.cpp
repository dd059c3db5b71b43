// Shuffles between the lanes of a warp, held to CUDA's programming guide and PTX's shfl.sync.
#include <cstring>

#include "selftest/must_fail.h"

namespace {

using Lanes = std::vector<int>;

std::vector<CUdeviceptr> in_and_out(Driver& driver) {
  return {driver.holding(std::vector<float>(32)), driver.fresh(32 * 4)};
}

// The lane that each gets its value from.
Lanes sources(Driver& driver, int kind, int lane, int width) {
  std::vector<float> values(32);
  for (int i = 0; i < 32; i++) {
    std::memcpy(&values[i], &i, sizeof i);
  }
  CUdeviceptr x = driver.holding(values), y = driver.fresh(128);
  CHECK(driver.launch("shuffle", 1, 32, x, y, kind, lane, width) == CUDA_SUCCESS);
  values = driver.read(y, 32);
  driver.free({x, y});
  Lanes got(32);
  std::memcpy(got.data(), values.data(), 128);
  return got;
}

void within_segments() {
  Driver driver;
  const Lanes five_of_eight = {5,  5,  5,  5,  5,  5,  5,  5,  13, 13, 13, 13, 13, 13, 13, 13,
                              21, 21, 21, 21, 21, 21, 21, 21, 29, 29, 29, 29, 29, 29, 29, 29};
  CHECK(sources(driver, 0, 7, 32) == Lanes(32, 7));
  CHECK(sources(driver, 0, 33, 32) == Lanes(32, 1));
  CHECK(sources(driver, 0, -1, 32) == Lanes(32, 31));
  CHECK(sources(driver, 0, 5, 8) == five_of_eight);
  CHECK(sources(driver, 0, 13, 8) == five_of_eight);
  CHECK(sources(driver, 1, 3, 8) ==
        Lanes({0,  1,  2,  0,  1,  2,  3,  4,  8,  9,  10, 8,  9,  10, 11, 12,
               16, 17, 18, 16, 17, 18, 19, 20, 24, 25, 26, 24, 25, 26, 27, 28}));
  CHECK(sources(driver, 1, 30, 32) ==
        Lanes({0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
               16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 0,  1}));
  CHECK(sources(driver, 2, 3, 8) ==
        Lanes({3,  4,  5,  6,  7,  5,  6,  7,  11, 12, 13, 14, 15, 13, 14, 15,
               19, 20, 21, 22, 23, 21, 22, 23, 27, 28, 29, 30, 31, 29, 30, 31}));
  CHECK(sources(driver, 2, 30, 32) ==
        Lanes({30, 31, 2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
               16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}));
  CHECK(sources(driver, 3, 5, 8) ==
        Lanes({5,  4,  7,  6,  1,  0,  3,  2,  13, 12, 15, 14, 9,  8,  11, 10,
               21, 20, 23, 22, 17, 16, 19, 18, 29, 28, 31, 30, 25, 24, 27, 26}));
  // Lanes of a higher segment reach into a lower one, but not the other way.
  CHECK(sources(driver, 3, 8, 8) ==
        Lanes({0,  1,  2,  3,  4,  5,  6,  7,  0,  1,  2,  3,  4,  5,  6,  7,
               16, 17, 18, 19, 20, 21, 22, 23, 16, 17, 18, 19, 20, 21, 22, 23}));
  CHECK(sources(driver, 3, 16, 32)[3] == 19 && sources(driver, 2, 1, 1)[3] == 3);
}

void of_eight_bytes() {
  Driver driver;
  std::vector<double> values(32), got(32);
  for (int i = 0; i < 32; i++) {
    values[i] = i + 1e-12;
  }
  CUdeviceptr x = driver.fresh(256), y = driver.fresh(256);
  cuMemcpyHtoDAsync_v2(x, values.data(), 256, driver.stream);
  CHECK(driver.launch("shuffle_around", 1, 32, x, y, 16) == CUDA_SUCCESS);
  cuMemcpyDtoHAsync_v2(got.data(), y, 256, driver.stream);
  driver.synchronise();
  CHECK(got[0] == values[1] && got[15] == values[0] && got[16] == values[17] && got[31] == values[16]);
  driver.free({x, y});
}

std::vector<unsigned> voted(Driver& driver, const char* name, const std::vector<int>& predicates, size_t count) {
  std::vector<float> values(32);
  std::memcpy(values.data(), predicates.data(), 128);
  CUdeviceptr x = driver.holding(values), y = driver.fresh(count * 4);
  CHECK(driver.launch(name, 1, 32, x, y) == CUDA_SUCCESS);
  values = driver.read(y, count);
  driver.free({x, y});
  std::vector<unsigned> votes(count);
  std::memcpy(votes.data(), values.data(), count * 4);
  return votes;
}

void votes() {
  Driver driver;
  std::vector<int> predicates(32);
  auto of = [&](int lane) {
    std::vector<unsigned> all = voted(driver, "votes", predicates, 6 * 32);
    return std::vector<unsigned>(all.begin() + 6 * lane, all.begin() + 6 * lane + 6);
  };
  using Votes = std::vector<unsigned>;
  CHECK(of(0) == Votes({0, 0, 0, 0, 0, 0}) && of(31) == of(0));
  predicates[5] = -3;
  CHECK(of(0) == Votes({0x20, 1, 0, 0, 0, 0}) && of(7) == Votes({0x20, 1, 0, 0x20, 1, 0}));
  predicates.assign(32, 2);
  predicates[31] = 0;
  CHECK(of(2) == Votes({0x7fffffff, 1, 0, 0x55555555, 1, 1}));
  CHECK(of(31) == Votes({0x7fffffff, 1, 0, 0x2aaaaaaa, 1, 0}));
  predicates[31] = 1;
  CHECK(of(31) == Votes({0xffffffff, 1, 1, 0xaaaaaaaa, 1, 1}));
  std::vector<unsigned> rest = voted(driver, "vote_of_the_rest", predicates, 32);
  CHECK(rest[0] == 7 && rest[4] == 0xfffffff0 && rest[31] == 0xfffffff0);
}

}

void test_shuffles() {
  within_segments();
  of_eight_bytes();
  votes();
  const CUresult failed = CUDA_ERROR_LAUNCH_FAILED;
  must_fail(failed, "shuffle of width 6, which is no power of two", "shuffle", 1, 32, in_and_out, 0, 0, 6);
  must_fail(failed, "shuffle of width 64, which is no power of two", "shuffle", 1, 32, in_and_out, 3, 0, 64);
  must_fail(failed, "wait for one another in different operations", "different_operations", 1, 32, in_and_out);
  must_fail(failed, "wait for one another in different operations", "different_masks", 1, 32, in_and_out);
}
