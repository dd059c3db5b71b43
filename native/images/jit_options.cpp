#include "images/jit_options.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "images/host_memory.h"
#include "memory/state.h"

namespace sim {

namespace {

// An option's value lies in the pointer itself.
unsigned number_in(void* const* value) {
  return unsigned(reinterpret_cast<uintptr_t>(*value));
}

CUresult refuse(CUresult code, const char* call, const std::string& why) {
  complain(std::string(call) + ": " + why);
  return code;
}

CUresult within(const char* call, const char* option, void* const* value, unsigned most) {
  return number_in(value) <= most ? CUDA_SUCCESS
                                  : refuse(CUDA_ERROR_INVALID_VALUE, call,
                                           std::string(option) + " is " + std::to_string(number_in(value)) +
                                               ", and at most " + std::to_string(most));
}

// Machine code for a target runs on cards of its major version whose minor one is no lower.
CUresult check_target(const char* call, void* const* value) {
  int target = int(number_in(value) & 0xffff), capability = settings.capability / 10;
  return target / 10 == capability / 10 && target <= capability
             ? CUDA_SUCCESS
             : refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
                      "CU_JIT_TARGET is sm_" + std::to_string(target) + ", and this card is sm_" +
                          std::to_string(capability));
}

}

void JitOptions::Log::fill(const std::string& text) const {
  size_t length = buffer && room > 0 ? std::min<size_t>(text.size(), room - 1) : 0;
  if (buffer && room > 0 && writable(buffer, room)) {
    std::memcpy(buffer, text.data(), length);
    buffer[length] = '\0';
  }
  if (size) {
    *size = reinterpret_cast<void*>(length > 0 ? length + 1 : 0);
  }
}

CUresult JitOptions::take(const char* call, CUjit_option option, void** value) {
  switch (option) {
    case CU_JIT_INFO_LOG_BUFFER: info_.buffer = static_cast<char*>(*value); return CUDA_SUCCESS;
    case CU_JIT_ERROR_LOG_BUFFER: errors_.buffer = static_cast<char*>(*value); return CUDA_SUCCESS;
    case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
      info_.size = value;
      info_.room = number_in(value);
      return CUDA_SUCCESS;
    case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
      errors_.size = value;
      errors_.room = number_in(value);
      return CUDA_SUCCESS;
    case CU_JIT_WALL_TIME: time_ = value; return CUDA_SUCCESS;
    case CU_JIT_OPTIMIZATION_LEVEL: return within(call, "CU_JIT_OPTIMIZATION_LEVEL", value, 4);
    case CU_JIT_CACHE_MODE: return within(call, "CU_JIT_CACHE_MODE", value, 2);
    case CU_JIT_FALLBACK_STRATEGY: return within(call, "CU_JIT_FALLBACK_STRATEGY", value, 1);
    case CU_JIT_TARGET: return check_target(call, value);
    case CU_JIT_MAX_REGISTERS:
    case CU_JIT_THREADS_PER_BLOCK:
    case CU_JIT_TARGET_FROM_CUCONTEXT:
    case CU_JIT_GENERATE_DEBUG_INFO:
    case CU_JIT_LOG_VERBOSE:
    case CU_JIT_GENERATE_LINE_INFO: return CUDA_SUCCESS;
    case CU_JIT_GLOBAL_SYMBOL_NAMES:
    case CU_JIT_GLOBAL_SYMBOL_ADDRESSES:
    case CU_JIT_GLOBAL_SYMBOL_COUNT:
      return refuse(CUDA_ERROR_NOT_SUPPORTED, call, "the options CU_JIT_GLOBAL_SYMBOL_... are not simulated; use "
                                                    "cuModuleGetGlobal");
    case CU_JIT_NUM_OPTIONS: break;
    default:
      if (option >= 0 && option < CU_JIT_NUM_OPTIONS) {
        return refuse(CUDA_ERROR_NOT_SUPPORTED, call,
                      "the option number " + std::to_string(option) + " is not simulated; leave it out");
      }
  }
  return refuse(CUDA_ERROR_INVALID_VALUE, call, "there is no option number " + std::to_string(option));
}

CUresult JitOptions::read(const char* call, unsigned count, const CUjit_option* options, void** values) {
  if (count > 0 && (!readable(options, count * sizeof *options) || !readable(values, count * sizeof *values))) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  for (unsigned i = 0; i < count; i++) {
    CUresult result = take(call, options[i], values + i);
    if (result != CUDA_SUCCESS) {
      return result;
    }
  }
  return CUDA_SUCCESS;
}

void JitOptions::tell(const std::string& error) const {
  info_.fill("");
  errors_.fill(error);
  if (time_) {
    float milliseconds = std::chrono::duration<float, std::milli>(std::chrono::steady_clock::now() - start_).count();
    std::memcpy(time_, &milliseconds, sizeof milliseconds);
  }
}

}
