// Cooperative launches, whose blocks wait for one another as cooperative_groups.h has them, and other attributes.
#include <cstring>

#include "selftest/harness.h"

namespace {

// Each block writes its number, all meet, and each reads that of the next.
const char TEXT[] = R"(.version 8.0
.target sm_90
.address_size 64
.visible .entry ring(.param .u64 all, .param .u64 out) {
.reg .b32 %r<16>;
.reg .b64 %d<8>;
.reg .pred %p<4>;
ld.param.u64 %d1, [all];
ld.param.u64 %d2, [out];
mov.u32 %r1, %envreg1;
mov.u32 %r2, %envreg2;
mov.b64 %d3, {%r2, %r1};
mov.u32 %r3, %ctaid.x;
mov.u32 %r4, %nctaid.x;
mul.wide.u32 %d4, %r3, 4;
add.u64 %d5, %d1, %d4;
st.global.u32 [%d5], %r3;
setp.eq.u64 %p1, %d3, 0;
@%p1 trap;
setp.eq.u32 %p2, %r3, 0;
mov.u32 %r5, -2147483647;
sub.u32 %r5, %r5, %r4;
selp.b32 %r6, %r5, 1, %p2;
atom.add.release.gpu.u32 %r7, [%d3+4], %r6;
WAIT:
ld.acquire.gpu.u32 %r8, [%d3+4];
xor.b32 %r9, %r8, %r7;
setp.gt.s32 %p3, %r9, -1;
@%p3 bra WAIT;
add.u32 %r10, %r3, 1;
rem.u32 %r10, %r10, %r4;
mul.wide.u32 %d6, %r10, 4;
add.u64 %d6, %d1, %d6;
ld.global.u32 %r11, [%d6];
add.u64 %d5, %d2, %d4;
st.global.u32 [%d5], %r11;
ret;
}
.visible .entry pair() {
barrier.cluster.arrive;
barrier.cluster.wait;
ret;
}
)";

class Text {
 public:
  Text() { CHECK(cuModuleLoadData(&module_, TEXT) == CUDA_SUCCESS); }
  ~Text() { cuModuleUnload(module_); }

  CUfunction kernel(const char* name) {
    CUfunction found = nullptr;
    CHECK(cuModuleGetFunction(&found, module_, name) == CUDA_SUCCESS);
    return found;
  }

 private:
  CUmodule module_ = nullptr;
};

CUlaunchAttribute attribute(CUlaunchAttributeID id, int value) {
  CUlaunchAttribute made;
  std::memset(&made, 0, sizeof made);
  made.id = id;
  made.value.cooperative = value;
  return made;
}

void ring() {
  Driver driver;
  Text text;
  const unsigned blocks = 128;
  CUdeviceptr all = driver.fresh(4 * blocks), out = driver.fresh(4 * blocks);
  void* arguments[] = {&all, &out};
  CUfunction kernel = text.kernel("ring");
  for (unsigned count : {1u, 5u, blocks}) {
    CHECK(cuLaunchCooperativeKernel(kernel, count, 1, 1, 1, 1, 1, 0, driver.stream, arguments) == CUDA_SUCCESS);
    std::vector<unsigned> found(count);
    CHECK(cuMemcpyDtoHAsync_v2(found.data(), out, 4 * count, driver.stream) == CUDA_SUCCESS);
    CHECK(driver.synchronise() == CUDA_SUCCESS);
    for (unsigned i = 0; i < count; i++) {
      CHECK(found[i] == (i + 1) % count);
    }
  }
  CHECK(cuLaunchCooperativeKernel(kernel, blocks + 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments) ==
        CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  CHECK(std::strstr(charlstm_sim_last_error(), "with 129 blocks: 128 of them run at once"));
  CUlaunchAttribute cooperative = attribute(CU_LAUNCH_ATTRIBUTE_COOPERATIVE, 1);
  CUlaunchConfig config = {4, 1, 1, 1, 1, 1, 0, driver.stream, &cooperative, 1};
  CHECK(cuLaunchKernelEx(&config, kernel, arguments, nullptr) == CUDA_SUCCESS);
  // Without it there is no barrier of the grid.
  cooperative.value.cooperative = 0;
  CHECK(cuLaunchKernelEx(&config, kernel, arguments, nullptr) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "trap was executed") &&
        std::strstr(charlstm_sim_last_error(), "grid.sync() needs a cooperative launch (cudaLaunchCooperativeKernel)"));
}

// Without clusters each block is one.
void no_clusters() {
  Driver driver;
  Text text;
  CHECK(cuLaunchCooperativeKernel(text.kernel("pair"), 2, 1, 1, 1, 1, 1, 0, driver.stream, nullptr) == CUDA_SUCCESS);
}

void attributes() {
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f});
  int n = 1;
  void* arguments[] = {&x, &n};
  CUlaunchAttribute all[] = {attribute(CU_LAUNCH_ATTRIBUTE_PRIORITY, -2),
                             attribute(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, 1)};
  CUlaunchConfig config = {1, 1, 1, 32, 1, 1, 0, driver.stream, all, 2};
  CHECK(cuLaunchKernelEx(&config, driver.function("add_one"), arguments, nullptr) == CUDA_SUCCESS);
  CHECK(charlstm_sim_priority("kernel add_one") == -2 && driver.read(x, 1)[0] == 2.0f);
  all[0].value.priority = -99;
  CHECK(cuLaunchKernelEx(&config, driver.function("add_one"), arguments, nullptr) == CUDA_SUCCESS);
  CHECK(charlstm_sim_priority("kernel add_one") == -5);
  all[0].id = CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN;
  CHECK(cuLaunchKernelEx(&config, driver.function("add_one"), arguments, nullptr) == CUDA_ERROR_NOT_SUPPORTED);
  driver.free({x});
}

void occupancy() {
  Driver driver;
  CUlaunchAttribute cluster = attribute(CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, 4);
  cluster.value.clusterDim.y = cluster.value.clusterDim.z = 1;
  CUlaunchConfig config = {8, 1, 1, 64, 1, 1, 0, driver.stream, &cluster, 1};
  CUfunction kernel = driver.function("add_one");
  int count = 0;
  CHECK(cuOccupancyMaxActiveClusters(&count, kernel, &config) == CUDA_SUCCESS && count == 32);
  CHECK(cuOccupancyMaxPotentialClusterSize(&count, kernel, &config) == CUDA_SUCCESS && count == 8);
  CHECK(cuOccupancyMaxActiveClusters(nullptr, kernel, &config) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuOccupancyMaxActiveClusters(&count, nullptr, &config) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuOccupancyMaxActiveClusters(&count, kernel, nullptr) == CUDA_ERROR_INVALID_VALUE);
  config.gridDimX = 6;
  CHECK(cuOccupancyMaxActiveClusters(&count, kernel, &config) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  config.numAttrs = 0;
  CHECK(cuOccupancyMaxActiveClusters(&count, kernel, &config) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
}

}

void test_cooperative() {
  ring();
  no_clusters();
  attributes();
  occupancy();
}
