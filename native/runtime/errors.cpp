// Names and texts of errors, as in NVIDIA's library (measured with 13.0).
#include <cctype>
#include <map>
#include <string>

#include "runtime/runtime.h"

namespace {

struct Error {
  int code;
  std::string name;
  const char* words;
};

// Errors that only the runtime has.
const Error OWN[] = {
    {9, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {12, "cudaErrorInvalidPitchValue", "invalid pitch argument"},
    {13, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {16, "cudaErrorInvalidHostPointer", "invalid host pointer"},
    {17, "cudaErrorInvalidDevicePointer", "invalid device pointer"},
    {18, "cudaErrorInvalidTexture", "invalid texture reference"},
    {19, "cudaErrorInvalidTextureBinding", "texture is not bound to a pointer"},
    {20, "cudaErrorInvalidChannelDescriptor", "invalid channel descriptor"},
    {21, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {22, "cudaErrorAddressOfConstant", "invalid address of constant"},
    {23, "cudaErrorTextureFetchFailed", "fetch from texture failed"},
    {24, "cudaErrorTextureNotBound", "cannot fetch from a texture that is not bound"},
    {25, "cudaErrorSynchronizationError", "incorrect use of __syncthreads()"},
    {26, "cudaErrorInvalidFilterSetting", "linear filtering not supported for non-float type"},
    {27, "cudaErrorInvalidNormSetting", "read as normalized float not supported for data type"},
    {28, "cudaErrorMixedDeviceExecution", "device emulation mode and device execution mode cannot be mixed"},
    {31, "cudaErrorNotYetImplemented", "feature not yet implemented"},
    {32, "cudaErrorMemoryValueTooLarge", "memory size or pointer value too large to fit in 32 bit"},
    {35, "cudaErrorInsufficientDriver", "CUDA driver version is insufficient for CUDA runtime version"},
    {37, "cudaErrorInvalidSurface", "invalid surface reference"},
    {43, "cudaErrorDuplicateVariableName", "duplicate global variable looked up by string name"},
    {44, "cudaErrorDuplicateTextureName", "duplicate texture looked up by string name"},
    {45, "cudaErrorDuplicateSurfaceName", "duplicate surface looked up by string name"},
    {49, "cudaErrorIncompatibleDriverContext", "incompatible driver context"},
    {52, "cudaErrorMissingConfiguration", "__global__ function call is not configured"},
    {53, "cudaErrorPriorLaunchFailure", "unspecified launch failure in prior launch"},
    {65, "cudaErrorLaunchMaxDepthExceeded", "launch would exceed maximum depth of nested launches"},
    {66, "cudaErrorLaunchFileScopedTex",
     "launch failed because kernel uses unsupported, file-scoped textures (texture objects are supported)"},
    {67, "cudaErrorLaunchFileScopedSurf",
     "launch failed because kernel uses unsupported, file-scoped surfaces (surface objects are supported)"},
    {68, "cudaErrorSyncDepthExceeded",
     "cudaDeviceSynchronize failed because caller's grid depth exceeds cudaLimitDevRuntimeSyncDepth"},
    {69, "cudaErrorLaunchPendingCountExceeded",
     "launch failed because launch would exceed cudaLimitDevRuntimePendingLaunchCount"},
    {98, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {103, "cudaErrorSoftwareValidityNotEstablished", "integrity checks failed"},
    {127, "cudaErrorStartupFailure", "startup failure in cuda runtime"},
};

// Errors that the runtime and the driver name differently.
const Error RENAMED[] = {
    {0, "cudaSuccess", nullptr}, {2, "cudaErrorMemoryAllocation", nullptr},
    {3, "cudaErrorInitializationError", nullptr}, {200, "cudaErrorInvalidKernelImage", nullptr},
    {201, "cudaErrorDeviceUninitialized", nullptr}, {209, "cudaErrorNoKernelImageForDevice", nullptr},
    {400, "cudaErrorInvalidResourceHandle", nullptr}, {500, "cudaErrorSymbolNotFound", nullptr},
    {719, "cudaErrorLaunchFailure", nullptr},
};

// Turns CUDA_ERROR_NOT_READY into cudaErrorNotReady.
std::string named(const std::string& driver) {
  std::string name = "cudaError";
  for (size_t i = sizeof "CUDA_ERROR" - 1; i < driver.size(); i++) {
    if (driver[i] != '_') {
      name += driver[i - 1] == '_' ? driver[i] : char(std::tolower(driver[i]));
    }
  }
  return name;
}

const std::map<int, Error>& errors() {
  static const std::map<int, Error>& all = *new std::map<int, Error>([] {
    std::map<int, Error> made = {
#define STATUS(name, value, words) {value, {value, named(#name), words}},
#include "api/statuses.h"
    };
    for (const Error& error : OWN) {
      made[error.code] = error;
    }
    for (const Error& error : RENAMED) {
      made[error.code].name = error.name;
    }
    return made;
  }());
  return all;
}

const char UNKNOWN[] = "unrecognized error code";

}

EXPORT const char* cudaGetErrorName(cudaError_t code) {
  auto found = errors().find(code);
  return found == errors().end() ? UNKNOWN : found->second.name.c_str();
}

EXPORT const char* cudaGetErrorString(cudaError_t code) {
  auto found = errors().find(code);
  return found == errors().end() ? UNKNOWN : found->second.words;
}
