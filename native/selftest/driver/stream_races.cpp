// Operations of different streams that touch the same memory: told where nothing orders them, and not where something
// does, in every way that CUDA has.
#include <cstring>

#include "selftest/harness.h"

namespace {

struct Streams {
  explicit Streams(const char* mode, unsigned flags = CU_STREAM_NON_BLOCKING) : driver(mode, "", "one") {
    cuStreamCreate(&one, flags);
    cuStreamCreate(&other, flags);
    cuEventCreate(&event, CU_EVENT_DISABLE_TIMING);
    x = driver.holding({1.0f, 1.0f, 1.0f, 1.0f});
  }
  ~Streams() {
    cuCtxSynchronize();
    cuMemFree_v2(x);
    cuEventDestroy_v2(event);
    cuStreamDestroy_v2(one);
    cuStreamDestroy_v2(other);
  }

  void add_one(CUstream stream, CUdeviceptr from, int count) {
    void* arguments[] = {&from, &count};
    CHECK(cuLaunchKernel(driver.function("add_one"), 1, 1, 1, 32, 1, 1, 0, stream, arguments, nullptr) ==
          CUDA_SUCCESS);
  }

  Driver driver;
  CUstream one = nullptr, other = nullptr;
  CUevent event = nullptr;
  CUdeviceptr x = 0;
  float host[4] = {};
};

using Work = void (*)(Streams&);

// The last call, or the wait where work is deferred, tells of a race with these words, or of nothing.
void tells(const char* words, Work work, unsigned flags = CU_STREAM_NON_BLOCKING) {
  for (const char* mode : {"eager", "deferred"}) {
    Streams streams(mode, flags);
    work(streams);
    if (mode == std::string("deferred")) {
      CHECK(cuCtxSynchronize() == CUDA_SUCCESS);
    }
    bool told = words && std::strstr(charlstm_sim_last_error(), words);
    check(words ? told : *charlstm_sim_last_error() == 0, words ? words : charlstm_sim_last_error(), mode, 0);
  }
}

void nothing_orders() {
  tells("streams: kernel add_one in stream 2 and kernel add_one in stream 3 both touch byte 4 of an allocation of 16, "
        "one writes it, and nothing orders them", [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    s.add_one(s.other, s.x + 4, 2);
  });
  tells("streams: kernel add_one in stream 2 and a copy to the host in stream 3 both", [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    cuMemcpyDtoHAsync_v2(s.host, s.x, 4, s.other);
  });
  // An event of what came before is not enough.
  tells("streams: a memset in stream 2 and kernel add_one in stream 3 both", [](Streams& s) {
    cuEventRecord(s.event, s.one);
    cuMemsetD32Async(s.x, 0, 1, s.one);
    cuStreamWaitEvent(s.other, s.event, 0);
    s.add_one(s.other, s.x, 2);
  });
  tells("and the default stream do not wait for one another", [](Streams& s) {
    cuMemsetD32Async(s.x, 0, 1, nullptr);
    s.add_one(s.other, s.x, 2);
  });
  // A blocking one waits for the default stream, and not for others of its kind.
  tells("streams: kernel add_one in stream 2 and kernel add_one in stream 3 both", [](Streams& s) {
    s.add_one(s.one, s.x, 1);
    s.add_one(s.other, s.x, 1);
  }, CU_STREAM_DEFAULT);
}

// Calls that come back at once are not waited for, though they have no stream.
void calls_without_streams() {
  auto memset = [](Streams& s) {
    cuMemsetD32_v2(s.x, 0, 1);
    s.add_one(s.one, s.x, 1);
  };
  for (bool blocking : {false, true}) {
    Streams streams("eager", blocking ? CU_STREAM_DEFAULT : CU_STREAM_NON_BLOCKING);
    memset(streams);
    CHECK((*charlstm_sim_last_error() == 0) == blocking);
  }
  Streams streams("eager");
  streams.add_one(streams.one, streams.x, 1);
  cuMemcpyDtoH_v2(streams.host, streams.x, 4);
  CHECK(std::strstr(charlstm_sim_last_error(), "kernel add_one in stream 2 and a copy to the host in the default"));
}

void something_orders() {
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    s.add_one(s.other, s.x + 8, 2);
  });
  tells(nullptr, [](Streams& s) {
    cuMemcpyDtoHAsync_v2(s.host, s.x, 16, s.one);
    cuMemcpyDtoHAsync_v2(s.host, s.x, 16, s.other);
  });
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    cuEventRecord(s.event, s.one);
    cuStreamWaitEvent(s.other, s.event, 0);
    s.add_one(s.other, s.x, 2);
  });
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    cuEventRecord(s.event, s.one);
    cuEventSynchronize(s.event);
    s.add_one(s.other, s.x, 2);
  });
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    cuStreamSynchronize(s.one);
    s.add_one(s.other, s.x, 2);
  });
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    while (cuStreamQuery(s.one) == CUDA_ERROR_NOT_READY) {
    }
    s.add_one(s.other, s.x, 2);
  });
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    cuLaunchHostFunc(s.one, [](void*) {}, nullptr);
    cuCtxSynchronize();
    s.add_one(s.other, s.x, 2);
  });
  // By way of the default stream, which blocking ones wait for, and which waits for them.
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    cuMemsetD32Async(s.x, 0, 4, nullptr);
    s.add_one(s.other, s.x, 2);
  }, CU_STREAM_DEFAULT);
  tells(nullptr, [](Streams& s) {
    s.add_one(s.one, s.x, 2);
    CUdeviceptr y = s.driver.holding({1.0f});
    cuMemFree_v2(y);
    cuCtxSynchronize();
    s.add_one(s.other, s.x, 2);
  });
}

