// CHARLSTM_SIM_SECONDS ends a launch between its blocks.
#include <cstdlib>
#include <string>

#include "selftest/nvrtc/nvrtc.h"

// More blocks than ever end, each of which is short, in PTX and of a library of kernels.
void test_time_limit() {
  setenv("CHARLSTM_SIM_SECONDS", "0.2", 1);
  const char* ptx = ".version 8.0\n.target sm_90\n.address_size 64\n.visible .entry k(.param .u64 y) { ret; }\n";
  for (std::string name : {"k", "fill_with"}) {
    Driver driver;
    CUmodule module = nullptr;
    CHECK(cuModuleLoadData(&module, name == "k" ? ptx : built_in_image().c_str()) == CUDA_SUCCESS);
    CUdeviceptr y = driver.holding({1.0f});
    float value = 1.0f;
    int none = 0;
    CUresult result = launch_of(module, name.c_str(), driver.stream, 0x7fffffff, 1, 1, 1, 0, {&y, &value, &none});
    std::string said = charlstm_sim_last_error();
    CHECK(result == CUDA_ERROR_LAUNCH_TIMEOUT);
    std::string over = ": has not ended after 0.2 seconds (CHARLSTM_SIM_SECONDS); ";
    CHECK(said.find("charlstm sim: kernel " + name + over) == 0 &&
          said.find(" of 2147483647 blocks have run") != std::string::npos);
    cuModuleUnload(module);
    cuMemFree_v2(y);
  }
  unsetenv("CHARLSTM_SIM_SECONDS");
}
