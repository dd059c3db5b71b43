#include "images/built_in.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "images/bytes.h"
#include "images/kernel_libraries.h"
#include "memory/state.h"

namespace sim {

namespace {

struct File {
  std::string name;
  std::string text;
  int capability = 0;                         // for which the module was read
  std::shared_ptr<const ptx::Module> module;  // kept, if it has no variables, which belong to a context
};

// The files of a folder, and which of them has a kernel.
struct TextFolder {
  std::string path;
  std::deque<File> files;
  std::map<std::string, File*> by_kernel;
};

// Modules may be in use until the process ends.
TextFolder& texts = *new TextFolder;

void note_kernels(File& file) {
  const std::string entry = ".entry";
  for (size_t at = file.text.find(entry); at != std::string::npos; at = file.text.find(entry, at + 1)) {
    size_t start = file.text.find_first_not_of(" \t\r\n", at + entry.size());
    size_t end = file.text.find_first_of(" \t\r\n(", start);
    texts.by_kernel[file.text.substr(std::min(start, file.text.size()), end - start)] = &file;
  }
}

void read_files(const std::string& path) {
  if (path == texts.path) {
    return;
  }
  texts = TextFolder();
  texts.path = path;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(path, none)) {
    std::string text;
    if (entry.path().extension() == ".ptx" && read_file(entry.path().c_str(), text)) {
      texts.files.push_back({entry.path().filename().string(), text, 0, nullptr});
      note_kernels(texts.files.back());
    }
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
    return {kernel_of_libraries(name, why), nullptr};
  }
  read_files(settings.ptx);
  auto found = texts.by_kernel.find(name);
  if (found == texts.by_kernel.end()) {
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
