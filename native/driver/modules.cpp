// Modules, their functions and variables. A module has what its image brings: kernels that a compiler made, or PTX. The
// kernels of all libraries of kernels are in every module that is no PTX.
#include "driver/modules.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/functions.h"
#include "images/built_in.h"
#include "images/fat_binary.h"
#include "images/host_memory.h"
#include "images/images.h"
#include "images/loaded_code.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

struct Module {
  ImageKind kind = ImageKind::UNKNOWN;
  std::shared_ptr<LoadedCode> code;
  std::shared_ptr<const ptx::Module> ptx;
};

Handles<CUmodule, Module> modules(&counters.modules_live);
Handles<CUfunction, Function> functions;

CUresult load_code(Module& module, const Image& image, const char* call) {
  std::string why;
  module.code = LoadedCode::from(image.code, image.size, why);
  return module.code ? CUDA_SUCCESS : refuse(CUDA_ERROR_INVALID_IMAGE, call, why);
}

// How a program's own kernels run, and what that cannot show, each way once a process.
void say_mode(const Image& image) {
  static std::set<std::string> said;
  bool as_cpp = image.kind == ImageKind::OF_OUR_NVRTC && image.code;
  if (!as_cpp && image.kind != ImageKind::PTX) {
    return;
  }
  std::string mode = as_cpp ? "C++ by g++, since NVIDIA's NVRTC is not here or was not used: races of a block's "
                              "threads through device memory are not found, and inline PTX and CUDA's headers are not "
                              "there; pip install nvidia-cuda-nvrtc and CHARLSTM_SIM_NVRTC=FILE bring PTX"
                     : image.by_nvidias ? "PTX by NVIDIA's own compiler: a card's machine code and speed are not shown"
                                        : "PTX by nvcc, or whatever made it: a card's machine code and speed are not "
                                          "shown";
  if (said.insert(mode).second) {
    std::fprintf(stderr, "charlstm sim: own kernels run as %s\n", mode.c_str());
  }
}

bool fits(int architecture) {
  int capability = settings.capability / 10;
  return architecture == 0 || (architecture / 10 == capability / 10 && architecture <= capability);
}

CUresult load(Module& module, const Image& image, const char* call, const JitOptions& options) {
  module.kind = image.kind;
  if (!fits(image.architecture)) {
    return refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
                  "the image is for sm_" + std::to_string(image.architecture) + ", and this card takes sm_" +
                      std::to_string(settings.capability / 10) + " or a lower minor version");
  }
  switch (image.kind) {
    case ImageKind::PTX: return read_texts(call, image.texts, options, module.ptx);
    case ImageKind::BROKEN: return refuse(CUDA_ERROR_INVALID_IMAGE, call, image.trouble);
    case ImageKind::OTHER_PTX:
      return refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
                    "the fat binary has PTX for " + (image.trouble.empty() ? "no card" : image.trouble) +
                        ", and this card is sm_" + std::to_string(settings.capability / 10));
    case ImageKind::OF_OTHER_BUILD:
      return refuse(
          CUDA_ERROR_NO_BINARY_FOR_GPU, call,
          "another build of the simulated NVRTC has compiled the image; compile the text again, and empty the "
          "cache (CHARLSTM_CACHE) if it came from there");
    default: return image.code ? load_code(module, image, call) : CUDA_SUCCESS;
  }
}

CUresult load(CUmodule* module, const Bytes& bytes, const char* call, const JitOptions& options = JitOptions(),
              const std::string& name = "") {
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  auto made = std::make_shared<Module>();
  Image image = look_at(bytes, settings.capability / 10, name);
  if (image.kind == ImageKind::UNKNOWN) {
    bool empty = !bytes.has(0, 1) || *bytes.start == 0;
    return refuse(CUDA_ERROR_INVALID_IMAGE, call,
                  (name.empty() ? "the image" : name) +
                      (empty ? " is empty" : " is no PTX, fat binary or CUBIN, or is spoilt at its beginning"));
  }
  CUresult result = load(*made, image, call, options);
  if (result == CUDA_SUCCESS) {
    say_mode(image);
    *module = modules.add(made);
  }
  return result;
}

// Null if the module has none of that name; then why is not empty if there is one that cannot be read.
std::shared_ptr<Function> function_of(CUmodule handle, const Module& module, const char* name, std::string& why) {
  auto made = std::make_shared<Function>();
  made->module = handle;
  if (module.ptx) {
    made->holder = module.ptx;
    made->kernel = module.ptx->find_kernel(name);
  } else if (module.code && (made->kernel = module.code->find(name))) {
    made->holder = module.code;
  } else {
    BuiltIn built_in = find_built_in(name, why);
    made->kernel = built_in.kernel;
    made->holder = built_in.module;
  }
  return made->kernel ? made : nullptr;
}

}

