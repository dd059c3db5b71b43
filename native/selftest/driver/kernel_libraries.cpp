// Kernels come from libraries that the simulator is handed, and only from those that were made for it.
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "language/kernel.h"
#include "selftest/harness.h"
#include "selftest/nvrtc/nvrtc.h"

namespace {

const char SETTING[] = "CHARLSTM_SIM_KERNELS";
const char NAME[] = "trials.so";

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

bool knows(const std::string& text) {
  return charlstm_sim_stands_for(text.data(), text.size()) != 0;
}

// A folder with that library alone, which the simulator asks for the kernel "add_one" and the text it is in; it must
// answer with that code and message.
void ask(const std::string& library, CUresult code, const std::string& words) {
  char folder[] = "/tmp/charlstm-selftest-XXXXXX";
  CHECK(mkdtemp(folder));
  std::string file = folder + std::string("/") + NAME;
  if (!library.empty()) {
    std::ofstream(file, std::ios::binary) << library;
  }
  setenv(SETTING, folder, 1);
  {
    Driver driver;
    CUfunction function = nullptr;
    CHECK(cuModuleGetFunction(&function, driver.module, "add_one") == code);
    CHECK(std::string(charlstm_sim_last_error()).find(words) != std::string::npos);
    CHECK(knows(file_of("trials/sound.cu")) == (code == CUDA_SUCCESS));
  }
  unlink(file.c_str());
  rmdir(folder);
  unsetenv(SETTING);
}

}

std::string library_of_trials() {
  Dl_info simulator{};
  CHECK(dladdr(dlsym(RTLD_DEFAULT, "charlstm_sim_stands_for"), &simulator));
  std::string file = simulator.dli_fname;
  return file.substr(0, file.rfind('/')) + "/kernels/" + NAME;
}

void test_kernel_libraries() {
  CHECK(knows(file_of("trials/sound.cu")) && !knows(file_of("trials/sound.cu") + "\n"));
  std::string library = bytes_of(library_of_trials()), other = library;
  void* loaded = dlopen(library_of_trials().c_str(), RTLD_NOW);
  std::string build = static_cast<sim::KernelLibrary*>(dlsym(loaded, "charlstm_kernels"))->build;
  for (size_t at; (at = other.find(build)) != std::string::npos;) {
    other.replace(at, build.size(), std::string(build.size(), '0'));
  }
  ask(library, CUDA_SUCCESS, "");
  ask("", CUDA_ERROR_NOT_FOUND, "");
  ask(other, CUDA_ERROR_INVALID_IMAGE,
      "trials.so was made for another build of the simulated GPU; make it again with native/kernels.sh");
  ask("no library", CUDA_ERROR_INVALID_IMAGE, "cannot load a library of kernels: ");
  std::string beside = library_of_trials();
  beside.erase(beside.rfind("/kernels/"));
  ask(bytes_of(beside + "/libcharlstm-runtime.so"), CUDA_ERROR_INVALID_IMAGE,
      "trials.so is no library of kernels; native/kernels.sh makes one");
  Driver driver;
  CHECK(driver.function("add_one"));
}
