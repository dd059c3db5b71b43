// Modules as a program loads them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "api/cuda.h"
#include "images/jit_options.h"
#include "ptx/module.h"

namespace sim {

// Says why a call is refused.
CUresult refuse(CUresult code, const char* call, const std::string& why);

// Texts as a module, or what of them is broken, which is told in the log too.
CUresult read_texts(const char* call, const std::vector<ptx::Text>& texts, const JitOptions& options,
                    std::shared_ptr<const ptx::Module>& module);

}
