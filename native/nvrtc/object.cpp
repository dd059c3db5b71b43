#include "nvrtc/object.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>

#include <cstdlib>
#include <cstring>
#include <set>

namespace nvrtc {

namespace {

// That of the instrumentation, of one entry. It does nothing.
const std::string OF_INSTRUMENTATION = ".init_array.00099";

const std::vector<std::string> RUN_BY_LOADER = {".init_array", ".preinit_array", ".fini_array", ".ctors", ".dtors"};

// Names that the compiler puts in by itself, and the simulated GPU's own.
const std::vector<std::string> OWN = {"_ZN3sim", "_ZNK3sim", "__tsan_", "__ubsan_handle_", "__sanitizer_cov_",
                                      "_ZTVN10__cxxabiv1"};
const std::set<std::string> HARMLESS = {"",         "_GLOBAL_OFFSET_TABLE_", "memcpy", "memmove", "memset", "memcmp",
                                        "__stack_chk_fail", "__cxa_pure_virtual"};

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

// Functions of numbers, which a card has too.
bool is_of(const char* library, const std::string& name) {
  static const auto file_of = [](void* function) {
    Dl_info found{};
    return std::string(function && dladdr(function, &found) && found.dli_fname ? found.dli_fname : "");
  };
  void* opened = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  std::string stem = std::string(library).substr(0, 4);
  bool its = opened && file_of(dlsym(opened, name.c_str())).find(stem) != std::string::npos;
  if (opened) {
    dlclose(opened);
  }
  return its;
}

bool is_allowed(const std::string& name) {
  for (const std::string& own : OWN) {
    if (begins(name, own)) {
      return true;
    }
  }
  return HARMLESS.count(name) || is_of("libm.so.6", name) || is_of("libgcc_s.so.1", name);
}

std::string readable_name(const std::string& symbol) {
  int status = 0;
  char* plain = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  std::string name = plain ? plain : symbol;
  std::free(plain);
  return name.substr(0, name.find('('));
}

class Object {
 public:
  explicit Object(const std::string& bytes) : bytes_(bytes) {}

  std::vector<Objection> objections() {
    Elf64_Ehdr head;
    if (!read(0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64) {
      return {{"", "the compiler has written no object of 64 bits"}};
    }
    std::vector<Elf64_Shdr> sections(head.e_shnum);
    for (size_t i = 0; i < sections.size(); i++) {
      read(head.e_shoff + i * head.e_shentsize, sections[i]);
    }
    for (const Elf64_Shdr& section : sections) {
      if (section.sh_type == SHT_SYMTAB && section.sh_link < sections.size()) {
        look_at_symbols(section, sections[section.sh_link]);
      } else if (head.e_shstrndx < sections.size()) {
        look_at_section(section, text(sections[head.e_shstrndx].sh_offset + section.sh_name));
      }
    }
    return std::move(found_);
  }

 private:
  template <typename T>
  bool read(size_t at, T& to) const {
    std::memset(&to, 0, sizeof to);
    bool there = at <= bytes_.size() && sizeof to <= bytes_.size() - at;
    if (there) {
      std::memcpy(&to, bytes_.data() + at, sizeof to);
    }
    return there;
  }

  std::string text(size_t at) const { return at < bytes_.size() ? bytes_.c_str() + at : ""; }

  void look_at_section(const Elf64_Shdr& section, const std::string& name) {
    bool known = name == OF_INSTRUMENTATION && section.sh_size == sizeof(void*);
    for (const std::string& one : RUN_BY_LOADER) {
      if (begins(name, one) && section.sh_size > 0 && !known) {
        found_.push_back({"", "code of this text would run as it is loaded: a constructor, a value of a variable that "
                              "is not constant, or a destructor; a card has none of these"});
        return;
      }
    }
  }

  void look_at_symbols(const Elf64_Shdr& table, const Elf64_Shdr& names) {
    for (size_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      read(table.sh_offset + at, symbol);
      std::string name = text(names.sh_offset + symbol.st_name);
      if (ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC) {
        found_.push_back({readable_name(name), "would be chosen by code that runs as it is loaded"});
      } else if (symbol.st_shndx == SHN_UNDEF && !is_allowed(name)) {
        found_.push_back({readable_name(name), "is no function that a card has"});
      }
    }
  }

  const std::string& bytes_;
  std::vector<Objection> found_;
};

}

std::vector<Objection> objections_to(const std::string& object) {
  return Object(object).objections();
}

}
