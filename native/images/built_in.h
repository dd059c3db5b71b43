// The kernels that every module has: those of the libraries of kernels or, if a setting says so, of a folder of PTX.
#pragma once
#include <memory>
#include <string>

#include "language/kernel.h"
#include "ptx/module.h"

namespace sim {

struct BuiltIn {
  const Kernel* kernel = nullptr;
  std::shared_ptr<const ptx::Module> module;  // that has it, if it is PTX
};

// No kernel if there is none of this name, or if its PTX cannot be read; then why is not empty.
BuiltIn find_built_in(const std::string& name, std::string& why);

}
