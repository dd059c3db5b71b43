// CUDA's runtime, called as a program does that nvcc has compiled: a fat binary in memory, which is registered, and
// stubs for its kernels.
#include "api/cuda_runtime.h"

#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>

#include "selftest/texts.h"

extern "C" {
void** __cudaRegisterFatBinary(void* image);
void __cudaRegisterFatBinaryEnd(void** handle);
void __cudaUnregisterFatBinary(void** handle);
void __cudaRegisterFunction(void** handle, const char* symbol, char*, const char* name, int, uint3*, uint3*, dim3*,
                            dim3*, int*);
void __cudaRegisterVar(void** handle, char* symbol, char*, const char* name, int, size_t size, int, int);
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, CUstream_st* stream);
cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared, void* stream);
cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* symbol);
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, size_t shared,
                               cudaStream_t stream);
cudaError_t cudaLaunchKernel(const void* kernel, dim3 grid, dim3 block, void** arguments, size_t, cudaStream_t);
cudaError_t cudaLaunchCooperativeKernel(const void* kernel, dim3 grid, dim3 block, void** arguments, size_t,
                                        cudaStream_t);
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* kernel, void** arguments);
cudaError_t cudaMalloc(void** address, size_t bytes);
cudaError_t cudaMallocPitch(void** address, size_t* pitch, size_t width, size_t height);
cudaError_t cudaMallocManaged(void** address, size_t bytes, unsigned flags);
cudaError_t cudaMallocAsync(void** address, size_t bytes, cudaStream_t stream);
cudaError_t cudaMallocHost(void** address, size_t bytes);
cudaError_t cudaFree(void* address);
cudaError_t cudaFreeAsync(void* address, cudaStream_t stream);
cudaError_t cudaFreeHost(void* address);
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset, cudaMemcpyKind);
cudaError_t cudaMemcpyFromSymbol(void* to, const void* symbol, size_t bytes, size_t offset, cudaMemcpyKind kind);
cudaError_t cudaGetSymbolSize(size_t* bytes, const void* symbol);
cudaError_t cudaMemset(void* to, int value, size_t bytes);
cudaError_t cudaMemset2D(void* to, size_t pitch, int value, size_t width, size_t height);
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* to, const void* address);
cudaError_t cudaStreamCreate(cudaStream_t* stream);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void* data, unsigned flags);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* to, const void* kernel);
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel, int threads, size_t);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* to, int device);
cudaError_t cudaGetDeviceProperties_v2(void* to, int device);
cudaError_t cudaLibraryLoadData(cudaLibrary_t* library, const void* code, cudaJitOption* jit, void** jitValues,
                                unsigned jitCount, cudaLibraryOption* options, void** values, unsigned count);
cudaError_t cudaLibraryGetKernel(cudaKernel_t* kernel, cudaLibrary_t library, const char* name);
cudaError_t cudaLibraryUnload(cudaLibrary_t library);
cudaError_t cudaHostGetDevicePointer(void** address, void* host, unsigned flags);
cudaError_t cudaMemcpyAsync_ptsz(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaStreamSynchronize_ptsz(cudaStream_t stream);
cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** function, unsigned version,
                                             unsigned long long flags, cudaDriverEntryPointQueryResult* found);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaDeviceReset();
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();
cudaError_t cudaIpcGetMemHandle(void* handle, void* address);
const char* cudaGetErrorName(cudaError_t code);
const char* cudaGetErrorString(cudaError_t code);
}

