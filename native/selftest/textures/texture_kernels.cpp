#include "selftest/textures/texture_kernels.h"

#include <algorithm>
#include <cstring>

#include "selftest/texts.h"

std::string text_of(const std::string& instruction) {
  return R"(.version 8.6
.target sm_75
.address_size 64
.visible .entry k(.param .u64 object, .param .u64 in, .param .u64 out, .param .u32 count)
{
.reg .pred %p<9>;
.reg .b16 %h<9>;
.reg .b32 %r<9>, %i<4>, %o<4>;
.reg .b64 %d<9>, %object;
ld.param.u64 %object, [object];
ld.param.u64 %d1, [in];
ld.param.u64 %d2, [out];
ld.param.u32 %r1, [count];
mov.u32 %r2, %tid.x;
mov.u32 %r3, %ctaid.x;
mad.lo.u32 %r2, %r3, 32, %r2;
setp.ge.u32 %p1, %r2, %r1;
@%p1 bra DONE;
mad.wide.u32 %d1, %r2, 16, %d1;
mad.wide.u32 %d2, %r2, 16, %d2;
ld.global.v4.b32 {%i0, %i1, %i2, %i3}, [%d1];
mov.b32 %o0, 0;
mov.b32 %o1, 0;
mov.b32 %o2, 0;
mov.b32 %o3, 0;
)" + instruction + R"(
st.global.v4.b32 [%d2], {%o0, %o1, %o2, %o3};
DONE:
ret;
}
)";
}

FourRan run_each(Driver& driver, const std::string& instruction, unsigned long long object,
                 const std::vector<Four>& in) {
  FourRan ran;
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  ran.loaded = cuModuleLoadData(&module, text_of(instruction).c_str());
  if (ran.loaded != CUDA_SUCCESS) {
    ran.result = ran.loaded;
    ran.said = charlstm_sim_last_error();
    return ran;
  }
  cuModuleGetFunction(&function, module, "k");
  auto count = unsigned(in.size());
  CUdeviceptr from = driver.fresh(count * sizeof(Four)), to = driver.fresh(count * sizeof(Four));
  cuMemcpyHtoD_v2(from, in.data(), count * sizeof(Four));
  void* arguments[] = {&object, &from, &to, &count};
  ran.result = cuLaunchKernel(function, (count + 31) / 32, 1, 1, 32, 1, 1, 0, nullptr, arguments, nullptr);
  ran.said = charlstm_sim_last_error();
  ran.out.resize(count);
  if (ran.result == CUDA_SUCCESS) {
    cuMemcpyDtoH_v2(ran.out.data(), to, count * sizeof(Four));
  }
  driver.free({from, to});
  cuModuleUnload(module);
  return ran;
}

size_t Content::element() const {
  bool byte = format == CU_AD_FORMAT_UNSIGNED_INT8 || format == CU_AD_FORMAT_SIGNED_INT8;
  bool word = format == CU_AD_FORMAT_UNSIGNED_INT32 || format == CU_AD_FORMAT_SIGNED_INT32 ||
              format == CU_AD_FORMAT_FLOAT;
  return channels * (byte ? 1 : word ? 4 : 2);
}

void fill(Content& content, unsigned seed) {
  size_t count = content.width * content.rows() * content.planes();
  std::vector<float> values = drawn(count * content.channels, seed);
  content.bytes.resize(count * content.element());
  for (size_t i = 0; i < values.size(); i++) {
    float value = values[i];
    auto whole = int(value * 2e9f);
    unsigned short half = static_cast<unsigned short>((whole & 0x83ff) | (10 + unsigned(whole >> 20) % 8) << 10);
    size_t each = content.element() / content.channels;
    const void* from = content.format == CU_AD_FORMAT_FLOAT ? static_cast<const void*>(&value)
                       : content.format == CU_AD_FORMAT_HALF ? &half : static_cast<const void*>(&whole);
    std::memcpy(content.bytes.data() + i * each, from, each);
  }
}

CUarray array_of(const Content& content, bool written) {
  CUDA_ARRAY3D_DESCRIPTOR wanted{content.width, content.height, content.depth, content.format, content.channels,
                                 content.flags};
  CUarray array = nullptr;
  CHECK(cuArray3DCreate_v2(&array, &wanted) == CUDA_SUCCESS);
  if (written) {
    CUDA_MEMCPY3D copy = {};
    copy.srcMemoryType = CU_MEMORYTYPE_HOST;
    copy.srcHost = content.bytes.data();
    copy.srcPitch = content.width * content.element();
    copy.srcHeight = content.rows();
    copy.dstMemoryType = CU_MEMORYTYPE_ARRAY;
    copy.dstArray = array;
    copy.WidthInBytes = content.width * content.element();
    copy.Height = content.rows();
    copy.Depth = content.planes();
    CHECK(cuMemcpy3D_v2(&copy) == CUDA_SUCCESS);
  }
  return array;
}

CUDA_RESOURCE_DESC resource_of(CUarray array) {
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_ARRAY;
  resource.res.array.hArray = array;
  return resource;
}
