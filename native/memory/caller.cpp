#include "memory/caller.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>

#include <cstdint>
#include <cstdio>

namespace sim {

namespace {

std::string folder_of(const std::string& file) {
  return file.substr(0, file.rfind('/') + 1);
}

}

// The libraries of the simulated GPU lie in one folder, and the program may lie there too.
std::string caller() {
  Dl_info self;
  void* frames[32];
  int depth = backtrace(frames, 32);
  if (!dladdr(reinterpret_cast<void*>(&caller), &self) || !self.dli_fname) {
    return "";
  }
  for (int i = 0; i < depth; i++) {
    // A return address may belong to the next line already.
    char* address = static_cast<char*>(frames[i]) - 1;
    Dl_info info;
    link_map* object = nullptr;
    if (!dladdr1(address, &info, reinterpret_cast<void**>(&object), RTLD_DL_LINKMAP) || !info.dli_fname || !object) {
      return "";
    }
    std::string file = info.dli_fname, name = file.substr(folder_of(file).size());
    if (folder_of(file) == folder_of(self.dli_fname) && name.find(".so") != std::string::npos) {
      continue;
    }
    char offset[32];
    std::snprintf(offset, sizeof offset, "+0x%llx",
                  static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(address) - object->l_addr));
    return (info.dli_sname ? std::string(info.dli_sname) + ", " : "") + name + offset;
  }
  return "";
}

}
