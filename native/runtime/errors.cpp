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

// Errors that only the runtime has, as far as it gives them; of the driver it has those in use, too.
const Error OWN[] = {
    {9, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {12, "cudaErrorInvalidPitchValue", "invalid pitch argument"},
    {13, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {20, "cudaErrorInvalidChannelDescriptor", "invalid channel descriptor"},
    {21, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {26, "cudaErrorInvalidFilterSetting", "linear filtering not supported for non-float type"},
    {35, "cudaErrorInsufficientDriver", "CUDA driver version is insufficient for CUDA runtime version"},
    {52, "cudaErrorMissingConfiguration", "__global__ function call is not configured"},
    {98, "cudaErrorInvalidDeviceFunction", "invalid device function"},
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
