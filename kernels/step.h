// The sum of a gate, for the kernels of all recurrent steps.
#pragma once

#include "device.h"

// The sum for one of the gates' `width` columns: bias + input's row, unless the row is negative, + the recurrent
// products of sequence b, unless recurrent is null.
static __device__ __forceinline__ float sum_of(const float* input, const float* recurrent, const float* bias, int row,
                                               int b, int width, int column) {
  float sum = bias[column];
  if (row >= 0) {
    sum += input[(long long)row * width + column];
  }
  if (recurrent) {
    sum += recurrent[(long long)b * width + column];
  }
  return sum;
}
