// Graphs that a program makes node by node.
#include <algorithm>
#include <cstring>

#include "selftest/harness.h"

namespace {

// Of one kernel of the trials, for as long as its arguments live.
struct Kernel {
  CUdeviceptr x;
  int n;
  void* arguments[2] = {&x, &n};
  CUDA_KERNEL_NODE_PARAMS parameters = {};

  Kernel(Driver& driver, const char* name, CUdeviceptr to, int count) : x(to), n(count) {
    parameters.func = driver.function(name);
    parameters.gridDimX = parameters.gridDimY = parameters.gridDimZ = 1;
    parameters.blockDimX = 32;
    parameters.blockDimY = parameters.blockDimZ = 1;
    parameters.kernelParams = arguments;
  }
};

CUDA_MEMSET_NODE_PARAMS fill(CUdeviceptr to, unsigned value, size_t count) {
  return {to, 0, value, 4, count, 1};
}

CUDA_MEMCPY3D to_host(CUdeviceptr from, float* to, size_t count) {
  CUDA_MEMCPY3D copy;
  std::memset(&copy, 0, sizeof copy);
  copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = from;
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = to;
  copy.WidthInBytes = copy.srcPitch = copy.dstPitch = count * sizeof *to;
  copy.Height = copy.Depth = 1;
  return copy;
}

void CUDAAPI count_up(void* data) {
  ++*static_cast<int*>(data);
}

// A fill, two kernels behind it beside each other, and a copy behind both.
void a_diamond(const char* streams) {
  Driver driver(streams);
  CUdeviceptr x = driver.fresh(16);
  float host[4] = {9, 9, 9, 9};
  int called = 0;
  CUgraph graph = nullptr;
  CUgraphNode start = nullptr, one = nullptr, other = nullptr, end = nullptr, told = nullptr;
  CHECK(cuGraphCreate(&graph, 1) == CUDA_ERROR_INVALID_VALUE && cuGraphCreate(&graph, 0) == CUDA_SUCCESS);
  CUDA_MEMSET_NODE_PARAMS zeros = fill(x, 0, 4);
  CHECK(cuGraphAddMemsetNode(&start, graph, nullptr, 0, &zeros, nullptr) == CUDA_SUCCESS);
  {
    // What they point at is the program's again after the call.
    Kernel first(driver, "add_one", x, 2), second(driver, "add_one", x + 8, 2);
    CHECK(cuGraphAddKernelNode_v2(&one, graph, &start, 1, &first.parameters) == CUDA_SUCCESS);
    CHECK(cuGraphAddKernelNode_v2(&other, graph, &start, 1, &second.parameters) == CUDA_SUCCESS);
    first.n = second.n = 0;
  }
  CUDA_MEMCPY3D copy = to_host(x, host, 4);
  CUgraphNode both[] = {one, other};
  CHECK(cuGraphAddMemcpyNode(&end, graph, both, 2, &copy, nullptr) == CUDA_SUCCESS);
  CUDA_HOST_NODE_PARAMS function = {count_up, &called};
  CHECK(cuGraphAddHostNode(&told, graph, &end, 1, &function) == CUDA_SUCCESS);
  CUgraphNode twice[] = {one, one};
  CHECK(cuGraphAddEmptyNode(&told, graph, twice, 2) == CUDA_ERROR_INVALID_VALUE);
  CUgraphExec executable = nullptr;
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD) == CUDA_SUCCESS);
  for (int launch = 1; launch <= 2; launch++) {
    CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
    CHECK(std::vector<float>(host, host + 4) == std::vector<float>(4, 1.0f) && called == launch);
  }
  // In an executable graph a node does something else of its kind, and the graph stays as it was.
  zeros = fill(x, 0x40000000, 4);
  CHECK(cuGraphExecMemsetNodeSetParams(executable, one, &zeros, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphExecMemsetNodeSetParams(executable, start, &zeros, nullptr) == CUDA_SUCCESS);
  Kernel less(driver, "add_one", x + 8, 1);
  CHECK(cuGraphExecKernelNodeSetParams_v2(executable, other, &less.parameters) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(std::vector<float>(host, host + 4) == std::vector<float>({3.0f, 3.0f, 3.0f, 2.0f}));
  CUDA_MEMSET_NODE_PARAMS found{};
  CHECK(cuGraphMemsetNodeGetParams(start, &found) == CUDA_SUCCESS && found.value == 0 && found.width == 4);
  CUDA_KERNEL_NODE_PARAMS kernel{};
  CHECK(cuGraphKernelNodeGetParams_v2(other, &kernel) == CUDA_SUCCESS && kernel.blockDimX == 32);
  CHECK(*static_cast<CUdeviceptr*>(kernel.kernelParams[0]) == x + 8 && *static_cast<int*>(kernel.kernelParams[1]) == 2);
  CHECK(cuGraphExecDestroy(executable) == CUDA_SUCCESS && cuGraphDestroy(graph) == CUDA_SUCCESS);
  CHECK(cuGraphKernelNodeGetParams_v2(other, &kernel) == CUDA_ERROR_INVALID_VALUE);
  driver.free({x});
}

// Two kernels on one place race unless one comes after the other.
void order(bool depends) {
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f, 2.0f});
  CUgraph graph = nullptr;
  CUgraphNode one = nullptr, other = nullptr;
  CUgraphExec executable = nullptr;
  Kernel kernel(driver, "add_one", x, 2);
  cuGraphCreate(&graph, 0);
  CHECK(cuGraphAddKernelNode_v2(&one, graph, nullptr, 0, &kernel.parameters) == CUDA_SUCCESS);
  CHECK(cuGraphAddKernelNode_v2(&other, graph, nullptr, 0, &kernel.parameters) == CUDA_SUCCESS);
  CHECK(!depends || cuGraphAddDependencies_v2(graph, &other, &one, nullptr, 1) == CUDA_SUCCESS);
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  CUresult result = cuGraphLaunch(executable, driver.stream);
  CHECK((result == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS) == depends);
  CHECK(depends || std::strstr(charlstm_sim_last_error(), "no dependency orders them"));
}

