// Two simulated GPUs: contexts, memory, copies between them, and kernels that reach for the other's memory.
#include <cstdlib>
#include <cstring>

#include "api/cublas.h"
#include "selftest/texts.h"

namespace {

bool said(const char* words) {
  return std::strstr(charlstm_sim_last_error(), words);
}

// y = x + 1, of one word each, and one more for each launch in the module's own variable.
const char ADDING[] = R"(
.version 8.0
.target sm_75
.address_size 64
.global .u32 launches;
.visible .entry add_one(.param .u64 x, .param .u64 y)
{
  .reg .b64 %d<4>;
  .reg .b32 %r<4>;
  ld.param.u64 %d1, [x];
  ld.param.u64 %d2, [y];
  ld.global.u32 %r1, [%d1];
  add.u32 %r1, %r1, 1;
  st.global.u32 [%d2], %r1;
  ld.global.u32 %r2, [launches];
  add.u32 %r2, %r2, 1;
  st.global.u32 [launches], %r2;
  ret;
}
)";

// A device with its primary context, a word and the kernel.
struct Place {
  explicit Place(CUdevice which) : device(which) {
    CHECK(cuDevicePrimaryCtxRetain(&context, device) == CUDA_SUCCESS);
    enter();
    CHECK(cuMemAlloc_v2(&word, 4) == CUDA_SUCCESS && cuModuleLoadData(&module, ADDING) == CUDA_SUCCESS);
    function = function_of(module, "add_one");
    CHECK(cuStreamCreate(&stream, 0) == CUDA_SUCCESS);
  }
  void enter() const { CHECK(cuCtxSetCurrent(context) == CUDA_SUCCESS); }
  CUresult add(CUdeviceptr x, CUdeviceptr y, CUstream in) const {
    void* arguments[] = {&x, &y};
    CUresult result = cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, in, arguments, nullptr);
    return result == CUDA_SUCCESS ? cuCtxSynchronize() : result;
  }
  CUresult add(CUdeviceptr x, CUdeviceptr y) const { return add(x, y, stream); }
  unsigned launches() const {
    CUdeviceptr place = 0;
    size_t size = 0;
    unsigned value = 0;
    CHECK(cuModuleGetGlobal_v2(&place, &size, module, "launches") == CUDA_SUCCESS);
    CHECK(cuMemcpyDtoH_v2(&value, place, 4) == CUDA_SUCCESS);
    return value;
  }

  CUdevice device;
  CUcontext context = nullptr;
  CUdeviceptr word = 0;
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  CUstream stream = nullptr;
};

unsigned held(CUdeviceptr word) {
  unsigned value = 0;
  CHECK(cuMemcpyDtoH_v2(&value, word, 4) == CUDA_SUCCESS);
  return value;
}

void devices_by_themselves() {
  int count = 0, device = -1, major = 0;
  CHECK(cuDeviceGetCount(&count) == CUDA_SUCCESS && count == 2);
  CHECK(cuDeviceGet(&device, 1) == CUDA_SUCCESS && device == 1);
  CHECK(cuDeviceGet(&device, 2) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 1) == CUDA_SUCCESS && major == 9);
  CUuuid first, second;
  CHECK(cuDeviceGetUuid_v2(&first, 0) == CUDA_SUCCESS && cuDeviceGetUuid_v2(&second, 1) == CUDA_SUCCESS);
  CHECK(std::memcmp(&first, &second, sizeof first) != 0);
  char place[13];
  CHECK(cuDeviceGetPCIBusId(place, 13, 1) == CUDA_SUCCESS);
  CHECK(cuDeviceGetByPCIBusId(&device, place) == CUDA_SUCCESS && device == 1);
  CHECK(cuDeviceGetByPCIBusId(&device, "0000:07:00.0") == CUDA_ERROR_INVALID_DEVICE);
}

