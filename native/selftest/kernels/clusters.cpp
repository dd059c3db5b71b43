// Clusters of blocks compute what they should, whenever what they send arrives.
#include <numeric>

#include "selftest/must_fail.h"

namespace {

std::vector<float> counting(int n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

void ranks() {
  Driver driver;
  CUdeviceptr y = driver.fresh(12 * 2 * 4);
  CHECK(driver.launch("ranks", 12, 2, y) == CUDA_SUCCESS);
  std::vector<float> expected;
  for (int i = 0; i < 24; i++) {
    expected.push_back(100.0f * (i / 2 % 4) + i / 2);
  }
  CHECK(driver.read(y, 24) == expected);
  CHECK(driver.launch("ranks", 6, 2, y) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  driver.free({y});
}

void sends() {
  Driver driver;
  CUdeviceptr x = driver.holding(counting(512)), y = driver.fresh(512 * 4);
  CHECK(driver.launch("send_to_next", 8, 64, x, y) == CUDA_SUCCESS);
  std::vector<float> expected;
  for (int i = 0; i < 512; i++) {
    int block = i / 64, before = block / 4 * 4 + (block + 3) % 4;
    expected.push_back(64 * before + 63 - i % 64);
  }
  CHECK(driver.read(y, 512) == expected);
  driver.free({x, y});
}

void recurrence() {
  Driver driver;
  std::vector<float> states = drawn(512, 3);
  CUdeviceptr x = driver.holding(states), y = driver.fresh(512 * 4);
  for (int steps : {0, 1, 2, 7}) {
    CHECK(driver.launch("recurrence", 8, 64, x, y, steps) == CUDA_SUCCESS);
    std::vector<float> expected = states;
    for (int step = 0; step < steps; step++) {
      std::vector<float> next(512);
      for (int i = 0; i < 512; i++) {
        float sum = 0.0f;
        for (int k = 0; k < 256; k++) {
          sum += expected[i / 256 * 256 + k] * ((k + i % 64) % 3);
        }
        next[i] = 0.25f * expected[i] + sum / 1024.0f;
      }
      expected = next;
    }
    CHECK(driver.read(y, 512) == expected);
  }
  driver.free({x, y});
}

}

void test_clusters() {
  ranks();
  sends();
  recurrence();
}
