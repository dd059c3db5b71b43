// Libraries of kernels that a program loads by itself. Their kernels are the driver's.
#include "runtime/runtime.h"

using namespace cudart;

DIRECT(cudaLibraryLoadData, (cudaLibrary_t* library, const void* code, cudaJitOption* jit, void** jitValues,
                             unsigned jitCount, cudaLibraryOption* options, void** values, unsigned count),
       cuLibraryLoadData, (library, code, reinterpret_cast<CUjit_option*>(jit), jitValues, jitCount,
                           reinterpret_cast<CUlibraryOption*>(options), values, count))
DIRECT(cudaLibraryLoadFromFile, (cudaLibrary_t* library, const char* path, cudaJitOption* jit, void** jitValues,
                                 unsigned jitCount, cudaLibraryOption* options, void** values, unsigned count),
       cuLibraryLoadFromFile, (library, path, reinterpret_cast<CUjit_option*>(jit), jitValues, jitCount,
                               reinterpret_cast<CUlibraryOption*>(options), values, count))
DIRECT(cudaLibraryUnload, (cudaLibrary_t library), cuLibraryUnload, (library))
DIRECT(cudaLibraryGetKernel, (cudaKernel_t* kernel, cudaLibrary_t library, const char* name), cuLibraryGetKernel,
       (kernel, library, name))
DIRECT(cudaLibraryGetKernelCount, (unsigned* count, cudaLibrary_t library), cuLibraryGetKernelCount, (count, library))
DIRECT(cudaLibraryEnumerateKernels, (cudaKernel_t* kernels, unsigned most, cudaLibrary_t library),
       cuLibraryEnumerateKernels, (kernels, most, library))
DIRECT(cudaLibraryGetGlobal, (void** start, size_t* size, cudaLibrary_t library, const char* name),
       cuLibraryGetGlobal, (reinterpret_cast<CUdeviceptr*>(start), size, library, name))
DIRECT(cudaLibraryGetManaged, (void** start, size_t* size, cudaLibrary_t library, const char* name),
       cuLibraryGetManaged, (reinterpret_cast<CUdeviceptr*>(start), size, library, name))
