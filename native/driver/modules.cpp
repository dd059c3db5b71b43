// Modules, their functions and variables. A module has the PTX of its image; a module without PTX has the kernels of
// all kernel libraries.
#include "driver/modules.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/functions.h"
#include "driver/refuse.h"
#include "images/built_in.h"
#include "images/fat_binary.h"
#include "images/images.h"
#include "streams/streams.h"

namespace sim {

namespace {

struct Module {
  ImageKind kind = ImageKind::UNKNOWN;
  std::shared_ptr<const ptx::Module> ptx;
};

Handles<CUmodule, Module> modules(&counters.modules_live);
Handles<CUfunction, Function> functions;

// Reports how a program's kernels were loaded, and what that way cannot show, once per process for each way.
void say_mode(const Image& image) {
  static std::set<bool> said;
  if (image.kind == ImageKind::PTX && said.insert(image.by_nvidias).second) {
    std::fprintf(stderr, "charlstm sim: own kernels run as PTX by %s: a card's machine code and speed are not shown\n",
                 image.by_nvidias ? "NVIDIA's own compiler" : "nvcc, or whatever made it");
  }
}

void check_architecture(const Image& image, const char* call) {
  int capability = settings.capability / 10, made_for = image.architecture;
  if (made_for != 0 && (made_for / 10 != capability / 10 || made_for > capability)) {
    refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
           "the image is for sm_" + std::to_string(made_for) + ", and this card takes sm_" +
               std::to_string(capability) + " or a lower minor version");
  }
}

void load(Module& module, const Image& image, const char* call, const JitOptions& options) {
  module.kind = image.kind;
  check_architecture(image, call);
  switch (image.kind) {
    case ImageKind::PTX:
      module.ptx = read_texts(call, image.texts, options);
      break;
    case ImageKind::BROKEN:
      refuse(CUDA_ERROR_INVALID_IMAGE, call, image.trouble);
    case ImageKind::OTHER_PTX:
      refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
             "the fat binary has PTX for " + (image.trouble.empty() ? "no card" : image.trouble) +
                 ", and this card is sm_" + std::to_string(settings.capability / 10));
    case ImageKind::OF_OTHER_BUILD:
      refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
             "another build of the simulated NVRTC has compiled the image; compile the text again, and empty the "
             "cache (CHARLSTM_CACHE) if it came from there");
    default: break;
  }
}

CUresult load(CUmodule* module, const Bytes& bytes, const char* call, const JitOptions& options = JitOptions(),
              const std::string& name = "") {
  require_no_capture();
  auto made = std::make_shared<Module>();
  Image image = look_at(bytes, settings.capability / 10, name);
  if (image.kind == ImageKind::UNKNOWN) {
    bool empty = !bytes.has(0, 1) || *bytes.start == 0;
    refuse(CUDA_ERROR_INVALID_IMAGE, call,
           (name.empty() ? "the image" : name) +
               (empty ? " is empty" : " is no PTX, fat binary or CUBIN, or is spoilt at its beginning"));
  }
  load(*made, image, call, options);
  say_mode(image);
  return tell(module, modules.add(made));
}

// Null if the module has no such function, with the reason in `why` if the function exists but cannot be read.
std::shared_ptr<Function> function_of(CUmodule handle, const Module& module, const char* name, std::string& why) {
  auto made = std::make_shared<Function>();
  made->module = handle;
  if (module.ptx) {
    made->holder = module.ptx;
    made->kernel = module.ptx->find_kernel(name);
  } else {
    BuiltIn built_in = find_built_in(name, why);
    made->kernel = built_in.kernel;
    made->holder = built_in.module;
  }
  return made->kernel ? made : nullptr;
}

// A kernel of a module has one handle, however often it is asked for: an attribute set by one caller holds for all.
CUfunction handle_of(const std::shared_ptr<Function>& asked) {
  for (const auto& [handle, function] : functions) {
    if (function->module == asked->module && function->kernel == asked->kernel) {
      return handle;
    }
  }
  return functions.add(asked);
}

}

