// One kernel that the simulated GPU does not run, and one beside it that it does.
extern "C" __global__ void refused(int* y) {
  asm volatile("wgmma.fence.sync.aligned;");
  y[0] = 1;
}

extern "C" __global__ void beside(int* y) {
  y[0] = 2;
}
