#include "machine/cores.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "memory/footprint.h"
#include "memory/journal.h"
#include "memory/limit.h"
#include "memory/state.h"

namespace sim {

namespace {

using Clock = std::chrono::steady_clock;

// A launch is shared out after this time, if the rest will take several times as long as a copy of the process takes.
constexpr double LEAST_SECONDS = 0.05, SECONDS_OF_A_BYTE = 5e-11, TIMES = 4;

bool may_share;
Clock::time_point launch_start;

unsigned cores() {
  cpu_set_t own;
  unsigned all = sched_getaffinity(0, sizeof own, &own) == 0 ? unsigned(CPU_COUNT(&own)) : 1;
  return settings.cores ? settings.cores : all;
}

bool pays(uint64_t begun, uint64_t left) {
  double taken = std::chrono::duration<double>(Clock::now() - launch_start).count();
  if (taken >= LEAST_SECONDS) {
    double copy = LEAST_SECONDS / TIMES + SECONDS_OF_A_BYTE * double(resident_bytes());
    may_share = taken / double(begun) * double(left) > TIMES * copy;
  }
  return settings.at_once || (may_share && taken >= LEAST_SECONDS);
}

// Head of what a share tells. After it come the extents that the share read and wrote; then, for each written extent,
// its bytes, and for each byte the size of the access that wrote it.
struct Head {
  size_t size = 0, reads = 0, writes = 0;
  long long instructions = 0, bytes_read = 0, bytes_written = 0;
  size_t shared_bytes = 0;
};

Head done_so_far(const Kernel& kernel) {
  return {0, 0, 0, counters.instructions, traffic->bytes_read, traffic->bytes_written, kernel.shared_bytes};
}

template <typename T>
void add(std::string& text, const T* from, size_t count) {
  text.append(reinterpret_cast<const char*>(from), count * sizeof *from);
}

std::string account_of(Head head, const Footprint& touched) {
  head.reads = touched.read.size();
  head.writes = touched.written.size();
  std::string text(sizeof head, 0);
  add(text, touched.read.data(), head.reads);
  add(text, touched.written.data(), head.writes);
  for (const Extent& one : touched.written) {
    add(text, reinterpret_cast<const char*>(one.start), one.end - one.start);
    const Allocation& allocation = *allocation_at(one.start);
    for (Address at = one.start; at < one.end; at++) {
      text.push_back(char(allocation.written.size_at(at - allocation.start)));
    }
  }
  head.size = text.size();
  std::memcpy(text.data(), &head, sizeof head);
  return text;
}

void write_all(int file, const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t some = write(file, text.data() + at, text.size() - at);
    if (some <= 0) {
      return;
    }
    at += size_t(some);
  }
}

// A copy of a JVM has neither its other threads nor the means to handle signals. It may take its part of the free
// memory.
[[noreturn]] void run_share(const Kernel& kernel, int file, unsigned shares, const std::function<bool()>& run) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int one = 1; one <= SIGSYS; one++) {
    signal(one, SIG_DFL);
  }
  size_t has = resident_bytes(), most = std::max(most_bytes(), has);
  settings.memory = ((has + (most - has) / shares) >> 20) + 1;
  runs_share = true;
  journal_number = 0;
  end_footprint();
  begin_footprint();
  Head before = done_so_far(kernel);
  if (run()) {
    Head head = done_so_far(kernel);
    head.instructions -= before.instructions;
    head.bytes_read -= before.bytes_read;
    head.bytes_written -= before.bytes_written;
    write_all(file, account_of(head, end_footprint()));
  }
  _exit(0);
}

// A process that runs some units, and what it has told.
struct Share {
  pid_t process = -1;
  int file = -1;
  size_t size = 0;
  const char* text = nullptr;
  Head head;
  Footprint touched;
  const char* content = nullptr;
};

