// One kernel that the simulated GPU does not run, and one beside it that it does.
extern "C" __global__ void refused(int* y) {
  asm volatile("vmad.s32.s32.s32 %0, %0, %0, %0;" : "+r"(y[0]));
}

extern "C" __global__ void beside(int* y) {
  y[0] = 2;
}
