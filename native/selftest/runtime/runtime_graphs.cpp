// Graphs by nodes and copies of rows through CUDA's runtime.
#include "api/cuda_runtime.h"

#include <cstring>

#include "selftest/harness.h"

extern "C" {
cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind kind);
cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms* box);
cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned flags);
cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                                   size_t count, const cudaKernelNodeParams* parameters);
cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                                     size_t count, void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* parameters);
cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t executable, cudaGraphNode_t node,
                                             const cudaKernelNodeParams* parameters);
cudaError_t cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t* from, cudaGraphNode_t* to, cudaGraphEdgeData* edges,
                              size_t* count);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
}

namespace {

void* at(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

void graphs() {
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f, 2.0f});
  float host[2] = {};
  cudaGraph_t graph = nullptr;
  cudaGraphNode_t node = nullptr, copy = nullptr, from = nullptr, to = nullptr;
  int n = 2;
  void* arguments[] = {&x, &n};
  cudaKernelNodeParams kernel = {driver.function("add_one"), {1, 1, 1}, {32, 1, 1}, 0, arguments, nullptr}, found = {};
  CHECK(cudaGraphCreate(&graph, 0) == cudaSuccess);
  CHECK(cudaGraphAddKernelNode(&node, graph, nullptr, 0, &kernel) == cudaSuccess);
  CHECK(cudaGraphAddMemcpyNode1D(&copy, graph, &node, 1, host, at(x), 8, cudaMemcpyDeviceToHost) == cudaSuccess);
  size_t count = 1;
  CHECK(cudaGraphGetEdges(graph, &from, &to, nullptr, &count) == cudaSuccess && from == node && to == copy);
  CHECK(cudaGraphKernelNodeGetParams(node, &found) == cudaSuccess && found.func == kernel.func);
  cudaGraphExec_t executable = nullptr;
  CHECK(cudaGraphInstantiate(&executable, graph, 0) == cudaSuccess);
  CHECK(cudaGraphLaunch(executable, driver.stream) == cudaSuccess);
  CHECK(cudaStreamSynchronize(driver.stream) == cudaSuccess && host[0] == 2.0f && host[1] == 3.0f);
  n = 1;
  CHECK(cudaGraphExecKernelNodeSetParams(executable, node, &kernel) == cudaSuccess);
  CHECK(cudaGraphLaunch(executable, driver.stream) == cudaSuccess);
  CHECK(cudaStreamSynchronize(driver.stream) == cudaSuccess && host[0] == 3.0f && host[1] == 3.0f);
  kernel.func = nullptr;
  CHECK(cudaGraphExecKernelNodeSetParams(executable, node, &kernel) == cudaErrorInvalidDeviceFunction);
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess && cudaGraphDestroy(graph) == cudaSuccess);
  driver.free({x});
}

void rows() {
  Driver driver;
  CUdeviceptr x = driver.holding({0, 1, 2, 3, 4, 5, 6, 7, 8});
  float host[4] = {};
  CHECK(cudaMemcpy2D(host, 8, at(x + 4), 12, 8, 2, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(host[0] == 1 && host[1] == 2 && host[2] == 4 && host[3] == 5);
  CHECK(cudaMemcpy2D(host, 4, at(x), 12, 8, 2, cudaMemcpyDeviceToHost) == cudaErrorInvalidPitchValue);
  CHECK(cudaMemcpy2D(host, 8, at(x), 12, 8, 2, cudaMemcpyKind(5)) == cudaErrorInvalidMemcpyDirection);
  CHECK(cudaMemcpy2D(at(x), 12, host, 8, 8, 2, cudaMemcpyDefault) == cudaSuccess);
  CHECK(driver.read(x, 6) == std::vector<float>({1, 2, 2, 4, 5, 5}));
  cudaMemcpy3DParms box = {};
  box.srcPtr = {at(x), 12, 12, 3};
  box.srcPos = {4, 1, 0};
  box.dstPtr = {host, 4, 4, 2};
  box.extent = {4, 2, 1};
  box.kind = cudaMemcpyDeviceToHost;
  CHECK(cudaMemcpy3D(&box) == cudaSuccess && host[0] == 5 && host[1] == 7);
  CHECK(cudaMemcpy3D(nullptr) == cudaErrorInvalidValue);
  driver.free({x});
}

}

void test_runtime_graphs() {
  graphs();
  rows();
}
