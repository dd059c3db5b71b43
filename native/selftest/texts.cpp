#include "selftest/texts.h"

#include <cstring>

namespace {

template <typename T>
void put(std::string& to, size_t offset, T value) {
  std::memcpy(&to[offset], &value, sizeof value);
}

}

std::string adding(const std::string& name, const std::string& directives, const std::string& target) {
  return R"(// Made for the self-test.
.version 8.0
.target )" + target + R"(
.address_size 64
.visible .entry )" + name + R"((.param .u32 n, .param .u64 a, .param .u64 b, .param .u64 sum)
)" + directives + R"(
{
  .reg .pred %p;
  .reg .b32 %r<9>;
  .reg .b64 %d<8>;
  .reg .f32 %f<4>;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mov.u32 %r6, %tid.y;
  mad.lo.s32 %r7, %r6, %r2, %r3;
  mov.u32 %r8, %ntid.y;
  mul.lo.s32 %r2, %r2, %r8;
  mad.lo.s32 %r4, %r1, %r2, %r7;
  ld.param.u32 %r5, [n];
  setp.ge.s32 %p, %r4, %r5;
  @%p bra DONE;
  mul.wide.s32 %d1, %r4, 4;
  ld.param.u64 %d2, [a];
  cvta.to.global.u64 %d2, %d2;
  add.s64 %d2, %d2, %d1;
  ld.global.f32 %f1, [%d2];
  ld.param.u64 %d3, [b];
  cvta.to.global.u64 %d3, %d3;
  add.s64 %d3, %d3, %d1;
  ld.global.f32 %f2, [%d3];
  add.f32 %f3, %f1, %f2;
  ld.param.u64 %d4, [sum];
  cvta.to.global.u64 %d4, %d4;
  add.s64 %d4, %d4, %d1;
  st.global.f32 [%d4], %f3;
DONE:
  ret;
}
)";
}

std::string fat_entry(unsigned kind, int architecture, std::string content, unsigned long long flags,
                      size_t unpacked) {
  size_t packed = content.size();
  content.resize((packed + 7) / 8 * 8);
  std::string header(80, '\0');
  put(header, 0, uint16_t(kind));
  put(header, 2, uint16_t(0x101));
  put(header, 4, uint32_t(header.size()));
  put(header, 8, uint64_t(content.size()));
  put(header, 16, uint32_t(unpacked ? packed : 0));
  put(header, 28, uint32_t(architecture));
  put(header, 40, 0x11 | flags);
  put(header, 56, uint64_t(unpacked));
  return header + content;
}

std::string fat_binary(const std::string& entries) {
  std::string header(16, '\0');
  put(header, 0, 0xba55ed50u);
  put(header, 4, uint16_t(1));
  put(header, 6, uint16_t(header.size()));
  put(header, 8, uint64_t(entries.size()));
  return header + entries;
}

std::string fat_binary_of(const std::string& text, int architecture) {
  return fat_binary(fat_entry(1, architecture, text));
}

Addition::Addition(Driver& driver) : driver_(driver) {
  a = driver.holding(drawn(n, 1));
  b = driver.holding(drawn(n, 2));
  sum = driver.holding(std::vector<float>(n));
  void* arguments[] = {&n, &a, &b, &sum};
  std::memcpy(arguments_, arguments, sizeof arguments);
}

Addition::~Addition() {
  driver_.free({a, b, sum});
}

CUresult Addition::launch(CUfunction function, unsigned x, unsigned y) {
  return cuLaunchKernel(function, 2, 1, 1, x, y, 1, 0, driver_.stream, arguments_, nullptr);
}

bool Addition::right() {
  std::vector<float> x = drawn(n, 1), y = drawn(n, 2);
  for (int i = 0; i < n; i++) {
    x[i] += y[i];
  }
  bool same = same_bits(x, driver_.read(sum, n));
  cuMemsetD32_v2(sum, 0, n);
  return same;
}

CUmodule loaded(const std::string& image) {
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image.data()) == CUDA_SUCCESS);
  return module;
}

CUfunction function_of(CUmodule module, const char* name) {
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, name) == CUDA_SUCCESS);
  return function;
}
