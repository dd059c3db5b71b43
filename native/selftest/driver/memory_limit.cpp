// The host's memory that the simulation may take.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "selftest/ptx/ptx_launches.h"

namespace {

constexpr size_t MIB = 1 << 20;

// The process may grow by so many MiB, while this lives.
class Room {
 public:
  explicit Room(size_t more) {
    std::ifstream from("/proc/self/statm");
    size_t all = 0, resident = 0;
    from >> all >> resident;
    size_t now = resident * size_t(sysconf(_SC_PAGESIZE)) / MIB;
    setenv("CHARLSTM_SIM_MEMORY", std::to_string(now + more).c_str(), 1);
  }
  ~Room() { unsetenv("CHARLSTM_SIM_MEMORY"); }
};

bool says_limit(const std::string& line) {
  return line.find("CHARLSTM_SIM_MEMORY") != std::string::npos;
}

void test_allocations() {
  Room room(64);
  Driver driver;
  CUdeviceptr large = 0;
  CHECK(cuMemAlloc_v2(&large, 256 * MIB) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(says_limit(charlstm_sim_last_error()));
  CUdeviceptr small = driver.fresh(8 * MIB);
  CHECK(small != 0);
  driver.free({small});
}

// A word of each of 16,384 pages, which the launch keeps as they were.
void test_launches() {
  Text text;
  text.body = "mul.wide.u32 %d4, %r2, 4096;\nadd.u64 %d4, %d4, %d2;\nst.global.u32 [%d4], %r2;";
  Shape shape;
  shape.blocks = 64;
  shape.threads = 256;
  size_t words = 64 * MIB / sizeof(unsigned);
  {
    Room room(180);
    Ran ran = run_ptx(text, shape, Words(64), words);
    CHECK(ran.result == CUDA_ERROR_LAUNCH_FAILED && says_limit(ran.said));
  }
  CHECK(run_ptx(text, shape, Words(64), words).result == CUDA_SUCCESS);
}

}

void test_memory_limit() {
  test_allocations();
  test_launches();
}
