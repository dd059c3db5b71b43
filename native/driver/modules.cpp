// Modules, functions and launches. An image is not looked at: every kernel was built into this library.
#include <cstring>

#include "driver/calls.h"
#include "driver/handles.h"
#include "driver/host_memory.h"
#include "driver/streams.h"
#include "machine/launch.h"
#include "machine/shared_memory.h"
#include "machine/state.h"

namespace sim {

namespace {

struct Module {};

struct Function {
  CUmodule module;
  const Kernel* kernel;
  int shared_limit = SHARED_LIMIT;
};

Handles<CUmodule, Module> modules(&counters.modules_live);
Handles<CUfunction, Function> functions;

// A function lives as long as its module.
std::shared_ptr<Function> find_function(CUfunction handle) {
  std::shared_ptr<Function> function = functions.find(handle);
  return function && modules.find(function->module) ? function : nullptr;
}

bool within_limits(const Launch& launch) {
  uint64_t threads = launch.block.count();
  return launch.grid.count() > 0 && threads > 0 && threads <= MOST_THREADS &&
         launch.block.within(MOST_THREADS_ALONG) && launch.grid.within(MOST_BLOCKS_ALONG) &&
         launch.shared_bytes <= launch.shared_limit;
}

// Copies the arguments, or is false if one cannot be read: most often because too few were passed.
bool copy_arguments(Launch& launch, void** arguments) {
  size_t count = launch.kernel->parameters;
  if (!readable(arguments, count * sizeof *arguments)) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    size_t size = launch.kernel->sizes[i];
    if (!readable(arguments[i], size)) {
      return false;
    }
    auto* bytes = static_cast<const unsigned char*>(arguments[i]);
    launch.arguments.emplace_back(bytes, bytes + size);
  }
  return true;
}

}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  if (!module || !readable(image, 1)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  *module = modules.add(std::make_shared<Module>());
  return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
  return modules.remove(module) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  if (!function || !name) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (!modules.find(module)) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  for (const Kernel* kernel = kernels; kernel; kernel = kernel->next) {
    if (std::strcmp(kernel->name, name) == 0) {
      auto made = std::make_shared<Function>();
      made->module = module;
      made->kernel = kernel;
      *function = functions.add(made);
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  std::shared_ptr<Function> function = find_function(handle);
  if (!function) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
    return value >= -1 && value <= 100 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  }
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value > SHARED_LIMIT_OPTED_IN) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  function->shared_limit = value > SHARED_LIMIT ? value : SHARED_LIMIT;
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction handle, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                        unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
                        CUstream stream, void** arguments, void** extra) {
  std::shared_ptr<Function> function = find_function(handle);
  if (!function) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  auto launch = std::make_shared<Launch>();
  launch->kernel = function->kernel;
  launch->grid = {gridX, gridY, gridZ};
  launch->block = {blockX, blockY, blockZ};
  launch->shared_bytes = sharedBytes;
  launch->shared_limit = function->shared_limit;
  // Of capabilities that have no clusters the kernel's text asks for none, and stops where it uses one.
  launch->cluster = settings.capability >= 900 ? launch->kernel->cluster : 0;
  if (extra || !within_limits(*launch) || !copy_arguments(*launch, arguments)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (launch->cluster > MOST_BLOCKS_OF_A_CLUSTER || (launch->cluster && gridX % launch->cluster != 0)) {
    return CUDA_ERROR_INVALID_CLUSTER_SIZE;
  }
  return enqueue(stream, {std::string("kernel ") + launch->kernel->name, [launch] { return run(*launch); }});
}

}
