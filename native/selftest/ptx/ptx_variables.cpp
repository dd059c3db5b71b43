// PTX ISA, "State Spaces, Types, and Variables": what variables hold as a module is loaded.
#include <cstring>

#include "selftest/texts.h"

namespace {

// The content of a variable, as the driver finds it.
template <typename T>
std::vector<T> content_of(CUmodule module, const char* name) {
  CUdeviceptr start = 0;
  size_t size = 0;
  CHECK(cuModuleGetGlobal_v2(&start, &size, module, name) == CUDA_SUCCESS);
  std::vector<T> values(size / sizeof(T));
  cuMemcpyDtoH_v2(values.data(), start, size);
  return values;
}

const char TEXT[] = R"(.version 8.8
.target sm_90
.address_size 64
.global .u32 rows[3][2] = {{1, 2}, {3}, {-5}};
.global .u16 deep[2][2][3] = {{{1, 2, 3}, {4}}, {{5, 6}}};
.global .u8 flat[2][3] = {1, 2, 0x1ff, 4};
.global .v2 .u32 pairs[3] = {{1, 2}, {3, 4}};
.global .f32 singles[4] = {1.5, -0f40000000, 0d4008000000000000, -2e-3};
.const .f64 doubles[3] = {0f3F800000, -0.1, 0dFFF8000000000000};
.global .u64 places[4] = {rows, generic(rows) + 4, places + 8};
.global .u8 packed[9] = {1, 0XFF(generic(rows) + 4), 0xFF00(rows + 4), 0xFF0000(rows + 4), 0xFF000000(rows + 4),
    0xFF00000000(rows + 4), 0xFF0000000000(rows + 4), 0xFF000000000000(rows + 4), 0xFF00000000000000(rows + 4)};
.global.align 64 .b8 zeros[5];
.global .s64 open[] = {7, -7, 0b11};
)";

const char* const REFUSED[] = {
    ".global .f32 x = 1;", ".global .u32 x = 1.5;", ".global .f16 x = 1.5;", ".global .b32 y;\n.global .b32 x = y;",
    ".global .u8 x[2] = {1, 2, 3};", ".global .u32 x[2] = {{{1}}};", ".global .u64 x = generic(y);",
    ".global .u32 x = {;", ".global .u8 y = 0;\n.global .u8 x = 0xff0(y);", ".global .u8 x = 0xff(y);",
    ".global .u8 y = 0;\n.global .u16 x = 0xff(y);", ".global .u8 y = 0;\n.global .u8 x = 0xff(y;",
    ".global .u32 x[2] = {1 2};", ".global .pred x;", ".global .s4 x;", ".global .u32 x[];", ".global .u32 x, y",
    ".global .u32 x = 0x1ffffffffffffffff;", ".shared .u32 x = 1;", ".global .align 3 .u32 x;"};

}

void test_ptx_variables() {
  Driver driver;
  CUmodule module = loaded(TEXT);
  CHECK((content_of<uint32_t>(module, "rows") == std::vector<uint32_t>{1, 2, 3, 0, uint32_t(-5), 0}));
  CHECK((content_of<uint16_t>(module, "deep") == std::vector<uint16_t>{1, 2, 3, 4, 0, 0, 5, 6, 0, 0, 0, 0}));
  CHECK((content_of<uint8_t>(module, "flat") == std::vector<uint8_t>{1, 2, 0xff, 4, 0, 0}));
  CHECK((content_of<uint32_t>(module, "pairs") == std::vector<uint32_t>{1, 2, 3, 4, 0, 0}));
  CHECK((content_of<float>(module, "singles") == std::vector<float>{1.5f, -2, 3, -2e-3f}));
  std::vector<double> doubles = content_of<double>(module, "doubles");
  CHECK(doubles.size() == 3 && doubles[0] == 1 && doubles[1] == -0.1 && doubles[2] != doubles[2]);
  std::vector<CUdeviceptr> places = content_of<CUdeviceptr>(module, "places");
  CUdeviceptr rows = 0, own = 0;
  cuModuleGetGlobal_v2(&rows, nullptr, module, "rows");
  cuModuleGetGlobal_v2(&own, nullptr, module, "places");
  CHECK((places == std::vector<CUdeviceptr>{rows, rows + 4, own + 8, 0}));
  std::vector<uint8_t> packed = content_of<uint8_t>(module, "packed");
  rows += 4;
  CHECK(packed[0] == 1 && std::memcmp(&packed[1], &rows, sizeof rows) == 0);
  CHECK(content_of<uint8_t>(module, "zeros") == std::vector<uint8_t>(5));
  CHECK((content_of<int64_t>(module, "open") == std::vector<int64_t>{7, -7, 3}));
  cuModuleUnload(module);
  for (const char* one : REFUSED) {
    std::string text = std::string(TEXT).substr(0, std::string(TEXT).find(".global")) + one;
    bool refused = cuModuleLoadData(&module, text.c_str()) == CUDA_ERROR_INVALID_PTX;
    check(refused, (std::string(one) + " is refused").c_str(), __FILE__, __LINE__);
  }
}
