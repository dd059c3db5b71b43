// Streams that wait for one another: in a queue, and in a capture, which they fork and join.
#include <cstring>

#include "selftest/cublas/blas.h"

namespace {

// Two more streams beside the driver's, and two events.
struct Forks {
  explicit Forks(const char* streams = "eager", const char* orders = "all") : driver(streams, "", orders) {
    for (CUstream* stream : {&other, &third}) {
      cuStreamCreateWithPriority(stream, CU_STREAM_NON_BLOCKING, 0);
    }
    for (CUevent* event : {&fork, &join}) {
      cuEventCreate(event, CU_EVENT_DISABLE_TIMING);
    }
  }
  ~Forks() {
    for (CUstream stream : {other, third}) {
      cuStreamDestroy_v2(stream);
    }
    for (CUevent event : {fork, join}) {
      cuEventDestroy_v2(event);
    }
  }

  template <typename... Arguments>
  CUresult launch(CUstream on, const char* name, Arguments... arguments) {
    void* addresses[] = {&arguments..., nullptr};
    return cuLaunchKernel(driver.function(name), 1, 1, 1, 4, 1, 1, 0, on, addresses, nullptr);
  }
  void begin(CUstream on) { cuStreamBeginCapture_v2(on, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL); }
  void begin() { begin(driver.stream); }
  // Later work in the one stream comes after all work in the other.
  CUresult wait(CUstream stream, CUstream for_stream, CUevent event) {
    CUresult result = cuEventRecord(event, for_stream);
    return result == CUDA_SUCCESS ? cuStreamWaitEvent(stream, event, 0) : result;
  }
  void draw_in() { CHECK(wait(other, driver.stream, fork) == CUDA_SUCCESS); }
  void join_again() { CHECK(wait(driver.stream, other, join) == CUDA_SUCCESS); }
  CUresult end(unsigned long long flags = 0) {
    CUgraph graph = nullptr;
    CUresult result = cuStreamEndCapture(driver.stream, &graph);
    if (result == CUDA_SUCCESS) {
      cuGraphExecDestroy(executable);
      cuGraphInstantiateWithFlags(&executable, graph, flags);
      cuGraphDestroy(graph);
    } else {
      CHECK(graph == nullptr);
    }
    return result;
  }
  CUresult run() {
    CUresult result = cuGraphLaunch(executable, driver.stream);
    return result == CUDA_SUCCESS ? driver.synchronise() : result;
  }

