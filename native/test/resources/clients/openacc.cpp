// Six programs with OpenACC, by -DPROGRAM=1 to 6; each ends with 0 if the device computed right.
#include <openacc.h>

constexpr int N = 300;

int a[N], c[N];

#pragma acc routine seq
int square(int x) { return x * x; }

bool right() {
#if PROGRAM == 1  // a loop
#pragma acc parallel loop copyin(a) copyout(c)
  for (int i = 0; i < N; i++) c[i] = a[i] + 1;
  return c[0] == 1 && c[N - 1] == N;
#elif PROGRAM == 2  // a sum
  int sum = 0;
#pragma acc parallel loop copyin(a) reduction(+ : sum)
  for (int i = 0; i < N; i++) sum += a[i];
  return sum == N * (N - 1) / 2;
#elif PROGRAM == 3  // gangs and vectors
  int table[16][32];
#pragma acc parallel loop gang num_gangs(4) vector_length(32) copyout(table)
  for (int i = 0; i < 16; i++) {
#pragma acc loop vector
    for (int j = 0; j < 32; j++) table[i][j] = i * j;
  }
  return table[15][31] == 465 && table[3][4] == 12;
#elif PROGRAM == 4  // a routine
#pragma acc parallel loop copyin(a) copyout(c)
  for (int i = 0; i < N; i++) c[i] = square(a[i]);
  return c[17] == 289;
#elif PROGRAM == 5  // data that stays, and a queue
#pragma acc data copyin(a) copyout(c)
  {
#pragma acc parallel loop async(1)
    for (int i = 0; i < N; i++) c[i] = a[i];
#pragma acc parallel loop async(1)
    for (int i = 0; i < N; i++) c[i] *= 3;
#pragma acc wait(1)
  }
  return c[11] == 33;
#else  // atomic
  int count = 0;
#pragma acc parallel loop copyin(a) copy(count)
  for (int i = 0; i < N; i++) {
    if (a[i] % 2) {
#pragma acc atomic update
      count++;
    }
  }
  return count == N / 2;
#endif
}

int main() {
  for (int i = 0; i < N; i++) a[i] = i;
  return right() && acc_get_num_devices(acc_device_nvidia) > 0 ? 0 : 1;
}
