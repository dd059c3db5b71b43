// Proves that the simulated GPU runs sound kernels rightly and that each of its checks fires: selftest [PART...]
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "selftest/harness.h"

#define PARTS(PART) \
    PART(findings)                                                                                                     \
    PART(kernels) PART(faults_of_memory) PART(faults_of_order) PART(shuffles) PART(matrices) PART(ptx_rounding)        \
    PART(ptx_conversions) PART(ptx_products) PART(ptx_matrices) PART(ptx_integers) PART(ptx_bits)                      \
    PART(ptx_comparisons) PART(ptx_floats) PART(ptx_halves) PART(ptx_casts) PART(ptx_moves) PART(ptx_others)           \
    PART(ptx_variables) PART(ptx_lacks) PART(ptx_coverage) PART(ptx_fuzz) PART(ptx_loads) PART(ptx_spaces)             \
    PART(ptx_atomics) PART(ptx_videos) PART(ptx_wmma) PART(ptx_heap) PART(ptx_unset)                                   \
    PART(ptx_branches) PART(ptx_calls) PART(ptx_printing) PART(ptx_shuffles) PART(ptx_lockstep) PART(ptx_barriers)     \
    PART(ptx_mbarriers)                                                                                                \
    PART(ptx_copies) PART(ptx_clusters) PART(ptx_faults) PART(ptx_races) PART(ptx_spins) PART(copies) PART(clusters)   \
    PART(cluster_faults) PART(ptx_waits) PART(ordered) PART(driver) PART(streams) PART(driver_calls) PART(functions)   \
    PART(memory_kinds) PART(cooperative) PART(stream_races) PART(host_touches) PART(early_launches) PART(orders)       \
    PART(graph_nodes)                                                                                                  \
    PART(memory_limit) PART(ptx_cores) PART(graph_updates) PART(kernel_libraries) PART(nvrtc_calls) PART(images)       \
    PART(last_errors) PART(time_limit) PART(foreign_habits) PART(contexts) PART(modules) PART(links) PART(older_names) \
    PART(fat_binaries) PART(forks) PART(devices)                                                                       \
    PART(cublas) PART(cudnn) PART(cudnn_pytorch) PART(cudnn_refusals) PART(cudnn_misuse) PART(cudnn_faults)            \
    PART(cublas_precision) PART(cublas_types) PART(cublas_batches) PART(cublas_vectors) PART(cublas_lt)                \
    PART(cudnn_precision) PART(cudnn_types) PART(cudnn_sequences) PART(nccl) PART(runtime)                             \
    PART(textures) PART(surfaces) PART(runtime_textures) PART(runtime_graphs)

// With some of its files alone, the other parts are left out.
#ifdef CHARLSTM_SOME_PARTS
#define DECLARED(part) __attribute__((weak)) void test_##part();
#else
#define DECLARED(part) void test_##part();
#endif
PARTS(DECLARED)

int main(int count, char** wanted) {
  // Texts that need a compiler find none, whether or not one is here.
  setenv("CHARLSTM_SIM_NVRTC", "off", 1);
  // Violations are what is tested here, and their messages are looked at where they matter.
  if (!std::getenv("CHARLSTM_SIM_VERBOSE") && !std::freopen("/dev/null", "w", stderr)) {
    return 1;
  }
  // cuDNN wants it for one of its algorithms, and asks the loader for it by name.
  if (!dlopen("libnvrtc.so.13", RTLD_NOW)) {
    return 1;
  }
  auto run = [&](const char* name, void (*part)()) {
    if (!part) {
      return;
    }
    for (int i = 1; i < count && wanted[i] != std::string(name); i++) {
      if (i == count - 1) {
        return;
      }
    }
    part();
  };
#define RUN(part) run(#part, test_##part);
  PARTS(RUN)
  std::printf("simulated GPU: %d checks, %d failed\n", checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}
