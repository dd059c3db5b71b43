// CUDA's runtime over a driver: what its calls have in common.
// A new function goes to the file of its kind, with EXPORT; its line in absent.cpp is deleted.
#pragma once
#include "api/cuda_runtime.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace cudart {

// The driver's function of that name; in its place, one that answers with an error, and a line on stderr.
void* driver_function(const char* name);

#define CU(name)                                                                                     \
  ([]() {                                                                                            \
    static const auto function = reinterpret_cast<decltype(&::name)>(cudart::driver_function(#name)); \
    return function;                                                                                 \
  }())

// Sees to a driver and to a context of this thread: that which the program has made current, or the primary one.
CUresult enter();
// The same, but no context is needed.
CUresult enter_driver();
// Ends the primary context, and forgets what was loaded in it.
CUresult leave();

// That of a device, which need not be this thread's; and the device that this thread has chosen.
CUresult primary_of(int device, CUcontext* primary);
int chosen_device();

// The answer of a call; a failure is kept as the thread's last error. The driver's codes are the runtime's.
cudaError_t told(cudaError_t code);
inline cudaError_t told(CUresult code) {
  return told(cudaError_t(code));
}

// For a call that is one of the driver's.
template <typename Call>
cudaError_t in_context(Call call) {
  CUresult entered = enter();
  return told(entered == CUDA_SUCCESS ? cudaError_t(call()) : cudaError_t(entered));
}

template <typename Call>
cudaError_t in_driver(Call call) {
  CUresult entered = enter_driver();
  return told(entered == CUDA_SUCCESS ? cudaError_t(call()) : cudaError_t(entered));
}

// The stream that stands for none in functions whose names end in _ptsz and _ptds.
inline cudaStream_t of_this_thread(cudaStream_t stream) {
  return stream ? stream : reinterpret_cast<cudaStream_t>(2);
}

inline CUdeviceptr device(const void* address) {
  return reinterpret_cast<CUdeviceptr>(address);
}

// A function that answers with an expression; IN_DRIVER needs no context for it.
#define CALL(name, parameters, ...)                             \
  EXPORT cudaError_t name parameters {                          \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }
#define CALL_IN_DRIVER(name, parameters, ...)                   \
  EXPORT cudaError_t name parameters {                          \
    return cudart::in_driver([&] { return __VA_ARGS__; });      \
  }
// NAME and NAME_ptsz, which differ in the default stream. The parameters name it `stream`.
#define STREAMED_CALL(name, parameters, ...)                    \
  CALL(name, parameters, __VA_ARGS__)                           \
  EXPORT cudaError_t name##_ptsz parameters {                   \
    stream = cudart::of_this_thread(stream);                    \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }
// NAME and NAME_ptds, which have no parameter for their stream.
#define DEFAULT_STREAM_CALL(name, parameters, ...)              \
  EXPORT cudaError_t name parameters {                          \
    const cudaStream_t stream = nullptr;                        \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }                                                             \
  EXPORT cudaError_t name##_ptds parameters {                   \
    const auto stream = cudart::of_this_thread(nullptr);        \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }
// The same of a function that is one of the driver's.
#define DIRECT(name, parameters, driver, arguments) CALL(name, parameters, CU(driver) arguments)
#define STREAMED(name, parameters, driver, arguments) STREAMED_CALL(name, parameters, CU(driver) arguments)

// A kernel by its symbol in the program, or by what the driver calls it; null with the reason if there is none.
CUfunction function_of(const void* symbol, cudaError_t& why);
// A variable by its symbol; null for what is not wanted of it.
cudaError_t variable_of(const void* symbol, CUdeviceptr* start, size_t* size);

// Whether an address is the device's or managed memory.
bool on_device(const void* address);

// A copy of a box as the driver takes it.
CUresult drivers_box(const cudaMemcpy3DParms& wanted, CUDA_MEMCPY3D& copy);

// The modules of a context are gone.
void forget_loaded(CUcontext context);

}
