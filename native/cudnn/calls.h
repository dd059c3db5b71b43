// The simulated cuDNN's functions for its shim.
#pragma once
#include "api/cudnn.h"
#include "calls/library.h"

namespace sim __attribute__((visibility("default"))) {

#define CALL(needs, name, parameters) void name parameters;
#include "api/cudnn_calls.h"
decltype(::cudnnGetVersion) cudnnGetVersion;
decltype(::cudnnGetCudartVersion) cudnnGetCudartVersion;
decltype(::cudnnGetMaxDeviceVersion) cudnnGetMaxDeviceVersion;
decltype(::cudnnGetLastErrorString) cudnnGetLastErrorString;

cudnnStatus_t cudnn_answer(Needs needs, const char* name, const std::function<void()>& call);

}
