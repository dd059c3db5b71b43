// The device: attributes, and properties as each version lays them out.
#include <cstring>

#include "runtime/runtime.h"

namespace cudart {

namespace {

// A member of cudaDeviceProp after its first five: an int, or a size that is aligned, from an attribute, or 0.
enum Versions { BOTH, ONLY_12, ONLY_13 };
struct Member {
  int attribute;
  int bytes;
  Versions versions;
};

constexpr int MEMORY = -1;
constexpr Member MEMBERS[] = {
    {MEMORY, 8, BOTH}, {8, 8, BOTH}, {12, 4, BOTH}, {10, 4, BOTH}, {11, 8, BOTH}, {1, 4, BOTH},
    // sizes of blocks and grids
    {2, 4, BOTH}, {3, 4, BOTH}, {4, 4, BOTH}, {5, 4, BOTH}, {6, 4, BOTH}, {7, 4, BOTH},
    {13, 4, ONLY_12}, {9, 8, BOTH}, {75, 4, BOTH}, {76, 4, BOTH}, {14, 8, BOTH}, {51, 8, BOTH}, {15, 4, ONLY_12},
    {16, 4, BOTH}, {17, 4, ONLY_12}, {18, 4, BOTH}, {19, 4, BOTH}, {20, 4, ONLY_12},
    // textures
    {21, 4, BOTH}, {77, 4, BOTH}, {69, 4, ONLY_12}, {22, 4, BOTH}, {23, 4, BOTH}, {73, 4, BOTH}, {74, 4, BOTH},
    {70, 4, BOTH}, {71, 4, BOTH}, {72, 4, BOTH}, {45, 4, BOTH}, {46, 4, BOTH}, {24, 4, BOTH}, {25, 4, BOTH},
    {26, 4, BOTH}, {47, 4, BOTH}, {48, 4, BOTH}, {49, 4, BOTH}, {52, 4, BOTH}, {42, 4, BOTH}, {43, 4, BOTH},
    {27, 4, BOTH}, {28, 4, BOTH}, {29, 4, BOTH}, {53, 4, BOTH}, {54, 4, BOTH},
    // surfaces
    {55, 4, BOTH}, {56, 4, BOTH}, {57, 4, BOTH}, {58, 4, BOTH}, {59, 4, BOTH}, {60, 4, BOTH}, {61, 4, BOTH},
    {62, 4, BOTH}, {63, 4, BOTH}, {64, 4, BOTH}, {65, 4, BOTH}, {66, 4, BOTH}, {67, 4, BOTH}, {68, 4, BOTH},
    {30, 8, BOTH}, {31, 4, BOTH}, {32, 4, BOTH}, {33, 4, BOTH}, {34, 4, BOTH}, {50, 4, BOTH}, {35, 4, BOTH},
    {40, 4, BOTH}, {41, 4, BOTH}, {36, 4, ONLY_12}, {37, 4, BOTH}, {38, 4, BOTH}, {108, 4, BOTH}, {39, 4, BOTH},
    {78, 4, BOTH}, {79, 4, BOTH}, {80, 4, BOTH}, {81, 8, BOTH}, {82, 4, BOTH}, {83, 4, BOTH}, {84, 4, BOTH},
    {85, 4, BOTH}, {86, 4, BOTH}, {87, 4, ONLY_12}, {88, 4, BOTH}, {89, 4, BOTH}, {90, 4, BOTH}, {91, 4, BOTH},
    {95, 4, BOTH}, {96, 4, ONLY_12}, {97, 8, BOTH}, {100, 4, BOTH}, {101, 4, BOTH}, {106, 4, BOTH}, {109, 4, BOTH},
    {111, 8, BOTH}, {99, 4, BOTH}, {112, 4, BOTH}, {113, 4, BOTH}, {114, 4, BOTH}, {115, 4, BOTH}, {116, 4, BOTH},
    {117, 4, BOTH}, {118, 4, BOTH}, {119, 4, BOTH}, {121, 4, BOTH}, {122, 4, BOTH}, {120, 4, BOTH}, {123, 4, BOTH},
};
constexpr size_t NAME = 256, FIRST = NAME + 16 + 8 + 8;  // after the name, the UUID and the LUID with its mask
constexpr size_t SIZE_OF_12 = 1032, SIZE_OF_13 = 1008;

constexpr size_t aligned(size_t place, int bytes) {
  return (place + bytes - 1) / bytes * bytes;
}

int attribute(int number, int device) {
  int value = 0;
  return CU(cuDeviceGetAttribute)(&value, CUdevice_attribute(number), device) == CUDA_SUCCESS ? value : 0;
}

CUresult lay_out(char* to, size_t size, Versions other, int device) {
  CUdevice found = 0;
  CUresult result = CU(cuDeviceGet)(&found, device);
  if (!to || result != CUDA_SUCCESS) {
    return to ? result : CUDA_ERROR_INVALID_VALUE;
  }
  std::memset(to, 0, size);
  CU(cuDeviceGetName)(to, int(NAME), found);
  CU(cuDeviceGetUuid_v2)(reinterpret_cast<CUuuid*>(to + NAME), found);
  size_t place = FIRST;
  for (const Member& member : MEMBERS) {
    if (member.versions == other) {
      continue;
    }
    size_t value = 0;
    if (member.attribute == MEMORY) {
      CU(cuDeviceTotalMem_v2)(&value, found);
    } else {
      value = size_t(attribute(member.attribute, found));
    }
    place = aligned(place, member.bytes);
    std::memcpy(to + place, &value, member.bytes);
    place += member.bytes;
  }
  return CUDA_SUCCESS;
}

#ifdef CHARLSTM_CUDA_RUNTIME_H
constexpr size_t place_of(int attribute) {
  size_t place = FIRST;
  for (const Member& member : MEMBERS) {
    if (member.versions == ONLY_12) {
      continue;
    }
    place = aligned(place, member.bytes);
    if (member.attribute == attribute) {
      return place;
    }
    place += member.bytes;
  }
  return 0;
}
#if CUDART_VERSION >= 13000
#define SAME_PLACE(number, member) \
  static_assert(place_of(number) == offsetof(cudaDeviceProp, member), "the properties are laid out wrongly");
SAME_PLACE(MEMORY, totalGlobalMem)
SAME_PLACE(8, sharedMemPerBlock)
SAME_PLACE(7, maxGridSize[2])
SAME_PLACE(51, texturePitchAlignment)
SAME_PLACE(72, maxTexture2DLinear[2])
SAME_PLACE(54, maxTextureCubemapLayered[1])
SAME_PLACE(68, maxSurfaceCubemapLayered[1])
SAME_PLACE(80, localL1CacheSupported)
SAME_PLACE(95, cooperativeLaunch)
SAME_PLACE(111, reservedSharedMemPerBlock)
SAME_PLACE(123, unifiedFunctionPointers)
static_assert(sizeof(cudaDeviceProp) == SIZE_OF_13, "the properties are laid out wrongly");
#endif
#endif

}

}

