// The host touches pinned and managed memory before it has waited for the work that uses it, where work is deferred.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "selftest/harness.h"

namespace {

constexpr size_t PAGE = 4096, BYTES = 3 * PAGE, COUNT = BYTES / sizeof(float);

// Memory that the host reaches, of zeros, and device memory beside it.
class Memory : public Driver {
 public:
  explicit Memory(const char* streams = "deferred") : Driver(streams) {
    void* address = nullptr;
    CHECK(cuMemHostAlloc(&address, BYTES, 0) == CUDA_SUCCESS);
    CHECK(cuMemAllocManaged(&shared, BYTES, CU_MEM_ATTACH_GLOBAL) == CUDA_SUCCESS);
    pinned = static_cast<volatile float*>(address);
    managed = reinterpret_cast<volatile float*>(shared);
    device = holding(std::vector<float>(COUNT));
    for (size_t i = 0; i < COUNT; i++) {
      pinned[i] = managed[i] = 0;
    }
    mark_ = charlstm_sim_found();
  }
  ~Memory() {
    CHECK(synchronise() == CUDA_SUCCESS && cuMemFreeHost(host()) == CUDA_SUCCESS);
    free({device, shared});
  }

  char* host() const { return reinterpret_cast<char*>(const_cast<float*>(pinned)); }
  void to_host(size_t from = 0, size_t bytes = BYTES) {
    CHECK(cuMemcpyDtoHAsync_v2(host() + from, device + from, bytes, stream) == CUDA_SUCCESS);
  }
  void to_device() { CHECK(cuMemcpyHtoDAsync_v2(device, host(), BYTES, stream) == CUDA_SUCCESS); }
  void add_one(CUdeviceptr to, unsigned count) { CHECK(launch("add_one", 1, count, to, int(count)) == CUDA_SUCCESS); }

  // All findings after the wait: one with these words and the place, or none.
  void must_tell(const std::string& words) {
    CHECK(synchronise() == CUDA_SUCCESS);
    std::string told = findings(), head = "{\"grade\":\"warning\",\"kind\":\"race\"";
    bool right = words.empty() ? told.empty()
                               : told.find(head) == 0 && told.find(words) != std::string::npos &&
                                     told.find("selftest+0x") != std::string::npos && told.find(head, 1) == told.npos;
    check(right, (words + "\n  was: " + told).c_str(), __FILE__, __LINE__);
  }
  void must_tell_nothing() { must_tell(""); }

  CUdeviceptr shared = 0, device = 0;
  volatile float* pinned;
  volatile float* managed;

 private:
  std::string findings() const {
    std::string text(charlstm_sim_findings(mark_, nullptr, 0), 0);
    charlstm_sim_findings(mark_, text.data(), text.size());
    return text.c_str();
  }

