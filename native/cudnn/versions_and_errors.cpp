// cuDNN's version and its last error.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cudnn/calls.h"
#include "memory/state.h"

namespace sim {

namespace {

// Not read at cuInit, for this may be asked before.
size_t set_in(const char* name, size_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

}

size_t cudnnGetVersion() {
  return set_in("CHARLSTM_SIM_CUDNN", 91300);
}

size_t cudnnGetCudartVersion() {
  return set_in("CHARLSTM_SIM_CUDART", settings.driver_version / 1000 * 1000);
}

size_t cudnnGetMaxDeviceVersion() {
  return set_in("CHARLSTM_SIM_CUDNN_CAPABILITY", 1200);
}

void cudnnGetLastErrorString(char* message, size_t max_size) {
  if (message && max_size > 0) {
    size_t length = std::min(last_message().size(), max_size - 1);
    std::memcpy(message, last_message().data(), length);
    message[length] = '\0';
  }
}

}
