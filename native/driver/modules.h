// Modules that a program has loaded.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "images/jit_options.h"
#include "ptx/module.h"

namespace sim {

// Reads texts as a module; if they are invalid, the log gets the reason, too.
std::shared_ptr<const ptx::Module> read_texts(const char* call, const std::vector<ptx::Text>& texts,
                                              const JitOptions& options);

}
