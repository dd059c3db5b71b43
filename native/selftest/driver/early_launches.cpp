// Launches that may begin before the kernel before them has ended: told what they may not do before they have waited.
#include <cstring>

#include "selftest/ptx/ptx_launches.h"
#include "selftest/texts.h"

namespace {

const char* const WAIT = "griddepcontrol.wait;\n";
const char* const NEXT = "griddepcontrol.launch_dependents;\n";
const std::string WRITE = "st.global.u32 [%d3], %r1;\n", READ = "ld.global.u32 %r4, [%d3];\n";
const std::string ELSEWHERE = "ld.global.u32 %r4, [%d1];\n";

enum class Way { STREAM, DEFERRED, GRAPH };

// Launches one after another of blocks of 64 threads, of which all but the first may begin early; the kernel "k" of
// each has its own body. The last call's message.
std::string said_after(Way way, const std::vector<std::string>& bodies, bool host_waits,
                       const std::string& capability) {
  setenv("CHARLSTM_SIM_CAPABILITY", (capability.substr(3) + "0").c_str(), 1);
  Driver driver(way == Way::DEFERRED ? "deferred" : "eager", "", "all");
  CUdeviceptr in = driver.holding({0}), out = driver.holding(std::vector<float>(128));
  std::vector<CUmodule> modules;
  for (const std::string& body : bodies) {
    modules.push_back(loaded(Text{body, "", "", capability}.whole()));
  }
  if (way == Way::GRAPH) {
    CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_GLOBAL) == CUDA_SUCCESS);
  }
  for (size_t i = 0; i < bodies.size(); i++) {
    CUlaunchAttribute early = {};
    early.id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
    early.value.programmaticStreamSerializationAllowed = 1;
    CUlaunchConfig config = {2, 1, 1, 64, 1, 1, 0, driver.stream, &early, i > 0};
    void* arguments[] = {&in, &out};
    if (host_waits) {
      driver.synchronise();
    }
    cuLaunchKernelEx(&config, function_of(modules[i], "k"), arguments, nullptr);
  }
  if (way == Way::GRAPH) {
    CUgraph graph = nullptr;
    CUgraphExec executable = nullptr;
    CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
    CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
    cuGraphLaunch(executable, driver.stream);
    cuGraphExecDestroy(executable);
    cuGraphDestroy(graph);
  }
  driver.synchronise();
  std::string said = charlstm_sim_last_error();
  for (CUmodule module : modules) {
    cuModuleUnload(module);
  }
  driver.free({in, out});
  unsetenv("CHARLSTM_SIM_CAPABILITY");
  return said;
}

// They must be told with these words, or not at all if there are none.
void tells(const char* words, const std::vector<std::string>& bodies, bool host_waits = false,
           const char* capability = "sm_90") {
  for (Way way : {Way::STREAM, Way::DEFERRED, Way::GRAPH}) {
    if (way == Way::STREAM || !host_waits) {
      std::string said = said_after(way, bodies, host_waits, capability);
      check(words ? said.find(words) != std::string::npos : said.empty(), words ? words : said.c_str(),
            bodies.back().c_str(), int(way));
    }
  }
}

void before_the_wait() {
  tells("kernel k: reads byte 0 of argument 1, which kernel k before it may still access, before griddepcontrol.wait; "
        "block (0,0,0) thread (0,0,0), PTX line 23. Call cudaGridDependencySynchronize() before it, in each kernel "
        "that",
        {WRITE, READ + WAIT});
  tells("kernel k: writes byte 0 of argument 1, which kernel k before it", {WRITE, WRITE + WAIT});
  tells("kernel k: writes byte 0 of argument 1, which kernel k before it", {READ, WRITE + WAIT});
  tells("reads byte 0 of argument 1, which kernel k before it may still access, before", {NEXT + WRITE, READ});
  tells(nullptr, {READ, READ});
  tells(nullptr, {WRITE, ELSEWHERE + WAIT + READ});
  tells(nullptr, {WRITE, WAIT + WRITE});
  // An error of the sort only where a launch may begin early.
  tells(nullptr, {WRITE, READ + WAIT}, true);
  tells(nullptr, {WRITE, READ}, false, "sm_80");
}

// Each thread waits for itself, or comes after one that has, by the block's barrier.
void some_threads_wait() {
  std::string first = "setp.lt.u32 %p1, %r1, 32;\n@%p1 griddepcontrol.wait;\n";
  tells("reads byte 128 of argument 1, which kernel k before it may still access, before griddepcontrol.wait; "
        "block (0,0,0) thread (32,0,0)", {WRITE, first + READ});
  tells(nullptr, {WRITE, first + "bar.sync 0;\n" + READ});
}

// One that has ended without a wait may have done so before the one before it.
void through_others() {
  const char* through = "reads byte 0 of argument 1, which kernel k before it may still access, though it has waited: "
                        "a kernel between them has not";
  tells(through, {WRITE, ELSEWHERE, WAIT + READ});
  tells(through, {WRITE, ELSEWHERE, ELSEWHERE, WAIT + READ});
  tells(nullptr, {WRITE, ELSEWHERE + WAIT, WAIT + READ});
  // Before its own wait a kernel comes after the first where the second waits before it lets others begin.
  tells(nullptr, {WRITE, WAIT + std::string(NEXT), READ});
  tells(nullptr, {WRITE, WAIT, READ});
  tells("reads byte 0 of argument 1, which kernel k before it may still access, before griddepcontrol.wait",
        {WRITE, NEXT + std::string(WAIT), READ});
}

// Kernels in C++ wait by the twin of the instruction. Accesses are noted once one was launched early.
void in_cpp() {
  for (int waits : {1, 0}) {
    Driver driver;
    CUdeviceptr x = driver.holding(std::vector<float>(64)), y = driver.holding(std::vector<float>(64));
    CUlaunchAttribute early = {};
    early.id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
    early.value.programmaticStreamSerializationAllowed = 1;
    CUlaunchConfig config = {1, 1, 1, 64, 1, 1, 0, driver.stream, &early, 1};
    CUresult result = CUDA_SUCCESS;
    for (int i = 0; i < 3; i++) {
      void* arguments[] = {i % 2 ? &y : &x, i % 2 ? &x : &y, &waits};
      result = cuLaunchKernelEx(&config, driver.function("copies_early"), arguments, nullptr);
    }
    bool told = std::strstr(charlstm_sim_last_error(), "kernel copies_early: reads byte 0 of argument 0, which kernel "
                                                       "copies_early before it may still access, before");
    CHECK(waits ? result == CUDA_SUCCESS : result == CUDA_ERROR_LAUNCH_FAILED && told);
    driver.free({x, y});
  }
}

}

void test_early_launches() {
  in_cpp();
  before_the_wait();
  some_threads_wait();
  through_others();
}