std::shared_ptr<const ptx::Module> read_texts(const char* call, const std::vector<ptx::Text>& texts,
                                              const JitOptions& options) {
  try {
    std::shared_ptr<const ptx::Module> module = ptx::Module::read(texts, settings.capability / 10);
    options.tell("");
    return module;
  } catch (const ptx::Refusal& refusal) {
    options.tell(refusal.what());
    refuse(CUDA_ERROR_INVALID_PTX, call, refusal.what());
  }
}

std::shared_ptr<Function> find_function(CUfunction handle) {
  std::shared_ptr<Function> function = functions.find(handle);
  return function && modules.find(function->module) ? function : nullptr;
}

CUresult cuModuleLoad(CUmodule* module, const char* path) {
  require(module);
  std::string content = content_of("cuModuleLoad", path);
  return load(module, {content.c_str(), content.size()}, "cuModuleLoad", JitOptions(), path);
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  require(module && readable(image, 1));
  return load(module, {static_cast<const char*>(image)}, "cuModuleLoadData");
}

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int count, CUjit_option* options,
                            void** values) {
  require(module && readable(image, 1));
  JitOptions read;
  require_success(read.read("cuModuleLoadDataEx", count, options, values));
  return load(module, {static_cast<const char*>(image)}, "cuModuleLoadDataEx", read);
}

CUresult cuModuleLoadFatBinary(CUmodule* module, const void* image) {
  require(module && is_fat_binary({static_cast<const char*>(image)}));
  return load(module, {static_cast<const char*>(image)}, "cuModuleLoadFatBinary");
}

CUresult cuModuleUnload(CUmodule module) {
  wait_if_endless();
  require(modules.remove(module), CUDA_ERROR_INVALID_HANDLE);
  // The module's functions are unusable now, and would keep its code.
  for (auto entry = functions.begin(); entry != functions.end();) {
    CUfunction function = entry->second->module == module ? entry->first : nullptr;
    ++entry;
    functions.remove(function);
  }
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  require(function && name);
  std::shared_ptr<Module> module = found(modules.find(handle));
  std::string why;
  if (std::shared_ptr<Function> found = function_of(handle, *module, name, why)) {
    return tell(function, handle_of(found));
  }
  if (!why.empty()) {
    refuse(settings.ptx.empty() ? CUDA_ERROR_INVALID_IMAGE : CUDA_ERROR_INVALID_PTX, "cuModuleGetFunction", why);
  }
  if (module->kind == ImageKind::MACHINE_CODE) {
    refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "cuModuleGetFunction",
           "no library of kernels has " + std::string(name) + ", and the image is a card's machine code; the simulated "
           "GPU runs PTX, and libraries of kernels");
  }
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuModuleGetFunctionCount(unsigned int* count, CUmodule handle) {
  std::shared_ptr<Module> module = found(modules.find(handle));
  if (!module->ptx) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, "cuModuleGetFunctionCount", "only functions of PTX are counted");
  }
  return tell(count, module->ptx->kernel_names().size());
}

CUresult cuModuleEnumerateFunctions(CUfunction* to, unsigned int most, CUmodule handle) {
  unsigned count = 0;
  sim::cuModuleGetFunctionCount(&count, handle);
  require(to && most);
  std::shared_ptr<Module> module = modules.find(handle);
  std::vector<std::string> names = module->ptx->kernel_names();
  std::string why;
  for (unsigned i = 0; i < std::min(most, count); i++) {
    to[i] = handle_of(function_of(handle, *module, names[i].c_str(), why));
  }
  return CUDA_SUCCESS;
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* start, size_t* size, CUmodule handle, const char* name) {
  std::shared_ptr<Module> module = found(modules.find(handle));
  require(name && (start || size));
  if (!module->ptx) {
    refuse(CUDA_ERROR_NOT_FOUND, "cuModuleGetGlobal",
           "no variable " + std::string(name) + ": those of libraries of kernels cannot be reached from "
           "outside, those of PTX can");
  }
  Address address = 0;
  size_t bytes = 0;
  require(module->ptx->find_variable(name, address, bytes), CUDA_ERROR_NOT_FOUND);
  if (start) {
    *start = address;
  }
  if (size) {
    *size = bytes;
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction handle) {
  return tell(module, found(find_function(handle))->module);
}

}