void memory_of_each(const Place& one, const Place& two) {
  int device = -1, can = 0;
  CHECK(one.context != two.context && one.launches() == 0);
  two.enter();
  CHECK(cuCtxGetDevice(&device) == CUDA_SUCCESS && device == 1);
  CHECK(cuStreamGetDevice(one.stream, &device) == CUDA_SUCCESS && device == 0);
  CHECK(cuPointerGetAttribute(&device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, one.word) == CUDA_SUCCESS && device == 0);
  CHECK(cuPointerGetAttribute(&device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, two.word) == CUDA_SUCCESS && device == 1);
  CHECK(cuMemsetD32_v2(one.word, 7, 1) == CUDA_SUCCESS);
  CHECK(cuMemcpyPeer(two.word, two.context, one.word, one.context, 4) == CUDA_SUCCESS);
  CHECK(two.add(two.word, two.word) == CUDA_SUCCESS && held(two.word) == 8 && held(one.word) == 7);
  CHECK(two.launches() == 1 && one.launches() == 0);
  long long found = charlstm_sim_found();
  CHECK(cuMemcpyPeerAsync(one.word, two.context, two.word, two.context, 4, two.stream) == CUDA_SUCCESS);
  CHECK(charlstm_sim_found() == found + 1 && said("the target is memory of device 0, not of device 1"));
  CHECK(cuCtxSynchronize() == CUDA_SUCCESS && held(one.word) == 8);
  CHECK(cuMemcpyPeer(one.word, nullptr, two.word, CUcontext(5), 4) == CUDA_ERROR_INVALID_CONTEXT);
  // What the host gives, and managed memory, all of them reach.
  void* pinned = nullptr;
  CUdeviceptr managed = 0;
  CHECK(cuMemHostAlloc(&pinned, 4, 0) == CUDA_SUCCESS && cuMemAllocManaged(&managed, 4, 1) == CUDA_SUCCESS);
  *static_cast<unsigned*>(pinned) = 41;
  one.enter();
  CHECK(one.add(CUdeviceptr(pinned), managed) == CUDA_SUCCESS && *reinterpret_cast<unsigned*>(managed) == 42);
  CHECK(cuMemFreeHost(pinned) == CUDA_SUCCESS && cuMemFree_v2(managed) == CUDA_SUCCESS);
  CHECK(cuDeviceCanAccessPeer(&can, 0, 1) == CUDA_SUCCESS && can == 1);
}

