#include "nvrtc/nvidia.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

namespace nvrtc {

namespace {

namespace files = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> parts(const std::string& list) {
  std::istringstream stream(list);
  std::vector<std::string> all;
  for (std::string part; std::getline(stream, part, ':');) {
    if (!part.empty()) {
      all.push_back(part);
    }
  }
  return all;
}

// The folders of toolkits: those of the environment, that of the nvcc on the path, and the usual folders.
std::vector<std::string> toolkits() {
  std::vector<std::string> all = {variable("CUDA_HOME"), variable("CUDA_PATH")};
  for (const std::string& folder : parts(variable("PATH"))) {
    std::error_code trouble;
    files::path nvcc = files::canonical(folder + "/nvcc", trouble);
    if (!trouble) {
      all.push_back(nvcc.parent_path().parent_path().string());
    }
  }
  all.insert(all.end(), {"/usr/local/cuda", "/opt/cuda"});
  all.erase(std::remove(all.begin(), all.end(), ""), all.end());
  return all;
}

std::vector<std::string> folders() {
  std::vector<std::string> all = parts(variable("LD_LIBRARY_PATH"));
  for (const std::string& root : toolkits()) {
    all.insert(all.end(), {root + "/lib64", root + "/lib"});
  }
  all.insert(all.end(), {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"});
  return all;
}

// A stand-in has the same name as NVIDIA's file, but lies beside the simulator.
bool is_stand_in(const std::string& file) {
  std::error_code trouble;
  files::path real = files::canonical(file, trouble);
  return !trouble && files::exists(real.parent_path() / "libcharlstm-sim.so", trouble);
}

std::string found(int major) {
  for (const std::string& folder : folders()) {
    for (int each : {major, major == 12 ? 13 : 12}) {
      std::string file = folder + "/libnvrtc.so." + std::to_string(each);
      if (access(file.c_str(), R_OK) == 0 && !is_stand_in(file)) {
        return file;
      }
    }
  }
  return "";
}

// Opens NVRTC's built-ins, which NVRTC opens by a name with its version. A library that is open already is found by
// that name, whatever its file is called.
void open_built_ins(const files::path& folder) {
  std::error_code trouble;
  for (const auto& file : files::directory_iterator(folder, trouble)) {
    if (file.path().filename().string().find("libnvrtc-builtins") == 0) {
      dlopen(file.path().c_str(), RTLD_NOW | RTLD_LOCAL);
    }
  }
}

}

std::string nvcc() {
  for (const std::string& root : toolkits()) {
    std::string file = root + "/bin/nvcc";
    if (access(file.c_str(), X_OK) == 0) {
      return file;
    }
  }
  return "";
}

const Nvidia* Nvidia::find(const std::string& file, int major, std::string& why) {
  static std::mutex mutex;
  static std::map<std::string, const Nvidia*> opened;
  std::lock_guard<std::mutex> lock(mutex);
  std::string path = file.empty() ? found(major) : file;
  if (path.empty()) {
    why = NOTHING_HERE;
    return nullptr;
  }
  if (!opened.count(path)) {
    const Nvidia* library = open(path, why);
    if (!library) {
      return nullptr;
    }
    opened[path] = library;
  }
  return opened[path];
}

// The library stays open until the process ends.
const Nvidia* Nvidia::open(const std::string& file, std::string& why) {
  if (is_stand_in(file)) {
    why = file + " (CHARLSTM_SIM_NVRTC) is the simulated NVRTC itself; name NVIDIA's own";
    return nullptr;
  }
  open_built_ins(files::path(file).parent_path());
  // RTLD_DEEPBIND, because its functions have the names of the functions here, but must find one another.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (!library || !dlsym(library, "nvrtcGetPTX")) {
    why = "cannot open NVIDIA's NVRTC: " + (library ? file + " has no nvrtcGetPTX" : std::string(dlerror()));
    return nullptr;
  }
  return new Nvidia(library);
}

template <typename... Arguments>
Result Nvidia::call(const char* name, Arguments... arguments) const {
  auto function = reinterpret_cast<Result (*)(Arguments...)>(dlsym(library_, name));
  return function ? function(arguments...) : INTERNAL_ERROR;
}

std::string Nvidia::text(const char* size_of, const char* text_of, void* program) const {
  size_t size = 0;
  std::string text;
  if (call(size_of, program, &size) == SUCCESS && size > 1) {
    text.resize(size);
    call(text_of, program, text.data());
    text.pop_back();  // the zero
  }
  return text;
}

void Nvidia::version(int* major, int* minor) const {
  call("nvrtcVersion", major, minor);
}

Result Nvidia::compile(Program& program, int count, const char* const* options) const {
  std::vector<const char*> texts, names;
  for (const auto& [name, header] : program.headers) {
    names.push_back(name.c_str());
    texts.push_back(header.c_str());
  }
  void* handle = nullptr;
  Result result = call("nvrtcCreateProgram", &handle, program.source.c_str(), program.name.c_str(), int(names.size()),
                       texts.data(), names.data());
  if (result != SUCCESS) {
    return result;
  }
  for (const auto& [expression, name] : program.lowered_names) {
    call("nvrtcAddNameExpression", handle, expression.c_str());
  }
  result = call("nvrtcCompileProgram", handle, count, options);
  program.log = text("nvrtcGetProgramLogSize", "nvrtcGetProgramLog", handle);
  if (result == SUCCESS) {
    program.ptx = text("nvrtcGetPTXSize", "nvrtcGetPTX", handle);
    for (auto& [expression, name] : program.lowered_names) {
      const char* lowered = nullptr;
      call("nvrtcGetLoweredName", handle, expression.c_str(), &lowered);
      name = lowered ? lowered : "";
    }
  }
  call("nvrtcDestroyProgram", &handle);
  return result;
}

}
