// Libraries: modules that are of no context, and their kernels. There is one device, so a kernel is its function, and
// either handle serves for the other.
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/functions.h"
#include "driver/modules.h"

namespace sim {

namespace {

struct Library {
  CUmodule module;
};

Handles<CUlibrary, Library> libraries;

CUfunction function_of(CUkernel kernel) {
  return reinterpret_cast<CUfunction>(kernel);
}

// The answer of a call for the library's module.
template <typename Call>
CUresult of_module(CUlibrary handle, Call call) {
  std::shared_ptr<Library> library = libraries.find(handle);
  return library ? call(library->module) : CUDA_ERROR_INVALID_HANDLE;
}

CUresult add(CUlibrary* library, CUmodule module) {
  *library = libraries.add(std::make_shared<Library>(Library{module}));
  return CUDA_SUCCESS;
}

}

// The options say how long the caller keeps the code, of which a copy is taken here.
CUresult cuLibraryLoadData(CUlibrary* library, const void* code, CUjit_option* jit, void** jit_values,
                           unsigned int jit_count, CUlibraryOption*, void**, unsigned int) {
  if (!library) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  CUmodule module = nullptr;
  CUresult result = sim::cuModuleLoadDataEx(&module, code, jit_count, jit, jit_values);
  return result == CUDA_SUCCESS ? add(library, module) : result;
}

CUresult cuLibraryLoadFromFile(CUlibrary* library, const char* path, CUjit_option*, void**, unsigned int,
                               CUlibraryOption*, void**, unsigned int) {
  if (!library) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  CUmodule module = nullptr;
  CUresult result = sim::cuModuleLoad(&module, path);
  return result == CUDA_SUCCESS ? add(library, module) : result;
}

CUresult cuLibraryUnload(CUlibrary handle) {
  CUresult result = of_module(handle, [](CUmodule module) { return sim::cuModuleUnload(module); });
  libraries.remove(handle);
  return result;
}

CUresult cuLibraryGetKernel(CUkernel* kernel, CUlibrary handle, const char* name) {
  return of_module(handle, [=](CUmodule module) {
    return sim::cuModuleGetFunction(reinterpret_cast<CUfunction*>(kernel), module, name);
  });
}

CUresult cuLibraryGetKernelCount(unsigned int* count, CUlibrary handle) {
  return of_module(handle, [=](CUmodule module) { return sim::cuModuleGetFunctionCount(count, module); });
}

CUresult cuLibraryEnumerateKernels(CUkernel* kernels, unsigned int most, CUlibrary handle) {
  return of_module(handle, [=](CUmodule module) {
    return sim::cuModuleEnumerateFunctions(reinterpret_cast<CUfunction*>(kernels), most, module);
  });
}

CUresult cuLibraryGetModule(CUmodule* to, CUlibrary handle) {
  return of_module(handle, [=](CUmodule module) {
    *(to ? to : &module) = module;
    return to ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult cuLibraryGetGlobal(CUdeviceptr* start, size_t* size, CUlibrary handle, const char* name) {
  return of_module(handle, [=](CUmodule module) { return sim::cuModuleGetGlobal_v2(start, size, module, name); });
}

CUresult cuLibraryGetManaged(CUdeviceptr* start, size_t* size, CUlibrary handle, const char* name) {
  return sim::cuLibraryGetGlobal(start, size, handle, name);
}

CUresult cuKernelGetFunction(CUfunction* function, CUkernel kernel) {
  if (!find_function(function_of(kernel))) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!function) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *function = function_of(kernel);
  return CUDA_SUCCESS;
}

CUresult cuKernelGetName(const char** name, CUkernel kernel) {
  return sim::cuFuncGetName(name, function_of(kernel));
}

CUresult cuKernelGetParamInfo(CUkernel kernel, size_t index, size_t* offset, size_t* size) {
  return sim::cuFuncGetParamInfo(function_of(kernel), index, offset, size);
}

CUresult cuKernelGetAttribute(int* value, CUfunction_attribute attribute, CUkernel kernel, CUdevice device) {
  return device == 0 ? sim::cuFuncGetAttribute(value, attribute, function_of(kernel)) : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel kernel, CUdevice device) {
  return device == 0 ? sim::cuFuncSetAttribute(function_of(kernel), attribute, value) : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuKernelSetCacheConfig(CUkernel kernel, CUfunc_cache preference, CUdevice device) {
  return device == 0 ? sim::cuFuncSetCacheConfig(function_of(kernel), preference) : CUDA_ERROR_INVALID_DEVICE;
}

}
