// Libraries: modules without a context, and their kernels. A kernel is its function, and either handle can stand for
// the other. All devices share a library's variables here; on a card each device has its own.
#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/functions.h"
#include "memory/memory.h"

namespace sim {

namespace {

struct Library {
  CUmodule module;
};

Handles<CUlibrary, Library> libraries;

CUfunction function_of(CUkernel kernel) {
  return reinterpret_cast<CUfunction>(kernel);
}

CUfunction function_on(CUdevice device, CUkernel kernel) {
  require_device(device);
  return function_of(kernel);
}

CUmodule module_of(CUlibrary handle) {
  return found(libraries.find(handle))->module;
}

CUresult add(CUlibrary* library, CUmodule module) {
  return tell(library, libraries.add(std::make_shared<Library>(Library{module})));
}

}

// The options tell how long the caller keeps the code; this driver copies it.
CUresult cuLibraryLoadData(CUlibrary* library, const void* code, CUjit_option* jit, void** jit_values,
                           unsigned int jit_count, CUlibraryOption*, void**, unsigned int) {
  require(library);
  CUmodule module = nullptr;
  AtWork everywhere(OF_ALL);
  sim::cuModuleLoadDataEx(&module, code, jit_count, jit, jit_values);
  return add(library, module);
}

CUresult cuLibraryLoadFromFile(CUlibrary* library, const char* path, CUjit_option*, void**, unsigned int,
                               CUlibraryOption*, void**, unsigned int) {
  require(library);
  CUmodule module = nullptr;
  AtWork everywhere(OF_ALL);
  sim::cuModuleLoad(&module, path);
  return add(library, module);
}

CUresult cuLibraryUnload(CUlibrary handle) {
  CUmodule module = module_of(handle);
  libraries.remove(handle);
  return sim::cuModuleUnload(module);
}

CUresult cuLibraryGetKernel(CUkernel* kernel, CUlibrary handle, const char* name) {
  return sim::cuModuleGetFunction(reinterpret_cast<CUfunction*>(kernel), module_of(handle), name);
}

CUresult cuLibraryGetKernelCount(unsigned int* count, CUlibrary handle) {
  return sim::cuModuleGetFunctionCount(count, module_of(handle));
}

CUresult cuLibraryEnumerateKernels(CUkernel* kernels, unsigned int most, CUlibrary handle) {
  return sim::cuModuleEnumerateFunctions(reinterpret_cast<CUfunction*>(kernels), most, module_of(handle));
}

CUresult cuLibraryGetModule(CUmodule* to, CUlibrary handle) {
  return tell(to, module_of(handle));
}

CUresult cuLibraryGetGlobal(CUdeviceptr* start, size_t* size, CUlibrary handle, const char* name) {
  return sim::cuModuleGetGlobal_v2(start, size, module_of(handle), name);
}

CUresult cuLibraryGetManaged(CUdeviceptr* start, size_t* size, CUlibrary handle, const char* name) {
  return sim::cuLibraryGetGlobal(start, size, handle, name);
}

CUresult cuKernelGetFunction(CUfunction* function, CUkernel kernel) {
  found(find_function(function_of(kernel)));
  return tell(function, function_of(kernel));
}

CUresult cuKernelGetName(const char** name, CUkernel kernel) {
  return sim::cuFuncGetName(name, function_of(kernel));
}

CUresult cuKernelGetAttribute(int* value, CUfunction_attribute attribute, CUkernel kernel, CUdevice device) {
  return sim::cuFuncGetAttribute(value, attribute, function_on(device, kernel));
}

CUresult cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel kernel, CUdevice device) {
  return sim::cuFuncSetAttribute(function_on(device, kernel), attribute, value);
}

}
