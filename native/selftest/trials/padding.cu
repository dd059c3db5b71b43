// Kernels that write structs but for the padding in them, or leave out a value.

struct Pair {
  char a;
  int b;
};

struct Wide {
  double a;
  int b;
  char c;
};

extern "C" __global__ void pairs(Pair* y) {
  y[threadIdx.x].a = 1;
  y[threadIdx.x].b = 2;
}

extern "C" __global__ void wides(Wide* y) {
  y[threadIdx.x].a = 1;
  y[threadIdx.x].b = 2;
  y[threadIdx.x].c = 3;
}

extern "C" __global__ void last_int(Pair* y) {
  y[threadIdx.x].a = 1;
  if (threadIdx.x < 7) {
    y[threadIdx.x].b = 2;
  }
}

extern "C" __global__ void some_floats(float* y) {
  if (threadIdx.x != 3) {
    y[threadIdx.x] = 2;
  }
}

extern "C" __global__ void some_bytes(char* y) {
  if (threadIdx.x % 3 != 1) {
    y[threadIdx.x] = 2;
  }
}
