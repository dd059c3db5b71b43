// Arithmetic of float64, of pairs of half and of bf16.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

// Horner's rule, roots and the functions of the compiler's library.
extern "C" __global__ void functions_of_doubles(int n, const double* x, double* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    double v = x[i];
    y[i] = exp(-v * v) + sqrt(fabs(v)) / (1.0 + v * v) + sin(v) * log1p(fabs(v));
  }
}

extern "C" __global__ void pairs_of_halves(int n, __half2 factor, const __half2* x, __half2* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    y[i] = __hfma2(factor, x[i], __hmax2(y[i], __float2half2_rn(0.0f)));
  }
}

extern "C" __global__ void pairs_of_bf16(int n, const __nv_bfloat162* x, __nv_bfloat162* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    __nv_bfloat162 product = __hmul2(x[i], x[i]);
    y[i] = __hadd2(product, y[i]);
  }
}

extern "C" __global__ void whole_numbers(int n, const int* x, int* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    long long wide = (long long)x[i] * 1000003ll;
    y[i] = int(wide % 65521) + __clz(x[i]) * 7 + __popc(x[i]) + int(__brev(unsigned(x[i])) >> 20) + x[i] / 7 - x[i] % 5;
  }
}