void looked_at() {
  Driver driver;
  CUgraph graph = nullptr, clone = nullptr, whole = nullptr, child = nullptr;
  CUgraphNode a = nullptr, b = nullptr, c = nullptr, of_clone = nullptr, nodes[3] = {}, from[3], to[3];
  size_t count = 0;
  CUgraphNodeType type;
  cuGraphCreate(&graph, 0);
  CHECK(cuGraphAddEmptyNode(&a, graph, nullptr, 0) == CUDA_SUCCESS);
  CHECK(cuGraphAddEmptyNode(&b, graph, &a, 1) == CUDA_SUCCESS && cuGraphAddEmptyNode(&c, graph, &b, 1) == CUDA_SUCCESS);
  CHECK(cuGraphGetNodes(graph, nullptr, &count) == CUDA_SUCCESS && count == 3);
  CHECK(cuGraphGetNodes(graph, nodes, &count) == CUDA_SUCCESS && nodes[2] == c);
  CHECK(cuGraphGetRootNodes(graph, nodes, &count) == CUDA_SUCCESS && count == 1 && nodes[0] == a && !nodes[1]);
  count = 3;
  CHECK(cuGraphGetEdges_v2(graph, from, to, nullptr, &count) == CUDA_SUCCESS && count == 2);
  CHECK(from[1] == b && to[1] == c);
  count = 3;
  CHECK(cuGraphNodeGetDependencies_v2(c, nodes, nullptr, &count) == CUDA_SUCCESS && count == 1 && nodes[0] == b);
  CHECK(cuGraphNodeGetDependentNodes_v2(a, nodes, nullptr, &count) == CUDA_SUCCESS && count == 1 && nodes[0] == b);
  CHECK(cuGraphNodeGetType(a, &type) == CUDA_SUCCESS && type == CU_GRAPH_NODE_TYPE_EMPTY);
  CHECK(cuGraphClone(&clone, graph) == CUDA_SUCCESS);
  CHECK(cuGraphNodeFindInClone(&of_clone, b, clone) == CUDA_SUCCESS && of_clone != b);
  CHECK(cuGraphRemoveDependencies_v2(graph, &a, &c, nullptr, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphAddDependencies_v2(graph, &a, &b, nullptr, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphAddDependencies_v2(graph, &c, &a, nullptr, 1) == CUDA_SUCCESS);
  CUgraphExec executable = nullptr;
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphDestroyNode(b) == CUDA_SUCCESS && cuGraphDestroyNode(b) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  cuGraphCreate(&whole, 0);
  CHECK(cuGraphAddChildGraphNode(&a, whole, nullptr, 0, clone) == CUDA_SUCCESS);
  CHECK(cuGraphChildGraphNodeGetGraph(a, &child) == CUDA_SUCCESS && child != clone);
  CHECK(cuGraphGetNodes(child, nullptr, &count) == CUDA_SUCCESS && count == 3);
  for (CUgraph one : {graph, clone, whole}) {
    CHECK(cuGraphDestroy(one) == CUDA_SUCCESS);
  }
  CHECK(cuGraphExecDestroy(executable) == CUDA_SUCCESS);
}

// A child's work comes after all that its node follows, and before all that follows its node.
void children() {
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f, 2.0f});
  CUgraph child = nullptr, graph = nullptr;
  CUgraphNode node = nullptr, inner = nullptr;
  Kernel kernel(driver, "add_one", x, 2);
  cuGraphCreate(&child, 0);
  cuGraphCreate(&graph, 0);
  cuGraphAddKernelNode_v2(&inner, child, nullptr, 0, &kernel.parameters);
  cuGraphAddKernelNode_v2(&node, graph, nullptr, 0, &kernel.parameters);
  CHECK(cuGraphAddChildGraphNode(&node, graph, &node, 1, child) == CUDA_SUCCESS);
  CHECK(cuGraphAddKernelNode_v2(&node, graph, &node, 1, &kernel.parameters) == CUDA_SUCCESS);
  CUgraphExec executable = nullptr;
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(driver.read(x, 2) == std::vector<float>({4.0f, 5.0f}));
  CHECK(cuMemFree_v2(x) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) != CUDA_SUCCESS || driver.synchronise() != CUDA_SUCCESS);
}

