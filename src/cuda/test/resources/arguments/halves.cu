#include <cuda_fp16.h>
#include <cuda_bf16.h>
extern "C" __global__ void halves(__half a, __nv_bfloat16 b, __half* c, __nv_bfloat16* d, __half2 e, float* reals) {
  reals[0] = __half2float(a);
  reals[1] = __bfloat162float(b);
  reals[2] = __half2float(c[0]);
  reals[3] = __bfloat162float(d[0]);
  reals[4] = __half2float(e.x) + __half2float(e.y);
}
