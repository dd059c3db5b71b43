#include "images/host_memory.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "memory/memory.h"

namespace sim {

namespace {

// The kernel answers EFAULT for an address that would raise a signal here. A pipe moves one byte of every page. By
// syscall(), since a sanitizer looks at what write() is given.
struct Pipe {
  int ends[2];
  Pipe() {
    if (pipe(ends) != 0) {
      ends[0] = ends[1] = -1;
    }
  }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
};

template <typename Probe>
bool every_page(const void* memory, size_t size, Probe probe) {
  auto start = reinterpret_cast<uintptr_t>(memory);
  for (uintptr_t at = start; at < start + size; at = (at / PAGE + 1) * PAGE) {
    if (!probe(at)) {
      return false;
    }
  }
  return size == 0 || probe(start + size - 1);
}

// That the host may not touch what is guarded is no matter of the simulator's.
bool is_allocated(const void* memory, size_t size) {
  return allocation_of(reinterpret_cast<Address>(memory), size) != nullptr;
}

}

bool readable(const void* memory, size_t size) {
  if (is_allocated(memory, size)) {
    return true;
  }
  Pipe pipe;
  return every_page(memory, size, [&](uintptr_t at) {
    char drained;
    return syscall(SYS_write, pipe.ends[1], at, 1) == 1 && read(pipe.ends[0], &drained, 1) == 1;
  });
}

bool writable(void* memory, size_t size) {
  if (is_allocated(memory, size)) {
    return true;
  }
  Pipe pipe;
  return every_page(memory, size, [&](uintptr_t at) {
    const char any = 0;
    return write(pipe.ends[1], &any, 1) == 1 && syscall(SYS_read, pipe.ends[0], at, 1) == 1;
  });
}

}
