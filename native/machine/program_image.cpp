#include "machine/program_image.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <vector>

namespace sim {

namespace {

struct ImageExtent {
  uintptr_t start = UINTPTR_MAX;
  uintptr_t end = 0;

  bool holds(uintptr_t address) const { return address >= start && address < end; }
};

struct Search {
  uintptr_t inside;
  ImageExtent found;
};

std::vector<ImageExtent> added;

int look_at(dl_phdr_info* object, size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  ImageExtent extent;
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
ImageExtent extent_around(const void* inside) {
  Search search{reinterpret_cast<uintptr_t>(inside), {}};
  dl_iterate_phdr(look_at, &search);
  return search.found;
}

}

bool in_program(uintptr_t address) {
  static const ImageExtent own = extent_around(reinterpret_cast<const void*>(&look_at));
  return own.holds(address) ||
         std::any_of(added.begin(), added.end(), [=](const ImageExtent& extent) { return extent.holds(address); });
}

void add_program(const void* inside) {
  added.push_back(extent_around(inside));
}

}
