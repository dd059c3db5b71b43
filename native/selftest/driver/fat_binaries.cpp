// Fat binaries, made by hand as nvcc makes them.
#include <dlfcn.h>

#include <cstring>

#include "selftest/texts.h"

namespace {

constexpr unsigned PTX = 1, CODE = 2;
constexpr unsigned long long LZ4 = 0x2000, ZSTANDARD = 0x8000, THIS_ONLY = 0x100000, FAMILY = 0x200000;

bool said(const char* words) {
  return std::strstr(charlstm_sim_last_error(), words);
}

template <typename T>
void put(std::string& to, size_t offset, T value) {
  std::memcpy(&to[offset], &value, sizeof value);
}

// A length of which the token can say 15 at most.
std::string more_of(size_t length) {
  std::string bytes;
  for (length -= std::min<size_t>(length, 15); length >= 255; length -= 255) {
    bytes += '\xff';
  }
  return bytes + char(length);
}

std::string sequence(const std::string& literals, size_t match) {
  std::string token(1, char(std::min<size_t>(literals.size(), 15) << 4 | std::min<size_t>(match, 15)));
  return token + (literals.size() >= 15 ? more_of(literals.size()) : "") + literals;
}

// A block of LZ4: the first byte, 300 of the same that overlap it, and the rest.
std::string packed_by_lz4(const std::string& rest) {
  return sequence(" ", 296) + std::string("\1\0", 2) + more_of(296) + sequence(rest, 0);
}

CUresult load(const std::string& image) {
  CUmodule module = nullptr;
  CUresult result = cuModuleLoadData(&module, image.data());
  cuModuleUnload(module);
  return result;
}

// The module has a kernel of that name, and it adds.
bool adds(const std::string& image, const char* name) {
  Driver driver;
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  CHECK(cuModuleLoadFatBinary(&module, image.data()) == CUDA_SUCCESS);
  bool found = cuModuleGetFunction(&function, module, name) == CUDA_SUCCESS;
  Addition addition(driver);
  bool right = found && addition.launch(function) == CUDA_SUCCESS && addition.right();
  cuModuleUnload(module);
  return right;
}

std::string plain(const std::string& name, int architecture, unsigned long long flags = 0) {
  // nvcc fills up with line ends in front.
  return fat_entry(PTX, architecture, "\n\n\n" + adding(name), flags);
}

void texts() {
  CHECK(adds(fat_binary(plain("add", 75)), "add"));
  // The highest that the card takes.
  std::string several = plain("of_80", 80) + plain("of_90", 90) + plain("of_75", 75) + plain("of_100", 100);
  CHECK(adds(fat_binary(several), "of_90"));
  CHECK(adds(fat_binary(fat_entry(CODE, 90, "code") + plain("of_75", 75)), "of_75"));
  // One of sm_90a is for this card alone, and one of sm_80f for cards of version 8.
  CHECK(adds(fat_binary(plain("of_90a", 90, THIS_ONLY) + plain("of_80", 80)), "of_90a"));
  CHECK(adds(fat_binary(plain("of_89a", 89, THIS_ONLY) + plain("of_80", 80)), "of_80"));
  CHECK(adds(fat_binary(plain("of_89f", 89, FAMILY) + plain("of_80", 80)), "of_80"));
  Driver driver;
  CHECK(load(fat_binary(plain("a", 100) + plain("b", 89, THIS_ONLY) + plain("c", 80, FAMILY))) ==
        CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(said("the fat binary has PTX for sm_100, sm_89a, sm_80f, and this card is sm_90"));
  CHECK(load(fat_binary("")) == CUDA_ERROR_NO_BINARY_FOR_GPU && said("has PTX for no card"));
}

// As a program has it in memory.
void wrapped() {
  std::string inner = fat_binary(plain("add", 75));
  struct {
    unsigned magic, version;
    const void *fat_binary, *more;
  } wrapper = {0x466243b1, 1, inner.data(), nullptr};
  CHECK(adds(std::string(reinterpret_cast<char*>(&wrapper), sizeof wrapper), "add"));
  Driver driver;
  wrapper.fat_binary = reinterpret_cast<void*>(64);
  CHECK(load(std::string(reinterpret_cast<char*>(&wrapper), sizeof wrapper)) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(said("the fat binary is cut off"));
}

void compressed() {
  std::string text = adding(), packed = packed_by_lz4(text);
  size_t size = 301 + text.size();
  CHECK(adds(fat_binary(fat_entry(PTX, 90, packed, LZ4, size)), "add"));
  Driver driver;
  auto broken = [&](const std::string& content, size_t unpacked, unsigned long long flags = LZ4) {
    return load(fat_binary(fat_entry(PTX, 90, content, flags, unpacked))) == CUDA_ERROR_INVALID_IMAGE &&
           said("the fat binary cannot be read: its compressed PTX is broken");
  };
  CHECK(broken(packed, size + 1) && broken(packed, size - 1) && broken(packed, 1ull << 40));
  for (size_t length = 1; length < packed.size(); length += 13) {
    CHECK(broken(packed.substr(0, length), size));
  }
  std::string back = packed;
  back[2] = 2;  // A byte before the first comes again.
  CHECK(broken(back, size));
  void* library = dlopen("libzstd.so.1", RTLD_NOW);
  auto pack = reinterpret_cast<size_t (*)(void*, size_t, const void*, size_t, int)>(
      library ? dlsym(library, "ZSTD_compress") : nullptr);
  if (!pack) {
    CHECK(load(fat_binary(fat_entry(PTX, 90, "any", ZSTANDARD, 100))) == CUDA_ERROR_INVALID_IMAGE);
    CHECK(said("install libzstd1, or call nvcc with --no-compress"));
    return;
  }
  packed.resize(2 * text.size());
  packed.resize(pack(&packed[0], packed.size(), text.data(), text.size(), 3));
  CHECK(broken(packed, text.size() - 1, ZSTANDARD) && broken(packed.substr(9), text.size(), ZSTANDARD));
  CHECK(adds(fat_binary(fat_entry(PTX, 90, packed, ZSTANDARD, text.size())), "add"));
}

// With a table of two sections, the first of which is none.
std::string cubin() {
  std::string image = "\x7f" "ELF" + std::string(188, '\0');
  put(image, 18, uint16_t(190));
  put(image, 40, uint64_t(64));
  put(image, 58, uint16_t(64));
  put(image, 60, uint16_t(2));
  return image;
}

void other_images() {
  Driver driver;
  std::string whole = fat_binary(plain("a", 75) + plain("b", 90)), cut = whole;
  put(cut, 8, uint64_t(1) << 60);
  CHECK(load(cut) == CUDA_ERROR_INVALID_IMAGE && said("the fat binary is cut off"));
  put(cut, 8, ~uint64_t());
  CHECK(load(cut) == CUDA_ERROR_INVALID_IMAGE && said("the fat binary is cut off"));
  cut = whole;
  put(cut, 8, uint64_t(whole.size() - 17));
  CHECK(load(cut) == CUDA_ERROR_INVALID_IMAGE && said("the fat binary is broken: an entry goes past its end"));
  put(cut, 20, uint32_t(0));
  CHECK(load(cut) == CUDA_ERROR_INVALID_IMAGE && said("the fat binary is broken"));
  // Machine code is loaded, since its kernels may have been built in.
  for (const std::string& code : {fat_binary(fat_entry(CODE, 90, "code")), cubin()}) {
    CUmodule module = loaded(code);
    CUfunction function = function_of(module, "add_one");
    CHECK(cuModuleGetFunction(&function, module, "add") == CUDA_ERROR_NO_BINARY_FOR_GPU);
    CHECK(said("no library of kernels has add, and the image is a card's machine code; the simulated GPU runs PTX"));
    cuModuleUnload(module);
  }
  cut = cubin();
  put(cut, 64, uint64_t(1));
  CHECK(load(cut) == CUDA_ERROR_INVALID_IMAGE && said("the CUBIN is cut off or spoilt"));
  put(cut, 40, uint64_t(1) << 60);
  CHECK(load(cut) == CUDA_ERROR_INVALID_IMAGE && said("the CUBIN is cut off or spoilt"));
  CUmodule module = nullptr;
  CHECK(cuModuleLoadFatBinary(&module, adding().c_str()) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuModuleLoadFatBinary(&module, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CUlinkState link = nullptr;
  cuLinkCreate_v2(0, nullptr, nullptr, &link);
  auto linked = [&](std::string image) {
    return cuLinkAddData_v2(link, CU_JIT_INPUT_FATBINARY, &image[0], image.size(), nullptr, 0, nullptr, nullptr);
  };
  CHECK(linked(whole) == CUDA_SUCCESS);
  CHECK(linked(whole.substr(0, 100)) == CUDA_ERROR_INVALID_IMAGE && said("the fat binary is cut off"));
  CHECK(linked(fat_binary(fat_entry(CODE, 90, "code"))) == CUDA_ERROR_NO_BINARY_FOR_GPU &&
        said("no PTX for sm_90 in it"));
  void* image = nullptr;
  CHECK(cuLinkComplete(link, &image, nullptr) == CUDA_SUCCESS);
  module = nullptr;
  CHECK(cuModuleLoadData(&module, image) == CUDA_SUCCESS && function_of(module, "b"));
  cuModuleUnload(module);
  cuLinkDestroy(link);
}

}

void test_fat_binaries() {
  texts();
  wrapped();
  compressed();
  other_images();
}
