// The simulated device.
#include <cstring>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "machine/launch.h"
#include "memory/state.h"
#include "memory/suppressions.h"

namespace sim {

namespace {

constexpr int FIRST_WITH_POOLS = 11020;

const char NAME[] = "charlstm simulated GPU";
const char PLACE[] = "0000:00:00.0";

struct Attribute {
  CUdevice_attribute attribute;
  int value;
};

// Those of an H100 SXM but for the number of multiprocessors, whatever the capability is set to.
const Attribute ATTRIBUTES[] = {
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, MOST_THREADS},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, MOST_THREADS_ALONG.x},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, MOST_THREADS_ALONG.y},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, MOST_THREADS_ALONG.z},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, MOST_BLOCKS_ALONG.x},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, MOST_BLOCKS_ALONG.y},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, MOST_BLOCKS_ALONG.z},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, SHARED_LIMIT},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, SHARED_LIMIT_OPTED_IN},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, SHARED_OF_A_MULTIPROCESSOR},
    {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, SHARED_RESERVED_FOR_A_BLOCK},
    {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 64 << 10},
    {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
    {CU_DEVICE_ATTRIBUTE_MAX_PITCH, 0x7fffffff},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, REGISTERS},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, REGISTERS},
    {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1980000},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
    {CU_DEVICE_ATTRIBUTE_GPU_OVERLAP, 1},
    {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1},
    {CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT, 512},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT, 32},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO, 2},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 2619000},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 5120},
    {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 50 << 20},
    {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, MULTIPROCESSORS},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, MOST_THREADS_AT_ONCE},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, MOST_BLOCKS_AT_ONCE},
    {CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT, 0},
    {CU_DEVICE_ATTRIBUTE_INTEGRATED, 0},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, 0},
    {CU_DEVICE_ATTRIBUTE_ECC_ENABLED, 1},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
    {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 3},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
    {CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, 1},
    {CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, 1},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS, 1},
};

}

CUresult cuInit(unsigned int flags) {
  end_what_never_ends();
  read_settings();
  read_suppressions();
  if (call_must_fail()) {
    return CUDA_ERROR_UNKNOWN;
  }
  if (flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  initialised = !settings.no_device;
  return initialised ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

// Its tables are documented nowhere. NVRTC 13.1 asks a driver that is loaded for one, crashes where it cannot ask, and
// goes on without a table (measured).
CUresult cuGetExportTable(const void** table, const CUuuid* id) {
  if (!table || !id) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *table = nullptr;
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuDriverGetVersion(int* version) {
  if (!version) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (call_must_fail()) {
    return CUDA_ERROR_UNKNOWN;
  }
  *version = settings.driver_version;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
  if (!count) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *count = 1;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  if (!device) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *device = 0;
  return ordinal == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  if (!name || length <= 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  std::strncpy(name, NAME, length - 1);
  name[length - 1] = '\0';
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  if (!value) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) {
    *value = settings.capability / 100;
    return CUDA_SUCCESS;
  }
  if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) {
    *value = settings.capability % 100 / 10;
    return CUDA_SUCCESS;
  }
  if (attribute == CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH) {
    *value = settings.capability >= FIRST_WITH_CLUSTERS;
    return CUDA_SUCCESS;
  }
  if (attribute == CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) {
    *value = settings.driver_version >= FIRST_WITH_POOLS;
    return CUDA_SUCCESS;
  }
  for (const Attribute& known : ATTRIBUTES) {
    if (known.attribute == attribute) {
      *value = known.value;
      return CUDA_SUCCESS;
    }
  }
  // Of all others the device has nothing.
  *value = 0;
  return attribute >= 1 && attribute <= CU_DEVICE_ATTRIBUTE_ONLY_PARTIAL_HOST_NATIVE_ATOMIC_SUPPORTED
             ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  if (!bytes) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *bytes = TOTAL_MEMORY;
  return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  if (!major || !minor) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *major = settings.capability / 100;
  *minor = settings.capability % 100 / 10;
  return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetUuid_v2(CUuuid* id, CUdevice device) {
  if (!id) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::memcpy(id, NAME, sizeof *id);
  return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetUuid(CUuuid* id, CUdevice device) {
  return sim::cuDeviceGetUuid_v2(id, device);
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  if (!id || length < int(sizeof PLACE)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::memcpy(id, PLACE, sizeof PLACE);
  return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* id) {
  if (!device || !id) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *device = 0;
  return std::strcmp(id, PLACE) == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetProperties(CUdevprop* properties, CUdevice device) {
  if (!properties) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *properties = {MOST_THREADS, {MOST_THREADS_ALONG.x, MOST_THREADS_ALONG.y, MOST_THREADS_ALONG.z},
                 {MOST_BLOCKS_ALONG.x, MOST_BLOCKS_ALONG.y, MOST_BLOCKS_ALONG.z}, SHARED_LIMIT, 64 << 10, 32,
                 0x7fffffff, REGISTERS, 1980000, 512};
  return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

}