  long long mark_;
};

void touched_targets() {
  {
    Memory memory;
    memory.to_host();
    CHECK(std::isnan(memory.pinned[1]));
    memory.must_tell("the host reads byte 4 of an allocation of 12288 at ");
    CHECK(memory.pinned[1] == 0);
  }
  {
    Memory memory;
    memory.to_host();
    memory.pinned[COUNT - 1] = 3;
    memory.must_tell("the host writes byte 12284 of an allocation of 12288 at ");
    CHECK(memory.pinned[COUNT - 1] == 0);
  }
  {
    // A function of the C library reads it, for this one.
    Memory memory;
    memory.to_host();
    CHECK(strnlen(memory.host() + PAGE, 8) == 8);
    memory.must_tell(" before it has waited for a copy to the host in stream ");
  }
  {
    // Rows side by side, which have no other memory between them.
    Memory memory;
    CUDA_MEMCPY2D rows;
    std::memset(&rows, 0, sizeof rows);
    rows.srcMemoryType = CU_MEMORYTYPE_DEVICE;
    rows.dstMemoryType = CU_MEMORYTYPE_HOST;
    rows.srcDevice = memory.device;
    rows.dstHost = memory.host();
    rows.srcPitch = rows.dstPitch = rows.WidthInBytes = PAGE;
    rows.Height = 3;
    CHECK(cuMemcpy2DAsync_v2(&rows, memory.stream) == CUDA_SUCCESS && memory.pinned[0] == 0);
    memory.must_tell(" before it has waited for a copy of rows in stream ");
  }
}

void touched_sources() {
  {
    Memory memory;
    memory.to_device();
    CHECK(memory.pinned[1] == 0);
    memory.must_tell_nothing();
  }
  {
    Memory memory;
    memory.to_device();
    memory.pinned[1] = 2;
    memory.must_tell("the host writes byte 4 of an allocation of 12288 at ");
  }
}

// A kernel may access all of what its arguments lead to, and is asked when it runs.
void touched_beside_kernels() {
  {
    Memory memory;
    memory.add_one(memory.shared, 4);
    CHECK(memory.managed[3] == 0);
    memory.must_tell("the host reads byte 12 of an allocation of 12288 at ");
  }
  {
    Memory memory;
    memory.add_one(memory.shared, 4);
    CHECK(memory.managed[4] == 0);
    memory.managed[COUNT - 1] = 1;
    memory.must_tell_nothing();
  }
  {
    // It only reads the first.
    Memory memory;
    CHECK(memory.launch("add_both", 1, 4, memory.shared, memory.device, memory.shared + PAGE) == CUDA_SUCCESS);
    CHECK(memory.managed[3] == 0);
    memory.must_tell_nothing();
    CHECK(memory.launch("add_both", 1, 4, memory.shared, memory.device, memory.shared + PAGE) == CUDA_SUCCESS);
    memory.managed[3] = 5;
    memory.must_tell("before it has waited for kernel add_both in stream 1, which reads there");
  }
  {
    // Pinned memory is at the same address.
    Memory memory;
    memory.add_one(reinterpret_cast<CUdeviceptr>(memory.host()), 4);
    memory.pinned[0] = 4;
    memory.must_tell("before it has waited for kernel add_one in stream ");
  }
  {
    Memory memory;
    CHECK(cuMemsetD32Async(memory.shared, 7, COUNT, memory.stream) == CUDA_SUCCESS && memory.managed[0] == 0);
    memory.must_tell("before it has waited for a memset in stream ");
  }
}

// Each is waited for, or touches other bytes.
void touched_in_order() {
  Memory memory;
  memory.to_host();
  CHECK(memory.synchronise() == CUDA_SUCCESS && memory.pinned[0] == 0);
  CUevent event = nullptr;
  cuEventCreate(&event, CU_EVENT_DISABLE_TIMING);
  memory.to_host();
  cuEventRecord(event, memory.stream);
  memory.add_one(memory.shared, 4);
  CHECK(cuEventSynchronize(event) == CUDA_SUCCESS && memory.pinned[0] == 0);
  CHECK(cuCtxSynchronize() == CUDA_SUCCESS && memory.managed[0] == 1);
  memory.to_host();
  while (cuStreamQuery(memory.stream) == CUDA_ERROR_NOT_READY) {
  }
  CHECK(memory.pinned[0] == 0);
  // Half a page is copied, and the host has the other.
  memory.to_host(0, PAGE / 2);
  memory.pinned[PAGE / 8] = memory.pinned[COUNT - 1] = 5;
  CHECK(memory.pinned[PAGE / 8] == 5);
  // One buffer after the other, in the order of the stream.
  memory.to_host();
  memory.to_host();
  memory.to_device();
  memory.to_host();
  CHECK(cuLaunchHostFunc(memory.stream, [](void* values) { *static_cast<float*>(values) += 1; }, memory.host()) ==
        CUDA_SUCCESS);
  memory.to_device();
  memory.to_host();
  CHECK(memory.synchronise() == CUDA_SUCCESS && memory.pinned[0] == 1);
  // To free other memory waits for all, on cards.
  CUdeviceptr other = memory.fresh(4);
  memory.add_one(memory.shared, 4);
  cuMemFree_v2(other);
  CHECK(memory.managed[0] == 1);
  memory.must_tell_nothing();
  cuEventDestroy_v2(event);
}

void touched_where_nothing_is_deferred() {
  Memory memory("eager");
  memory.to_host();
  memory.add_one(memory.shared, 4);
  CHECK(memory.pinned[0] == 0 && memory.managed[0] == 1);
  memory.must_tell_nothing();
}

// Other faults end a process as ever, and a handler that came later keeps its faults.
int ended_by(void (*does)()) {
  pid_t child = fork();
  if (child == 0) {
    does();
    _exit(9);
  }
  int how = 0;
  waitpid(child, &how, 0);
  return WIFSIGNALED(how) ? -WTERMSIG(how) : WEXITSTATUS(how);
}

void other_faults() {
  Memory memory;
  memory.to_host();
  CHECK(ended_by([] { *reinterpret_cast<volatile int*>(8) = 1; }) == -SIGSEGV);
  static volatile float* past = memory.pinned + COUNT;
  CHECK(ended_by([] { *past = 1; }) == -SIGSEGV);
  CHECK(ended_by([] {
          signal(SIGSEGV, [](int) { _exit(3); });
          Memory later;
          later.to_host();
          later.pinned[0] = 1;
          *reinterpret_cast<volatile int*>(8) = 1;
        }) == 3);
}

}

void test_host_touches() {
  touched_targets();
  touched_sources();
  touched_beside_kernels();
  touched_in_order();
  touched_where_nothing_is_deferred();
  other_faults();
}
