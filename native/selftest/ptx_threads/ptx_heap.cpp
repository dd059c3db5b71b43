// malloc and free in kernels, local memory whose size the kernel finds out, and variables that the host accesses too.
#include <sys/resource.h>

#include <cstring>
#include <fstream>

#include "selftest/ptx/ptx_launches.h"
#include "selftest/texts.h"

namespace {

const char HEAP[] = R"(.version 8.6
.target sm_75
.address_size 64
.extern .func (.param .b64 r) malloc(.param .b64 a);
.extern .func free(.param .b64 a);
.visible .entry take(.param .u64 list, .param .u64 size)
{
.reg .b32 %r<4>;
.reg .b64 %d<8>;
.reg .pred %p<2>;
mov.u32 %r1, %tid.x;
ld.param.u64 %d1, [list];
mul.wide.u32 %d2, %r1, 8;
add.u64 %d1, %d1, %d2;
ld.param.u64 %d3, [size];
{ .param .b64 a; .param .b64 r; st.param.b64 [a], %d3; call (r), malloc, (a); ld.param.b64 %d4, [r]; }
st.global.u64 [%d1], %d4;
setp.ne.u64 %p1, %d4, 0;
@%p1 st.u32 [%d4+4], %r1;
ret;
}
.visible .entry drop(.param .u64 list)
{
.reg .b64 %d<4>;
ld.param.u64 %d1, [list];
ld.global.u64 %d2, [%d1];
{ .param .b64 a; st.param.b64 [a], %d2; call free, (a); }
ret;
}
.visible .entry race(.param .u64 list, .param .u64 out)
{
.reg .b32 %r<2>;
.reg .b64 %d<4>;
.reg .pred %p<2>;
mov.u32 %r1, %tid.x;
ld.param.u64 %d1, [list];
ld.param.u64 %d2, [out];
setp.ne.u32 %p1, %r1, 0;
@%p1 bra last;
ld.global.u64 %d3, [%d1];
{ .param .b64 a; st.param.b64 [a], %d3; call free, (a); }
last:
st.global.u32 [%d2], %r1;
ret;
}
.visible .entry give(.param .u64 list, .param .u64 out, .param .u64 at)
{
.reg .b32 %r<4>;
.reg .b64 %d<8>;
.reg .pred %p<4>;
mov.u32 %r1, %tid.x;
ld.param.u64 %d1, [list];
mul.wide.u32 %d2, %r1, 8;
add.u64 %d1, %d1, %d2;
ld.global.u64 %d3, [%d1];
ld.param.u64 %d4, [out];
shr.u64 %d2, %d2, 1;
add.u64 %d4, %d4, %d2;
ld.param.u64 %d5, [at];
add.u64 %d5, %d3, %d5;
ld.u32 %r2, [%d5];
{ .param .b64 a; st.param.b64 [a], %d3; call free, (a); }
st.global.u32 [%d4], %r2;
ret;
}
)";

struct Heap {
  Driver driver;
  CUmodule module = loaded(HEAP);
  CUdeviceptr list = driver.fresh(8 * 40), out = driver.fresh(4 * 40);

  ~Heap() {
    cuMemFree_v2(list);
    cuMemFree_v2(out);
  }

  CUresult take(unsigned count, size_t size) {
    void* arguments[] = {&list, &size};
    return cuLaunchKernel(function_of(module, "take"), 1, 1, 1, count, 1, 1, 0, driver.stream, arguments, nullptr);
  }
  CUresult give(unsigned count, size_t at = 4) {
    void* arguments[] = {&list, &out, &at};
    return cuLaunchKernel(function_of(module, "give"), 1, 1, 1, count, 1, 1, 0, driver.stream, arguments, nullptr);
  }
  CUresult drop(unsigned count) {
    void* arguments[] = {&list};
    return cuLaunchKernel(function_of(module, "drop"), 1, 1, 1, count, 1, 1, 0, driver.stream, arguments, nullptr);
  }
  CUresult race() {
    void* arguments[] = {&list, &out};
    return cuLaunchKernel(function_of(module, "race"), 1, 1, 1, 2, 1, 1, 0, driver.stream, arguments, nullptr);
  }
  std::vector<CUdeviceptr> addresses(unsigned count) {
    std::vector<CUdeviceptr> found(count);
    CHECK(cuMemcpyDtoH_v2(found.data(), list, 8 * count) == CUDA_SUCCESS);
    return found;
  }
  void fails(CUresult result, const char* words) {
    CHECK(result != CUDA_SUCCESS);
    check(std::strstr(charlstm_sim_last_error(), words), words, __FILE__, __LINE__);
    cuModuleUnload(module);
  }
};

