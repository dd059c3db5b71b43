#include "machine/program_image.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <vector>

#include "language/kernel.h"

namespace sim {

namespace {

struct Extent {
  uintptr_t start = UINTPTR_MAX;
  uintptr_t end = 0;
  bool own = false;

  bool holds(uintptr_t address) const { return address >= start && address < end; }
};

struct Search {
  uintptr_t inside;
  Extent found;
};

// Lasts to the end of the process, in which modules may still be unloaded.
std::vector<Extent>& added = *new std::vector<Extent>;

int look_at(dl_phdr_info* object, size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  Extent extent;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const auto& part = object->dlpi_phdr[i];
    uintptr_t start = object->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD) {
      extent.start = start < extent.start ? start : extent.start;
      extent.end = start + part.p_memsz > extent.end ? start + part.p_memsz : extent.end;
    }
  }
  if (!extent.holds(search.inside)) {
    return 0;
  }
  search.found = extent;
  return 1;
}

// The extent of the loaded object that holds an address.
Extent extent_around(const void* inside) {
  Search search{reinterpret_cast<uintptr_t>(inside), {}};
  dl_iterate_phdr(look_at, &search);
  return search.found;
}

}

bool in_program(uintptr_t address) {
  static const Extent own = extent_around(reinterpret_cast<const void*>(&look_at));
  return own.holds(address) ||
         std::any_of(added.begin(), added.end(), [=](const Extent& extent) { return extent.holds(address); });
}

bool in_own_code(uintptr_t address) {
  return std::any_of(added.begin(), added.end(),
                     [=](const Extent& extent) { return extent.own && extent.holds(address); });
}

void add_program(const void* inside, bool own) {
  added.push_back(extent_around(inside));
  added.back().own = own;
}

void remove_program(const void* inside) {
  auto address = reinterpret_cast<uintptr_t>(inside);
  added.erase(std::remove_if(added.begin(), added.end(), [=](const Extent& one) { return one.holds(address); }),
              added.end());
}

const char* symbol_of(const void* function) {
  Dl_info found{};
  bool named = dladdr(function, &found) != 0 && found.dli_sname && found.dli_saddr == function;
  return named ? found.dli_sname : "";
}

}