  Driver driver;
  CUstream other = nullptr, third = nullptr;
  CUevent fork = nullptr, join = nullptr;
  CUgraphExec executable = nullptr;
};

void fork_and_join(const char* streams) {
  Forks forks(streams);
  CUstream origin = forks.driver.stream;
  CUdeviceptr x = forks.driver.fresh(16), y = forks.driver.fresh(16), z = forks.driver.fresh(16);
  forks.begin();
  CHECK(forks.launch(origin, "fill_with", x, 1.0f, 4) == CUDA_SUCCESS);
  forks.draw_in();
  CHECK(forks.launch(forks.other, "fill_with", y, 5.0f, 4) == CUDA_SUCCESS);
  CHECK(forks.launch(forks.other, "add_one", y, 4) == CUDA_SUCCESS);
  CHECK(forks.launch(origin, "add_one", x, 4) == CUDA_SUCCESS);
  forks.join_again();
  CHECK(forks.launch(origin, "add_both", x, y, z) == CUDA_SUCCESS);
  // Once joined, a stream may come again, and read what others read.
  forks.draw_in();
  CHECK(forks.launch(forks.other, "add_both", x, z, y) == CUDA_SUCCESS);
  CHECK(forks.launch(origin, "add_one", x, 0) == CUDA_SUCCESS);
  forks.join_again();
  CHECK(forks.end() == CUDA_SUCCESS);
  for (int i = 0; i < 4; i++) {
    CHECK(forks.run() == CUDA_SUCCESS);
    CHECK(forks.driver.read(z, 4) == std::vector<float>(4, 8.0f));
    CHECK(forks.driver.read(y, 4) == std::vector<float>(4, 10.0f));
  }
  // Both are out of the capture: what they do runs.
  CHECK(forks.launch(forks.other, "fill_with", y, 3.0f, 4) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(forks.other) == CUDA_SUCCESS);
  CHECK(forks.driver.read(y, 1)[0] == 3.0f);
  cuGraphExecDestroy(forks.executable);
  forks.driver.free({x, y, z});
}

// Copies to the same host memory, which nobody watches: the later one stays.
std::vector<float> later_ones(const char* orders, const char* streams) {
  Forks forks(streams, orders);
  CUdeviceptr x = forks.driver.holding({1.0f}), y = forks.driver.holding({2.0f});
  float later = 0.0f;
  forks.begin();
  forks.draw_in();
  cuMemcpyDtoHAsync_v2(&later, x, 4, forks.driver.stream);
  cuMemcpyDtoHAsync_v2(&later, y, 4, forks.other);
  forks.join_again();
  CHECK(forks.end() == CUDA_SUCCESS);
  std::vector<float> seen;
  for (int i = 0; i < 3; i++) {
    CHECK(forks.run() == CUDA_SUCCESS);
    seen.push_back(later);
  }
  cuGraphExecDestroy(forks.executable);
  forks.driver.free({x, y});
  return seen;
}

void launches_in_several_orders() {
  for (const char* streams : {"eager", "deferred"}) {
    CHECK(later_ones("all", streams) == std::vector<float>({2.0f, 1.0f, 2.0f}));
    CHECK(later_ones("one", streams) == std::vector<float>({2.0f, 2.0f, 2.0f}));
  }
}

// The launch must fail in the order that does no harm too, and name both. What an earlier capture has recorded orders
// nothing.
void must_conflict(const char* one, const char* other,
                   const std::function<void(Forks&, CUdeviceptr, CUdeviceptr)>& work) {
  Forks forks;
  CUdeviceptr x = forks.driver.holding(std::vector<float>(4, 1.0f)), y = forks.driver.holding(std::vector<float>(4));
  forks.begin();
  forks.draw_in();
  forks.launch(forks.other, "add_one", x, 4);
  forks.join_again();
  CHECK(forks.end() == CUDA_SUCCESS);
  forks.begin();
  forks.draw_in();
  work(forks, x, y);
  forks.join_again();
  CHECK(forks.end() == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(forks.executable, forks.driver.stream) == CUDA_ERROR_LAUNCH_FAILED);
  std::string words = std::string("graph: ") + one + " and " + other + " both touch byte ";
  check(std::strstr(charlstm_sim_last_error(), words.c_str()), words.c_str(), __FILE__, __LINE__);
  CHECK(std::strstr(charlstm_sim_last_error(), "of an allocation of 16, one writes it, and no dependency orders them"));
  cuGraphExecDestroy(forks.executable);
  forks.driver.free({x, y});
}

void forgotten_dependencies() {
  must_conflict("kernel add_one", "kernel add_one", [](Forks& forks, CUdeviceptr x, CUdeviceptr) {
    forks.launch(forks.driver.stream, "add_one", x, 4);
    forks.launch(forks.other, "add_one", x, 4);
  });
  must_conflict("kernel add_both", "kernel add_one", [](Forks& forks, CUdeviceptr x, CUdeviceptr y) {
    forks.launch(forks.driver.stream, "add_both", x, x, y);
    forks.launch(forks.other, "add_one", x, 4);
  });
  must_conflict("a memset", "a copy on the device", [](Forks& forks, CUdeviceptr x, CUdeviceptr y) {
    cuMemsetD32Async(x + 8, 0, 1, forks.driver.stream);
    cuMemcpyDtoDAsync_v2(y, x, 12, forks.other);
  });
  must_conflict("a copy to the host", "kernel add_one", [](Forks& forks, CUdeviceptr x, CUdeviceptr) {
    static float host;
    cuMemcpyDtoHAsync_v2(&host, x, 4, forks.driver.stream);
    forks.launch(forks.other, "add_one", x, 1);
  });
  // The second of a stream's nodes, and no sooner than after the join.
  must_conflict("kernel fill_with", "kernel add_one", [](Forks& forks, CUdeviceptr x, CUdeviceptr y) {
    forks.launch(forks.driver.stream, "add_one", x, 4);
    forks.launch(forks.driver.stream, "fill_with", y, 1.0f, 4);
    forks.launch(forks.other, "add_one", y, 4);
  });
}

// Each product has its own matrices, but spoils the workspace of both.
void one_workspace_in_two_streams() {
  Forks forks;
  Blas blas(forks.driver);
  CUdeviceptr x = forks.driver.holding({2.0f}), y = forks.driver.fresh(4), z = forks.driver.fresh(4);
  auto product = [&](CUstream stream, CUdeviceptr to) {
    cublasSetStream_v2(blas.handle, stream);
    cublasSetWorkspace_v2(blas.handle, reinterpret_cast<void*>(blas.workspace), 4096);
    CHECK(blas.product(false, false, 1, 1, 1, 1.0f, x, 1, x, 1, 0.0f, to, 1) == CUBLAS_STATUS_SUCCESS);
  };
  forks.begin();
  forks.draw_in();
  product(forks.driver.stream, y);
  product(forks.other, z);
  forks.join_again();
  CHECK(forks.end() == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(forks.executable, forks.driver.stream) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "graph: cublasSgemm_v2 and cublasSgemm_v2 both touch byte 0 of an "
                                               "allocation of 4096"));
  cuGraphExecDestroy(forks.executable);
  forks.driver.free({x, y, z});
}

