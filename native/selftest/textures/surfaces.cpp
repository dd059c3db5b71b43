// Accesses of surfaces, copies of arrays, and what is refused or found of both and of textures.
#include <cstring>

#include "selftest/textures/texture_kernels.h"

namespace {

Content words(unsigned channels, size_t width, size_t height, size_t depth, unsigned flags) {
  Content content;
  content.format = CU_AD_FORMAT_UNSIGNED_INT32;
  content.channels = channels;
  content.flags = flags | CUDA_ARRAY3D_SURFACE_LDST;
  content.width = width;
  content.height = height;
  content.depth = depth;
  fill(content, 9);
  return content;
}

unsigned word_of(const Content& content, size_t index) {
  unsigned word;
  std::memcpy(&word, content.bytes.data() + 4 * index, 4);
  return word;
}

CUsurfObject surface_of(CUarray array) {
  CUDA_RESOURCE_DESC resource = resource_of(array);
  CUsurfObject surface = 0;
  CHECK(cuSurfObjectCreate(&surface, &resource) == CUDA_SUCCESS);
  return surface;
}

CUtexObject texture_of(const CUDA_RESOURCE_DESC& resource, unsigned flags = CU_TRSF_READ_AS_INTEGER) {
  CUDA_TEXTURE_DESC how = {};
  how.flags = flags;
  CUtexObject texture = 0;
  CHECK(cuTexObjectCreate(&texture, &resource, &how, nullptr) == CUDA_SUCCESS);
  return texture;
}

void free_all(std::initializer_list<CUsurfObject> surfaces, CUarray array) {
  for (CUsurfObject one : surfaces) {
    CHECK(cuSurfObjectDestroy(one) == CUDA_SUCCESS);
  }
  CHECK(cuArrayDestroy(array) == CUDA_SUCCESS);
}

std::vector<unsigned char> bytes_of(CUarray array, const Content& content) {
  std::vector<unsigned char> bytes(content.bytes.size());
  CUDA_MEMCPY3D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_ARRAY;
  copy.srcArray = array;
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = bytes.data();
  copy.dstPitch = copy.WidthInBytes = content.width * content.element();
  copy.dstHeight = copy.Height = content.rows();
  copy.Depth = content.planes();
  CHECK(cuMemcpy3D_v2(&copy) == CUDA_SUCCESS);
  return bytes;
}

// Each geometry: an element in the middle is read, and one is written.
void geometries() {
  struct {
    const char* name;
    const char* place;
    size_t width, height, depth;
    unsigned flags;
    Four at;
    size_t index;
  } const CASES[] = {{"1d", "%i0", 7, 0, 0, 0, {12}, 3},
                     {"2d", "%i0, %i1", 5, 3, 0, 0, {8, 2}, 12},
                     {"3d", "%i0, %i1, %i2, %i2", 5, 3, 2, 0, {8, 2, 1}, 27},
                     {"a1d", "%i3, %i0", 7, 0, 3, CUDA_ARRAY3D_LAYERED, {12, 0, 0, 2}, 17},
                     {"a2d", "%i3, %i0, %i1, %i1", 5, 3, 4, CUDA_ARRAY3D_LAYERED, {8, 1, 0, 3}, 52},
                     {"a2d", "%i3, %i0, %i1, %i1", 3, 3, 6, CUDA_ARRAY3D_CUBEMAP, {8, 1, 0, 5}, 50}};
  for (const auto& one : CASES) {
    Driver driver;
    Content content = words(1, one.width, one.height, one.depth, one.flags);
    CUarray array = array_of(content);
    CUsurfObject surface = surface_of(array);
    std::string place = std::string("[%object, {") + one.place + "}]";
    FourRan ran = run_each(driver, std::string("suld.b.") + one.name + ".b32.trap {%o0}, " + place + ";", surface,
                           {one.at});
    CHECK(ran.result == CUDA_SUCCESS && ran.out[0][0] == word_of(content, one.index));
    ran = run_each(driver, std::string("mov.b32 %r5, 77;\nsust.b.") + one.name + ".b32.trap " + place + ", {%r5};",
                   surface, {one.at});
    CHECK(ran.result == CUDA_SUCCESS);
    const unsigned written = 77;
    std::memcpy(content.bytes.data() + 4 * one.index, &written, 4);
    CHECK(bytes_of(array, content) == content.bytes);
    free_all({surface}, array);
  }
}

// Vectors, small elements, and what lies outside.
void accesses() {
  Driver driver;
  Content content = words(4, 3, 2, 0, 0);
  CUarray array = array_of(content);
  CUsurfObject surface = surface_of(array);
  FourRan ran = run_each(driver, "suld.b.2d.v4.b32.zero {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];", surface,
                         {{32, 1}, {48, 1}, {unsigned(-16), 0}});
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0] == Four({word_of(content, 20), word_of(content, 21),
                                                          word_of(content, 22), word_of(content, 23)}) &&
        ran.out[1] == Four() && ran.out[2] == Four());
  ran = run_each(driver, "suld.b.2d.v4.b32.clamp {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];", surface,
                 {{320, 9}, {unsigned(-32), unsigned(-1)}});
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0][3] == word_of(content, 23) && ran.out[1][0] == word_of(content, 0));
  ran = run_each(driver, "sust.b.2d.v4.b32.zero [%object, {%i0, %i1}], {%i2, %i2, %i2, %i2};", surface, {{48, 0, 5}});
  CHECK(ran.result == CUDA_SUCCESS && bytes_of(array, content) == content.bytes);
  free_all({surface}, array);
  content = words(1, 7, 0, 0, 0);
  content.format = CU_AD_FORMAT_UNSIGNED_INT8;
  content.channels = 4;
  array = array_of(content);
  surface = surface_of(array);
  ran = run_each(driver, "suld.b.1d.v4.b8.trap {%h0, %h1, %h2, %h3}, [%object, {%i0}];\ncvt.u32.u16 %o0, %h0;\n"
                         "cvt.u32.u16 %o3, %h3;\nmov.b16 %h1, 513;\nsust.b.1d.v4.b8.trap [%object, {%i1}], "
                         "{%h3, %h1, %h1, %h0};",
                 surface, {{4, 8}});
  const unsigned char* at = content.bytes.data();
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0][0] == at[4] && ran.out[0][3] == at[7]);
  const unsigned char stored[4] = {at[7], 1, 1, at[4]};
  std::memcpy(content.bytes.data() + 8, stored, 4);
  CHECK(bytes_of(array, content) == content.bytes);
  free_all({surface}, array);
}

