// Contexts: the primary one, and those that a program makes. All share the device's memory and every object, which end
// with the last context.
#include <map>
#include <vector>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

// The contexts that a thread has pushed aside, below its current one.
thread_local std::vector<unsigned long long> below;

// Of contexts by their numbers, and of the primary one by 0: how a thread waits, and what may be mapped, which changes
// nothing here.
std::map<unsigned long long, unsigned> flags_of;

unsigned long long number_of(CUcontext handle) {
  return reinterpret_cast<unsigned long long>(handle);
}

unsigned& flags_of_current() {
  return flags_of[current_context == context.number ? 0 : current_context];
}

CUcontext handle_of(unsigned long long number) {
  return reinterpret_cast<CUcontext>(number);
}

unsigned long long next_number() {
  static unsigned long long last = 0;
  counters.contexts_live++;
  return ++last;
}

void push(unsigned long long number) {
  if (current_context != 0) {
    below.push_back(current_context);
  }
  current_context = number;
}

void pop() {
  current_context = below.empty() ? 0 : below.back();
  if (!below.empty()) {
    below.pop_back();
  }
}

// A context is gone. Objects that end with the last one stay in the live counters: their owner never released them.
CUresult end_of_one() {
  counters.contexts_live--;
  CUresult result = context.failed == CUDA_SUCCESS ? run_everything() : CUDA_SUCCESS;
  if (context.number == 0 && context.made.empty()) {
    Droppable::drop_all();
    drop_memory();
    end_context();
  }
  return result;
}

}

void end_what_never_ends() {
  if (!context.endless.empty()) {
    counters.contexts_live -= (context.number != 0) + (long long)context.made.size();
    Droppable::drop_all();
    drop_memory();
    end_context();
  }
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* handle, CUdevice device) {
  if (!handle) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  if (context.failed != CUDA_SUCCESS) {
    return context.failed;
  }
  if (context.holders++ == 0) {
    context.number = next_number();
  }
  *handle = handle_of(context.number);
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  if (context.holders == 0) {
    return CUDA_ERROR_INVALID_CONTEXT;
  }
  wait_if_endless();
  if (--context.holders > 0) {
    return CUDA_SUCCESS;
  }
  context.number = 0;
  return end_of_one();
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned int* flags, int* active) {
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  if (!flags || !active) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *flags = flags_of[0];
  *active = context.holders > 0;
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned int flags) {
  if (device != 0 || flags > CU_CTX_FLAGS_MASK) {
    return device != 0 ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE;
  }
  flags_of[0] = flags;
  return CUDA_SUCCESS;
}

// Its objects and memory end, and whoever holds it goes on with an empty one.
CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  wait_if_endless();
  if (context.made.empty()) {
    Droppable::drop_all();
    drop_memory();
  }
  return CUDA_SUCCESS;
}

CUresult cuCtxCreate_v2(CUcontext* handle, unsigned int flags, CUdevice device) {
  if (!handle || flags > CU_CTX_FLAGS_MASK) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (device != 0) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  if (context.failed != CUDA_SUCCESS) {
    return context.failed;
  }
  unsigned long long number = next_number();
  context.made.insert(number);
  flags_of[number] = flags;
  push(number);
  *handle = handle_of(number);
  return CUDA_SUCCESS;
}

CUresult cuCtxCreate_v3(CUcontext* handle, CUexecAffinityParam*, int count, unsigned int flags, CUdevice device) {
  return count == 0 ? sim::cuCtxCreate_v2(handle, flags, device) : CUDA_ERROR_NOT_SUPPORTED;
}

CUresult cuCtxCreate_v4(CUcontext* handle, CUctxCreateParams* parameters, unsigned int flags, CUdevice device) {
  bool asks = parameters && (parameters->numExecAffinityParams || parameters->cigParams);
  return asks ? CUDA_ERROR_NOT_SUPPORTED : sim::cuCtxCreate_v2(handle, flags, device);
}

CUresult cuCtxDestroy_v2(CUcontext handle) {
  if (context.made.erase(number_of(handle)) == 0) {
    return CUDA_ERROR_INVALID_CONTEXT;
  }
  flags_of.erase(number_of(handle));
  if (current_context == number_of(handle)) {
    pop();
  }
  return end_of_one();
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  if (!handle) {
    pop();
    return CUDA_SUCCESS;
  }
  if (!context.has(number_of(handle))) {
    return CUDA_ERROR_INVALID_CONTEXT;
  }
  current_context = number_of(handle);
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* handle) {
  if (!handle) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *handle = handle_of(current_context);
  return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  if (!context.has(number_of(handle))) {
    return CUDA_ERROR_INVALID_CONTEXT;
  }
  push(number_of(handle));
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext* handle) {
  if (current_context == 0) {
    return CUDA_ERROR_INVALID_CONTEXT;
  }
  if (handle) {
    *handle = handle_of(current_context);
  }
  pop();
  return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice* device) {
  if (!device) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *device = 0;
  return CUDA_SUCCESS;
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned int* version) {
  if (!version) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *version = 3020;  // of all that a cuCtxCreate_v2 has made
  return context.has(handle ? number_of(handle) : current_context) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  if (!id) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *id = handle ? number_of(handle) : current_context;
  return context.has(*id) ? CUDA_SUCCESS : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

CUresult cuCtxGetFlags(unsigned int* flags) {
  if (!flags) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *flags = flags_of_current();
  return CUDA_SUCCESS;
}

CUresult cuCtxSetFlags(unsigned int flags) {
  if (flags > CU_CTX_FLAGS_MASK) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  flags_of_current() = flags;
  return CUDA_SUCCESS;
}

// There is one device.
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned int flags) {
  return flags ? CUDA_ERROR_INVALID_VALUE
               : context.has(number_of(peer)) ? CUDA_ERROR_PEER_ACCESS_UNSUPPORTED : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return context.has(number_of(peer)) ? CUDA_ERROR_PEER_ACCESS_NOT_ENABLED : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult cuCtxSynchronize() {
  return forbidden_by_capture() ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : run_everything();
}

}
