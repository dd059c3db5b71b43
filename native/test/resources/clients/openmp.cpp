// Fourteen programs with OpenMP's target regions, by -DPROGRAM=1 to 14; each ends with 0 if the device computed right.
#include <omp.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

constexpr int N = 300;

int a[N], b[N], c[N];

#pragma omp declare target
int scale = 3;

int twice(int x) { return 2 * x; }

int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
#pragma omp end declare target

struct Point {
  double x, y;
};

bool right() {
#if PROGRAM == 1  // one thread
  int host = 1;
#pragma omp target map(from : host)
  host = omp_is_initial_device();
  return host == 0;
#elif PROGRAM == 2  // a loop
#pragma omp target parallel for map(from : c)
  for (int i = 0; i < N; i++) c[i] = a[i] + b[i];
  for (int i = 0; i < N; i++)
    if (c[i] != a[i] + b[i]) return false;
  return true;
#elif PROGRAM == 3  // a sum
  long sum = 0;
#pragma omp target parallel for reduction(+ : sum)
  for (int i = 0; i < N; i++) sum += a[i];
  return sum == N * (N - 1) / 2;
#elif PROGRAM == 4  // several teams
#pragma omp target teams distribute parallel for num_teams(2) map(from : c)
  for (int i = 0; i < N; i++) c[i] = twice(a[i]);
  for (int i = 0; i < N; i++)
    if (c[i] != 2 * i) return false;
  return true;
#elif PROGRAM == 5  // atomic
  int count = 0;
#pragma omp target parallel for map(tofrom : count)
  for (int i = 0; i < N; i++) {
    if (a[i] % 3 == 0) {
#pragma omp atomic
      count++;
    }
  }
  return count == N / 3;
#elif PROGRAM == 6  // a critical section
  int most = 0;
#pragma omp target parallel for map(tofrom : most)
  for (int i = 0; i < 40; i++) {
#pragma omp critical
    most = most < b[i] ? b[i] : most;
  }
  return most == b[39];
#elif PROGRAM == 7  // data that stays
#pragma omp target enter data map(to : a) map(alloc : c)
#pragma omp target parallel for
  for (int i = 0; i < N; i++) c[i] = a[i];
#pragma omp target parallel for
  for (int i = 0; i < N; i++) c[i] += a[i];
#pragma omp target exit data map(from : c) map(release : a)
  return c[7] == 14 && c[N - 1] == 2 * N - 2;
#elif PROGRAM == 8  // an update
#pragma omp target data map(to : a)
  {
    a[0] = 41;
#pragma omp target update to(a[0 : 1])
#pragma omp target
    a[0]++;
#pragma omp target update from(a[0 : 1])
  }
  return a[0] == 42;
#elif PROGRAM == 9  // a variable of the device, and a function that calls itself
  int made = 0;
#pragma omp target map(from : made)
  made = scale * fibonacci(8);
  return made == 63;
#elif PROGRAM == 10  // barriers
  int shared[64] = {};
#pragma omp target parallel num_threads(8) map(tofrom : shared)
  {
    int me = omp_get_thread_num(), all = omp_get_num_threads();
    shared[me] = me + 1;
#pragma omp barrier
    shared[32 + me] = shared[(me + 1) % all];
  }
  return shared[32] == shared[1] && shared[1] == 2;
#elif PROGRAM == 11  // memory of the device
  int device = omp_get_default_device(), host = omp_get_initial_device();
  int* p = static_cast<int*>(omp_target_alloc(sizeof a, device));
  omp_target_memcpy(p, a, sizeof a, 0, 0, device, host);
#pragma omp target parallel for is_device_ptr(p)
  for (int i = 0; i < N; i++) p[i] *= 5;
  omp_target_memcpy(c, p, sizeof a, 0, 0, host, device);
  omp_target_free(p, device);
  return c[9] == 45;
#elif PROGRAM == 12  // vectors of lanes
  float sum = 0;
#pragma omp target parallel for simd reduction(+ : sum)
  for (int i = 0; i < N; i++) sum += 0.5f * a[i];
  return sum == 0.5f * N * (N - 1) / 2;
#elif PROGRAM == 13  // structs, and two loops in one
  std::vector<Point> points(64);
  Point* p = points.data();
#pragma omp target parallel for collapse(2) map(from : p[0 : 64])
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) p[8 * i + j] = {1.0 * i, 0.5 * j};
  return p[63].x == 7 && p[63].y == 3.5 && p[8].y == 0;
#else  // regions that wait for each other
  int x = 1;
#pragma omp target enter data map(to : x)
#pragma omp target nowait depend(inout : x) map(tofrom : x)
  x += 2;
#pragma omp target nowait depend(inout : x) map(tofrom : x)
  x *= 7;
#pragma omp taskwait
#pragma omp target exit data map(from : x)
  return x == 21;
#endif
}

int main() {
  for (int i = 0; i < N; i++) a[i] = i, b[i] = 2 * i + 1;
  return right() ? 0 : 1;
}
