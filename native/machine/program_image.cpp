#include "machine/program_image.h"

#include <link.h>

namespace sim {

namespace {

struct Extent {
  uintptr_t start = UINTPTR_MAX;
  uintptr_t end = 0;
};

// The extent of the loaded object that holds this very function.
int widen(dl_phdr_info* object, size_t, void* data) {
  Extent extent;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const auto& part = object->dlpi_phdr[i];
    uintptr_t start = object->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD) {
      extent.start = start < extent.start ? start : extent.start;
      extent.end = start + part.p_memsz > extent.end ? start + part.p_memsz : extent.end;
    }
  }
  auto here = reinterpret_cast<uintptr_t>(&widen);
  if (here < extent.start || here >= extent.end) {
    return 0;
  }
  *static_cast<Extent*>(data) = extent;
  return 1;
}

Extent find() {
  Extent extent;
  dl_iterate_phdr(widen, &extent);
  return extent;
}

}

bool in_program(uintptr_t address) {
  static const Extent program = find();
  return address >= program.start && address < program.end;
}

}