// Launches run in all orders, and each finds what the one before has left.
void blocks() {
  {
    Heap heap;
    for (int round = 0; round < 3; round++) {
      CHECK(heap.take(40, 8) == CUDA_SUCCESS && heap.give(40) == CUDA_SUCCESS);
      std::vector<unsigned> got(40);
      CHECK(cuMemcpyDtoH_v2(got.data(), heap.out, 160) == CUDA_SUCCESS && got[0] == 0 && got[39] == 39);
    }
    // Eight MiB in all.
    CHECK(heap.take(1, (8 << 20) - 16) == CUDA_SUCCESS && heap.addresses(1)[0] != 0 && heap.give(1) == CUDA_SUCCESS);
    CHECK(heap.take(3, 3 << 20) == CUDA_SUCCESS);
    std::vector<CUdeviceptr> of_three = heap.addresses(3);
    CHECK((of_three[0] == 0) + (of_three[1] == 0) + (of_three[2] == 0) == 1);
    CHECK(cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 32 << 20) == CUDA_SUCCESS);
    CHECK(heap.take(1, 12 << 20) == CUDA_SUCCESS && heap.addresses(1)[0] != 0);
    CHECK(heap.take(1, 0) == CUDA_SUCCESS && heap.addresses(1)[0] == 0);
    CHECK(heap.take(1, ~size_t(0)) == CUDA_SUCCESS && heap.addresses(1)[0] == 0);
    cuModuleUnload(heap.module);
  }
  {
    Heap heap;
    CHECK(heap.take(1, 8) == CUDA_SUCCESS);
    heap.fails(heap.drop(2), "kernel drop: double free: free of a block of malloc in kernels that was freed before");
  }
  {
    Heap heap;
    CHECK(heap.take(1, 8) == CUDA_SUCCESS && heap.drop(1) == CUDA_SUCCESS);
    heap.fails(heap.drop(1), "kernel drop: double free");
  }
  {
    // The launch runs again for the other place, and frees again.
    Heap heap;
    CHECK(heap.take(1, 8) == CUDA_SUCCESS);
    heap.fails(heap.race(), "kernel race: race: writes byte 0 of argument 1, which thread number 0 wrote");
  }
  {
    Heap heap;
    CHECK(heap.take(2, 8) == CUDA_SUCCESS);
    std::vector<CUdeviceptr> twice = heap.addresses(2);
    twice[1] = twice[0];
    cuMemcpyHtoD_v2(heap.list, twice.data(), 16);
    heap.fails(heap.give(2), ", in an allocation of 8 that a kernel has freed");
  }
  {
    Heap heap;
    CHECK(heap.take(1, 8) == CUDA_SUCCESS);
    heap.fails(heap.give(1, 8), "kernel give: out-of-bounds read of 4 bytes");
  }
  {
    Heap heap;
    CHECK(heap.take(1, 8) == CUDA_SUCCESS);
    heap.fails(heap.give(1, 0), "that nobody wrote");
  }
  {
    Heap heap;
    cuMemcpyHtoD_v2(heap.list, &heap.list, 8);
    heap.fails(heap.drop(1), "kernel drop: free of an address that malloc in kernels has not given");
  }
}

// Fills as many words of local memory as it has threads, twice in the same place; a function's own ends with it.
void local_memory() {
  Text text;
  text.before = R"(
.func (.param .b32 r) last(.param .b32 n)
{
.reg .b32 %r<4>;
.reg .b64 %d<4>;
ld.param.u32 %r1, [n];
mul.wide.u32 %d1, %r1, 4;
alloca.u64 %d2, %d1, 16;
add.u64 %d3, %d2, %d1;
st.local.u32 [%d3+-4], %r1;
ld.local.u32 %r2, [%d3+-4];
st.param.b32 [r], %r2;
ret;
}
)";
  text.body = R"(
