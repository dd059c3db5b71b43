// Constructs that are not simulated: they refuse the kernels that can reach them, at the launch, and not the module.
#include <cstring>

#include "selftest/texts.h"

namespace {

// Lines are counted below.
const char TEXT[] = R"(.version 8.6
.target sm_90
.address_size 64
.file 1 "/far/away/some.cu"
.extern .func (.param .b32 r) cudaLaunchDeviceV2(.param .b64 a, .param .b64 b);
.func leaf()
{
.reg .pred %p<2>;
setp.ne.u32 %p1, 1, 1;
@%p1 wgmma.fence.sync.aligned;
ret;
}
.func middle()
{
call leaf, ();
ret;
}
.visible .entry deep()
{
call middle, ();
ret;
}
.visible .entry own()
{
.loc 1 7 3
barrier.cluster.arrive.sideways;
ret;
}
.visible .entry device()
{
.param .b32 r;
.param .b64 a;
.param .b64 b;
call (r), cudaLaunchDeviceV2, (a, b);
ret;
}
.visible .entry square() .reqnctapercluster 2, 2, 1
{
ret;
}
.visible .entry pointed(.param .u64 out)
{
.reg .b64 %d<4>;
ld.param.u64 %d1, [out];
mov.u64 %d2, middle;
st.global.u64 [%d1], 5;
call %d2, ();
ret;
}
.visible .entry reached(.param .u64 out)
{
.reg .b64 %d<4>;
ld.param.u64 %d1, [out];
st.global.u64 [%d1], 6;
{ .reg .b64 %d3; mov.u64 %d3, alone; call %d3, (); }
ret;
}
.func alone()
{
tcgen05.fence::before_thread_sync;
ret;
}
)";

void launches() {
  Driver driver;
  // A function is declared before it is used.
  std::string text = TEXT;
  text.insert(text.find(".func leaf"), ".func alone();");
  CUmodule module = loaded(text);
  unsigned count = 0;
  CHECK(cuModuleGetFunctionCount(&count, module) == CUDA_SUCCESS && count == 6);
  const struct {
    const char *name, *words;
  } refused[] = {
      {"deep", "a launch of deep: the instruction wgmma.fence.sync.aligned is not simulated (in leaf, which it calls), "
               "PTX line 10"},
      {"own", "a launch of own: barrier: its modifier .sideways is not simulated, or does not go with the others, PTX "
              "line 26 (some.cu:7)"},
      {"device", "a launch of device: cudaLaunchDeviceV2 of CUDA's device runtime is not simulated, PTX line 34"},
      {"square", "a launch of square: clusters along y or z are not simulated, PTX line 37"},
  };
  CUdeviceptr out = driver.fresh(8);
  void* arguments[] = {&out};
  for (const auto& one : refused) {
    CHECK(cuLaunchKernel(function_of(module, one.name), 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) ==
          CUDA_ERROR_NOT_SUPPORTED);
    check(std::strstr(charlstm_sim_last_error(), one.words), charlstm_sim_last_error(), __FILE__, __LINE__);
  }
  // Nothing has failed; by a pointer what is not reached does no harm, and what is reached ends the launch.
  auto launch = [&](const char* name) {
    return cuLaunchKernel(function_of(module, name), 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr);
  };
  unsigned long long got = 0;
  CHECK(launch("pointed") == CUDA_SUCCESS && cuMemcpyDtoH_v2(&got, out, 8) == CUDA_SUCCESS && got == 5);
  CHECK(launch("reached") == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "kernel reached: the instruction tcgen05.fence::before_thread_sync is "
                                               "not simulated; block (0,0,0) thread (0,0,0), PTX line 60"));
  cuMemFree_v2(out);
  cuModuleUnload(module);
}

// A mistake refuses the module all the same.
void mistakes() {
  Driver driver;
  for (const char* wrong : {"wgmm.fence;", "wgmma.fence", "mov.b32 %r1, 5;"}) {
    CUmodule module = nullptr;
    std::string text = std::string(".version 8.6\n.target sm_90\n.address_size 64\n.entry k() {\n") + wrong + "\n}\n";
    CHECK(cuModuleLoadData(&module, text.c_str()) == CUDA_ERROR_INVALID_PTX);
    CHECK(std::strstr(charlstm_sim_last_error(), "cuModuleLoadData: line "));
  }
}

}

void test_ptx_lacks() {
  launches();
  mistakes();
}