// A part of a 3-D array goes through device memory into a part of another, and bytes of a 1-D array by themselves.
void copies() {
  for (const char* streams : {"eager", "deferred"}) {
    Driver driver(streams);
    Content content = words(2, 5, 3, 2, 0), blank = words(2, 4, 2, 2, 0);
    CUarray from = array_of(content), to = array_of(blank);
    CUdeviceptr between = driver.fresh(2 * 3 * 32);
    CUDA_MEMCPY3D copy = {};
    copy.srcMemoryType = CU_MEMORYTYPE_ARRAY;
    copy.srcArray = from;
    copy.srcXInBytes = 16;
    copy.srcY = 1;
    copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
    copy.dstDevice = between;
    copy.dstPitch = 32;
    copy.dstHeight = 3;
    copy.dstXInBytes = 8;
    copy.WidthInBytes = 24;
    copy.Height = copy.Depth = 2;
    CHECK(cuMemcpy3DAsync_v2(&copy, nullptr) == CUDA_SUCCESS);
    CUDA_MEMCPY3D back = {};
    back.srcMemoryType = CU_MEMORYTYPE_UNIFIED;
    back.srcDevice = between;
    back.srcPitch = 32;
    back.srcHeight = 3;
    back.srcXInBytes = 8;
    back.dstMemoryType = CU_MEMORYTYPE_ARRAY;
    back.dstArray = to;
    back.dstXInBytes = 8;
    back.WidthInBytes = 24;
    back.Height = back.Depth = 2;
    CHECK(cuMemcpy3D_v2(&back) == CUDA_SUCCESS);
    for (size_t row = 0; row < 4; row++) {
      size_t y = row % 2, z = row / 2;
      std::memcpy(blank.bytes.data() + (z * 2 + y) * 32 + 8, content.bytes.data() + (z * 3 + y + 1) * 40 + 16, 24);
    }
    CHECK(bytes_of(to, blank) == blank.bytes);
    CUDA_MEMCPY3D wrong[] = {copy, copy, copy, back, back, back};
    wrong[0].srcXInBytes = 24;
    wrong[1].srcY = 2;
    wrong[2].srcZ = 1;
    wrong[3].srcPitch = 24;
    wrong[4].srcHeight = 1;
    wrong[5].dstArray = nullptr;
    for (const CUDA_MEMCPY3D& one : wrong) {
      CHECK(cuMemcpy3D_v2(&one) == CUDA_ERROR_INVALID_VALUE);
    }
    cuArrayDestroy(to);
    cuArrayDestroy(from);
    driver.free({between});
  }
}