// False if the process ended before it told everything.
bool listen(Share& share) {
  while (waitpid(share.process, nullptr, 0) < 0 && errno == EINTR) {
  }
  share.process = -1;
  off_t size = lseek(share.file, 0, SEEK_END);
  if (size < off_t(sizeof share.head)) {
    return false;
  }
  void* text = mmap(nullptr, size_t(size), PROT_READ, MAP_SHARED, share.file, 0);
  if (text == MAP_FAILED) {
    return false;
  }
  share.size = size_t(size);
  share.text = static_cast<const char*>(text);
  std::memcpy(&share.head, share.text, sizeof share.head);
  if (share.head.size != share.size) {
    return false;
  }
  auto extents = reinterpret_cast<const Extent*>(share.text + sizeof share.head);
  share.touched.read.assign(extents, extents + share.head.reads);
  extents += share.head.reads;
  share.touched.written.assign(extents, extents + share.head.writes);
  share.content = reinterpret_cast<const char*>(extents + share.head.writes);
  return true;
}

void close_all(std::vector<Share>& shares) {
  for (Share& one : shares) {
    if (one.process > 0) {
      kill(one.process, SIGKILL);
      waitpid(one.process, nullptr, 0);
    }
    if (one.text) {
      munmap(const_cast<char*>(one.text), one.size);
    }
    if (one.file >= 0) {
      close(one.file);
    }
  }
}

void take_over(const Share& share, const Kernel& kernel) {
  const char* content = share.content;
  for (const Extent& one : share.touched.written) {
    Allocation& allocation = *allocation_at(one.start);
    size_t offset = one.start - allocation.start, size = one.end - one.start;
    save_before_write(allocation, offset, size);
    std::memcpy(reinterpret_cast<void*>(one.start), content, size);
    content += size;
    for (size_t from = 0, to = 0; from < size; from = to) {
      while (to < size && content[to] == content[from]) {
        to++;
      }
      allocation.written.set(offset + from, to - from, size_t(content[from]));
    }
    content += size;
    note_access(one.start, size, true);
  }
  for (const Extent& one : share.touched.read) {
    note_access(one.start, one.end - one.start, false);
  }
  counters.instructions += share.head.instructions;
  traffic->bytes_read += share.head.bytes_read;
  traffic->bytes_written += share.head.bytes_written;
  kernel.shared_bytes = std::max(kernel.shared_bytes, share.head.shared_bytes);
}

bool any_conflict(const std::vector<Share>& shares) {
  for (size_t i = 0; i < shares.size(); i++) {
    for (size_t k = 0; k < i; k++) {
      if (first_conflict(shares[i].touched, shares[k].touched)) {
        return true;
      }
    }
  }
  return false;
}

}

void use_cores(const Launch& launch, bool may) {
  const Kernel& kernel = *launch.kernel;
  may_share = may && kernel.interpreted && !kernel.serial && !launch.cluster && !launch.cooperative &&
              settings.coverage.empty() && cores() > 1;
  launch_start = Clock::now();
}

bool run_on_cores(const Kernel& kernel, uint64_t begun, uint64_t count, const RunShare& run) {
  if (!may_share || one_process || runs_share || begun == 0 || count - begun < 2 || !pays(begun, count - begun)) {
    return false;
  }
  uint64_t left = count - begun;
  std::vector<Share> shares(std::min<uint64_t>(cores(), left));
  bool right = true;
  for (size_t i = 0; i < shares.size() && right; i++) {
    shares[i].file = memfd_create("share", MFD_CLOEXEC);
    shares[i].process = shares[i].file < 0 ? -1 : fork();
    if (shares[i].process == 0) {
      run_share(kernel, shares[i].file, unsigned(shares.size()), [&] {
        return run(begun + left * i / shares.size(), begun + left * (i + 1) / shares.size());
      });
    }
    right = shares[i].process > 0;
  }
  for (size_t i = 0; i < shares.size() && right; i++) {
    right = listen(shares[i]);
  }
  if (right && !any_conflict(shares)) {
    for (const Share& one : shares) {
      take_over(one, kernel);
    }
  } else {
    kernel.serial = true;
    right = may_share = false;
  }
  close_all(shares);
  return right;
}

}