void what_captures_refuse() {
  Forks forks;
  CUstream origin = forks.driver.stream;
  CUdeviceptr x = forks.driver.holding(std::vector<float>(4));
  CUgraph graph = nullptr;
  // A fork that is never joined, by a stream's last or only work.
  forks.begin();
  forks.draw_in();
  forks.launch(forks.other, "add_one", x, 4);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  CHECK(cuStreamEndCapture(origin, &graph) == CUDA_ERROR_ILLEGAL_STATE);
  forks.begin();
  forks.draw_in();
  forks.launch(forks.other, "add_one", x, 4);
  forks.join_again();
  forks.launch(forks.other, "add_one", x, 4);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  // The end in another stream than the beginning.
  forks.begin();
  forks.draw_in();
  CHECK(cuStreamEndCapture(forks.other, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNMATCHED && graph == nullptr);
  CHECK(cuStreamBeginCapture_v2(forks.other, CU_STREAM_CAPTURE_MODE_RELAXED) == CUDA_ERROR_ILLEGAL_STATE);
  CHECK(forks.launch(forks.other, "add_one", x, 4) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(cuEventRecord(forks.join, forks.other) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(cuStreamWaitEvent(origin, forks.fork, 0) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // An event from outside, and one that was never recorded.
  CHECK(cuEventRecord(forks.join, forks.other) == CUDA_SUCCESS);
  forks.begin();
  CHECK(cuStreamWaitEvent(origin, forks.join, 0) == CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // Two captures.
  forks.begin();
  forks.begin(forks.third);
  forks.draw_in();
  CHECK(forks.wait(forks.third, forks.other, forks.join) == CUDA_ERROR_STREAM_CAPTURE_MERGE);
  CHECK(cuStreamEndCapture(forks.third, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // Calls that refuse a captured event, also when its capture is over.
  forks.begin();
  cuEventRecord(forks.fork, origin);
  CHECK(cuEventSynchronize(forks.fork) == CUDA_ERROR_CAPTURED_EVENT);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(cuStreamWaitEvent(forks.other, forks.fork, 0) == CUDA_ERROR_CAPTURED_EVENT);
  CHECK(cuEventRecord(forks.fork, origin) == CUDA_SUCCESS && cuEventSynchronize(forks.fork) == CUDA_SUCCESS);
  // Waiting for a stream that was drawn in, and drawing in the default stream.
  forks.begin();
  forks.draw_in();
  CHECK(cuStreamSynchronize(forks.other) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  forks.begin();
  cuEventRecord(forks.fork, origin);
  CHECK(cuStreamWaitEvent(nullptr, forks.fork, 0) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(forks.end() == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // Outside of captures.
  CHECK(cuStreamWaitEvent(CUstream(12345), forks.join, 0) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuStreamWaitEvent(origin, CUevent(12345), 0) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuStreamWaitEvent(origin, forks.join, 2) == CUDA_ERROR_INVALID_VALUE);
  const char* name = nullptr;
  CHECK(cuGetErrorName(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, &name) == CUDA_SUCCESS);
  CHECK(!std::strcmp(name, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION"));
  forks.driver.free({x});
}

// A graph of a stream of the least priority, in which a kernel of it and one of an eager stream are ready at once. The
// message about a conflict names first what has run first.
void priority_of_nodes(bool kept, bool conflict) {
  Forks forks("eager", "one");
  CUstream least = forks.driver.stream, eager = nullptr;
  cuStreamCreateWithPriority(&eager, CU_STREAM_NON_BLOCKING, -3);
  CUdeviceptr x = forks.driver.holding(std::vector<float>(4)), y = forks.driver.holding(std::vector<float>(4));
  CHECK(forks.launch(eager, "add_one", y, 4) == CUDA_SUCCESS && charlstm_sim_priority("kernel add_one") == -3);
  CHECK(charlstm_sim_priority("kernel nobody") == 1);
  forks.begin();
  CHECK(forks.wait(eager, least, forks.fork) == CUDA_SUCCESS);
  CHECK(forks.launch(least, "fill_with", x, 5.0f, 4) == CUDA_SUCCESS);
  CHECK(forks.launch(eager, "add_one", conflict ? x : y, 4) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(y, 0, 1, eager) == CUDA_SUCCESS);
  CHECK(forks.wait(least, eager, forks.join) == CUDA_SUCCESS);
  CHECK(forks.end(kept ? CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY : 0) == CUDA_SUCCESS);
  if (conflict) {
    CHECK(cuGraphLaunch(forks.executable, least) == CUDA_ERROR_LAUNCH_FAILED);
    std::string both = kept ? "kernel add_one and kernel fill_with" : "kernel fill_with and kernel add_one";
    CHECK(std::strstr(charlstm_sim_last_error(), ("graph: " + both + " both touch").c_str()));
  } else {
    CHECK(forks.run() == CUDA_SUCCESS);
    CHECK(charlstm_sim_priority("kernel fill_with") == 0);
    CHECK(charlstm_sim_priority("kernel add_one") == (kept ? -3 : 0));
    CHECK(charlstm_sim_priority("a memset") == 0);
    CUgraph graph = nullptr;
    CUgraphExec executable = nullptr;
    cuStreamBeginCapture_v2(least, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    CHECK(cuStreamEndCapture(least, &graph) == CUDA_SUCCESS);
    CHECK(cuGraphInstantiateWithFlags(&executable, graph, 1u << 20) == CUDA_ERROR_INVALID_VALUE);
    cuGraphDestroy(graph);
  }
  cuGraphExecDestroy(forks.executable);
  cuStreamDestroy_v2(eager);
  forks.driver.free({x, y});
}

void waits_in_queues() {
  Forks forks("deferred");
  CUstream origin = forks.driver.stream;
  CUdeviceptr x = forks.driver.holding(std::vector<float>(4));
  // For an event that was never recorded there is nothing to wait for.
  CHECK(cuStreamWaitEvent(forks.other, forks.join, 0) == CUDA_SUCCESS);
  forks.launch(origin, "fill_with", x, 5.0f, 4);
  CHECK(forks.wait(forks.other, origin, forks.fork) == CUDA_SUCCESS);
  forks.launch(origin, "fill_with", x, 7.0f, 4);
  // A wait is for the record that it came after, not for a later one.
  cuEventRecord(forks.fork, origin);
  float first = 0.0f, second = 0.0f;
  cuMemcpyDtoHAsync_v2(&first, x, 4, forks.other);
  CHECK(forks.wait(forks.third, forks.other, forks.join) == CUDA_SUCCESS);
  cuMemcpyDtoHAsync_v2(&second, x, 4, forks.third);
  CHECK(cuStreamSynchronize(forks.third) == CUDA_SUCCESS);
  CHECK(first == 5.0f && second == 5.0f);
  CHECK(forks.driver.read(x, 1)[0] == 7.0f);
  // The host's wait for an event is for what came before it alone.
  forks.launch(origin, "fill_with", x, 1.0f, 4);
  cuEventRecord(forks.fork, origin);
  forks.launch(origin, "fill_with", x, 2.0f, 4);
  CHECK(cuEventSynchronize(forks.fork) == CUDA_SUCCESS);
  cuMemcpyDtoHAsync_v2(&first, x, 4, forks.other);
  CHECK(cuStreamSynchronize(forks.other) == CUDA_SUCCESS && first == 1.0f);
  CHECK(forks.driver.read(x, 1)[0] == 2.0f);
  forks.driver.free({x});
}

void forgotten_wait() {
  Forks forks("deferred");
  CUdeviceptr x = forks.driver.fresh(16);
  forks.launch(forks.driver.stream, "fill_with", x, 5.0f, 4);
  forks.launch(forks.other, "add_one", x, 4);
  CHECK(cuStreamSynchronize(forks.other) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "of memory that nobody wrote"));
  forks.driver.free({x});
}

}

void test_forks() {
  fork_and_join("eager");
  fork_and_join("deferred");
  launches_in_several_orders();
  forgotten_dependencies();
  one_workspace_in_two_streams();
  what_captures_refuse();
  for (bool kept : {false, true}) {
    priority_of_nodes(kept, false);
    priority_of_nodes(kept, true);
  }
  waits_in_queues();
  forgotten_wait();
}
