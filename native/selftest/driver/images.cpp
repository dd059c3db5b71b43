// The driver loads images of the simulated NVRTC, or refuses them.
#include <cstdlib>
#include <cstring>
#include <random>

#include "selftest/nvrtc/nvrtc.h"

namespace {

// NVIDIA's own compiles to PTX even for sm_90, and it is for that architecture alone.
std::string image_of_seven() {
  std::string ptx = ".version 8.0\n.target sm_90\n.address_size 64\n.entry k(.param .u64 y) {\n.reg .u64 %y;\n"
                    "ld.param.u64 %y, [y];\nst.global.f32 [%y], 0f40E00000;\nret;\n}\n";
  return built_in_image("ptx " + std::to_string(ptx.size()) + "\n" + ptx + "name own.cu\n");
}

void must_give_seven(Driver& driver, CUmodule module) {
  CUdeviceptr y = driver.holding({0.0f});
  CHECK(launch_of(module, "k", driver.stream, 1, 1, 1, 1, 0, {&y}) == CUDA_SUCCESS && driver.read(y, 1)[0] == 7.0f);
  cuMemFree_v2(y);
}

void must_not_load(CUresult code, const char* words, const std::string& image) {
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image.c_str()) == code && !module);
  check(std::strstr(charlstm_sim_last_error(), words), words, __FILE__, __LINE__);
}

void what_is_no_image() {
  Driver driver;
  must_not_load(CUDA_ERROR_INVALID_PTX, "cuModuleLoadData: ", ".version 8.0\n.target sm_90\nnonsense\n");
  must_not_load(CUDA_ERROR_INVALID_PTX, "line 4: the instruction texture.1d.v4.f32.s32 is none of PTX",
                ".version 8.0\n.target sm_90\n.entry k() {\ntexture.1d.v4.f32.s32 {%a, %b}, [t, {%c}];\n}\n");
  must_not_load(CUDA_ERROR_INVALID_PTX, "cuModuleLoadData: ", "//\n// by NVIDIA\n/* */\n\n  .version 8.0 nonsense");
  must_not_load(CUDA_ERROR_NO_BINARY_FOR_GPU, "another build of the simulated NVRTC has compiled the image",
                built_in_image("code 1 90 other-build\nx"));
  must_not_load(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the image is empty", "");
  for (const char* garbage : {"garbage", "\x7f" "ELF", "\x7f" "ELF and more, as long as a header of an object is",
                              "PTX", ".vers", "{}"}) {
    must_not_load(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the ", garbage);
  }
}

void architectures() {
  std::string image = image_of_seven();
  const struct {
    const char* capability;
    bool fits;
  } cards[] = {{"900", true}, {"890", false}, {"1000", false}};
  for (const auto& card : cards) {
    setenv("CHARLSTM_SIM_CAPABILITY", card.capability, 1);
    Driver driver;
    if (card.fits) {
      CUmodule module = nullptr;
      CHECK(cuModuleLoadData(&module, image.c_str()) == CUDA_SUCCESS);
      must_give_seven(driver, module);
      cuModuleUnload(module);
    } else {
      must_not_load(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image is for sm_90, and this card takes sm_", image);
    }
  }
  unsetenv("CHARLSTM_SIM_CAPABILITY");
  cuInit(0);
}

// Bits turned and pieces cut off, always the same: each image gives the right result or is refused in one line.
void spoilt_images() {
  std::string whole = image_of_seven();
  std::minstd_rand random(49);
  int refused = 0;
  for (int i = 0; i < 400; i++) {
    Driver driver;
    std::string image = whole;
    if (i % 4 == 3) {
      image = whole.substr(0, i < 200 ? size_t(i) : random() % whole.size());
    } else {
      for (int flips = i % 4 + 1; flips > 0; flips--) {
        size_t at = i < 100 ? size_t(i) : random() % whole.size();
        image[at] = char(image[at] ^ 1 << random() % 8);
      }
    }
    CUmodule module = nullptr;
    CUresult result = cuModuleLoadData(&module, image.c_str());
    std::string said = charlstm_sim_last_error();
    if (result == CUDA_SUCCESS) {
      must_give_seven(driver, module);
      cuModuleUnload(module);
      continue;
    }
    refused++;
    // Where the seal has lost its name, it is taken for an image that an earlier build made.
    CHECK((result == CUDA_ERROR_INVALID_IMAGE || result == CUDA_ERROR_NO_BINARY_FOR_GPU) && !module);
    CHECK(said.find("charlstm sim: cuModuleLoadData: ") == 0 && said.find('\n') == std::string::npos);
  }
  // Behind what was cut off memory may hold the rest of an earlier one.
  CHECK(refused > 300);
}

}

void test_images() {
  what_is_no_image();
  architectures();
  spoilt_images();
}
