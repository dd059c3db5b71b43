// Contexts: each device's primary context, and the contexts that a program makes. All contexts share all objects, and
// the contexts of a device share its memory; these end with the last context.
#include <map>
#include <utility>
#include <vector>

#include "api/of_thread.h"
#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

// The contexts that a thread has pushed aside, below its current one.
std::vector<unsigned long long>& below() {
  return of_thread<struct Below, std::vector<unsigned long long>>();
}

// The flags of contexts by their numbers, and of primary contexts by their devices, which are lower numbers: how a
// thread waits, and whether memory may be mapped. Flags have no effect here.
std::map<unsigned long long, unsigned> flags_of;

unsigned long long number_of(CUcontext handle) {
  return reinterpret_cast<unsigned long long>(handle);
}

CUcontext handle_of(unsigned long long number) {
  return reinterpret_cast<CUcontext>(number);
}

unsigned long long next_number() {
  static unsigned long long last = MOST_DEVICES;
  counters.contexts_live++;
  return ++last;
}

void push(unsigned long long number) {
  if (current_context != 0) {
    below().push_back(current_context);
  }
  current_context = number;
}

void pop() {
  current_context = below().empty() ? 0 : below().back();
  if (!below().empty()) {
    below().pop_back();
  }
}

// A context ends. The live counters keep objects that end with the last context, because their owner never released
// them.
CUresult end_of_one() {
  counters.contexts_live--;
  CUresult result = context.failed == CUDA_SUCCESS ? run_everything() : CUDA_SUCCESS;
  if (!context.lives()) {
    Droppable::drop_all();
    drop_memory();
    end_context();
  }
  return result;
}

CUresult end_of_primary(CUdevice device) {
  return std::exchange(context.primary[device].number, 0) ? end_of_one() : CUDA_SUCCESS;
}

unsigned long long existing(CUcontext handle) {
  require(context.has(number_of(handle)), CUDA_ERROR_INVALID_CONTEXT);
  return number_of(handle);
}

}

void end_what_never_ends() {
  if (!context.endless.empty()) {
    counters.contexts_live = 0;
    Droppable::drop_all();
    drop_memory();
    end_context();
  }
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* handle, CUdevice device) {
  require(handle);
  require_device(device);
  require_success(context.failed);
  Primary& primary = context.primary[device];
  primary.holders++;
  if (primary.number == 0) {
    primary.number = next_number();
  }
  return tell(handle, handle_of(primary.number));
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  require_device(device);
  require(context.primary[device].holders > 0, CUDA_ERROR_INVALID_CONTEXT);
  wait_if_endless();
  return --context.primary[device].holders == 0 ? end_of_primary(device) : CUDA_SUCCESS;
}

// By the manual a reset ends everything in the context, which stays retained. Here the context begins anew under
// another handle when it is retained next, which is a guess.
CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  require_device(device);
  int holders = context.primary[device].holders;
  flags_of.erase(device);
  CUresult result = end_of_primary(device);
  context.primary[device].holders = holders;
  return result;
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned int* flags, int* active) {
  require_device(device);
  require(flags && active);
  *flags = flags_of[device];
  return tell(active, context.primary[device].number != 0);
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned int flags) {
  require_device(device);
  require(flags <= CU_CTX_FLAGS_MASK);
  flags_of[device] = flags;
  return CUDA_SUCCESS;
}

CUresult cuCtxCreate_v2(CUcontext* handle, unsigned int flags, CUdevice device) {
  require(handle && flags <= CU_CTX_FLAGS_MASK);
  require_device(device);
  require_success(context.failed);
  unsigned long long number = next_number();
  context.made[number] = device;
  flags_of[number] = flags;
  push(number);
  return tell(handle, handle_of(number));
}

CUresult cuCtxCreate_v4(CUcontext* handle, CUctxCreateParams* parameters, unsigned int flags, CUdevice device) {
  require(!parameters || (!parameters->numExecAffinityParams && !parameters->cigParams), CUDA_ERROR_NOT_SUPPORTED);
  return sim::cuCtxCreate_v2(handle, flags, device);
}

CUresult cuCtxDestroy_v2(CUcontext handle) {
  require(context.made.erase(number_of(handle)), CUDA_ERROR_INVALID_CONTEXT);
  flags_of.erase(number_of(handle));
  if (current_context == number_of(handle)) {
    pop();
  }
  return end_of_one();
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  if (handle) {
    current_context = existing(handle);
  } else {
    pop();
  }
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* handle) {
  return tell(handle, handle_of(current_context));
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  push(existing(handle));
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext* handle) {
  require(current_context, CUDA_ERROR_INVALID_CONTEXT);
  if (handle) {
    *handle = handle_of(current_context);
  }
  pop();
  return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return tell(device, device_now);
}

CUresult cuCtxGetFlags(unsigned int* flags) {
  return tell(flags, flags_of[context.made.count(current_context) ? current_context : device_now]);
}

CUresult cuCtxSynchronize() {
  require_no_capture();
  return run_everything();
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  require_device(device);
  require_device(peer);
  return tell(can, device != peer);
}

// All that one device can do in another's memory, atomics and arrays included; the rank of the fastest connection is 0.
CUresult cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice device, CUdevice peer) {
  require_device(device);
  require_device(peer);
  require(device != peer, CUDA_ERROR_INVALID_DEVICE);
  bool of_all = attribute >= CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED &&
                attribute <= CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED;
  bool of_none = attribute == CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK ||
                 attribute == CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED;
  require(of_all || of_none);
  return tell(value, of_all);
}

// Access to another context's memory. Contexts of one device share memory here, so the setting is for any of them.
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned int flags) {
  require(flags == 0);
  int of = context.device_of(existing(peer));
  require(number_of(peer) != current_context, CUDA_ERROR_INVALID_CONTEXT);
  require(of != device_now, CUDA_ERROR_PEER_ACCESS_UNSUPPORTED);
  return require(context.peers.insert({device_now, of}).second, CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
}

CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return require(context.peers.erase({device_now, context.device_of(existing(peer))}),
                 CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
}

}
