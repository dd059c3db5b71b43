// The life of memory, and addresses that are not what they are taken for.
#include "planted.h"

template <bool MENDED>
__global__ void increment(int* x) {
  x[threadIdx.x]++;  // told
}

template <bool MENDED>
void used_after_its_end() {
  int* x;
  cudaMalloc(&x, 32 * sizeof(int));
  cudaMemset(x, 0, 32 * sizeof(int));
  if (!MENDED) {
    cudaFree(x);
  }
  increment<MENDED><<<1, 32>>>(x);
  if (MENDED) {
    cudaFree(x);
  }
}
PLANT(used_after_its_end);

template <bool MENDED>
void copied_after_its_end() {
  int* x;
  cudaMalloc(&x, sizeof(int));
  cudaMemset(x, 0, sizeof(int));
  if (!MENDED) {
    cudaFree(x);
  }
  first_of(x);
  if (MENDED) {
    cudaFree(x);
  }
}
PLANT(copied_after_its_end);

template <bool MENDED>
void freed_twice() {
  int* x;
  cudaMalloc(&x, 64);
  cudaFree(x);
  if (!MENDED) {
    cudaFree(x);
  }
}
PLANT(freed_twice);

template <bool MENDED>
void freed_within() {
  int* x;
  cudaMalloc(&x, 64);
  cudaFree(MENDED ? x : x + 4);
  if (!MENDED) {
    cudaFree(x);
  }
}
PLANT(freed_within);

template <bool MENDED>
void pinned_freed_as_the_devices() {
  int* x;
  cudaMallocHost(&x, 64);
  if (!MENDED) {
    cudaFree(x);
  }
  cudaFreeHost(x);
}
PLANT(pinned_freed_as_the_devices);

template <bool MENDED>
void host_memory_freed_as_the_devices() {
  int* x = static_cast<int*>(std::malloc(64));
  if (!MENDED) {
    cudaFree(x);
  }
  std::free(x);
}
PLANT(host_memory_freed_as_the_devices);

template <bool MENDED>
void device_memory_leaks() {
  int* x;
  cudaMalloc(&x, 64);
  if (MENDED) {
    cudaFree(x);
  }
}
PLANT(device_memory_leaks);

template <bool MENDED>
void pinned_memory_leaks() {
  int* x;
  cudaMallocHost(&x, 64);
  if (MENDED) {
    cudaFreeHost(x);
  }
}
PLANT(pinned_memory_leaks);

template <bool MENDED>
void stream_leaks() {
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  if (MENDED) {
    cudaStreamDestroy(stream);
  }
}
PLANT(stream_leaks);

template <bool MENDED>
void event_leaks() {
  cudaEvent_t event;
  cudaEventCreate(&event);
  if (MENDED) {
    cudaEventDestroy(event);
  }
}
PLANT(event_leaks);

template <bool MENDED>
__global__ void keep() {
  int* mine = new int[4];
  mine[0] = 1;
  if constexpr (MENDED) {
    delete[] mine;
  }
}

template <bool MENDED>
void heap_of_the_kernel_leaks() {
  keep<MENDED><<<1, 4>>>();
}
PLANT(heap_of_the_kernel_leaks);

template <bool MENDED>
__global__ void free_twice() {
  void* mine = malloc(16);
  free(mine);
  if constexpr (!MENDED) {
    free(mine);  // told
  }
}

template <bool MENDED>
void heap_freed_twice() {
  free_twice<MENDED><<<1, 1>>>();
}
PLANT(heap_freed_twice);

// A pool's memory ends in the order of its stream, and another stream still uses it.
template <bool MENDED>
void freed_in_another_stream() {
  cudaStream_t one, other;
  cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking);
  cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
  cudaEvent_t ready;
  cudaEventCreate(&ready);
  int* x;
  cudaMallocAsync(&x, 32 * sizeof(int), one);
  cudaMemsetAsync(x, 0, 32 * sizeof(int), one);
  cudaEventRecord(ready, one);
  cudaStreamWaitEvent(other, ready);
  increment<MENDED><<<1, 32, 0, other>>>(x);
  if (MENDED) {
    cudaEventRecord(ready, other);
    cudaStreamWaitEvent(one, ready);
  }
  cudaFreeAsync(x, one);
  cudaDeviceSynchronize();
  cudaEventDestroy(ready);
  cudaStreamDestroy(one);
  cudaStreamDestroy(other);
}
PLANT(freed_in_another_stream);

template <bool MENDED>
void used_after_a_reset() {
  int* x;
  cudaMalloc(&x, 32 * sizeof(int));
  if (!MENDED) {
    cudaDeviceReset();
  }
  cudaMemset(x, 0, 32 * sizeof(int));
  increment<MENDED><<<1, 32>>>(x);
  cudaFree(x);
}
PLANT(used_after_a_reset);

template <bool MENDED>
void pinned_after_its_end() {
  int* x;
  cudaMallocHost(&x, 32 * sizeof(int));
  std::memset(x, 0, 32 * sizeof(int));
  if (!MENDED) {
    cudaFreeHost(x);
  }
  increment<MENDED><<<1, 32>>>(x);
  cudaDeviceSynchronize();
  if (MENDED) {
    cudaFreeHost(x);
  }
}
PLANT(pinned_after_its_end);

template <bool MENDED>
void address_of_the_host() {
  std::vector<int> host(32);
  Counted<int> x(32);
  increment<MENDED><<<1, 32>>>(MENDED ? x.at : host.data());
}
PLANT(address_of_the_host);