stacksave.u64 %d10;
add.u32 %r10, %r1, 1;
mul.wide.u32 %d11, %r10, 4;
alloca.u64 %d12, %d11;
st.local.u32 [%d12], 7;
{ .param .b32 n; .param .b32 r; st.param.b32 [n], %r10; call (r), last, (n); ld.param.b32 %r11, [r]; }
ld.local.u32 %r12, [%d12];
stackrestore.u64 %d10;
alloca.u64 %d13, %d11;
sub.u64 %d14, %d13, %d12;
cvt.u32.u64 %r13, %d14;
add.u32 %r11, %r11, %r12;
add.u32 %r11, %r11, %r13;
st.global.u32 [%d3], %r11;)";
  must_give("alloca", text, {1, 3}, {0}, {8, 9, 10});
  text.body = "alloca.u64 %d10, 12, 4;\nld.local.u32 %r10, [%d10+12]; // here";
  must_find(text, {}, {"out-of-bounds read of 4 bytes of local memory at byte 12 of a thread's 12", "(0,0,0)",
                       "(0,0,0)", "", CUDA_ERROR_ILLEGAL_ADDRESS});
  text.body = "mov.u64 %d11, 1048576;\nalloca.u64 %d10, %d11; // here";
  Ran ran = run_ptx(text);
  CHECK(ran.result == CUDA_ERROR_HARDWARE_STACK_ERROR && ran.said.find("stack overflow") != std::string::npos);
  text.body = "mov.u64 %d10, 64;\nstackrestore.u64 %d10; // here";
  must_find(text, {}, {"stackrestore of what stacksave has not given", "(0,0,0)", "(0,0,0)", "",
                       CUDA_ERROR_HARDWARE_STACK_ERROR});
}

void managed() {
  Driver driver;
  CUmodule module = loaded(R"(.version 8.6
.target sm_75
.address_size 64
.global .attribute(.managed) .align 4 .u32 both = 5;
.visible .entry add()
{
.reg .b32 %r<4>;
ld.global.u32 %r1, [both];
add.u32 %r1, %r1, 1;
st.global.u32 [both], %r1;
ret;
}
)");
  CUdeviceptr both = 0;
  size_t size = 0;
  CHECK(cuModuleGetGlobal_v2(&both, &size, module, "both") == CUDA_SUCCESS && size == 4);
  auto* here = reinterpret_cast<unsigned*>(both);
  CHECK(*here == 5);
  *here = 40;
  CHECK(cuLaunchKernel(function_of(module, "add"), 1, 1, 1, 1, 1, 1, 0, driver.stream, nullptr, nullptr) ==
        CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(driver.stream) == CUDA_SUCCESS && *here == 41);
  int is_managed = 0;
  CHECK(cuPointerGetAttribute(&is_managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, both) == CUDA_SUCCESS && is_managed == 1);
  cuModuleUnload(module);
}

// Each thread that waits with local memory has a stack, and the host has no room for those of all.
void host_memory() {
  Text text;
  text.body = ".local .align 4 .b8 kept[4];\nst.local.u32 [kept], %r1;\nbar.sync 0;\nld.local.u32 %r10, [kept];\n"
              "st.global.u32 [%d3], %r10;";
  CHECK(run_ptx(text, {1, 32}).result == CUDA_SUCCESS);
  rlimit before{}, less{};
  getrlimit(RLIMIT_AS, &before);
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  less = {rlim_t(pages) * 4096 + (256 << 20), before.rlim_max};
  setrlimit(RLIMIT_AS, &less);
  Ran ran = run_ptx(text, {1, 1024}, Words(64), 1024);
  setrlimit(RLIMIT_AS, &before);
  CHECK(ran.result != CUDA_SUCCESS);
  CHECK(ran.said.find("kernel k: takes more memory than the host gives the simulated GPU") != std::string::npos);
}

}

void test_ptx_heap() {
  host_memory();
  blocks();
  local_memory();
  managed();
}