namespace {

constexpr int N = 60;
char add_stub, unknown_stub, table_stub, missing_stub;

// As a program has it in memory.
struct Wrapped {
  unsigned magic, version;
  const void *fat_binary, *more;
};

std::string text() {
  return adding() + ".visible .global .align 4 .b8 table[16];\n";
}

class Registered {
 public:
  explicit Registered(const std::string& image)
      : image_(image), wrapped_{0x466243b1, 1, image_.data(), nullptr}, handle_(__cudaRegisterFatBinary(&wrapped_)) {
    char name[] = "add", missing[] = "missing", table[] = "table";
    __cudaRegisterFunction(handle_, &add_stub, name, name, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
    __cudaRegisterFunction(handle_, &missing_stub, missing, missing, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
    __cudaRegisterVar(handle_, &table_stub, table, table, 0, 16, 0, 0);
    __cudaRegisterFatBinaryEnd(handle_);
  }
  ~Registered() { __cudaUnregisterFatBinary(handle_); }

 private:
  std::string image_;
  Wrapped wrapped_;
  void** handle_;
};

// The arguments of a sum.
class Sum {
 public:
  Sum() {
    for (float** one : {&a, &b, &sum}) {
      CHECK(cudaMalloc(reinterpret_cast<void**>(one), N * sizeof(float)) == cudaSuccess);
    }
    x = drawn(N, 1), y = drawn(N, 2);
    CHECK(cudaMemcpy(a, x.data(), N * sizeof(float), cudaMemcpyHostToDevice) == cudaSuccess);
    CHECK(cudaMemcpy(b, y.data(), N * sizeof(float), cudaMemcpyDefault) == cudaSuccess);
    spoil();
  }
  ~Sum() {
    for (float* one : {a, b, sum}) {
      CHECK(cudaFree(one) == (broken ? cudaErrorIllegalAddress : cudaSuccess));
    }
  }
  bool broken = false;
  void spoil() { CHECK(cudaMemset(sum, 0xff, N * sizeof(float)) == cudaSuccess); }
  bool right() {
    std::vector<float> found(N), expected(N);
    CHECK(cudaMemcpy(found.data(), sum, N * sizeof(float), cudaMemcpyDefault) == cudaSuccess);
    for (int i = 0; i < N; i++) {
      expected[i] = x[i] + y[i];
    }
    spoil();
    return same_bits(found, expected);
  }
  int n = N;
  float *a, *b, *sum;
  void* arguments[4] = {&n, &a, &b, &sum};
  std::vector<float> x, y;
};

const dim3 GRID = {2, 1, 1}, BLOCK = {32, 1, 1};

// Launches as a stub of nvcc does for <<<>>>.
cudaError_t chevrons(Sum& sum, dim3 grid, dim3 block, cudaStream_t stream) {
  CHECK(__cudaPushCallConfiguration(grid, block, 8, stream) == 0);
  cudaKernel_t kernel = nullptr;
  CHECK(__cudaGetKernel(&kernel, &add_stub) == cudaSuccess);
  dim3 grid_again, block_again;
  size_t shared = 0;
  cudaStream_t stream_again = nullptr;
  CHECK(__cudaPopCallConfiguration(&grid_again, &block_again, &shared, &stream_again) == cudaSuccess);
  CHECK(grid_again.x == grid.x && block_again.x == block.x && shared == 8 && stream_again == stream);
  return __cudaLaunchKernel(kernel, grid_again, block_again, sum.arguments, shared, stream_again);
}

void launches() {
  Sum sum;
  CHECK(chevrons(sum, GRID, BLOCK, nullptr) == cudaSuccess && sum.right());
  CHECK(cudaLaunchKernel(&add_stub, GRID, BLOCK, sum.arguments, 0, nullptr) == cudaSuccess && sum.right());
  CHECK(cudaLaunchCooperativeKernel(&add_stub, GRID, BLOCK, sum.arguments, 0, nullptr) == cudaSuccess && sum.right());
  cudaLaunchConfig_t config = {GRID, BLOCK, 0, nullptr, nullptr, 0};
  CHECK(cudaLaunchKernelExC(&config, &add_stub, sum.arguments) == cudaSuccess && sum.right());
  CHECK(cudaGetLastError() == cudaSuccess);
  CHECK(chevrons(sum, GRID, {1025, 1, 1}, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(chevrons(sum, {0, 1, 1}, BLOCK, nullptr) == cudaErrorInvalidConfiguration);
  // It stays until it is taken.
  CHECK(cudaPeekAtLastError() == cudaErrorInvalidConfiguration && cudaDeviceSynchronize() == cudaSuccess);
  CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration && cudaGetLastError() == cudaSuccess);
  CHECK(cudaLaunchKernel(&missing_stub, GRID, BLOCK, sum.arguments, 0, nullptr) == cudaErrorInvalidDeviceFunction);
  cudaKernel_t kernel = nullptr;
  CHECK(__cudaGetKernel(&kernel, &unknown_stub) == cudaErrorInvalidDeviceFunction);
  CHECK(__cudaPopCallConfiguration(nullptr, nullptr, nullptr, nullptr) == cudaErrorMissingConfiguration);
  // An error is its thread's.
  std::thread([] { CHECK(cudaGetLastError() == cudaSuccess && cudaSetDevice(7) == cudaErrorInvalidDevice); }).join();
  CHECK(cudaGetLastError() == cudaErrorMissingConfiguration);
}

// A library's kernel is launched as a program's own is.
void libraries() {
  Sum sum;
  cudaLibrary_t library = nullptr;
  cudaKernel_t kernel = nullptr;
  const std::string text = adding();
  CHECK(cudaLibraryLoadData(&library, text.c_str(), nullptr, nullptr, 0, nullptr, nullptr, 0) == cudaSuccess);
  CHECK(cudaLibraryGetKernel(&kernel, library, "none") == cudaErrorSymbolNotFound);
  CHECK(cudaLibraryGetKernel(&kernel, library, "add") == cudaSuccess);
  CHECK(cudaLaunchKernel(kernel, GRID, BLOCK, sum.arguments, 0, nullptr) == cudaSuccess && sum.right());
  CHECK(cudaLibraryUnload(library) == cudaSuccess);
  void* entry = nullptr;
  CHECK(cudaGetDriverEntryPointByVersion("cuInit", &entry, 13000, 0, nullptr) == cudaSuccess && entry);
  cudaGetLastError();
}

void variables() {
  const int in[4] = {1, 2, 3, 4};
  int out[2] = {};
  CHECK(cudaMemcpyToSymbol(&table_stub, in, 16, 0, cudaMemcpyHostToDevice) == cudaSuccess);
  CHECK(cudaMemcpyToSymbol(&table_stub, in, 12, 8, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(std::strstr(charlstm_sim_last_error(), "copy to the device of 12 bytes at ") &&
        std::strstr(charlstm_sim_last_error(), "4 of them past an allocation of 16. Copy or set no more than"));
  CHECK(cudaMemcpyFromSymbol(out, &table_stub, 8, 8, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(out[0] == 3 && out[1] == 4);
  CHECK(cudaMemcpyFromSymbol(out, &table_stub, 8, 12, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  size_t size = 0;
  CHECK(cudaGetSymbolSize(&size, &table_stub) == cudaSuccess && size == 16);
  CHECK(cudaGetSymbolSize(&size, &unknown_stub) == cudaErrorInvalidSymbol);
  cudaGetLastError();
}

void memory() {
  char* rows = nullptr;
  size_t pitch = 0;
  CHECK(cudaMallocPitch(reinterpret_cast<void**>(&rows), &pitch, 100, 3) == cudaSuccess && pitch == 512);
  std::vector<char> found(2 * pitch + 101);
  for (size_t width : {100, 99}) {
    CHECK(cudaMemset(rows, 1, 3 * pitch) == cudaSuccess);
    CHECK(cudaMemset2D(rows, pitch, 5, width, 3) == cudaSuccess);
    CHECK(cudaMemcpy(found.data(), rows, found.size(), cudaMemcpyDeviceToHost) == cudaSuccess);
    for (size_t row = 0; row < 3; row++) {
      CHECK(found[row * pitch] == 5 && found[row * pitch + width - 1] == 5 && found[row * pitch + width] == 1);
    }
  }
  cudaPointerAttributes of = {};
  CHECK(cudaPointerGetAttributes(&of, rows + 7) == cudaSuccess && of.type == cudaMemoryTypeDevice && of.device == 0);
  CHECK(of.devicePointer == rows + 7 && !of.hostPointer);
  CHECK(cudaPointerGetAttributes(&of, &pitch) == cudaSuccess && of.type == cudaMemoryTypeUnregistered);
  CHECK(of.hostPointer == &pitch && !of.devicePointer);
  CHECK(cudaFree(rows) == cudaSuccess && cudaFree(nullptr) == cudaSuccess && cudaFree(rows) == cudaErrorInvalidValue);
  int *managed = nullptr, *pooled = nullptr, *pinned = nullptr, value = 0;
  CHECK(cudaMallocManaged(reinterpret_cast<void**>(&managed), 4, cudaMemAttachGlobal) == cudaSuccess);
  CHECK(cudaPointerGetAttributes(&of, managed) == cudaSuccess && of.type == cudaMemoryTypeManaged);
  *managed = 41;
  CHECK(cudaMallocAsync(reinterpret_cast<void**>(&pooled), 4, nullptr) == cudaSuccess);
  CHECK(cudaMemcpyAsync(pooled, managed, 4, cudaMemcpyDefault, nullptr) == cudaSuccess);
  CHECK(cudaMallocHost(reinterpret_cast<void**>(&pinned), 4) == cudaSuccess);
  CHECK(cudaMemcpyAsync(pinned, pooled, 4, cudaMemcpyDeviceToHost, nullptr) == cudaSuccess);
  CHECK(cudaMemcpyAsync(&value, pinned, 4, cudaMemcpyHostToHost, nullptr) == cudaSuccess);
  CHECK(cudaFreeAsync(pooled, nullptr) == cudaSuccess && cudaDeviceSynchronize() == cudaSuccess && value == 41);
  int* mapped = nullptr;
  CHECK(cudaHostGetDevicePointer(reinterpret_cast<void**>(&mapped), pinned, 0) == cudaSuccess);
  CHECK(cudaMemcpyAsync_ptsz(managed, mapped, 4, cudaMemcpyDefault, nullptr) == cudaSuccess);
  CHECK(cudaStreamSynchronize_ptsz(nullptr) == cudaSuccess && *managed == 41);
  CHECK(cudaMemcpy(&value, &pitch, 4, cudaMemcpyDefault) == cudaSuccess && value == int(pitch));
  CHECK(cudaMemcpy(&value, &pitch, 4, cudaMemcpyKind(9)) == cudaErrorInvalidMemcpyDirection);
  CHECK(cudaFree(managed) == cudaSuccess && cudaFreeHost(pinned) == cudaSuccess);
  cudaGetLastError();
}

void streams() {
  Sum sum;
  cudaStream_t stream = nullptr;
  cudaEvent_t start = nullptr, end = nullptr;
  CHECK(cudaStreamCreate(&stream) == cudaSuccess);
  CHECK(cudaEventCreate(&start) == cudaSuccess && cudaEventCreate(&end) == cudaSuccess);
  CHECK(cudaEventRecord(start, stream) == cudaSuccess && chevrons(sum, GRID, BLOCK, stream) == cudaSuccess);
  int called = 0;
  auto callback = [](cudaStream_t, cudaError_t status, void* data) {
    *static_cast<int*>(data) = status == cudaSuccess ? 7 : 8;
  };
  CHECK(cudaStreamAddCallback(stream, callback, &called, 0) == cudaSuccess);
  CHECK(cudaEventRecord(end, stream) == cudaSuccess && cudaEventSynchronize(end) == cudaSuccess && called == 7);
  float milliseconds = -1;
  CHECK(cudaEventElapsedTime(&milliseconds, start, end) == cudaSuccess && milliseconds >= 0);
  CHECK(sum.right());
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess);
  CHECK(chevrons(sum, GRID, BLOCK, stream) == cudaSuccess && cudaStreamEndCapture(stream, &graph) == cudaSuccess);
  CHECK(cudaGraphInstantiate(&executable, graph, 0) == cudaSuccess);
  for (int i = 0; i < 2; i++) {
    CHECK(cudaGraphLaunch(executable, stream) == cudaSuccess && cudaStreamSynchronize(stream) == cudaSuccess);
    CHECK(sum.right());
  }
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess && cudaGraphDestroy(graph) == cudaSuccess);
  CHECK(cudaEventDestroy(start) == cudaSuccess && cudaEventDestroy(end) == cudaSuccess);
  CHECK(cudaStreamDestroy(stream) == cudaSuccess);
}

// Places in NVIDIA's structures.
template <typename T>
T at(const char* from, size_t place) {
  T value;
  std::memcpy(&value, from + place, sizeof value);
  return value;
}

void device() {
  int count = 0;
  CHECK(cudaGetDeviceCount(&count) == cudaSuccess && count == 1);
  static char of_13[2048], of_12[2048];
  std::memset(of_13, 0x55, sizeof of_13);
  std::memset(of_12, 0x55, sizeof of_12);
  CHECK(cudaGetDeviceProperties(reinterpret_cast<cudaDeviceProp*>(of_13), 0) == cudaSuccess);
  CHECK(cudaGetDeviceProperties_v2(of_12, 0) == cudaSuccess);
  CHECK(std::string(of_13) == "charlstm simulated GPU" && std::string(of_12) == of_13);
  // totalGlobalMem, warpSize, clockRate or major, major or multiProcessorCount.
  CHECK(at<size_t>(of_13, 288) == size_t(8) << 30 && at<size_t>(of_12, 288) == size_t(8) << 30);
  CHECK(at<int>(of_13, 308) == 32 && at<int>(of_12, 308) == 32);
  CHECK(at<int>(of_12, 348) == 1980000 && at<int>(of_12, 360) == 9 && at<int>(of_13, 360) == 9);
  CHECK(at<int>(of_12, 388) == 4 && at<int>(of_13, 384) == 4);
  CHECK(of_13[1007] == 0 && of_13[1008] == 0x55 && of_12[1031] == 0 && of_12[1032] == 0x55);
  CHECK(cudaGetDeviceProperties_v2(of_12, 1) == cudaErrorInvalidDevice);
  cudaFuncAttributes attributes = {};
  CHECK(cudaFuncGetAttributes(&attributes, &add_stub) == cudaSuccess && attributes.maxThreadsPerBlock == 1024);
  int blocks = 0;
  CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, &add_stub, 1024, 0) == cudaSuccess && blocks == 2);
  CHECK(std::string(cudaGetErrorName(cudaErrorNotReady)) == "cudaErrorNotReady");
  CHECK(std::string(cudaGetErrorString(cudaErrorInvalidValue)) == "invalid argument");
  CHECK(std::string(cudaGetErrorString(cudaError_t(12345))) == "unrecognized error code");
  CHECK(cudaIpcGetMemHandle(of_12, of_13) == cudaErrorNotSupported && cudaGetLastError() == cudaErrorNotSupported);
}

// The device is there again, and what was loaded is loaded anew; in other threads too.
void reset() {
  std::promise<void> entered, over;
  std::thread other([&] {
    CHECK(cudaSetDevice(0) == cudaSuccess);
    entered.set_value();
    over.get_future().wait();
    Sum sum;
    CHECK(chevrons(sum, GRID, BLOCK, nullptr) == cudaSuccess && sum.right());
  });
  entered.get_future().wait();
  CHECK(cudaDeviceReset() == cudaSuccess);
  over.set_value();
  other.join();
  Sum sum;
  CHECK(chevrons(sum, GRID, BLOCK, nullptr) == cudaSuccess && sum.right());
  std::thread([&] { CHECK(chevrons(sum, GRID, BLOCK, nullptr) == cudaSuccess && sum.right()); }).join();
}

void faults() {
  Sum sum;
  float* a = sum.a;
  sum.a = nullptr;
  cudaLaunchKernel(&add_stub, GRID, BLOCK, sum.arguments, 0, nullptr);
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress && cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(cudaMemset(sum.b, 0, 4) == cudaErrorIllegalAddress);
  sum.a = a;
  sum.broken = true;
}

}

void test_runtime() {
  setenv("CHARLSTM_SIM_STREAMS", "eager", 1);
  setenv("CHARLSTM_SIM_FAULTS", "", 1);
  setenv("CHARLSTM_SIM_ORDERS", "all", 1);
  cuInit(0);
  // Whatever earlier parts have left current.
  for (CUcontext left = nullptr; cuCtxPopCurrent_v2(&left) == CUDA_SUCCESS;) {
  }
  Registered registered(fat_binary_of(text()));
  launches();
  libraries();
  variables();
  memory();
  streams();
  device();
  reset();
  faults();
  cudaGetLastError();
  // That ends what is broken.
  cudaDeviceReset();
  launches();
  cudaDeviceReset();
}
