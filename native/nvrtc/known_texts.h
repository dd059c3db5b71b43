// The texts that the simulator was built from, kernels and their headers: their code is there already.
#pragma once
#include <string>

namespace nvrtc {

bool is_known(const std::string& text);

}
