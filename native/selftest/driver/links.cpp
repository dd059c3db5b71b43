// Links of PTX by the driver.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "selftest/texts.h"

namespace {

bool said(const char* words) {
  return std::strstr(charlstm_sim_last_error(), words);
}

const std::string HEAD = ".version 8.0\n.target sm_75\n.address_size 64\n";

// A kernel that calls a function of another text.
const std::string CALLER = HEAD + R"(
.extern .func (.param .b32 result) twice(.param .b32 x);
.visible .entry double_it(.param .u64 y)
{
  .reg .b64 %d<3>;
  .reg .f32 %f<3>;
  ld.param.u64 %d1, [y];
  cvta.to.global.u64 %d2, %d1;
  ld.global.f32 %f1, [%d2];
  {
    .param .b32 x;
    .param .b32 result;
    st.param.f32 [x], %f1;
    call.uni (result), twice, (x);
    ld.param.f32 %f2, [result];
  }
  st.global.f32 [%d2], %f2;
  ret;
}
)";
const std::string CALLED = HEAD + R"(
.visible .func (.param .b32 result) twice(.param .b32 x)
{
  .reg .f32 %f<3>;
  ld.param.f32 %f1, [x];
  add.f32 %f2, %f1, %f1;
  st.param.f32 [result], %f2;
  ret;
}
)";

// As libcudadevrt.a begins.
const std::string LIBRARY = "!<arch>\ncuda_device_runtime.o/";

CUlinkState fresh_link() {
  CUlinkState link = nullptr;
  CHECK(cuLinkCreate_v2(0, nullptr, nullptr, &link) == CUDA_SUCCESS && link);
  return link;
}

CUresult add(CUlinkState link, const std::string& text, const char* name = nullptr,
             CUjitInputType type = CU_JIT_INPUT_PTX) {
  return cuLinkAddData_v2(link, type, const_cast<char*>(text.data()), text.size(), name, 0, nullptr, nullptr);
}

void two_texts() {
  Driver driver;
  CUdeviceptr y = driver.holding({3.0f});
  void *arguments[] = {&y}, *image = nullptr;
  CUlinkState link = fresh_link();
  CHECK(add(link, CALLER, "caller.ptx") == CUDA_SUCCESS);
  // A terminator may be among the bytes.
  CHECK(add(link, CALLED + std::string(3, '\0')) == CUDA_SUCCESS);
  size_t size = 0;
  CHECK(cuLinkComplete(link, &image, &size) == CUDA_SUCCESS && size > CALLER.size() + CALLED.size());
  std::string kept(static_cast<char*>(image), size);
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image) == CUDA_SUCCESS);
  CHECK(add(link, CALLED) == CUDA_ERROR_INVALID_VALUE && said("cuLinkAddData: the link is complete"));
  CHECK(cuLinkDestroy(link) == CUDA_SUCCESS && cuLinkDestroy(link) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuLinkComplete(link, &image, &size) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(add(link, CALLED) == CUDA_ERROR_INVALID_HANDLE);
  CUfunction function = function_of(module, "double_it");
  CHECK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
  CHECK(driver.read(y, 1)[0] == 6);
  cuModuleUnload(module);
  // The image is the program's once it has copied it; each part of it has to be there.
  module = loaded(kept);
  cuModuleUnload(module);
  for (size_t length = 30; length < kept.size(); length += 97) {
    CHECK(cuModuleLoadData(&module, kept.substr(0, length).c_str()) == CUDA_ERROR_INVALID_IMAGE);
    CHECK(said("the linked image is cut off or spoilt"));
  }
  driver.free({y});
}