void descriptors() {
  Driver driver;
  CUarray array = nullptr;
  const CUDA_ARRAY3D_DESCRIPTOR wrong[] = {
      {0, 1, 0, CU_AD_FORMAT_FLOAT, 1, 0},       {4, 0, 2, CU_AD_FORMAT_FLOAT, 1, 0},
      {4, 4, 0, CU_AD_FORMAT_FLOAT, 3, 0},       {4, 4, 0, CUarray_format(0x77), 1, 0},
      {4, 4, 0, CU_AD_FORMAT_FLOAT, 1, 1},       {4, 3, 6, CU_AD_FORMAT_FLOAT, 1, 4},
      {4, 4, 5, CU_AD_FORMAT_FLOAT, 1, 4},       {16385, 2, 2, CU_AD_FORMAT_FLOAT, 1, 0},
      {size_t(1) << 60, 0, 0, CU_AD_FORMAT_FLOAT, 1, 0}};
  for (const CUDA_ARRAY3D_DESCRIPTOR& one : wrong) {
    CHECK(cuArray3DCreate_v2(&array, &one) == CUDA_ERROR_INVALID_VALUE);
  }
  CUDA_ARRAY3D_DESCRIPTOR sparse = {4, 4, 0, CU_AD_FORMAT_FLOAT, 1, 0x40};
  CHECK(cuArray3DCreate_v2(&array, &sparse) == CUDA_ERROR_NOT_SUPPORTED);
  CUDA_ARRAY_DESCRIPTOR plain = {6, 4, CU_AD_FORMAT_HALF, 2};
  CUDA_ARRAY3D_DESCRIPTOR whole = {};
  CHECK(cuArrayCreate_v2(&array, &plain) == CUDA_SUCCESS);
  CHECK(cuArray3DGetDescriptor_v2(&whole, array) == CUDA_SUCCESS && whole.Depth == 0 && whole.Height == 4);
  CHECK(whole.Width == 6 && whole.Format == CU_AD_FORMAT_HALF && whole.NumChannels == 2);
  CUDA_RESOURCE_DESC resource = resource_of(array);
  CUDA_TEXTURE_DESC how = {};
  CUsurfObject object = 0;
  CHECK(cuSurfObjectCreate(&object, &resource) == CUDA_ERROR_INVALID_VALUE);  // without CUDA_ARRAY3D_SURFACE_LDST
  how.flags = 0x10;
  CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_NOT_SUPPORTED);
  how.flags = 0;
  resource.flags = 1;
  CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuArrayDestroy(array) == CUDA_SUCCESS && cuArrayDestroy(array) == CUDA_ERROR_INVALID_HANDLE);
  resource.flags = 0;
  CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_INVALID_HANDLE);
  CUdeviceptr memory = driver.fresh(1024);
  resource.resType = CU_RESOURCE_TYPE_LINEAR;
  for (CUdeviceptr at : {memory + 4, CUdeviceptr(512)}) {
    resource.res.linear = {at, CU_AD_FORMAT_FLOAT, 1, 256};
    CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_INVALID_VALUE);
  }
  resource.resType = CU_RESOURCE_TYPE_PITCH2D;
  for (size_t pitch : {size_t(40), size_t(32)}) {
    resource.res.pitch2D = {memory, CU_AD_FORMAT_UNSIGNED_INT8, 4, 9, 3, pitch};
    CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_INVALID_VALUE);
  }
  resource.res.pitch2D = {memory, CU_AD_FORMAT_UNSIGNED_INT32, 1, 9, 3, 64};
  how.filterMode = CU_TR_FILTER_MODE_LINEAR;
  how.flags = CU_TRSF_READ_AS_INTEGER;
  CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_INVALID_VALUE);
  resource.resType = CU_RESOURCE_TYPE_MIPMAPPED_ARRAY;
  CHECK(cuTexObjectCreate(&object, &resource, &how, nullptr) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(cuTexObjectDestroy(0x123450) == CUDA_ERROR_INVALID_VALUE);
  driver.free({memory});
}

constexpr const char* FETCH = "tex.2d.v4.u32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];";

