// The simulated GPU that lies beside this library.
#pragma once
#include <string>

namespace nvrtc {

// The folder, with headers too.
std::string home();
std::string absolute(const std::string& path);

// Whether it has been handed a library of kernels that was made of this text: the code is there already.
bool is_known(const std::string& text);

}
