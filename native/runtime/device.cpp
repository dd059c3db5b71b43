// The device: attributes, and properties in each version's layout.
#include <cstring>

#include "runtime/runtime.h"

namespace cudart {

namespace {

// The attributes of cudaDeviceProp's members after the first five (0 for none), as ints, or as aligned sizes where WIDE
// is set. ONLY_12 marks members that only CUDA 12 has.
constexpr int MEMORY = 1 << 8, WIDE = 1 << 9, ONLY_12 = 1 << 10;
constexpr int MEMBERS[] = {
    MEMORY | WIDE, 8 | WIDE, 12, 10, 11 | WIDE, 1,
    // sizes of blocks and grids
    2, 3, 4, 5, 6, 7, 13 | ONLY_12, 9 | WIDE, 75, 76, 14 | WIDE, 51 | WIDE, 15 | ONLY_12, 16, 17 | ONLY_12, 18, 19,
    20 | ONLY_12,
    // textures
    21, 77, 69 | ONLY_12, 22, 23, 73, 74, 70, 71, 72, 45, 46, 24, 25, 26, 47, 48, 49, 52, 42, 43, 27, 28, 29, 53, 54,
    // surfaces
    55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 30 | WIDE, 31, 32, 33, 34, 50, 35, 40, 41, 36 | ONLY_12,
    37, 38, 108, 39, 78, 79, 80, 81 | WIDE, 82, 83, 84, 85, 86, 87 | ONLY_12, 88, 89, 90, 91, 95, 96 | ONLY_12,
    97 | WIDE, 100, 101, 106, 109, 111 | WIDE, 99, 112, 113, 114, 115, 116, 117, 118, 119, 121, 122, 120, 123,
};
constexpr size_t NAME = 256, FIRST = NAME + 16 + 8 + 8;  // after the name, the UUID and the LUID with its mask
constexpr size_t SIZE_OF_12 = 1032, SIZE_OF_13 = 1008;

constexpr size_t size_of(int member) {
  return member & WIDE ? 8 : 4;
}

// The offset of a member, or of the structure's end.
constexpr size_t place_of(int wanted, bool of_12) {
  size_t place = FIRST;
  for (int member : MEMBERS) {
    if (of_12 || !(member & ONLY_12)) {
      place = (place + size_of(member) - 1) / size_of(member) * size_of(member);
      if (member == wanted) {
        break;
      }
      place += size_of(member);
    }
  }
  return place;
}

CUresult lay_out(void* to, bool of_12, int device) {
  CUdevice found = 0;
  CUresult result = CU(cuDeviceGet)(&found, device);
  if (!to || result != CUDA_SUCCESS) {
    return to ? result : CUDA_ERROR_INVALID_VALUE;
  }
  char* start = static_cast<char*>(to);
  std::memset(start, 0, of_12 ? SIZE_OF_12 : SIZE_OF_13);
  CU(cuDeviceGetName)(start, int(NAME), found);
  CU(cuDeviceGetUuid_v2)(reinterpret_cast<CUuuid*>(start + NAME), found);
  for (int member : MEMBERS) {
    int value = 0;
    bool there = of_12 || !(member & ONLY_12);
    if (there && CU(cuDeviceGetAttribute)(&value, CUdevice_attribute(member & 0xff), found) == CUDA_SUCCESS) {
      std::memcpy(start + place_of(member, of_12), &value, sizeof value);
    }
  }
  return CU(cuDeviceTotalMem_v2)(reinterpret_cast<size_t*>(start + place_of(MEMORY | WIDE, of_12)), found);
}

#if defined CHARLSTM_CUDA_RUNTIME_H && CUDART_VERSION >= 13000
#define SAME_PLACE(number, member) \
  static_assert(place_of(number, false) == offsetof(cudaDeviceProp, member), "the properties are laid out wrongly");
SAME_PLACE(MEMORY | WIDE, totalGlobalMem)
SAME_PLACE(8 | WIDE, sharedMemPerBlock)
SAME_PLACE(7, maxGridSize[2])
SAME_PLACE(51 | WIDE, texturePitchAlignment)
SAME_PLACE(72, maxTexture2DLinear[2])
SAME_PLACE(54, maxTextureCubemapLayered[1])
SAME_PLACE(68, maxSurfaceCubemapLayered[1])
SAME_PLACE(80, localL1CacheSupported)
SAME_PLACE(95, cooperativeLaunch)
SAME_PLACE(111 | WIDE, reservedSharedMemPerBlock)
SAME_PLACE(123, unifiedFunctionPointers)
static_assert(sizeof(cudaDeviceProp) == SIZE_OF_13, "the properties are laid out wrongly");
#endif

}

}

