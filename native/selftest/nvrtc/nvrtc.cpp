#include "selftest/nvrtc/nvrtc.h"

#include <dlfcn.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace {

template <typename Function>
Function* nvrtc(const char* name) {
  static void* library = dlopen("libnvrtc.so.13", RTLD_NOW);
  return reinterpret_cast<Function*>(dlsym(library, name));
}

}

Compiled compile(const std::string& text, const std::vector<std::string>& options,
                 const std::map<std::string, std::string>& headers, const char* name,
                 const std::vector<std::string>& expressions) {
  std::vector<const char*> texts, names, given = {"--gpu-architecture=sm_90"};
  for (const auto& header : headers) {
    names.push_back(header.first.c_str());
    texts.push_back(header.second.c_str());
  }
  for (const std::string& option : options) {
    given.push_back(option.c_str());
  }
  void* program = nullptr;
  nvrtc<int(void**, const char*, const char*, int, const char* const*, const char* const*)>("nvrtcCreateProgram")(
      &program, text.c_str(), name, int(headers.size()), texts.data(), names.data());
  for (const std::string& expression : expressions) {
    nvrtc<int(void*, const char*)>("nvrtcAddNameExpression")(program, expression.c_str());
  }
  Compiled compiled;
  compiled.result =
      nvrtc<int(void*, int, const char* const*)>("nvrtcCompileProgram")(program, int(given.size()), given.data());
  size_t size = 0;
  nvrtc<int(void*, size_t*)>("nvrtcGetProgramLogSize")(program, &size);
  std::vector<char> log(size);
  nvrtc<int(void*, char*)>("nvrtcGetProgramLog")(program, log.data());
  compiled.log = log.data();
  if (nvrtc<int(void*, size_t*)>("nvrtcGetCUBINSize")(program, &size) == 0) {
    compiled.image.resize(size);
    nvrtc<int(void*, char*)>("nvrtcGetCUBIN")(program, compiled.image.data());
  }
  for (const std::string& expression : expressions) {
    const char* lowered = nullptr;
    nvrtc<int(void*, const char*, const char**)>("nvrtcGetLoweredName")(program, expression.c_str(), &lowered);
    compiled.names.push_back(lowered ? lowered : "");
  }
  nvrtc<int(void**)>("nvrtcDestroyProgram")(&program);
  return compiled;
}

std::string file_of(const std::string& name) {
  std::ifstream file(std::string(CHARLSTM_TRIALS) + "/../" + name);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

CUmodule load(const Compiled& compiled) {
  CUmodule module = nullptr;
  CHECK(compiled.result == 0 && cuModuleLoadData(&module, compiled.image.data()) == CUDA_SUCCESS);
  if (compiled.result != 0) {
    std::printf("%s", compiled.log.c_str());
  }
  return module;
}

CUresult launch_of(CUmodule module, const char* name, CUstream stream, unsigned grid_x, unsigned grid_y, unsigned x,
                   unsigned y, unsigned shared, std::vector<void*> arguments) {
  CUfunction function = nullptr;
  CUresult found = cuModuleGetFunction(&function, module, name);
  arguments.push_back(nullptr);
  return found != CUDA_SUCCESS ? found
                               : cuLaunchKernel(function, grid_x, grid_y, 1, x, y, 1, shared, stream,
                                                arguments.data(), nullptr);
}
