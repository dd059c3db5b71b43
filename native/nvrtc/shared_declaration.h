// A declaration of shared memory, in words that the CPU's compiler knows.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "nvrtc/tokens.h"

namespace nvrtc {

struct Declaration {
  std::string text;
  // The expression for each name, where a reference to the block's array cannot be declared.
  std::map<std::string, std::string> uses;
  std::string trouble;  // why it cannot be, or nothing
};

// The tokens up to the semicolon, which is not among them. The number is one that no other declaration has.
Declaration declare_shared(const std::vector<Token>& tokens, bool in_function, unsigned number);

}
