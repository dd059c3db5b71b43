#include "planted.h"

// ./planted NAME plants that mistake; ./planted - NAME... runs the mended twins, which must succeed.
int main(int count, char** arguments) {
  bool mended = count > 1 && std::strcmp(arguments[1], "-") == 0;
  int failed = 0;
  for (int i = mended ? 2 : 1; i < count; i++) {
    Planted* one = Planted::all;
    while (one && std::strcmp(one->name, arguments[i]) != 0) {
      one = one->next;
    }
    if (!one) {
      return 2;
    }
    (mended ? one->mended : one->plant)();
    cudaError_t status = cudaDeviceSynchronize();
    if (mended && (status != cudaSuccess || cudaPeekAtLastError() != cudaSuccess)) {
      std::printf("%s: %s, %s\n", one->name, cudaGetErrorString(status), cudaGetErrorString(cudaGetLastError()));
      failed = 3;
    }
  }
  return failed;
}
