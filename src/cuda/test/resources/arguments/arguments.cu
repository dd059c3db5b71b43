struct Pair { int first; double second; };
struct Odd { char bytes[3]; };
enum Color { RED, GREEN = 7 };
enum class Small : signed char { LOW = -5 };
typedef float real;
__constant__ float factors[4];
__constant__ Pair limits;
__device__ int counter;
__device__ short table[6];
__device__ double* nowhere;
extern "C" __global__ void scalars(signed char a, unsigned char b, bool c, short d, unsigned short e, signed int f,
                                   unsigned g, long h, size_t i, Color j, Small k, long long* integers) {
  integers[0] = a;
  integers[1] = b;
  integers[2] = c;
  integers[3] = d;
  integers[4] = e;
  integers[5] = f;
  integers[6] = g;
  integers[7] = h;
  integers[8] = (long long)i;
  integers[9] = j;
  integers[10] = (long long)k;
}
extern "C" __global__ void reals(float a, double b, real c, double* reals) {
  reals[0] = a;
  reals[1] = b;
  reals[2] = c;
}
extern "C" __global__ void structures(char before, Pair pair, Odd odd, float4 vector, dim3 size, double* reals) {
  reals[0] = before;
  reals[1] = pair.first;
  reals[2] = pair.second;
  reals[3] = odd.bytes[0] + odd.bytes[1] + odd.bytes[2];
  reals[4] = vector.x + vector.y + vector.z + vector.w;
  reals[5] = size.x * size.y + size.z;
}
extern "C" __global__ void buffers(signed char* a, unsigned char* b, bool* c, short* d, unsigned short* e, int* f,
                                   unsigned* g, long long* h, unsigned long long* i, float* j, double* k) {
  int t = threadIdx.x;
  a[t] += 1;
  b[t] += 2;
  c[t] = !c[t];
  d[t] += 3;
  e[t] += 4;
  f[t] += 5;
  g[t] += 6;
  h[t] += 7;
  i[t] += 8;
  j[t] += 0.5f;
  k[t] += 0.25;
}
extern "C" __global__ void variables(float* x) {
  x[threadIdx.x] = factors[threadIdx.x] * counter + table[threadIdx.x] + limits.first + (float)limits.second;
}
extern "C" __global__ void count() { counter += 1; table[5] = counter; }