using namespace cudart;

#if CHARLSTM_CUDART >= 13
CALL_IN_DRIVER(cudaGetDeviceProperties, (cudaDeviceProp* to, int device), lay_out(to, false, device))
#endif
// CUDA 12's layout.
CALL_IN_DRIVER(cudaGetDeviceProperties_v2, (void* to, int device), lay_out(to, true, device))
CALL_IN_DRIVER(cudaGetDeviceCount, (int* count), CU(cuDeviceGetCount)(count))
CALL_IN_DRIVER(cudaDeviceGetAttribute, (int* value, cudaDeviceAttr attribute, int device),
               CU(cuDeviceGetAttribute)(value, CUdevice_attribute(attribute), device))
CALL_IN_DRIVER(cudaDeviceCanAccessPeer, (int* can, int device, int peer), CU(cuDeviceCanAccessPeer)(can, device, peer))
// Programs may call this before anything else, to set the flags of the later context.
CALL_IN_DRIVER(cudaSetDeviceFlags, (unsigned flags), CU(cuDevicePrimaryCtxSetFlags_v2)(chosen_device(), flags))

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
DIRECT(cudaDeviceGetPCIBusId, (char* id, int length, int device), cuDeviceGetPCIBusId, (id, length, device))
DIRECT(cudaGetDeviceFlags, (unsigned* flags), cuCtxGetFlags, (flags))

// Shared memory has had a single bank width since compute capability 5.0, and there is no profiler.
CALL(cudaDeviceSetSharedMemConfig, (cudaSharedMemConfig), CUDA_SUCCESS)
CALL(cudaFuncSetSharedMemConfig, (const void*, cudaSharedMemConfig), CUDA_SUCCESS)
CALL(cudaProfilerStart, (), CUDA_SUCCESS)
CALL(cudaProfilerStop, (), CUDA_SUCCESS)

namespace {

template <typename Call>
CUresult with_peer(int peer, Call call) {
  CUcontext context = nullptr;
  CUresult result = primary_of(peer, &context);
  return result == CUDA_SUCCESS ? call(context) : result;
}

// Finds a driver function by name, the newest version that the given CUDA version has.
CUresult entry_point(const char* name, void** function, unsigned version, unsigned long long flags,
                     cudaDriverEntryPointQueryResult* found) {
  CUdriverProcAddressQueryResult state = CU_GET_PROC_ADDRESS_SUCCESS;
  CUresult result = CU(cuGetProcAddress_v2)(name, function, int(version), flags, &state);
  if (found) {
    *found = cudaDriverEntryPointQueryResult(state);
  }
  return result;
}

}

// A device is no peer of itself; the runtime has its own error code for that.
CALL(cudaDeviceEnablePeerAccess, (int peer, unsigned flags),
     peer == chosen_device() ? CUDA_ERROR_INVALID_DEVICE : with_peer(peer, [=](CUcontext context) {
       return CU(cuCtxEnablePeerAccess)(context, flags);
     }))
CALL(cudaDeviceDisablePeerAccess, (int peer), with_peer(peer, CU(cuCtxDisablePeerAccess)))

// NAME and NAME_ptsz; functions found by the latter use the thread's own default stream for null.
#define ENTRY_POINT(name, parameters, version)                                                                       \
  CALL_IN_DRIVER(name, parameters, entry_point(symbol, function, version, flags, found))                             \
  CALL_IN_DRIVER(name##_ptsz, parameters,                                                                            \
                 entry_point(symbol, function, version,                                                              \
                             flags ? flags : +CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, found))
ENTRY_POINT(cudaGetDriverEntryPointByVersion, (const char* symbol, void** function, unsigned version,
                                               unsigned long long flags, cudaDriverEntryPointQueryResult* found),
            version)
ENTRY_POINT(cudaGetDriverEntryPoint, (const char* symbol, void** function, unsigned long long flags,
                                      cudaDriverEntryPointQueryResult* found),
            CHARLSTM_CUDART * 1000)