// "with" makes a handle of an array of 5 x 3 words and its surface; the launch with it must fail and say so.
void must_fail(const std::string& instruction, const Four& in, const std::string& words_of_it,
               const std::function<unsigned long long(CUarray, CUsurfObject)>& with, bool written = true,
               CUresult code = CUDA_ERROR_LAUNCH_FAILED) {
  Driver driver;
  CUarray array = array_of(words(1, 5, 3, 0, 0), written);
  FourRan ran = run_each(driver, instruction, with(array, surface_of(array)), {in});
  check(ran.loaded == CUDA_SUCCESS && ran.result == code && ran.said.find(words_of_it) != std::string::npos,
        (words_of_it + " / " + ran.said).c_str(), __FILE__, __LINE__);
}

void faults() {
  auto the_surface = [](CUarray, CUsurfObject surface) { return surface; };
  auto a_texture = [](CUarray array, CUsurfObject) { return texture_of(resource_of(array)); };
  const char* load = "suld.b.2d.b32.trap {%o0}, [%object, {%i0, %i1}];";
  must_fail(load, {20, 0}, "out-of-bounds read of 4 bytes of a surface at byte 20 of row 0", the_surface, true,
            CUDA_ERROR_ILLEGAL_ADDRESS);
  must_fail("sust.b.2d.b32.trap [%object, {%i0, %i1}], {%i0};", {0, 3},
            "out-of-bounds write of 4 bytes of a surface at byte 0 of row 3", the_surface, true,
            CUDA_ERROR_ILLEGAL_ADDRESS);
  must_fail(load, {3, 1}, "misaligned read of 4 bytes of a surface at byte 3", the_surface, true,
            CUDA_ERROR_MISALIGNED_ADDRESS);
  must_fail("suld.b.1d.b32.trap {%o0}, [%object, {%i0}];", {}, "a 2-D surface is accessed as a 1-D surface",
            the_surface);
  must_fail(load, {}, "nobody wrote", the_surface, false);
  must_fail(load, {}, "is no surface, but a texture", a_texture);
  must_fail(FETCH, {}, "is no texture, but a surface", the_surface);
  must_fail(FETCH, {bits_of(2), bits_of(1)},
            "a texture reads element (2, 1) of an array, which nobody wrote", a_texture, false);
  must_fail("tex.a1d.v4.u32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];", {},
            "a 2-D texture is accessed as a layered 1-D texture", a_texture);
  must_fail(FETCH, {}, "is no texture: it was destroyed, or never made", [](CUarray array, CUsurfObject) {
    CUtexObject texture = texture_of(resource_of(array));
    CHECK(cuTexObjectDestroy(texture) == CUDA_SUCCESS);
    return texture;
  });
  must_fail(FETCH, {}, "a texture accesses an array that was destroyed", [](CUarray array, CUsurfObject) {
    CUtexObject texture = texture_of(resource_of(array));
    CHECK(cuArrayDestroy(array) == CUDA_SUCCESS);
    return texture;
  }, true, CUDA_ERROR_ILLEGAL_ADDRESS);
}

// Memory of a texture that is freed, or too small for what the texture says.
void faults_of_memory() {
  for (bool freed : {true, false}) {
    Driver driver;
    CUdeviceptr memory = driver.holding(std::vector<float>(16, 1.0f));
    CUDA_RESOURCE_DESC resource = {};
    resource.resType = CU_RESOURCE_TYPE_LINEAR;
    resource.res.linear = {memory, CU_AD_FORMAT_FLOAT, 1, 32 * sizeof(float)};
    CUtexObject texture = texture_of(resource);
    if (freed) {
      cuMemFree_v2(memory);
    }
    FourRan ran = run_each(driver, "tex.1d.v4.f32.s32 {%o0, %o1, %o2, %o3}, [%object, {%i0}];", texture, {{16}});
    CHECK(ran.result == CUDA_ERROR_ILLEGAL_ADDRESS &&
          ran.said.find(freed ? "memory that was freed" : "out-of-bounds read of 4 bytes") != std::string::npos);
  }
}

// The launch goes on, and is told of, or of nothing for no words.
void must_remark(const FourRan& ran, long long before, const std::string& words_of_it) {
  std::string told(charlstm_sim_findings(before, nullptr, 0), 0);
  charlstm_sim_findings(before, told.data(), told.size());
  bool right = words_of_it.empty() ? charlstm_sim_found() == before : told.find(words_of_it) != std::string::npos;
  check(ran.result == CUDA_SUCCESS && right, (words_of_it + " / " + told).c_str(), __FILE__, __LINE__);
}