using namespace cudart;

#if CHARLSTM_CUDART < 13
// Under this name CUDA 12 has the layout of CUDA 11, which is the start of its own.
EXPORT cudaError_t cudaGetDeviceProperties(cudaDeviceProp* to, int device) {
  constexpr size_t SIZE_OF_11 = 712;
  char all[SIZE_OF_12];
  return in_driver([&] {
    CUresult result = lay_out(to ? all : nullptr, SIZE_OF_12, ONLY_13, device);
    std::memcpy(static_cast<void*>(to), all, result == CUDA_SUCCESS ? SIZE_OF_11 : 0);
    return result;
  });
}
#else
EXPORT cudaError_t cudaGetDeviceProperties(cudaDeviceProp* to, int device) {
  return in_driver([&] { return lay_out(reinterpret_cast<char*>(to), SIZE_OF_13, ONLY_12, device); });
}
#endif

// CUDA 12's layout.
EXPORT cudaError_t cudaGetDeviceProperties_v2(void* to, int device) {
  return in_driver([&] { return lay_out(static_cast<char*>(to), SIZE_OF_12, ONLY_13, device); });
}

EXPORT cudaError_t cudaGetDeviceCount(int* count) {
  return in_driver([&] { return CU(cuDeviceGetCount)(count); });
}

EXPORT cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return in_driver([&] { return CU(cuDeviceGetAttribute)(value, CUdevice_attribute(attribute), device); });
}

EXPORT cudaError_t cudaDriverGetVersion(int* version) {
  return told(CU(cuDriverGetVersion)(version));
}

EXPORT cudaError_t cudaRuntimeGetVersion(int* version) {
  if (!version) {
    return told(cudaErrorInvalidValue);
  }
  *version = CHARLSTM_CUDART * 1000;
  return cudaSuccess;
}

DIRECT(cudaDeviceSetLimit, (cudaLimit limit, size_t value), cuCtxSetLimit, (CUlimit(limit), value))
DIRECT(cudaDeviceGetLimit, (size_t* value, cudaLimit limit), cuCtxGetLimit, (value, CUlimit(limit)))
DIRECT(cudaDeviceSetCacheConfig, (cudaFuncCache preference), cuCtxSetCacheConfig, (CUfunc_cache(preference)))
DIRECT(cudaDeviceGetCacheConfig, (cudaFuncCache* preference), cuCtxGetCacheConfig,
       (reinterpret_cast<CUfunc_cache*>(preference)))
