#include "images/kernel_libraries.h"

#include <dirent.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <vector>

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
  DIR* listing = opendir(path.c_str());
  while (dirent* entry = listing ? readdir(listing) : nullptr) {
    std::string name = entry->d_name;
    if (name.size() > 3 && name.compare(name.size() - 3, 3, ".so") == 0) {
      files.insert(path + "/" + name);
    }
  }
  if (listing) {
    closedir(listing);
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
    add_program(library, false);
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

// As POSIX defines cksum: the text, and then its length from the lowest byte on.
uint32_t sum_of(const std::string& text) {
  uint32_t sum = 0;
  auto add = [&](unsigned char byte) {
    sum ^= uint32_t(byte) << 24;
    for (int bit = 0; bit < 8; bit++) {
      sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7u : 0u);
    }
  };
  for (char byte : text) {
    add(static_cast<unsigned char>(byte));
  }
  for (size_t length = text.size(); length != 0; length >>= 8) {
    add(static_cast<unsigned char>(length));
  }
  return ~sum;
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
  uint32_t sum = sum_of(text);
  const std::vector<const KernelLibrary*>& all = libraries().libraries;
  return std::any_of(all.begin(), all.end(), [&](const KernelLibrary* library) {
    return std::any_of(library->texts, library->texts + library->text_count, [&](const KnownText& one) {
      return one.size == text.size() && one.sum == sum;
    });
  });
}

}
