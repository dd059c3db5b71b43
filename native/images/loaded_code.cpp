#include "images/loaded_code.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "machine/program_image.h"

namespace sim {

namespace {

bool write_all(int file, const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(file, bytes, size);
    if (written <= 0) {
      return false;
    }
    bytes += written;
    size -= written;
  }
  return true;
}

// The loader knows objects by their file. This one has no name once it is loaded.
class PrivateFile {
 public:
  PrivateFile(const char* bytes, size_t size) {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder && *folder ? folder : "/tmp") + "/charlstm-kernels-XXXXXX";
    int file = mkstemp(path_.data());
    made_ = file >= 0;
    good_ = made_ && write_all(file, bytes, size);
    error_ = errno;
    good_ = (!made_ || close(file) == 0) && good_;
  }
  ~PrivateFile() {
    if (made_) {
      unlink(path_.c_str());
    }
  }
  const std::string& path() const { return path_; }
  bool good() const { return good_; }
  std::string trouble() const { return "cannot write " + path_ + ": " + std::strerror(error_); }

 private:
  std::string path_;
  bool made_ = false;
  bool good_ = false;
  int error_ = 0;
};

}

std::shared_ptr<LoadedCode> LoadedCode::from(const char* code, size_t size, std::string& why) {
  PrivateFile file(code, size);
  if (!file.good()) {
    why = file.trouble();
    return nullptr;
  }
  void* library = dlopen(file.path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    why = dlerror();
    return nullptr;
  }
  return std::shared_ptr<LoadedCode>(new LoadedCode(library));
}

LoadedCode::LoadedCode(void* library) : library_(library) {
  auto* entries = static_cast<const unsigned*>(dlsym(library, "charlstm_entries"));
  for (unsigned i = 0; entries && i < *entries; i++) {
    auto* entry = static_cast<Found*>(dlsym(library, ("charlstm_entry_" + std::to_string(i)).c_str()));
    if (entry) {
      entry->kernel.name = entry->kernel.name ? entry->kernel.name : symbol_of(entry->function);
      entry->kernel.next = first_;
      first_ = &entry->kernel;
    }
  }
  if (first_) {
    add_program(first_, true);
  }
}

LoadedCode::~LoadedCode() {
  if (first_) {
    remove_program(first_);
  }
  dlclose(library_);
}

const Kernel* LoadedCode::find(const char* name) const {
  const Kernel* kernel = first_;
  while (kernel && std::strcmp(kernel->name, name) != 0) {
    kernel = kernel->next;
  }
  return kernel;
}

}
