// Proves that the simulated GPU runs sound kernels rightly and that each of its checks fires.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "selftest/harness.h"

void test_kernels();
void test_faults_of_memory();
void test_faults_of_order();
void test_shuffles();
void test_matrices();
void test_ptx_rounding();
void test_ptx_conversions();
void test_ptx_products();
void test_ptx_matrices();
void test_ptx_integers();
void test_ptx_bits();
void test_ptx_comparisons();
void test_ptx_floats();
void test_ptx_halves();
void test_ptx_casts();
void test_ptx_moves();
void test_ptx_others();
void test_ptx_variables();
void test_ptx_coverage();
void test_ptx_fuzz();
void test_ptx_loads();
void test_ptx_spaces();
void test_ptx_atomics();
void test_ptx_branches();
void test_ptx_calls();
void test_ptx_printing();
void test_ptx_shuffles();
void test_ptx_barriers();
void test_ptx_mbarriers();
void test_ptx_copies();
void test_ptx_clusters();
void test_ptx_faults();
void test_ptx_races();
void test_ptx_spins();
void test_copies();
void test_clusters();
void test_cluster_faults();
void test_ordered();
void test_driver();
void test_streams();
void test_driver_calls();
void test_functions();
void test_graph_updates();
void test_own_kernels();
void test_own_faults();
void test_own_mistakes();
void test_nvrtc_calls();
void test_dangerous_texts();
void test_foreign_habits();
void test_contexts();
void test_modules();
void test_links();
void test_fat_binaries();
void test_forks();
void test_cublas();
void test_cudnn();
void test_cudnn_pytorch();
void test_cudnn_refusals();
void test_cudnn_misuse();
void test_cudnn_faults();
void test_cublas_precision();
void test_cublas_types();
void test_cublas_batches();
void test_cudnn_precision();
void test_cudnn_types();
void test_nccl();

int main() {
  // Even where NVIDIA's own NVRTC is, kernels here are C++.
  setenv("CHARLSTM_SIM_NVRTC", "off", 1);
  // Violations are what is tested here, and their messages are looked at where they matter.
  if (!std::getenv("CHARLSTM_SIM_VERBOSE") && !std::freopen("/dev/null", "w", stderr)) {
    return 1;
  }
  // cuDNN wants it for one of its algorithms, and asks the loader for it by name.
  if (!dlopen("libnvrtc.so.13", RTLD_NOW)) {
    return 1;
  }
  test_kernels();
  test_faults_of_memory();
  test_faults_of_order();
  test_shuffles();
  test_matrices();
  test_ptx_rounding();
  test_ptx_conversions();
  test_ptx_products();
  test_ptx_matrices();
  test_ptx_integers();
  test_ptx_bits();
  test_ptx_comparisons();
  test_ptx_floats();
  test_ptx_halves();
  test_ptx_casts();
  test_ptx_moves();
  test_ptx_others();
  test_ptx_variables();
  test_ptx_coverage();
  test_ptx_fuzz();
  test_ptx_loads();
  test_ptx_spaces();
  test_ptx_atomics();
  test_ptx_branches();
  test_ptx_calls();
  test_ptx_printing();
  test_ptx_shuffles();
  test_ptx_barriers();
  test_ptx_mbarriers();
  test_ptx_copies();
  test_ptx_clusters();
  test_ptx_faults();
  test_ptx_races();
  test_ptx_spins();
  test_copies();
  test_clusters();
  test_cluster_faults();
  test_ordered();
  test_driver();
  test_streams();
  test_driver_calls();
  test_functions();
  test_graph_updates();
  test_own_kernels();
  test_own_faults();
  test_own_mistakes();
  test_nvrtc_calls();
  test_dangerous_texts();
  test_foreign_habits();
  test_contexts();
  test_modules();
  test_links();
  test_fat_binaries();
  test_forks();
  test_cublas();
  test_cudnn();
  test_cudnn_pytorch();
  test_cudnn_refusals();
  test_cudnn_misuse();
  test_cudnn_faults();
  test_cublas_precision();
  test_cublas_types();
  test_cublas_batches();
  test_cudnn_precision();
  test_cudnn_types();
  test_nccl();
  std::printf("simulated GPU: %d checks, %d failed\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
