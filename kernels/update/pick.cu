// picked (1) = values (n)[*position]: the current update's divisor, of an epoch's n. One thread. Bytes: 20. FLOPs: 0.
#include "device.h"

extern "C" __global__ void pick(const double* values, const int* position, double* picked) {
  wait_for_launch_before();
  let_next_launch_begin();
  *picked = values[*position];
}
