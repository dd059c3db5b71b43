// Modules as a program loads them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "images/jit_options.h"
#include "ptx/module.h"

namespace sim {

// Texts as a module; if they are broken, the log is told so too.
std::shared_ptr<const ptx::Module> read_texts(const char* call, const std::vector<ptx::Text>& texts,
                                              const JitOptions& options);

}