void links_between() {
  auto of = [](CUdevice_P2PAttribute attribute) {
    int value = -1;
    CHECK(cuDeviceGetP2PAttribute(&value, attribute, 0, 1) == CUDA_SUCCESS);
    return value;
  };
  CHECK(of(CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK) == 0 && of(CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED) == 1);
  CHECK(of(CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED) == 1);
  CHECK(of(CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED) == 1);
  CHECK(of(CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED) == 0);
  int value = 0;
  const CUdevice_P2PAttribute access = CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED;
  CHECK(cuDeviceGetP2PAttribute(&value, access, 0, 0) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuDeviceGetP2PAttribute(&value, access, 0, 2) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuDeviceGetP2PAttribute(nullptr, access, 0, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDeviceGetP2PAttribute(&value, CUdevice_P2PAttribute(6), 0, 1) == CUDA_ERROR_INVALID_VALUE);
}

// Two rows of one word in each of two layers, from one device to the other and to the host.
void boxes_between(const Place& one, const Place& two) {
  const unsigned values[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  CUdeviceptr from = 0, to = 0;
  one.enter();
  CHECK(cuMemAlloc_v2(&from, sizeof values) == CUDA_SUCCESS && cuMemcpyHtoD_v2(from, values, 32) == CUDA_SUCCESS);
  two.enter();
  CHECK(cuMemAlloc_v2(&to, 16) == CUDA_SUCCESS);
  CUDA_MEMCPY3D_PEER copy;
  std::memset(&copy, 0, sizeof copy);
  copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = from;
  copy.srcContext = one.context;
  copy.srcXInBytes = 4;
  copy.srcPitch = 8;
  copy.dstDevice = to;
  copy.dstContext = two.context;
  copy.WidthInBytes = copy.dstPitch = 4;
  copy.Height = copy.Depth = copy.srcHeight = copy.dstHeight = 2;
  long long found = charlstm_sim_found();
  CHECK(cuMemcpy3DPeer(&copy) == CUDA_SUCCESS && charlstm_sim_found() == found);
  CHECK(held(to) == 1 && held(to + 4) == 3 && held(to + 8) == 5 && held(to + 12) == 7);
  copy.dstContext = one.context;
  CHECK(cuMemcpy3DPeerAsync(&copy, two.stream) == CUDA_SUCCESS && charlstm_sim_found() == found + 1);
  CHECK(said("the target is memory of device 1, not of device 0") && cuCtxSynchronize() == CUDA_SUCCESS);
  copy.srcContext = CUcontext(5);
  CHECK(cuMemcpy3DPeer(&copy) == CUDA_ERROR_INVALID_CONTEXT && cuMemcpy3DPeer(nullptr) == CUDA_ERROR_INVALID_VALUE);
  // The host's has none.
  unsigned host[4] = {};
  copy.srcContext = one.context;
  copy.dstContext = CUcontext(5);
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = host;
  CHECK(cuMemcpy3DPeer(&copy) == CUDA_SUCCESS && host[0] == 1 && host[3] == 7);
  CHECK(cuMemFree_v2(from) == CUDA_SUCCESS && cuMemFree_v2(to) == CUDA_SUCCESS);
}

void pools(const Place& one, const Place& two) {
  CUmemoryPool first = nullptr, second = nullptr;
  CUdeviceptr x = 0;
  CHECK(cuDeviceGetDefaultMemPool(&first, 0) == CUDA_SUCCESS && cuDeviceGetMemPool(&second, 1) == CUDA_SUCCESS);
  CHECK(first != second && cuDeviceSetMemPool(0, second) == CUDA_ERROR_INVALID_VALUE);
  one.enter();
  CHECK(cuMemAllocFromPoolAsync(&x, 4, second, one.stream) == CUDA_SUCCESS);
  int device = -1;
  CHECK(cuPointerGetAttribute(&device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, x) == CUDA_SUCCESS && device == 1);
  CHECK(cuMemFreeAsync(x, one.stream) == CUDA_SUCCESS);
  two.enter();
  CHECK(cuMemAllocAsync(&x, 4, two.stream) == CUDA_SUCCESS && two.add(two.word, x) == CUDA_SUCCESS);
  CHECK(cuMemFree_v2(x) == CUDA_SUCCESS);
}

void streams_of_another(const Place& one, const Place& two) {
  two.enter();
  CHECK(two.add(two.word, two.word, one.stream) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(said("its stream is of device 0, and device 1 is current"));
  CUevent event = nullptr;
  CHECK(cuEventCreate(&event, 0) == CUDA_SUCCESS && cuEventRecord(event, one.stream) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuEventRecord(event, two.stream) == CUDA_SUCCESS && cuEventRecord(event, nullptr) == CUDA_SUCCESS);
  // Any stream may wait for it.
  CHECK(cuStreamWaitEvent(one.stream, event, 0) == CUDA_SUCCESS && cuEventDestroy_v2(event) == CUDA_SUCCESS);
}

void peers(const Place& one, const Place& two) {
  two.enter();
  CHECK(cuCtxEnablePeerAccess(two.context, 0) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuCtxEnablePeerAccess(one.context, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuCtxDisablePeerAccess(one.context) == CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
  CHECK(cuCtxEnablePeerAccess(one.context, 0) == CUDA_SUCCESS);
  CHECK(cuCtxEnablePeerAccess(one.context, 0) == CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
  CHECK(two.add(one.word, one.word) == CUDA_SUCCESS && held(one.word) == 9);
  CHECK(cuCtxDisablePeerAccess(one.context) == CUDA_SUCCESS);
  CHECK(two.add(two.word, one.word) == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(said("of device 0, which device 1 may not reach; block (0,0,0)") &&
        said("Enable peer access on the device that runs the kernel"));
}

// A library's kernels are as any.
void libraries(const Place& one, const Place& two) {
  two.enter();
  cublasHandle_t handle = nullptr;
  float by = 2;
  CHECK(cuMemsetD32_v2(one.word, 0, 1) == CUDA_SUCCESS && cuMemsetD32_v2(two.word, 0, 1) == CUDA_SUCCESS);
  CHECK(cublasCreate_v2(&handle) == CUBLAS_STATUS_SUCCESS);
  auto scale = [&](CUdeviceptr word) {
    cublasScalEx(handle, 1, &by, CUDA_R_32F, reinterpret_cast<void*>(word), CUDA_R_32F, 1, CUDA_R_32F);
    return cuCtxSynchronize();
  };
  CHECK(scale(two.word) == CUDA_SUCCESS && scale(one.word) != CUDA_SUCCESS);
  CHECK(said("of device 0, which device 1 may not reach"));
  cublasDestroy_v2(handle);
}

void ends(const Place& one, const Place& two) {
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == CUDA_SUCCESS && cuCtxSetCurrent(one.context) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuDevicePrimaryCtxRelease_v2(1) == CUDA_SUCCESS && cuCtxSetCurrent(two.context) == CUDA_ERROR_INVALID_CONTEXT);
}

}

void test_devices() {
  for (const char* number : {"0", "9", "two"}) {
    setenv("CHARLSTM_SIM_DEVICES", number, 1);
    int count = 0;
    CHECK(cuInit(0) == CUDA_SUCCESS && cuDeviceGetCount(&count) == CUDA_SUCCESS && count == 1);
  }
  for (const char* order : {"eager", "deferred"}) {
    setenv("CHARLSTM_SIM_DEVICES", "2", 1);
    setenv("CHARLSTM_SIM_STREAMS", order, 1);
    CHECK(cuInit(0) == CUDA_SUCCESS);
    devices_by_themselves();
    Place one(0), two(1);
    memory_of_each(one, two);
    links_between();
    boxes_between(one, two);
    pools(one, two);
    streams_of_another(one, two);
    peers(one, two);
    ends(one, two);
    Place first(0), second(1);
    libraries(first, second);
    ends(first, second);
  }
  unsetenv("CHARLSTM_SIM_DEVICES");
  unsetenv("CHARLSTM_SIM_STREAMS");
}
