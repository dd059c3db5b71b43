// Kernel libraries that a program loads itself. Their kernels are the driver's.
#include "runtime/runtime.h"

using namespace cudart;

DIRECT(cudaLibraryLoadData, (cudaLibrary_t* library, const void* code, cudaJitOption* jit, void** jitValues,
                             unsigned jitCount, cudaLibraryOption* options, void** values, unsigned count),
       cuLibraryLoadData, (library, code, reinterpret_cast<CUjit_option*>(jit), jitValues, jitCount,
                           reinterpret_cast<CUlibraryOption*>(options), values, count))
DIRECT(cudaLibraryUnload, (cudaLibrary_t library), cuLibraryUnload, (library))
DIRECT(cudaLibraryGetKernel, (cudaKernel_t* kernel, cudaLibrary_t library, const char* name), cuLibraryGetKernel,
       (kernel, library, name))