// Each text's pointers are to what it calls by that name itself.
void names_alike() {
  auto text = [](const std::string& kernel, const std::string& content) {
    return HEAD + ".global .u32 own = " + content + ";\n.global .u64 place = own;\n.visible .entry " + kernel +
           R"((.param .u64 y)
{
  .reg .b64 %d<4>;
  .reg .b32 %r;
  ld.param.u64 %d1, [y];
  cvta.to.global.u64 %d2, %d1;
  ld.global.u64 %d3, [place];
  ld.global.u32 %r, [%d3];
  st.global.u32 [%d2], %r;
  ret;
}
)";
  };
  Driver driver;
  CUdeviceptr y = driver.holding({0});
  void *arguments[] = {&y}, *image = nullptr;
  CUlinkState link = fresh_link();
  // The bits of 2 and 3.
  CHECK(add(link, text("first", "0x40000000")) == CUDA_SUCCESS);
  CHECK(add(link, text("last", "0x40400000")) == CUDA_SUCCESS);
  CHECK(cuLinkComplete(link, &image, nullptr) == CUDA_SUCCESS);
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image) == CUDA_SUCCESS);
  float right = 2;
  for (const char* name : {"first", "last"}) {
    CUfunction function = function_of(module, name);
    CHECK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
    CHECK(driver.read(y, 1)[0] == right++);
  }
  cuModuleUnload(module);
  cuLinkDestroy(link);
  driver.free({y});
}

// Shared arrays with sizes, which another text defines: they lie apart, and need none of a launch's own shared memory.
void shared_arrays() {
  const std::string user = HEAD + R"(
.extern .shared .align 4 .b32 first[4];
.extern .shared .align 4 .b32 last[4];
.extern .func fill();
.visible .entry sum(.param .u64 y)
{
  .reg .b64 %d<3>;
  .reg .f32 %f<4>;
  ld.param.u64 %d1, [y];
  cvta.to.global.u64 %d2, %d1;
  call.uni fill;
  ld.shared.f32 %f1, [first+12];
  ld.shared.f32 %f2, [last+12];
  sub.f32 %f3, %f1, %f2;
  st.global.f32 [%d2], %f3;
  ret;
}
)";
  const std::string definition = HEAD + R"(
.visible .shared .align 4 .b32 first[4];
.visible .shared .align 4 .b32 last[4];
.visible .func fill()
{
  st.shared.f32 [first+12], 0f40A00000;
  st.shared.f32 [last+12], 0f40000000;
  ret;
}
)";
  Driver driver;
  CUdeviceptr y = driver.holding({0});
  void *arguments[] = {&y}, *image = nullptr;
  CUlinkState link = fresh_link();
  CHECK(add(link, user) == CUDA_SUCCESS && add(link, definition) == CUDA_SUCCESS);
  CHECK(cuLinkComplete(link, &image, nullptr) == CUDA_SUCCESS);
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image) == CUDA_SUCCESS);
  CUfunction function = function_of(module, "sum");
  CHECK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
  CHECK(driver.read(y, 1)[0] == 3);
  cuModuleUnload(module);
  cuLinkDestroy(link);
  driver.free({y});
}