template <bool MENDED>
void allocation_that_failed() {
  int* x = nullptr;
  cudaMalloc(&x, MENDED ? 32 * sizeof(int) : size_t(1) << 50);
  if (MENDED) {
    cudaMemset(x, 0, 32 * sizeof(int));
  }
  increment<MENDED><<<1, 32>>>(x);
  cudaFree(x);
}
PLANT(allocation_that_failed);

template <bool MENDED>
void host_reads_the_devices() {
  Counted<int> x(32);
  std::printf("%d\n", MENDED ? first_of(x.at) : *x.at);
}
PLANT(host_reads_the_devices);

__device__ int counter;

template <bool MENDED>
void address_of_a_symbol() {
  int* x = &counter;
  if (MENDED) {
    cudaGetSymbolAddress(reinterpret_cast<void**>(&x), counter);
  }
  increment<MENDED><<<1, 1>>>(x);
}
PLANT(address_of_a_symbol);

template <bool MENDED>
void copy_to_the_address_of_a_symbol() {
  int value = 5;
  if (MENDED) {
    cudaMemcpyToSymbol(counter, &value, sizeof value);
  } else {
    cudaMemcpy(&counter, &value, sizeof value, cudaMemcpyHostToDevice);
  }
}
PLANT(copy_to_the_address_of_a_symbol);

struct Array {
  int size;
  int* values;
};

template <bool MENDED>
__global__ void negate(const Array* array) {
  if (threadIdx.x < array->size) {
    array->values[threadIdx.x] *= -1;  // told
  }
}

// The struct is copied, and what it points to is not.
template <bool MENDED>
void struct_with_an_address_of_the_host() {
  std::vector<int> host(32);
  Counted<int> values(32);
  Array array{32, MENDED ? values.at : host.data()};
  Array* copied;
  cudaMalloc(&copied, sizeof array);
  cudaMemset(copied, 0, sizeof array);
  cudaMemcpy(copied, &array, sizeof array, cudaMemcpyHostToDevice);
  negate<MENDED><<<1, 32>>>(copied);
  cudaFree(copied);
}
PLANT(struct_with_an_address_of_the_host);

template <bool MENDED>
__global__ void carved(int* x) {
  extern __shared__ __align__(8) unsigned char held[];
  int* ints = reinterpret_cast<int*>(held);
  double* doubles = reinterpret_cast<double*>(ints + (MENDED ? 4 : 3));
  int i = threadIdx.x;
  if (i < 3) {
    ints[i] = x[i];
  }
  doubles[i] = x[i];  // told
  __syncthreads();
  x[i] = int(doubles[31 - i]) + ints[i % 3];
}

template <bool MENDED>
void shared_memory_carved_unaligned() {
  Counted<int> x(32);
  carved<MENDED><<<1, 32, 16 + 32 * sizeof(double)>>>(x);
}
PLANT(shared_memory_carved_unaligned);

// A header of two bytes lies before the values.
template <bool MENDED>
__global__ void behind_a_header(const char* file, int* y) {
  int value;
  if constexpr (MENDED) {
    memcpy(&value, file + 2, sizeof value);
  } else {
    value = *reinterpret_cast<const int*>(file + 2);  // told
  }
  *y = value;
}

template <bool MENDED>
void values_behind_a_header() {
  Counted<char> file(16);
  Counted<int> y(1);
  behind_a_header<MENDED><<<1, 1>>>(file, y);
}
PLANT(values_behind_a_header);

using Operation = int (*)(int);

__host__ __device__ int triple(int x) {
  return 3 * x;
}

__device__ Operation triple_there = triple;

template <bool MENDED>
__global__ void apply(Operation operation, int* x) {
  x[threadIdx.x] = operation(x[threadIdx.x]);  // told
}

template <bool MENDED>
void function_of_the_host() {
  Counted<int> x(32);
  Operation operation = triple;
  if (MENDED) {
    cudaMemcpyFromSymbol(&operation, triple_there, sizeof operation);
  }
  apply<MENDED><<<1, 32>>>(operation, x);
}
PLANT(function_of_the_host);

struct Shape {
  __host__ __device__ virtual int sides() const { return 4; }
};

template <bool MENDED>
__global__ void count_sides(const Shape* shape, int* y) {
  if constexpr (MENDED) {
    Shape own;
    shape = &own;
    *y = shape->sides();
  } else {
    *y = shape->sides();  // told
  }
}

// The table of an object's functions is that of where it was made.
template <bool MENDED>
void virtual_function_of_the_host() {
  Shape host;
  Counted<char> shape(sizeof(Shape));
  Counted<int> y(1);
  cudaMemcpy(shape, &host, sizeof host, cudaMemcpyHostToDevice);
  count_sides<MENDED><<<1, 1>>>(reinterpret_cast<Shape*>(shape.at), y);
}
PLANT(virtual_function_of_the_host);

__device__ int* left_behind;

// Shared memory ends with its block.
template <bool MENDED>
__global__ void leave_an_address(int* x) {
  __shared__ int held;
  held = 3;
  left_behind = MENDED ? x : &held;
}

template <bool MENDED>
__global__ void follow_the_address(int* y) {
  *y = *left_behind;  // told
}

template <bool MENDED>
void address_of_shared_memory_kept() {
  Counted<int> x(1), y(1);
  leave_an_address<MENDED><<<1, 1>>>(x);
  follow_the_address<MENDED><<<1, 1>>>(y);
}
PLANT(address_of_shared_memory_kept);
