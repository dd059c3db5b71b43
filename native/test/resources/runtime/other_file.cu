// Linked by nvcc with chevrons.cu.
static __device__ int twice = 2;

__device__ int of_the_other_file(int value) {
  return twice * value;
}