// As numba's kernels wait for the grid: each block writes its number, all meet twice, and each reads that of the next.
void grids_that_meet() {
  const std::string ring = HEAD + R"(
.extern .func (.param .b64 result) cudaCGGetIntrinsicHandle(.param .b32 scope);
.extern .func (.param .b32 result) cudaCGSynchronize(.param .b64 handle, .param .b32 flags);
.visible .entry ring(.param .u64 all, .param .u64 out, .param .u32 scope)
{
  .reg .b64 %d<8>;
  .reg .b32 %r<10>;
  .reg .pred %p<3>;
  ld.param.u64 %d1, [all];
  ld.param.u64 %d2, [out];
  ld.param.u32 %r1, [scope];
  {
    .param .b32 scope;
    .param .b64 result;
    st.param.b32 [scope], %r1;
    call.uni (result), cudaCGGetIntrinsicHandle, (scope);
    ld.param.b64 %d3, [result];
  }
  mov.u32 %r2, %ctaid.y;
  mov.u32 %r3, %nctaid.y;
  mov.u32 %r4, %tid.x;
  mul.wide.u32 %d4, %r2, 4;
  add.u64 %d5, %d1, %d4;
  setp.ne.u32 %p1, %r4, 33;
  mov.u32 %r5, 0;
AGAIN:
  add.u32 %r6, %r2, %r5;
  @!%p1 st.global.u32 [%d5], %r6;
  {
    .param .b64 handle;
    .param .b32 flags;
    .param .b32 result;
    st.param.b64 [handle], %d3;
    st.param.b32 [flags], 0;
    call.uni (result), cudaCGSynchronize, (handle, flags);
    ld.param.b32 %r7, [result];
  }
  add.u32 %r8, %r2, 1;
  rem.u32 %r8, %r8, %r3;
  mul.wide.u32 %d6, %r8, 4;
  add.u64 %d7, %d1, %d6;
  ld.global.u32 %r9, [%d7];
  add.u32 %r9, %r9, %r7;
  add.u64 %d7, %d2, %d4;
  @!%p1 st.global.u32 [%d7], %r9;
  {
    .param .b64 handle;
    .param .b32 flags;
    .param .b32 result;
    st.param.b64 [handle], %d3;
    st.param.b32 [flags], 0;
    call.uni (result), cudaCGSynchronize, (handle, flags);
  }
  add.u32 %r5, %r5, 100;
  setp.lt.u32 %p2, %r5, 300;
  @%p2 bra AGAIN;
  ret;
}
)";
  Driver driver;
  const unsigned blocks = 5;
  CUdeviceptr all = driver.fresh(4 * blocks), out = driver.fresh(4 * blocks);
  unsigned scope = 1;
  void *arguments[] = {&all, &out, &scope}, *image = nullptr;
  CUlinkState link = fresh_link();
  CHECK(add(link, ring) == CUDA_SUCCESS && add(link, LIBRARY, nullptr, CU_JIT_INPUT_LIBRARY) == CUDA_SUCCESS);
  CHECK(cuLinkComplete(link, &image, nullptr) == CUDA_SUCCESS);
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image) == CUDA_SUCCESS);
  CUfunction function = function_of(module, "ring");
  long long before = charlstm_sim_found();
  CHECK(cuLaunchCooperativeKernel(function, 1, blocks, 1, 64, 1, 1, 0, driver.stream, arguments) == CUDA_SUCCESS);
  unsigned found[blocks] = {};
  CHECK(cuMemcpyDtoHAsync_v2(found, out, sizeof found, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_SUCCESS && charlstm_sim_found() == before);
  for (unsigned i = 0; i < blocks; i++) {
    CHECK(found[i] == (i + 1) % blocks + 200);
  }
  // Neither an ordinary launch nor another scope has a barrier.
  CHECK(cuLaunchKernel(function, 1, 2, 1, 64, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(said("trap was executed") && said("grid.sync() needs a cooperative launch (cudaLaunchCooperativeKernel)"));
  cuModuleUnload(module);
  cuLinkDestroy(link);
}

// Code of the simulated NVRTC is PTX that bears the name of a CUBIN.
void code_of_nvrtc() {
  Driver driver;
  auto code = [](const std::string& text) {
    return built_in_image("ptx " + std::to_string(text.size()) + "\n" + text + "name k.cu\n");
  };
  void* image = nullptr;
  CUlinkState link = fresh_link();
  CHECK(add(link, code(CALLER), "caller.cu", CU_JIT_INPUT_CUBIN) == CUDA_SUCCESS);
  CHECK(add(link, code(CALLED), "called.cu", CU_JIT_INPUT_CUBIN) == CUDA_SUCCESS);
  CHECK(add(link, code(CALLED).substr(0, 150), "cut.cu", CU_JIT_INPUT_CUBIN) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(add(link, CALLED, "text.ptx", CU_JIT_INPUT_CUBIN) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(cuLinkComplete(link, &image, nullptr) == CUDA_SUCCESS);
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image) == CUDA_SUCCESS && function_of(module, "double_it"));
  cuModuleUnload(module);
  cuLinkDestroy(link);
}

void mistakes() {
  Driver driver;
  const std::string broken = HEAD + "nonsense\n";
  char errors[200] = "";
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_OPTIMIZATION_LEVEL};
  void *values[] = {errors, reinterpret_cast<void*>(sizeof errors), reinterpret_cast<void*>(5)}, *image = nullptr;
  CUlinkState link = nullptr;
  CHECK(cuLinkCreate_v2(3, options, values, &link) == CUDA_ERROR_INVALID_VALUE && !link);
  CHECK(cuLinkCreate_v2(2, options, values, &link) == CUDA_SUCCESS);
  CHECK(add(link, broken, "broken.ptx") == CUDA_SUCCESS && add(link, CALLED) == CUDA_SUCCESS);
  CHECK(cuLinkComplete(link, &image, nullptr) == CUDA_ERROR_INVALID_PTX && !image);
  CHECK(said("cuLinkComplete: broken.ptx") && std::strstr(errors, "broken.ptx") == errors);
  CHECK(cuLinkComplete(link, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(add(link, "x", nullptr, CU_JIT_INPUT_CUBIN) == CUDA_ERROR_NOT_SUPPORTED && said("a CUBIN cannot be linked"));
  CHECK(add(link, "x", nullptr, CU_JIT_INPUT_OBJECT) == CUDA_ERROR_NOT_SUPPORTED && said("an object file cannot"));
  CHECK(add(link, LIBRARY, nullptr, CU_JIT_INPUT_LIBRARY) == CUDA_SUCCESS);
  CHECK(add(link, "x", nullptr, CU_JIT_INPUT_LIBRARY) == CUDA_ERROR_NOT_SUPPORTED && said("a library cannot"));
  CHECK(add(link, "x", nullptr, CUjitInputType(5)) == CUDA_ERROR_NOT_SUPPORTED && said("an input of number 5 cannot"));
  CHECK(add(link, "x", nullptr, CU_JIT_INPUT_FATBINARY) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(add(link, "") == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuLinkAddData_v2(link, CU_JIT_INPUT_PTX, nullptr, 5, nullptr, 0, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuLinkDestroy(link) == CUDA_SUCCESS);
  // One that nobody destroys ends with its context.
  fresh_link();
}

void files() {
  Driver driver;
  std::string folder = "/tmp/charlstm-links-XXXXXX";
  CHECK(mkdtemp(folder.data()));
  std::string path = folder + "/add.ptx";
  std::ofstream(path) << adding();
  CUlinkState link = fresh_link();
  auto add_file = [&](const std::string& name) {
    return cuLinkAddFile_v2(link, CU_JIT_INPUT_PTX, name.c_str(), 0, nullptr, nullptr);
  };
  CHECK(add_file(folder + "/none") == CUDA_ERROR_FILE_NOT_FOUND && said("cuLinkAddFile: cannot read"));
  CHECK(add_file(path) == CUDA_SUCCESS);
  void* image = nullptr;
  size_t size = 0;
  CHECK(cuLinkComplete(link, &image, &size) == CUDA_SUCCESS);
  // The image may be a file's.
  path = folder + "/linked";
  std::ofstream(path, std::ios::binary).write(static_cast<char*>(image), std::streamsize(size));
  cuLinkDestroy(link);
  CUmodule module = nullptr;
  CHECK(cuModuleLoad(&module, path.c_str()) == CUDA_SUCCESS);
  Addition addition(driver);
  CHECK(addition.launch(function_of(module, "add")) == CUDA_SUCCESS && addition.right());
  cuModuleUnload(module);
  std::filesystem::remove_all(folder);
}

}

void test_links() {
  two_texts();
  names_alike();
  shared_arrays();
  grids_that_meet();
  code_of_nvrtc();
  mistakes();
  files();
}