void remarks() {
  Driver driver;
  Content content = words(1, 5, 3, 0, 0);
  CUarray array = array_of(content);
  CUsurfObject surface = surface_of(array);
  CUtexObject texture = texture_of(resource_of(array));
  const std::string load = "suld.b.2d.b32.trap {%o0}, [%object, {%i0, %i1}];";
  long long before = charlstm_sim_found();
  must_remark(run_each(driver, load, surface, {{0, 0}}), before, "");
  must_remark(run_each(driver, FETCH, texture, {{0, 0}}), before, "");
  must_remark(run_each(driver, load + "\nsust.b.2d.b32.trap [%object, {%i0, %i1}], {%o0};", surface, {{0, 0}}), before,
              "");
  must_remark(run_each(driver, "sust.b.2d.b32.trap [%object, {%i0, %i1}], {%i2};\n" + load, surface, {{4, 1}}), before,
              "a surface reads what the same launch wrote");
  before = charlstm_sim_found();
  must_remark(run_each(driver, std::string("mov.b64 %d5, {%i2, %i3};\nsust.b.2d.b32.trap [%d5, {%i0, %i1}], {%i0};\n") +
                                   FETCH,
                       texture, {{0, 0, unsigned(surface), unsigned(surface >> 32)}}),
              before, "a texture reads what the same launch wrote");
  before = charlstm_sim_found();
  must_remark(run_each(driver, "suld.b.2d.b16.trap {%h0}, [%object, {%i0, %i1}];", surface, {{0, 0}}), before,
              "whose elements have 4");
  before = charlstm_sim_found();
  must_remark(run_each(driver, "tex.2d.v4.f32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];", texture, {{0, 0}}),
              before, "a texture that gives integers is read as floats");
  CHECK(cuTexObjectDestroy(texture) == CUDA_SUCCESS);
  free_all({surface}, array);
  CUdeviceptr memory = driver.holding(std::vector<float>(16, 1.0f));
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_LINEAR;
  resource.res.linear = {memory, CU_AD_FORMAT_FLOAT, 1, 16 * sizeof(float)};
  texture = texture_of(resource);
  before = charlstm_sim_found();
  FourRan ran = run_each(driver, "tex.1d.v4.f32.s32 {%o0, %o1, %o2, %o3}, [%object, {%i0}];", texture, {{16}});
  must_remark(ran, before, "tex1Dfetch reads element 16 of memory that has 16");
  CHECK(ran.out[0] == Four());
  cuTexObjectDestroy(texture);
  driver.free({memory});
}

// Of instructions that are not simulated the module loads; one that is wrong refuses it.
void refusals() {
  const std::string place = "[%object, {%i0, %i1}]";
  const struct {
    std::string instruction, words;
    CUresult loaded;
  } CASES[] = {
      {"sust.p.2d.b32.trap " + place + ", {%i0};", "only accesses by bytes (.b) are simulated", CUDA_SUCCESS},
      {"tex.2d.v2.f16x2.f32 {%o0, %o1}, " + place + ";", "is not simulated with this type", CUDA_SUCCESS},
      {"tex.2dms.v4.f32.s32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1, %i2, %i3}];", "its geometry is not simulated",
       CUDA_SUCCESS},
      {"tex.2d.v4.f32.f32 {%o0, %o1, %o2, %o3}, [%object, %object, {%i0, %i1}];",
       "samplers of their own are not simulated", CUDA_SUCCESS},
      {"suld.b.2d.b32.trap {%o0}, [%object, {%i0}];", "the place has 1 numbers", CUDA_ERROR_INVALID_PTX}};
  Driver driver;
  CUarray array = array_of(words(1, 5, 3, 0, 0));
  CUsurfObject surface = surface_of(array);
  for (const auto& one : CASES) {
    FourRan ran = run_each(driver, one.instruction, surface, {{0, 0}});
    bool refused = ran.result == (one.loaded == CUDA_SUCCESS ? CUDA_ERROR_NOT_SUPPORTED : one.loaded);
    check(ran.loaded == one.loaded && refused && ran.said.find(one.words) != std::string::npos,
          (one.instruction + " / " + ran.said).c_str(), __FILE__, __LINE__);
  }
  free_all({surface}, array);
}

}

void test_surfaces() {
  geometries();
  accesses();
  copies();
  descriptors();
  faults();
  faults_of_memory();
  remarks();
  refusals();
}
