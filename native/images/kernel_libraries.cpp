#include "images/kernel_libraries.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <vector>

#include "api/seal.h"
#include "machine/program_image.h"

namespace sim {

namespace {

struct Folder {
  std::string path;
  std::vector<const KernelLibrary*> libraries;
  std::string trouble;
};

// The one that was asked for last.
Folder& folder = *new Folder;

std::string wanted() {
  const char* set = std::getenv("CHARLSTM_SIM_KERNELS");
  Dl_info found{};
  dladdr(reinterpret_cast<void*>(&wanted), &found);
  std::string self = found.dli_fname ? found.dli_fname : "";
  return set && *set ? set : self.substr(0, self.rfind('/') + 1) + "kernels";
}

// Of the files that end so, by name: the same on every machine.
std::set<std::string> libraries_in(const std::string& path) {
  std::set<std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(path, none)) {
    if (entry.path().extension() == ".so") {
      files.insert(entry.path().string());
    }
  }
  return files;
}

// Null if it is of no use; then it says why.
const KernelLibrary* load(const std::string& file, std::string& why) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    why = std::string("cannot load a library of kernels: ") + dlerror();
    return nullptr;
  }
  auto* library = static_cast<const KernelLibrary*>(dlsym(handle, "charlstm_kernels"));
  if (library && std::string(library->build) == CHARLSTM_BUILD) {
    add_program(library);
    return library;
  }
  why = file + (library ? " was made for another build of the simulated GPU; make it again with native/kernels.sh"
                        : " is no library of kernels; native/kernels.sh makes one");
  dlclose(handle);
  return nullptr;
}

const Folder& libraries() {
  std::string path = wanted();
  if (path == folder.path) {
    return folder;
  }
  folder = {path, {}, ""};
  for (const std::string& file : libraries_in(path)) {
    std::string why;
    if (const KernelLibrary* library = load(file, why)) {
      folder.libraries.push_back(library);
    } else {
      std::fprintf(stderr, "charlstm sim: %s\n", why.c_str());
      folder.trouble = why;
    }
  }
  return folder;
}

}

const Kernel* kernel_of_libraries(const std::string& name, std::string& why) {
  const Folder& all = libraries();
  for (const KernelLibrary* library : all.libraries) {
    auto found = std::find_if(library->first, library->end, [&](const Kernel* kernel) { return kernel->name == name; });
    if (found != library->end) {
      return *found;
    }
  }
  why = all.trouble;
  return nullptr;
}

bool stands_for(const std::string& text) {
  uint32_t sum = seal::sum_of(text.data(), text.size());
  const std::vector<const KernelLibrary*>& all = libraries().libraries;
  return std::any_of(all.begin(), all.end(), [&](const KernelLibrary* library) {
    return std::any_of(library->texts, library->texts + library->text_count, [&](const KnownText& one) {
      return one.size == text.size() && one.sum == sum;
    });
  });
}

}