// It waits for what runs before it in the stream of the launch, wherever it was recorded.
void a_host_function_in_a_graph() {
  Streams s("eager");
  CUgraph graph = nullptr;
  CUgraphExec executable = nullptr;
  cuStreamBeginCapture_v2(s.one, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  s.add_one(s.one, s.x, 2);
  CHECK(cuLaunchHostFunc(s.one, [](void*) {}, nullptr) == CUDA_SUCCESS);
  CHECK(cuStreamEndCapture(s.one, &graph) == CUDA_SUCCESS);
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, s.other) == CUDA_SUCCESS);
  s.add_one(s.one, s.x, 2);
  CHECK(*charlstm_sim_last_error() == 0);
  cuGraphExecDestroy(executable);
  cuGraphDestroy(graph);
}

// Memory of a pool begins and ends in the order of its stream.
void memory_of_pools() {
  tells("streams: an allocation in stream 2 and a memset in stream 3 both touch byte 0", [](Streams& s) {
    CUdeviceptr y = 0;
    cuMemAllocAsync(&y, 16, s.one);
    cuMemsetD32Async(y, 0, 4, s.other);
  });
  tells("streams: a memset in stream 3 and an end of memory in stream 2 both", [](Streams& s) {
    CUdeviceptr y = 0;
    cuMemAllocAsync(&y, 16, s.one);
    cuStreamSynchronize(s.one);
    cuMemsetD32Async(y, 0, 4, s.other);
    cuMemFreeAsync(y, s.one);
  });
  Streams streams("eager");
  CUdeviceptr y = 0;
  cuMemAllocAsync(&y, 16, streams.one);
  cuMemsetD32Async(y, 0, 4, streams.one);
  CHECK(cuMemFree_v2(y) == CUDA_SUCCESS);
  CHECK(std::strstr(charlstm_sim_last_error(), "cuMemFree of memory of a pool that a"));
  cuMemAllocAsync(&y, 16, streams.one);
  cuStreamSynchronize(streams.one);
  CHECK(cuMemFree_v2(y) == CUDA_SUCCESS && *charlstm_sim_last_error() == 0);
}

}

void test_stream_races() {
  a_host_function_in_a_graph();
  nothing_orders();
  calls_without_streams();
  something_orders();
  memory_of_pools();
}
