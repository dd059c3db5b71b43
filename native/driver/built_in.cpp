#include "driver/built_in.h"

#include <dirent.h>

#include <deque>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "driver/loaded_code.h"
#include "machine/state.h"

namespace sim {

namespace {

struct File {
  std::string name;
  std::string text;
  int capability = 0;                         // for which the module was read
  std::shared_ptr<const ptx::Module> module;  // kept, if it has no variables, which belong to a context
};

// The files of a folder, and which of them has a kernel.
struct Folder {
  std::string path;
  std::deque<File> files;
  std::map<std::string, File*> by_kernel;
};

// Modules may be in use until the process ends.
Folder& folder = *new Folder;

void note_kernels(File& file) {
  static const std::regex entry("\\.entry\\s+([A-Za-z_$][A-Za-z0-9_$]*)");
  for (std::sregex_iterator found(file.text.begin(), file.text.end(), entry), end; found != end; ++found) {
    folder.by_kernel[(*found)[1]] = &file;
  }
}

void read_files(const std::string& path) {
  if (path == folder.path) {
    return;
  }
  folder = Folder();
  folder.path = path;
  DIR* files = opendir(path.c_str());
  while (dirent* entry = files ? readdir(files) : nullptr) {
    std::string name = entry->d_name;
    if (name.size() > 4 && name.substr(name.size() - 4) == ".ptx") {
      std::ifstream stream(path + "/" + name);
      std::stringstream text;
      text << stream.rdbuf();
      folder.files.push_back({name, text.str(), 0, nullptr});
      note_kernels(folder.files.back());
    }
  }
  if (files) {
    closedir(files);
  }
}

std::shared_ptr<const ptx::Module> module_of(File& file) {
  int capability = settings.capability / 10;
  if (file.module && file.capability == capability) {
    return file.module;
  }
  std::shared_ptr<const ptx::Module> module = ptx::Module::read({{file.name, file.text}}, capability);
  if (!module->has_variables()) {
    file.module = module;
    file.capability = capability;
  }
  return module;
}

}

BuiltIn find_built_in(const std::string& name, std::string& why) {
  if (settings.ptx.empty()) {
    return {find_kernel(kernels, nullptr, name.c_str()), nullptr};
  }
  read_files(settings.ptx);
  auto found = folder.by_kernel.find(name);
  if (found == folder.by_kernel.end()) {
    why = "no file of " + settings.ptx + " (CHARLSTM_SIM_PTX) has a kernel " + name;
    return {};
  }
  try {
    std::shared_ptr<const ptx::Module> module = module_of(*found->second);
    return {module->find_kernel(name), module};
  } catch (const ptx::Refusal& refusal) {
    why = refusal.what();
    return {};
  }
}

}