CUresult refuse(CUresult code, const char* call, const std::string& why) {
  complain(std::string(call) + ": " + why);
  return code;
}

CUresult read_texts(const char* call, const std::vector<ptx::Text>& texts, const JitOptions& options,
                    std::shared_ptr<const ptx::Module>& module) {
  try {
    module = ptx::Module::read(texts, settings.capability / 10);
  } catch (const ptx::Refusal& refusal) {
    options.tell(refusal.what());
    return refuse(CUDA_ERROR_INVALID_PTX, call, refusal.what());
  }
  options.tell("");
  return CUDA_SUCCESS;
}

std::shared_ptr<Function> find_function(CUfunction handle) {
  std::shared_ptr<Function> function = functions.find(handle);
  return function && modules.find(function->module) ? function : nullptr;
}

CUresult cuModuleLoad(CUmodule* module, const char* path) {
  std::string content;
  if (!module || !path) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return read_file(path, content)
             ? load(module, {content.c_str(), content.size()}, "cuModuleLoad", JitOptions(), path)
             : refuse(CUDA_ERROR_FILE_NOT_FOUND, "cuModuleLoad", "cannot read " + std::string(path));
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return module && readable(image, 1) ? load(module, {static_cast<const char*>(image)}, "cuModuleLoadData")
                                      : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int count, CUjit_option* options,
                            void** values) {
  if (!module || !readable(image, 1)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  JitOptions read;
  CUresult result = read.read("cuModuleLoadDataEx", count, options, values);
  return result == CUDA_SUCCESS ? load(module, {static_cast<const char*>(image)}, "cuModuleLoadDataEx", read) : result;
}

CUresult cuModuleLoadFatBinary(CUmodule* module, const void* image) {
  if (!module || !is_fat_binary({static_cast<const char*>(image)})) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return load(module, {static_cast<const char*>(image)}, "cuModuleLoadFatBinary");
}

CUresult cuModuleUnload(CUmodule module) {
  wait_if_endless();
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
  std::string why;
  if (std::shared_ptr<Function> found = function_of(handle, *module, name, why)) {
    *function = functions.add(found);
    return CUDA_SUCCESS;
  }
  if (!why.empty()) {
    CUresult code = settings.ptx.empty() ? CUDA_ERROR_INVALID_IMAGE : CUDA_ERROR_INVALID_PTX;
    return refuse(code, "cuModuleGetFunction", why);
  }
  return module->kind == ImageKind::MACHINE_CODE
             ? refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "cuModuleGetFunction",
                      "no library of kernels has " + std::string(name) + ", and the image is a card's machine code; "
                      "the simulated GPU runs PTX, C++ that its own NVRTC compiles (nvrtcGetCUBIN), and libraries "
                      "of kernels")
             : CUDA_ERROR_NOT_FOUND;
}

CUresult cuModuleGetFunctionCount(unsigned int* count, CUmodule handle) {
  std::shared_ptr<Module> module = modules.find(handle);
  if (!module) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!module->ptx) {
    return refuse(CUDA_ERROR_NOT_SUPPORTED, "cuModuleGetFunctionCount", "only functions of PTX are counted");
  }
  if (!count) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *count = unsigned(module->ptx->kernel_names().size());
  return CUDA_SUCCESS;
}

CUresult cuModuleEnumerateFunctions(CUfunction* found, unsigned int most, CUmodule handle) {
  unsigned count = 0;
  CUresult result = sim::cuModuleGetFunctionCount(&count, handle);
  if (result != CUDA_SUCCESS) {
    return result;
  }
  if (!found || most == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::shared_ptr<Module> module = modules.find(handle);
  std::vector<std::string> names = module->ptx->kernel_names();
  std::string why;
  for (unsigned i = 0; i < std::min(most, count); i++) {
    found[i] = functions.add(function_of(handle, *module, names[i].c_str(), why));
  }
  return CUDA_SUCCESS;
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* start, size_t* size, CUmodule handle, const char* name) {
  std::shared_ptr<Module> module = modules.find(handle);
  if (!module) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!name || (!start && !size)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (!module->ptx) {
    return refuse(
        CUDA_ERROR_NOT_FOUND, "cuModuleGetGlobal",
        "no variable " + std::string(name) + ": those of C++ cannot be reached from outside, those of PTX can");
  }
  Address address = 0;
  size_t bytes = 0;
  if (!module->ptx->find_variable(name, address, bytes)) {
    return CUDA_ERROR_NOT_FOUND;
  }
  if (start) {
    *start = address;
  }
  if (size) {
    *size = bytes;
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction handle) {
  std::shared_ptr<Function> function = find_function(handle);
  if (!function) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!module) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *module = function->module;
  return CUDA_SUCCESS;
}

}
