// Modules and their functions. A module has the kernels that its image brings, and all that were built into this
// library.
#include <cstring>

#include "driver/calls.h"
#include "driver/functions.h"
#include "driver/handles.h"
#include "driver/host_memory.h"
#include "driver/images.h"
#include "driver/streams.h"
#include "machine/state.h"

namespace sim {

namespace {

struct Module {
  ImageKind kind = ImageKind::ANY;
  std::shared_ptr<LoadedCode> code;
};

Handles<CUmodule, Module> modules(&counters.modules_live);
Handles<CUfunction, Function> functions;

const char WHAT_RUNS[] =
    "the simulated GPU runs C++ that its own NVRTC compiles (nvrtcGetCUBIN), and charlstm's kernels";

CUresult refuse(CUresult code, const char* call, const std::string& why) {
  complain(std::string(call) + ": " + why);
  return code;
}

CUresult load(Module& module, const void* bytes) {
  Image image = look_at(bytes);
  module.kind = image.kind;
  if (image.kind == ImageKind::PTX) {
    return refuse(CUDA_ERROR_INVALID_PTX, "cuModuleLoadData", std::string("the image is PTX; ") + WHAT_RUNS);
  }
  if (image.kind == ImageKind::OF_OTHER_BUILD) {
    return refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "cuModuleLoadData",
                  "another build of the simulated NVRTC has compiled the image; compile the text again, and empty the "
                  "cache (CHARLSTM_CACHE) if it came from there");
  }
  if (!image.code) {
    return CUDA_SUCCESS;
  }
  int capability = settings.capability / 10;
  if (image.architecture / 10 != capability / 10 || image.architecture > capability) {
    return refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "cuModuleLoadData",
                  "the image is for sm_" + std::to_string(image.architecture) + ", and this card takes sm_" +
                      std::to_string(capability) + " or a lower minor version");
  }
  std::string why = "the image is cut off";
  module.code = readable(image.code, image.size) ? LoadedCode::from(image.code, image.size, why) : nullptr;
  return module.code ? CUDA_SUCCESS : refuse(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData", why);
}

}

std::shared_ptr<Function> find_function(CUfunction handle) {
  std::shared_ptr<Function> function = functions.find(handle);
  return function && modules.find(function->module) ? function : nullptr;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  if (!module || !readable(image, 1)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  auto made = std::make_shared<Module>();
  CUresult result = load(*made, image);
  if (result == CUDA_SUCCESS) {
    *module = modules.add(made);
  }
  return result;
}

CUresult cuModuleUnload(CUmodule module) {
  if (!modules.remove(module)) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  // Its functions are of no use any more, and would keep its code.
  for (auto entry = functions.begin(); entry != functions.end();) {
    CUfunction function = entry->second->module == module ? entry->first : nullptr;
    ++entry;
    functions.remove(function);
  }
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  if (!function || !name) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::shared_ptr<Module> module = modules.find(handle);
  if (!module) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  const Kernel* kernel = module->code ? module->code->find(name) : nullptr;
  auto made = std::make_shared<Function>();
  made->module = handle;
  made->code = kernel ? module->code : nullptr;
  made->kernel = kernel ? kernel : find_kernel(kernels, nullptr, name);
  if (made->kernel) {
    *function = functions.add(made);
    return CUDA_SUCCESS;
  }
  return module->kind == ImageKind::MACHINE_CODE
             ? refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "cuModuleGetFunction",
                      "no kernel " + std::string(name) + " was built in, and the image is a card's machine code; " +
                          WHAT_RUNS)
             : CUDA_ERROR_NOT_FOUND;
}

}
