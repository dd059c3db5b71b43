// Kernels that count as interpreted are ordered by PTX's memory model: each rule with a kernel that keeps it and others
// that break it.
#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "language/kernel.h"
#include "selftest/must_fail.h"

namespace {

constexpr CUresult FAILED = CUDA_ERROR_LAUNCH_FAILED, ADDRESS = CUDA_ERROR_ILLEGAL_ADDRESS;

// The trial kernels call the machine as an interpreter does.
void mark_interpreted() {
  void* trials = dlopen(library_of_trials().c_str(), RTLD_NOW);
  auto* library = static_cast<const sim::KernelLibrary*>(dlsym(trials, "charlstm_kernels"));
  std::for_each(library->first, library->end, [](sim::Kernel* kernel) {
    if (std::strncmp(kernel->name, "ordered_", 8) == 0) {
      kernel->interpreted = true;
      kernel->place = [](char* text, size_t size, const void*) {
        std::strncpy(text, ", PTX line 12 (trial.cu:3)", size);
      };
    }
  });
}

std::vector<unsigned> words(Driver& driver, CUdeviceptr from, size_t count) {
  std::vector<float> read = driver.read(from, count);
  std::vector<unsigned> bits(count);
  std::memcpy(bits.data(), read.data(), count * sizeof(float));
  return bits;
}

std::vector<CUdeviceptr> zeros(Driver& driver) {
  return {driver.holding(std::vector<float>(512))};
}

std::vector<CUdeviceptr> three(Driver& driver) {
  return {zeros(driver)[0], zeros(driver)[0], zeros(driver)[0]};
}

std::vector<CUdeviceptr> two(Driver& driver) {
  return {zeros(driver)[0], zeros(driver)[0]};
}

template <typename... Rest>
std::vector<unsigned> passes(const char* name, unsigned grid, unsigned block,
                             std::vector<CUdeviceptr> (*buffers)(Driver&), Rest... rest) {
  Driver driver;
  std::vector<CUdeviceptr> addresses = buffers(driver);
  std::vector<void*> arguments;
  for (CUdeviceptr& address : addresses) {
    arguments.push_back(&address);
  }
  (arguments.push_back(&rest), ...);
  CUresult result = driver.launch_with(name, grid, block, 1, 0, arguments.data());
  check(result == CUDA_SUCCESS, name, __FILE__, __LINE__);
  std::vector<unsigned> last(512);
  if (result == CUDA_SUCCESS) {
    last = words(driver, addresses.back(), 512);
  }
  for (CUdeviceptr address : addresses) {
    cuMemFree_v2(address);
  }
  return last;
}

void threads_of_a_block() {
  for (int how : {0, 3, 6, 7, 8}) {
    passes("ordered_pair", 1, 64, zeros, how);
  }
  must_fail(FAILED, "race: reads byte 0 of argument 0, which thread number 0 wrote and nothing orders before it; block "
            "(0,0,0) thread (32,0,0), PTX line 12 (trial.cu:3)", "ordered_pair", 1, 64, zeros, 1);
  must_fail(FAILED, "race: writes byte 0 of argument 0, which thread number 0 read and", "ordered_pair", 1, 64, zeros,
            2);
  must_fail(FAILED, "race: writes byte 0 of argument 0, which thread number 0 wrote", "ordered_pair", 1, 64, zeros, 4);
  must_fail(FAILED, "race: reads byte 0 of argument 0, which thread number 0 wrote", "ordered_pair", 1, 64, zeros, 5);
  must_fail(FAILED, "race: writes byte 0 of argument 0, which thread number", "ordered_pair", 1, 64, zeros, 9);
}

void last_blocks() {
  for (int how : {0, 4, 6}) {
    CHECK(passes("ordered_last_block", 40, 64, three, how)[0] == 780);
  }
  must_fail(FAILED, "race: changes byte 0 of argument 1, which thread number 0 of block (0,0,0) wrote",
            "ordered_last_block", 4, 64, three, 5);
  for (int how : {1, 2, 3, 7}) {
    must_fail(FAILED, "of argument 0, which thread number 1 of block (0,0,0) wrote and nothing orders before it",
              "ordered_last_block", 4, 64, three, how);
  }
}

void chains() {
  {
    Driver driver("eager", "", "one");
    CUdeviceptr flags = zeros(driver)[0], values = zeros(driver)[0];
    CHECK(driver.launch("ordered_chain", 20, 1, flags, values, 0) == CUDA_SUCCESS);
    CHECK(words(driver, values, 20)[19] == 10);
    driver.free({flags, values});
  }
  CHECK(passes("ordered_chain", 3, 1, two, 0)[2] == 2);
  must_fail(FAILED, "race: reads byte 0 of argument 1, which thread number 0 of block (0,0,0) wrote",
            "ordered_chain", 3, 1, two, 1);
  must_fail(FAILED, "race: reads byte 0 of argument 1, which thread number 0 of block (0,0,0) wrote",
            "ordered_chain", 3, 1, two, 2);
}

void constants() {
  passes("ordered_constants", 2, 1, zeros, 0);
  must_fail(FAILED, "writes byte 0 of argument 0, which ld.global.nc reads in the same launch", "ordered_constants", 2,
            1, zeros, 1);
  must_fail(FAILED, "ld.global.nc reads byte 0 of argument 0, which the same launch writes", "ordered_constants", 1, 1,
            zeros, 2);
}

void strengths() {
  passes("ordered_strengths", 3, 64, zeros, 0);
  passes("ordered_strengths", 1, 64, zeros, 1);
  must_fail(FAILED, "race: writes byte 0 of argument 0, which thread number 0 of block (0,0,0)", "ordered_strengths", 2,
            1, zeros, 1);
  must_fail(FAILED, "race: reads byte 0 of argument 0, which thread number 0 wrote", "ordered_strengths", 1, 2, zeros,
            2);
  must_fail(FAILED, "race: changes byte 0 of argument 0, which thread number 0 read", "ordered_strengths", 1, 2, zeros,
            3);
  must_fail(FAILED, "race: reads byte 0 of argument 0, which thread number 0 of block (0,0,0) wrote",
            "ordered_strengths", 2, 1, zeros, 4);
  must_fail(FAILED, "race: reads byte 0 of argument 0, which thread number 0 wrote", "ordered_strengths", 1, 2, zeros,
            5);
  passes("ordered_strengths", 1, 2, zeros, 6);
}

void messages() {
  for (int how : {0, 1}) {
    CHECK(passes("ordered_message", 1, 64, zeros, how)[0] == 7);
  }
  for (int how : {2, 3}) {
    must_fail(FAILED, "race: reads byte 0 of a shared array of 8, which thread number 0 wrote", "ordered_message", 1,
              64, zeros, how);
  }
  must_fail(FAILED, "waits in a loop for what no thread does", "ordered_message", 1, 33, zeros, 4);
  CHECK(passes("ordered_histogram", 1, 64, zeros, 0)[3] == 16);
  must_fail(FAILED, "race: changes byte 0 of a shared array of 16, which thread number 0 wrote", "ordered_histogram", 1,
            64, zeros, 1);
  must_fail(FAILED, "of a shared array of 16, which thread number", "ordered_histogram", 1, 64, zeros, 2);
}

void named_barriers() {
  CHECK(passes("ordered_named", 1, 128, zeros, 0)[70] == 6);
  must_fail(FAILED, "barrier 1 waits for 96 threads, and a warp comes that expects 128", "ordered_named", 1, 128,
            zeros, 1);
  must_fail(FAILED, "race: reads byte 0 of a shared array of 1024, which thread number 0 wrote", "ordered_named", 1,
            128, zeros, 2);
  must_fail(FAILED, "race: reads byte 252 of a shared array of 1024, which thread number 63 wrote", "ordered_named", 1,
            128, zeros, 4);
  must_fail(FAILED, "barrier 2 not reached by all that it waits for: 64 of 128 threads", "ordered_named", 1, 128, zeros,
            5);
  must_fail(FAILED, "barrier 2 of 48 threads, in a block of 128: they must be whole warps", "ordered_named", 1, 128,
            zeros, 6);
  std::vector<unsigned> votes = passes("ordered_votes", 1, 128, zeros);
  CHECK(votes[0] == 5032 && votes[127] == 5032);
}

void arrivals() {
  for (int how : {0, 5, 7, 8}) {
    CHECK(passes("ordered_arrivals", 1, 64, zeros, how)[60] == 3);
  }
  CHECK(passes("ordered_arrivals", 1, 64, zeros, 9)[0] == 5);
  must_fail(FAILED, "mbarrier.arrive: nobody has certainly made an arrival barrier before at byte 0",
            "ordered_arrivals", 1, 64, zeros, 1);
  must_fail(FAILED, "waits for ever for phase 0 of the arrival barrier at byte 0 of a shared array of 16, which still "
            "waits for 1 of 65 arrivals", "ordered_arrivals", 1, 64, zeros, 2);
  must_fail(FAILED, "race: reads byte 252 of a shared array of 256, which thread number 63 wrote", "ordered_arrivals",
            1, 64, zeros, 3);
  must_fail(FAILED, "which is an arrival barrier", "ordered_arrivals", 1, 64, zeros, 4);
  must_fail(FAILED, "that nobody wrote", "ordered_arrivals", 1, 64, zeros, 6);
  must_fail(FAILED, "which still waits for 64 of 64 arrivals", "ordered_arrivals", 1, 64, zeros, 10);
}

void copies() {
  for (int how : {0, 1, 2, 3}) {
    Driver driver;
    std::vector<float> values = drawn(512, 3);
    CUdeviceptr x = driver.holding(values), y = zeros(driver)[0];
    CHECK(driver.launch("ordered_copies", 1, 32, x, y, how) == CUDA_SUCCESS);
    std::vector<unsigned> in = words(driver, x, 512), out = words(driver, y, 512);
    bool whole = how == 0 || how == 3;
    CHECK(out[0] == (how == 2 ? 0 : in[124]));
    CHECK(out[1] == (whole ? in[125] : how == 1 ? in[125] & 0xffff : 0));
    CHECK(out[3] == (whole ? in[127] : 0));
    driver.free({x, y});
  }
  must_fail(FAILED, "cp.async of 16 bytes reads 20", "ordered_copies", 1, 32, two, 4);
  must_fail(FAILED, "a send wrote in phase 0 of the arrival barrier", "ordered_copies", 1, 32, two, 5);
}

void neighbours() {
  std::vector<unsigned> read = passes("ordered_neighbours", 4, 32, zeros, 0);
  CHECK(read[0] == 131 && read[63] == 0);
  passes("ordered_neighbours", 2, 32, zeros, 5);
  must_fail(FAILED, "that nobody wrote", "ordered_neighbours", 2, 32, zeros, 1);
  must_fail(FAILED, "of its cluster, which thread number", "ordered_neighbours", 2, 32, zeros, 2);
  must_fail(ADDRESS, "out-of-bounds read of 4 bytes at byte 128", "ordered_neighbours", 2, 32, zeros, 3);
  must_fail(FAILED, "which has returned", "ordered_neighbours", 2, 32, zeros, 4);
}

}

void test_ordered() {
  mark_interpreted();
  threads_of_a_block();
  last_blocks();
  chains();
  constants();
  strengths();
  messages();
  named_barriers();
  arrivals();
  copies();
  neighbours();
}
