// CUDA's runtime over a driver: helpers of all its calls. A new function goes to the file of its kind, with EXPORT; its
// line in names/libcudart.txt is deleted.
#pragma once
#include "api/cuda_runtime.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace cudart {

// The driver's function of that name, or else a function that prints a message and answers with an error.
void* driver_function(const char* name);

#define CU(name)                                                                                     \
  ([]() {                                                                                            \
    static const auto function = reinterpret_cast<decltype(&::name)>(cudart::driver_function(#name)); \
    return function;                                                                                 \
  }())

// Makes sure of a driver and of a context for this thread: the current context, or the primary one.
CUresult enter();
// Makes sure of a driver only.
CUresult enter_driver();
// Destroys the primary context, and forgets the modules loaded in it.
CUresult leave();

// The primary context of any device; and the device that this thread has chosen.
CUresult primary_of(int device, CUcontext* primary);
int chosen_device();

// The answer of a call; a failure is kept as the thread's last error. The driver's codes are also the runtime's.
cudaError_t told(cudaError_t code);
inline cudaError_t told(CUresult code) {
  return told(cudaError_t(code));
}

// Answers with a call of the driver that needs a context.
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

// The stream that null means in functions whose names end in _ptsz and _ptds.
inline cudaStream_t of_this_thread(cudaStream_t stream) {
  return stream ? stream : reinterpret_cast<cudaStream_t>(2);
}

inline CUdeviceptr device(const void* address) {
  return reinterpret_cast<CUdeviceptr>(address);
}

// Defines a function that answers with an expression; IN_DRIVER needs no context.
#define CALL(name, parameters, ...)                             \
  EXPORT cudaError_t name parameters {                          \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }
#define CALL_IN_DRIVER(name, parameters, ...)                   \
  EXPORT cudaError_t name parameters {                          \
    return cudart::in_driver([&] { return __VA_ARGS__; });      \
  }
// Defines NAME and NAME_ptsz, which differ in the default stream. The parameter's name must be `stream`.
#define STREAMED_CALL(name, parameters, ...)                    \
  CALL(name, parameters, __VA_ARGS__)                           \
  EXPORT cudaError_t name##_ptsz parameters {                   \
    stream = cudart::of_this_thread(stream);                    \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }
// Defines NAME and NAME_ptds, which have no parameter for their stream.
#define DEFAULT_STREAM_CALL(name, parameters, ...)              \
  EXPORT cudaError_t name parameters {                          \
    const cudaStream_t stream = nullptr;                        \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }                                                             \
  EXPORT cudaError_t name##_ptds parameters {                   \
    const auto stream = cudart::of_this_thread(nullptr);        \
    return cudart::in_context([&] { return __VA_ARGS__; });     \
  }
// Defines the same for functions of the driver.
#define DIRECT(name, parameters, driver, arguments) CALL(name, parameters, CU(driver) arguments)
#define STREAMED(name, parameters, driver, arguments) STREAMED_CALL(name, parameters, CU(driver) arguments)

// A kernel by its symbol in the program, or by the driver's handle; null with the reason if there is none.
CUfunction function_of(const void* symbol, cudaError_t& why);
// A variable's start and size by its symbol; a null pointer skips a value.
cudaError_t variable_of(const void* symbol, CUdeviceptr* start, size_t* size);

// Whether an address is device or managed memory.
bool on_device(const void* address);

// Turns a copy of a box into the driver's form.
CUresult drivers_box(const cudaMemcpy3DParms& wanted, CUDA_MEMCPY3D& copy);

// Forgets the modules of a context that has ended.
void forget_loaded(CUcontext context);

}
