// Kernels and variables of the program's own fat binaries, which nvcc's constructors register. A binary is loaded at
// the first use of its contents.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "runtime/runtime.h"

namespace cudart {

namespace {

struct Managed {
  void** pointer;  // the program reads the variable through it
  std::string name;
};

struct Binary {
  const void* image;
  std::map<CUcontext, CUmodule> modules;
  std::vector<Managed> managed;
};

// A kernel or a variable; a kernel also has its function in each context.
struct Symbol {
  Binary* binary;
  std::string name;
  std::map<CUcontext, CUfunction> functions;
};

using Symbols = std::map<const void*, Symbol>;

struct Registered {
  std::recursive_mutex lock;
  std::set<Binary*> binaries;
  Symbols kernels, variables;
};

// Made at first use and never destroyed, because the program's constructors may run before this file's, and its
// destructors after.
Registered& registered() {
  static Registered& all = *new Registered;
  return all;
}

using Guard = std::lock_guard<std::recursive_mutex>;

Binary* binary_of(void** handle) {
  return reinterpret_cast<Binary*>(handle);
}

// A fat binary's wrapper in nvcc's layout. Version 2 is linked machine code; the wrapper then also has the fat binaries
// of the linked files, which are linked again here.
struct Wrapper {
  unsigned magic, version;
  const void* fat_binary;
  const void* const* linked_from;  // ends with null
};

struct FatBinaryHeader {
  unsigned magic;
  unsigned short version, header_size;
  unsigned long long size;  // of what follows
};

struct Entry {
  unsigned short kind, version;
  unsigned header_size;
  unsigned long long size;
  unsigned unused[3], architecture;
};

constexpr unsigned WRAPPED = 0x466243b1;
constexpr unsigned short PTX = 1;

// Whether there is PTX for this card or an older one.
bool has_text(const FatBinaryHeader& header) {
  int major = 0, minor = 0;
  CU(cuDeviceGetAttribute)(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 0);
  CU(cuDeviceGetAttribute)(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0);
  auto place = reinterpret_cast<const char*>(&header) + header.header_size, end = place + header.size;
  while (place < end) {
    auto entry = reinterpret_cast<const Entry*>(place);
    if (entry->kind == PTX && entry->architecture <= unsigned(10 * major + minor)) {
      return true;
    }
    place += entry->header_size + entry->size;
  }
  return false;
}

// libcudadevrt, which nvcc always adds, has PTX only for newer cards.
CUresult load_linked(const Wrapper& wrapper, CUmodule& module) {
  CUlinkState link = nullptr;
  void* image = nullptr;
  CUresult result = CU(cuLinkCreate_v2)(0, nullptr, nullptr, &link);
  if (result != CUDA_SUCCESS) {
    return result;
  }
  for (auto one = wrapper.linked_from; *one && result == CUDA_SUCCESS; one++) {
    auto header = static_cast<const FatBinaryHeader*>(*one);
    if (has_text(*header) || one == wrapper.linked_from) {
      result = CU(cuLinkAddData_v2)(link, CU_JIT_INPUT_FATBINARY, const_cast<void*>(*one),
                                    size_t(header->header_size + header->size), nullptr, 0, nullptr, nullptr);
    }
  }
  if (result == CUDA_SUCCESS) {
    result = CU(cuLinkComplete)(link, &image, nullptr);
  }
  if (result == CUDA_SUCCESS) {
    result = CU(cuModuleLoadData)(&module, image);
  }
  CU(cuLinkDestroy)(link);
  return result;
}

// Something of the module may be used for the first time in a capture, which forbids calls by the program alone.
CUresult load(const void* image, CUmodule& module) {
  auto wrapper = static_cast<const Wrapper*>(image);
  bool linked = wrapper->magic == WRAPPED && wrapper->version == 2 && wrapper->linked_from;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED;
  CU(cuThreadExchangeStreamCaptureMode)(&mode);
  CUresult result = linked ? load_linked(*wrapper, module) : CU(cuModuleLoadData)(&module, image);
  CU(cuThreadExchangeStreamCaptureMode)(&mode);
  return result;
}

// Unloads all at the end of the process, because modules that the runtime loaded are no leaks of the program.
void unload_all() {
  Guard guard(registered().lock);
  enter();
  for (Binary* binary : registered().binaries) {
    for (const auto& [context, module] : binary->modules) {
      CU(cuModuleUnload)(module);
    }
    binary->modules.clear();
  }
}

void unload_before_leaks_are_told() {
  const char* told = std::getenv("CHARLSTM_SIM_LEAKS");
  static const bool wanted = told && *told && *told != '0' && std::atexit(unload_all) == 0;
  (void)wanted;
}

CUresult module_of(Binary& binary, CUmodule& module, CUcontext& context) {
  CUresult result = enter();
  if (result != CUDA_SUCCESS || (result = CU(cuCtxGetCurrent)(&context)) != CUDA_SUCCESS) {
    return result;
  }
  CUmodule& loaded = binary.modules[context];
  if (!loaded && !binary.managed.empty() && binary.modules.size() > 1) {
    std::fprintf(stderr, "charlstm runtime: a variable that is __managed__ is simulated on one device alone\n");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  if (!loaded) {
    unload_before_leaks_are_told();
    result = load(binary.image, loaded);
    if (result != CUDA_SUCCESS) {
      loaded = nullptr;
      return result;
    }
    for (const Managed& one : binary.managed) {
      CUdeviceptr start = 0;
      size_t size = 0;
      if (CU(cuModuleGetGlobal_v2)(&start, &size, loaded, one.name.c_str()) == CUDA_SUCCESS) {
        *one.pointer = reinterpret_cast<void*>(start);
      }
    }
  }
  module = loaded;
  return CUDA_SUCCESS;
}

void add(Symbols& to, void** handle, const void* symbol, const char* name) {
  Guard guard(registered().lock);
  to[symbol] = {binary_of(handle), name, {}};
}

void forget(Symbols& from, const Binary* binary) {
  for (auto entry = from.begin(); entry != from.end();) {
    entry = entry->second.binary == binary ? from.erase(entry) : std::next(entry);
  }
}

}

void forget_loaded(CUcontext context) {
  Guard guard(registered().lock);
  for (Binary* binary : registered().binaries) {
    binary->modules.erase(context);
  }
  for (auto& entry : registered().kernels) {
    entry.second.functions.erase(context);
  }
}

CUfunction function_of(const void* given, cudaError_t& why) {
  Guard guard(registered().lock);
  why = cudaErrorInvalidDeviceFunction;
  auto kernel = registered().kernels.find(given);
  if (kernel == registered().kernels.end()) {
    // The handle is a library's kernel or the driver's own function, which the driver checks.
    return static_cast<CUfunction>(const_cast<void*>(given));
  }
  CUmodule module = nullptr;
  CUcontext context = nullptr;
  why = cudaError_t(module_of(*kernel->second.binary, module, context));
  if (why != cudaSuccess) {
    return nullptr;
  }
  CUfunction& function = kernel->second.functions[context];
  if (!function) {
    why = cudaError_t(CU(cuModuleGetFunction)(&function, module, kernel->second.name.c_str()));
    why = why == cudaErrorSymbolNotFound ? cudaErrorInvalidDeviceFunction : why;
  }
  return function;
}

cudaError_t variable_of(const void* symbol, CUdeviceptr* start, size_t* size) {
  Guard guard(registered().lock);
  auto found = registered().variables.find(symbol);
  if (found == registered().variables.end()) {
    return cudaErrorInvalidSymbol;
  }
  CUmodule module = nullptr;
  CUcontext context = nullptr;
  CUresult result = module_of(*found->second.binary, module, context);
  if (result == CUDA_SUCCESS) {
    result = CU(cuModuleGetGlobal_v2)(start, size, module, found->second.name.c_str());
  }
  return result == CUDA_ERROR_NOT_FOUND ? cudaErrorInvalidSymbol : cudaError_t(result);
}

}

using namespace cudart;

EXPORT void** __cudaRegisterFatBinary(void* image) {
  Guard guard(registered().lock);
  auto binary = new Binary{image, {}, {}};
  registered().binaries.insert(binary);
  return reinterpret_cast<void**>(binary);
}

EXPORT void __cudaRegisterFatBinaryEnd(void**) {}

// Modules end with their context, because at the end of a process the driver may have ended already.
EXPORT void __cudaUnregisterFatBinary(void** handle) {
  Guard guard(registered().lock);
  forget(registered().kernels, binary_of(handle));
  forget(registered().variables, binary_of(handle));
  if (registered().binaries.erase(binary_of(handle))) {
    delete binary_of(handle);
  }
}

EXPORT void __cudaRegisterFunction(void** handle, const char* symbol, char*, const char* name, int, uint3*, uint3*,
                                   dim3*, dim3*, int*) {
  add(registered().kernels, handle, symbol, name);
}

EXPORT void __cudaRegisterVar(void** handle, char* symbol, char*, const char* name, int, size_t, int, int) {
  add(registered().variables, handle, symbol, name);
}

EXPORT void __cudaRegisterManagedVar(void** handle, void** pointer, char*, const char* name, int, size_t, int, int) {
  add(registered().variables, handle, pointer, name);
  Guard guard(registered().lock);
  binary_of(handle)->managed.push_back({pointer, name});
}

// Called before the program reads a managed variable.
EXPORT char __cudaInitModule(void** handle) {
  Guard guard(registered().lock);
  CUmodule module = nullptr;
  CUcontext context = nullptr;
  return told(module_of(*binary_of(handle), module, context)) == cudaSuccess;
}

// A kernel's symbol serves as its handle.
EXPORT cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* symbol) {
  Guard guard(registered().lock);
  if (!kernel || !registered().kernels.count(symbol)) {
    return told(cudaErrorInvalidDeviceFunction);
  }
  *kernel = static_cast<cudaKernel_t>(const_cast<void*>(symbol));
  return cudaSuccess;
}

EXPORT cudaError_t cudaGetKernel(cudaKernel_t* kernel, const void* symbol) {
  return __cudaGetKernel(kernel, symbol);
}

CALL(cudaGetSymbolAddress, (void** address, const void* symbol),
     address ? variable_of(symbol, reinterpret_cast<CUdeviceptr*>(address), nullptr) : cudaErrorInvalidValue)
CALL(cudaGetSymbolSize, (size_t* bytes, const void* symbol),
     bytes ? variable_of(symbol, nullptr, bytes) : cudaErrorInvalidValue)