// Older names, which CUDA 12 still has.
DIRECT(cudaThreadSetLimit, (cudaLimit limit, size_t value), cuCtxSetLimit, (CUlimit(limit), value))
DIRECT(cudaThreadGetLimit, (size_t* value, cudaLimit limit), cuCtxGetLimit, (value, CUlimit(limit)))
DIRECT(cudaThreadSetCacheConfig, (cudaFuncCache preference), cuCtxSetCacheConfig, (CUfunc_cache(preference)))
DIRECT(cudaThreadGetCacheConfig, (cudaFuncCache* preference), cuCtxGetCacheConfig,
       (reinterpret_cast<CUfunc_cache*>(preference)))
DIRECT(cudaDeviceGetPCIBusId, (char* id, int length, int device), cuDeviceGetPCIBusId, (id, length, device))
DIRECT(cudaDeviceGetByPCIBusId, (int* device, const char* id), cuDeviceGetByPCIBusId, (device, id))
DIRECT(cudaGetDeviceFlags, (unsigned* flags), cuCtxGetFlags, (flags))

// It may come before anything else, and then sets how the context will be.
EXPORT cudaError_t cudaSetDeviceFlags(unsigned flags) {
  return in_driver([&] { return CU(cuDevicePrimaryCtxSetFlags_v2)(0, flags); });
}

namespace {

cudaError_t on(int device, bool right) {
  return in_driver([&] {
    CUdevice found = 0;
    CUresult result = CU(cuDeviceGet)(&found, device);
    return result == CUDA_SUCCESS && !right ? CUDA_ERROR_INVALID_VALUE : result;
  });
}

}

// Its banks have one width since compute capability 5.0.
EXPORT cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) {
  return told(enter());
}

EXPORT cudaError_t cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* width) {
  if (!width) {
    return told(cudaErrorInvalidValue);
  }
  *width = cudaSharedMemBankSizeFourByte;
  return told(enter());
}

EXPORT cudaError_t cudaProfilerStart() {
  return told(enter());
}

EXPORT cudaError_t cudaProfilerStop() {
  return told(enter());
}

EXPORT cudaError_t cudaInitDevice(int device, unsigned, unsigned) {
  return on(device, true);
}

EXPORT cudaError_t cudaSetValidDevices(int* devices, int count) {
  cudaError_t result = devices || count == 0 ? cudaSuccess : told(cudaErrorInvalidValue);
  for (int i = 0; i < count && result == cudaSuccess; i++) {
    result = on(devices[i], true);
  }
  return result;
}

EXPORT cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp* wanted) {
  if (device) {
    *device = 0;
  }
  return on(0, device && wanted);
}

// A device is no peer of itself, and here there is no other.
EXPORT cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  cudaError_t result = on(peer, flags == 0);
  return result == cudaSuccess ? told(cudaErrorInvalidDevice) : result;
}

EXPORT cudaError_t cudaDeviceDisablePeerAccess(int peer) {
  cudaError_t result = on(peer, true);
  return result == cudaSuccess ? told(cudaErrorPeerAccessNotEnabled) : result;
}

// The driver's functions by their names, of which a program wants the newest that a version has.
EXPORT cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** function, unsigned version,
                                                    unsigned long long flags,
                                                    cudaDriverEntryPointQueryResult* found) {
  return in_driver([&] {
    CUdriverProcAddressQueryResult state = CU_GET_PROC_ADDRESS_SUCCESS;
    CUresult result = CU(cuGetProcAddress_v2)(name, function, int(version), flags, &state);
    if (found) {
      *found = cudaDriverEntryPointQueryResult(state);
    }
    return result;
  });
}

EXPORT cudaError_t cudaGetDriverEntryPoint(const char* name, void** function, unsigned long long flags,
                                           cudaDriverEntryPointQueryResult* found) {
  return cudaGetDriverEntryPointByVersion(name, function, CHARLSTM_CUDART * 1000, flags, found);
}

EXPORT cudaError_t cudaGetDriverEntryPointByVersion_ptsz(const char* name, void** function, unsigned version,
                                                         unsigned long long flags,
                                                         cudaDriverEntryPointQueryResult* found) {
  if (!flags) {
    flags = CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
  }
  return cudaGetDriverEntryPointByVersion(name, function, version, flags, found);
}

EXPORT cudaError_t cudaGetDriverEntryPoint_ptsz(const char* name, void** function, unsigned long long flags,
                                                cudaDriverEntryPointQueryResult* found) {
  return cudaGetDriverEntryPointByVersion_ptsz(name, function, CHARLSTM_CUDART * 1000, flags, found);
}

EXPORT cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return in_driver([&] { return CU(cuDeviceCanAccessPeer)(can, device, peer); });
}