// A capture tells of itself, and may add to a graph that is there.
void captured() {
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f, 2.0f});
  CUgraph graph = nullptr, told = nullptr;
  CUgraphNode first = nullptr, all[4];
  const CUgraphNode* last = nullptr;
  CUstreamCaptureStatus state;
  uint64_t id = 0;
  size_t count = 0;
  CUDA_MEMSET_NODE_PARAMS zeros = fill(x, 0, 2);
  cuGraphCreate(&graph, 0);
  cuGraphAddMemsetNode(&first, graph, nullptr, 0, &zeros, nullptr);
  CHECK(cuStreamIsCapturing(driver.stream, &state) == CUDA_SUCCESS && state == CU_STREAM_CAPTURE_STATUS_NONE);
  CHECK(cuStreamBeginCaptureToGraph(driver.stream, graph, &first, nullptr, 1, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) ==
        CUDA_SUCCESS);
  CHECK(driver.launch("add_one", 1, 32, x, 2) == CUDA_SUCCESS);
  CHECK(cuStreamGetCaptureInfo_v3(driver.stream, &state, &id, &told, &last, nullptr, &count) == CUDA_SUCCESS);
  float host[2];
  int called = 0;
  CHECK(cuMemcpyDtoHAsync_v2(host, x, 8, driver.stream) == CUDA_SUCCESS);
  CHECK(cuLaunchHostFunc(driver.stream, count_up, &called) == CUDA_SUCCESS);
  CHECK(state == CU_STREAM_CAPTURE_STATUS_ACTIVE && id != 0 && told == graph && count == 1 && last[0] != first);
  CHECK(cuStreamEndCapture(driver.stream, &told) == CUDA_SUCCESS && told == graph);
  count = 4;
  CHECK(cuGraphGetNodes(graph, all, &count) == CUDA_SUCCESS && count == 4 && all[0] == first);
  const CUgraphNodeType types[] = {CU_GRAPH_NODE_TYPE_MEMSET, CU_GRAPH_NODE_TYPE_KERNEL, CU_GRAPH_NODE_TYPE_MEMCPY,
                                   CU_GRAPH_NODE_TYPE_HOST};
  for (int i = 0; i < 4; i++) {
    CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
    CHECK(cuGraphNodeGetType(all[i], &type) == CUDA_SUCCESS && type == types[i]);
  }
  CUDA_MEMCPY3D copy;
  CUDA_HOST_NODE_PARAMS function = {};
  CHECK(cuGraphMemcpyNodeGetParams(all[2], &copy) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(cuGraphHostNodeGetParams(all[3], &function) == CUDA_SUCCESS && function.userData == &called);
  CUDA_KERNEL_NODE_PARAMS kernel{};
  CHECK(cuGraphKernelNodeGetParams_v2(all[1], &kernel) == CUDA_SUCCESS);
  *static_cast<int*>(kernel.kernelParams[1]) = 1;
  CHECK(cuGraphKernelNodeSetParams_v2(all[1], &kernel) == CUDA_SUCCESS);
  CUgraphExec executable = nullptr;
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 2) == std::vector<float>({1.0f, 0.0f}) && called == 1);
  cuGraphExecDestroy(executable);
  cuGraphDestroy(graph);
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED;
  CUdeviceptr y = 0;
  CHECK(cuThreadExchangeStreamCaptureMode(&mode) == CUDA_SUCCESS && mode == CU_STREAM_CAPTURE_MODE_GLOBAL);
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_GLOBAL) == CUDA_SUCCESS);
  CHECK(cuMemAlloc_v2(&y, 4) == CUDA_SUCCESS && cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
  CHECK(cuThreadExchangeStreamCaptureMode(&mode) == CUDA_SUCCESS && mode == CU_STREAM_CAPTURE_MODE_RELAXED);
  cuGraphDestroy(graph);
  driver.free({x, y});
}

}

void test_graph_nodes() {
  a_diamond("eager");
  a_diamond("deferred");
  order(true);
  order(false);
  looked_at();
  children();
  captured();
}
