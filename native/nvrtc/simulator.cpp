#include "nvrtc/simulator.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

namespace nvrtc {

std::string absolute(const std::string& path) {
  char* folder = path.compare(0, 1, "/") == 0 ? nullptr : getcwd(nullptr, 0);
  std::string full = folder ? std::string(folder) + "/" + path : path;
  free(folder);
  return full;
}

std::string home() {
  static const char anchor = 0;
  Dl_info found{};
  std::string file = dladdr(&anchor, &found) && found.dli_fname ? found.dli_fname : "";
  size_t slash = file.rfind('/');
  return absolute(slash == std::string::npos ? "." : file.substr(0, slash));
}

bool is_known(const std::string& text) {
  static void* const simulator = dlopen((home() + "/libcharlstm-sim.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  auto stands_for = reinterpret_cast<int (*)(const char*, size_t)>(
      simulator ? dlsym(simulator, "charlstm_sim_stands_for") : nullptr);
  return stands_for && stands_for(text.data(), text.size());
}

}
