// Memory of the pool and managed memory, what the driver knows of an address, copies of rows and between contexts.
#include <cstring>

#include "selftest/harness.h"

namespace {

void pool(const char* streams) {
  Driver driver(streams);
  CUdeviceptr x = 0, plain = driver.holding({1.0f, 2.0f});
  CHECK(cuMemAllocAsync(nullptr, 8, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAllocAsync(&x, 0, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAllocAsync(&x, 8, reinterpret_cast<CUstream>(8)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuMemAllocAsync(&x, size_t(1) << 40, driver.stream) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(cuMemAllocAsync(&x, 8, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoDAsync_v2(x, plain, 8, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 2)[1] == 2.0f);
  CHECK(cuMemFreeAsync(plain, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFreeAsync(x + 4, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFreeAsync(x, reinterpret_cast<CUstream>(8)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuMemFreeAsync(x, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemFreeAsync(x, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFree_v2(x) == CUDA_ERROR_INVALID_VALUE);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
  // Both ways of freeing are allowed.
  CHECK(cuMemAllocAsync(&x, 8, driver.stream) == CUDA_SUCCESS && cuMemFree_v2(x) == CUDA_SUCCESS);
  CUmemoryPool one = nullptr;
  CHECK(cuDeviceGetDefaultMemPool(nullptr, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDeviceGetDefaultMemPool(&one, 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuDeviceGetDefaultMemPool(&one, 0) == CUDA_SUCCESS);
  unsigned long long kept = 1 << 20;
  CHECK(cuMemPoolSetAttribute(one, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &kept) == CUDA_SUCCESS);
  CHECK(cuMemPoolSetAttribute(one, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemPoolSetAttribute(one, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, &kept) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemPoolSetAttribute(nullptr, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &kept) == CUDA_ERROR_INVALID_VALUE);
  driver.free({plain});
}

// A graph's own memory is refused, and the capture with it.
void pool_in_a_capture() {
  Driver driver;
  CUdeviceptr x = 0, y = 0;
  CUgraph graph = nullptr;
  CHECK(cuMemAllocAsync(&x, 8, driver.stream) == CUDA_SUCCESS);
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) == CUDA_SUCCESS);
  CHECK(cuMemAllocAsync(&y, 8, driver.stream) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(std::strstr(charlstm_sim_last_error(), "memory of a graph's own is not simulated"));
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) == CUDA_SUCCESS);
  CHECK(cuMemFreeAsync(x, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(cuMemFreeAsync(x, driver.stream) == CUDA_SUCCESS);
}

void pool_of_another_stream() {
  Driver driver("deferred");
  CUdeviceptr x = 0;
  CUstream other = nullptr;
  CHECK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING) == CUDA_SUCCESS);
  CHECK(cuMemAllocAsync(&x, 8, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async(x, 0, 2, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemFreeAsync(x, other) == CUDA_SUCCESS && cuStreamSynchronize(other) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
}

void managed() {
  Driver driver;
  CUdeviceptr x = 0;
  CHECK(cuMemAllocManaged(nullptr, 8, CU_MEM_ATTACH_GLOBAL) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAllocManaged(&x, 0, CU_MEM_ATTACH_GLOBAL) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAllocManaged(&x, 8, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAllocManaged(&x, 8, CU_MEM_ATTACH_GLOBAL) == CUDA_SUCCESS);
  auto* values = reinterpret_cast<float*>(x);
  values[0] = 1.0f;
  values[1] = 2.0f;
  CHECK(driver.launch("add_one", 1, 32, x, 2) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(values[0] == 2.0f && values[1] == 3.0f);
  int is = 0;
  void* host = nullptr;
  CHECK(cuPointerGetAttribute(&is, CU_POINTER_ATTRIBUTE_IS_MANAGED, x) == CUDA_SUCCESS && is == 1);
  CHECK(cuPointerGetAttribute(&host, CU_POINTER_ATTRIBUTE_HOST_POINTER, x + 4) == CUDA_SUCCESS && host == values + 1);
  CHECK(cuMemAdvise(x, 8, CUmem_advise(1), 0) == CUDA_SUCCESS);
  CHECK(cuMemAdvise(x, 8, CUmem_advise(7), 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAdvise(x, 9, CUmem_advise(1), 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAdvise(x, 8, CUmem_advise(3), 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuMemPrefetchAsync(x, 8, -1, driver.stream) == CUDA_SUCCESS);
  CHECK(cuStreamAttachMemAsync(driver.stream, x, 0, CU_MEM_ATTACH_SINGLE) == CUDA_SUCCESS);
  CHECK(cuStreamAttachMemAsync(driver.stream, x, 4, CU_MEM_ATTACH_SINGLE) == CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr plain = driver.fresh(8);
  CHECK(cuMemPrefetchAsync(plain, 8, 0, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  driver.free({plain});
  CHECK(cuMemFreeAsync(x, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFree_v2(x) == CUDA_SUCCESS);
}

// Kernels reach pinned memory at the host's address, and what was registered at another.
void memory_of_both() {
  Driver driver;
  void* pinned = nullptr;
  CUdeviceptr there = 0;
  unsigned flags = 0;
  CHECK(cuMemHostAlloc(&pinned, 8, CU_MEMHOSTALLOC_DEVICEMAP) == CUDA_SUCCESS);
  auto* values = static_cast<float*>(pinned);
  values[0] = 1.0f;
  values[1] = 2.0f;
  CHECK(cuMemHostGetDevicePointer_v2(&there, pinned, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemHostGetDevicePointer_v2(&there, pinned, 0) == CUDA_SUCCESS);
  CHECK(driver.launch("add_one", 1, 32, there, 2) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(values[0] == 2.0f && values[1] == 3.0f);
  CHECK(cuMemHostGetFlags(&flags, pinned) == CUDA_SUCCESS && flags == CU_MEMHOSTALLOC_DEVICEMAP);
  unsigned type = 0;
  CHECK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, there + 4) == CUDA_SUCCESS &&
        type == CU_MEMORYTYPE_HOST);
  size_t size = 0;
  CHECK(cuPointerGetAttribute(&size, CU_POINTER_ATTRIBUTE_RANGE_SIZE, there) == CUDA_SUCCESS && size == 8);
  std::vector<float> own = {5.0f, 6.0f};
  CHECK(cuMemHostUnregister(own.data()) == CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  CHECK(cuMemHostRegister_v2(own.data(), 8, 0) == CUDA_SUCCESS);
  CHECK(cuMemHostRegister_v2(&own[1], 4, 0) == CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  CHECK(cuMemHostGetDevicePointer_v2(&there, &own[1], 0) == CUDA_SUCCESS);
  own[0] = 5;
  own[1] = 6;
  CHECK(driver.launch("add_one", 1, 1, there, 1) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(own[0] == 5 && own[1] == 7);
  CHECK(cuMemcpyDtoDAsync_v2(there - 4, there, 4, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_SUCCESS && own[0] == 7);
  CHECK(cuMemFreeHost(own.data()) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemHostUnregister(own.data()) == CUDA_SUCCESS && cuMemFreeHost(pinned) == CUDA_SUCCESS);
  int own_ordinal = 0;
  void* host = &size;
  CUpointer_attribute asked[] = {CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, CU_POINTER_ATTRIBUTE_HOST_POINTER};
  void* to[] = {&own_ordinal, &host};
  CHECK(cuPointerGetAttributes(2, asked, to, reinterpret_cast<CUdeviceptr>(own.data())) == CUDA_SUCCESS);
  CHECK(own_ordinal == -2 && !host);
}

// By its addresses alone a copy knows where it goes.
void generic_copies(const char* streams) {
  Driver driver(streams);
  float host[2] = {1.0f, 2.0f}, back[2] = {0.0f, 0.0f};
  CUdeviceptr x = driver.fresh(8), y = driver.fresh(8);
  auto at = [](float* values) { return reinterpret_cast<CUdeviceptr>(values); };
  CHECK(cuMemcpy(x, at(host), 8) == CUDA_SUCCESS && cuMemcpy(y, x, 8) == CUDA_SUCCESS);
  CHECK(cuMemcpyAsync(at(back), y, 8, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(back[1] == 2.0f && cuMemcpy(at(back), at(host) + 4, 4) == CUDA_SUCCESS && back[0] == 2.0f);
  CHECK(cuMemcpy(x, x + (1 << 20), 8) == CUDA_ERROR_INVALID_VALUE && cuMemcpy(0, x, 8) == CUDA_ERROR_INVALID_VALUE);
  driver.free({x, y});
}

void pools_of_a_program() {
  Driver driver;
  CUmemPoolProps properties{};
  CUmemoryPool pool = nullptr, found = nullptr;
  CUdeviceptr x = 0;
  uint64_t used = 0;
  CHECK(cuMemPoolCreate(&pool, &properties) == CUDA_ERROR_INVALID_VALUE);
  std::memset(&properties, 1, 1);        // pinned
  std::memset(&properties.location, 1, 1);  // of a device
  CHECK(cuMemPoolCreate(&pool, &properties) == CUDA_SUCCESS);
  CHECK(cuMemAllocFromPoolAsync(&x, 40, pool, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used) == CUDA_SUCCESS && used == 40);
  CHECK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE, x) == CUDA_SUCCESS && found == pool);
  CHECK(cuMemFreeAsync(x, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used) == CUDA_SUCCESS && used == 0);
  CHECK(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_HIGH, &used) == CUDA_SUCCESS && used == 40);
  CHECK(cuDeviceSetMemPool(0, pool) == CUDA_SUCCESS && cuDeviceGetMemPool(&found, 0) == CUDA_SUCCESS && found == pool);
  CHECK(cuMemPoolTrimTo(pool, 0) == CUDA_SUCCESS && cuMemPoolDestroy(pool) == CUDA_SUCCESS);
  CHECK(cuMemPoolDestroy(pool) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAllocFromPoolAsync(&x, 40, pool, driver.stream) == CUDA_ERROR_INVALID_VALUE);
}

void addresses() {
  Driver driver;
  CUdeviceptr x = driver.fresh(100), start = 0, pooled = 0;
  size_t size = 0;
  CHECK(cuMemGetAddressRange_v2(&start, &size, x + 99) == CUDA_SUCCESS && start == x && size == 100);
  CHECK(cuMemGetAddressRange_v2(nullptr, nullptr, x) == CUDA_SUCCESS);
  CHECK(cuMemGetAddressRange_v2(&start, &size, x + 100) == CUDA_ERROR_NOT_FOUND);
  CHECK(cuMemGetAddressRange_v2(&start, &size, 0) == CUDA_ERROR_NOT_FOUND);
  CHECK(cuMemGetAddressRange_v2(&start, &size, reinterpret_cast<CUdeviceptr>(&size)) == CUDA_ERROR_NOT_FOUND);
  CUcontext own = nullptr, made = nullptr, found = nullptr;
  cuCtxGetCurrent(&own);
  CHECK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_CONTEXT, x) == CUDA_SUCCESS && found == own);
  CHECK(cuPointerGetAttribute(nullptr, CU_POINTER_ATTRIBUTE_CONTEXT, x) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_CONTEXT, 16) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_HOST_POINTER, x) == CUDA_ERROR_INVALID_VALUE);
  unsigned type = 0;
  CHECK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, x) == CUDA_SUCCESS &&
        type == CU_MEMORYTYPE_DEVICE);
  CHECK(cuPointerGetAttribute(&size, CU_POINTER_ATTRIBUTE_RANGE_SIZE, x) == CUDA_SUCCESS && size == 100);
  CHECK(cuMemAllocAsync(&pooled, 4, driver.stream) == CUDA_SUCCESS);
  CHECK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_CONTEXT, pooled) == CUDA_SUCCESS && !found);
  CHECK(cuCtxCreate_v2(&made, 0, 0) == CUDA_SUCCESS);
  CUdeviceptr theirs = 0;
  CUstream stream = nullptr;
  CHECK(cuMemAlloc_v2(&theirs, 4) == CUDA_SUCCESS && cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING) == CUDA_SUCCESS);
  CHECK(cuStreamGetCtx(nullptr, &found) == CUDA_SUCCESS && found == made);
  CHECK(cuCtxSetCurrent(own) == CUDA_SUCCESS);
  CHECK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_CONTEXT, theirs) == CUDA_SUCCESS && found == made);
  CHECK(cuStreamGetCtx(stream, &found) == CUDA_SUCCESS && found == made);
  CHECK(cuStreamGetCtx(driver.stream, &found) == CUDA_SUCCESS && found == own);
  CHECK(cuStreamGetCtx(nullptr, &found) == CUDA_SUCCESS && found == own);
  CHECK(cuStreamGetCtx(reinterpret_cast<CUstream>(8), &found) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuStreamGetCtx(driver.stream, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD32Async(theirs, 7, 1, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemcpyPeerAsync(pooled, own, theirs, made, 4, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemcpyPeerAsync(pooled, own, theirs, reinterpret_cast<CUcontext>(99), 4, driver.stream) ==
        CUDA_ERROR_INVALID_CONTEXT);
  int can = 1;
  CHECK(cuDeviceCanAccessPeer(&can, 0, 0) == CUDA_SUCCESS && can == 0);
  CHECK(cuDeviceCanAccessPeer(&can, 0, 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuDeviceCanAccessPeer(nullptr, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuStreamDestroy_v2(stream) == CUDA_SUCCESS && cuMemFree_v2(theirs) == CUDA_SUCCESS);
  CHECK(cuMemFreeAsync(pooled, driver.stream) == CUDA_SUCCESS && cuCtxDestroy_v2(made) == CUDA_SUCCESS);
  driver.free({x});
}

CUDA_MEMCPY2D rows(CUdeviceptr from, size_t from_pitch, CUdeviceptr to, size_t to_pitch, size_t width, size_t height) {
  CUDA_MEMCPY2D copy;
  std::memset(&copy, 0, sizeof copy);
  copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = from;
  copy.srcPitch = from_pitch;
  copy.dstDevice = to;
  copy.dstPitch = to_pitch;
  copy.WidthInBytes = width;
  copy.Height = height;
  return copy;
}

void copies_of_rows(const char* streams) {
  Driver driver(streams);
  CUdeviceptr x = driver.holding({0, 1, 2, 3, 4, 5, 6, 7, 8}), y = driver.holding({9, 9, 9, 9, 9, 9});
  CUDA_MEMCPY2D copy = rows(x, 12, y, 8, 8, 3);
  copy.srcXInBytes = 4;
  CHECK(cuMemcpy2DAsync_v2(&copy, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(y, 6) == std::vector<float>({1, 2, 4, 5, 7, 8}));
  copy = rows(x, 12, y, 8, 4, 2);
  copy.srcY = copy.dstY = 1;
  CHECK(cuMemcpy2DAsync_v2(&copy, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(y, 6) == std::vector<float>({1, 2, 3, 5, 6, 8}));
  float host[4] = {20, 21, 22, 23};
  copy = rows(0, 8, y, 8, 4, 2);
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = host;
  CHECK(cuMemcpy2DAsync_v2(&copy, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(driver.read(y, 6) == std::vector<float>({20, 2, 22, 5, 6, 8}));
  copy = rows(y, 8, 0, 4, 4, 3);
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = host;
  CHECK(cuMemcpy2DAsync_v2(&copy, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(host[0] == 20 && host[1] == 22 && host[2] == 6 && host[3] == 23);
  const CUDA_MEMCPY2D wrong[] = {rows(x, 4, y, 8, 8, 2), rows(x, 12, y, 4, 8, 2), rows(x, 12, y, 8, 8, 4),
                                 rows(x, 12, y, 8, 12, 3), rows(x + 8, 12, y, 8, 8, 3), rows(0, 12, y, 8, 8, 1),
                                 rows(x, size_t(1) << 60, y, 8, 8, 2)};
  for (const CUDA_MEMCPY2D& one : wrong) {
    CHECK(cuMemcpy2DAsync_v2(&one, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  }
  CHECK(cuMemcpy2DAsync_v2(nullptr, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  copy = rows(x, 12, y, 8, 0, 3);
  CHECK(cuMemcpy2DAsync_v2(&copy, driver.stream) == CUDA_SUCCESS);
  copy = rows(x, 12, y, 8, 8, 1);
  copy.srcMemoryType = CU_MEMORYTYPE_ARRAY;
  CHECK(cuMemcpy2DAsync_v2(&copy, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  driver.free({x, y});
}

std::string told_since(long long mark) {
  std::string text(charlstm_sim_findings(mark, nullptr, 0), 0);
  charlstm_sim_findings(mark, text.data(), text.size());
  return text;
}

// Beside each other, and rows between each other's: nothing is told. A byte in common is.
void copies_that_overlap() {
  Driver driver;
  CUdeviceptr x = driver.holding(std::vector<float>(12, 1.0f));
  const CUDA_MEMCPY2D apart = rows(x, 16, x + 4, 16, 4, 3), common = rows(x, 16, x + 20, 8, 5, 2);
  long long mark = charlstm_sim_found();
  CHECK(cuMemcpyDtoDAsync_v2(x + 16, x, 16, driver.stream) == CUDA_SUCCESS);
  CHECK(cuMemcpy2DAsync_v2(&apart, driver.stream) == CUDA_SUCCESS && charlstm_sim_found() == mark);
  CHECK(cuMemcpyDtoDAsync_v2(x + 15, x, 16, driver.stream) == CUDA_SUCCESS && charlstm_sim_found() == mark + 1);
  CHECK(told_since(mark).find("copy on the device of 16 bytes, whose source and target overlap") < std::string::npos);
  CHECK(cuMemcpy2DAsync_v2(&common, driver.stream) == CUDA_SUCCESS && charlstm_sim_found() == mark + 2);
  driver.free({x});
}

// Two layers of two rows of two values, out of the middle of three by three.
void copies_of_boxes() {
  Driver driver;
  std::vector<float> values(27);
  for (int i = 0; i < 27; i++) {
    values[i] = float(i);
  }
  CUdeviceptr x = driver.holding(values);
  float host[8] = {};
  CUDA_MEMCPY3D copy;
  std::memset(&copy, 0, sizeof copy);
  copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = x;
  copy.srcPitch = 12;
  copy.srcHeight = 3;
  copy.srcXInBytes = 4;
  copy.srcY = copy.srcZ = 1;
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = host;
  copy.dstPitch = 8;
  copy.dstHeight = 2;
  copy.WidthInBytes = 8;
  copy.Height = copy.Depth = 2;
  CHECK(cuMemcpy3D_v2(&copy) == CUDA_SUCCESS);
  CHECK(std::vector<float>(host, host + 8) == std::vector<float>({13, 14, 16, 17, 22, 23, 25, 26}));
  copy.srcZ = 2;
  CHECK(cuMemcpy3D_v2(&copy) == CUDA_ERROR_INVALID_VALUE);
  copy.srcZ = 0;
  copy.srcHeight = 2;
  CHECK(cuMemcpy3D_v2(&copy) == CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr rows = 0;
  size_t pitch = 0;
  CHECK(cuMemAllocPitch_v2(&rows, &pitch, 5, 3, 4) == CUDA_SUCCESS && pitch % 512 == 0);
  CHECK(cuMemAllocPitch_v2(&rows, &pitch, 5, 3, 5) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D8_v2(rows, pitch, 9, 5, 3) == CUDA_SUCCESS);
  CHECK(cuMemsetD2D16_v2(rows + 1, pitch, 9, 2, 3) == CUDA_ERROR_INVALID_VALUE);
  driver.free({x, rows});
}

}

void test_memory_kinds() {
  memory_of_both();
  pools_of_a_program();
  copies_of_boxes();
  copies_that_overlap();
  generic_copies("eager");
  generic_copies("deferred");
  for (const char* streams : {"eager", "deferred"}) {
    pool(streams);
    copies_of_rows(streams);
  }
  pool_in_a_capture();
  pool_of_another_stream();
  managed();
  addresses();
}
