// The simulated NVRTC as a program finds it, with its calls in one.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "selftest/harness.h"

struct Compiled {
  int result = -1;
  std::string log;
  std::vector<char> image;
  std::vector<std::string> names;  // in the code, of each expression
};

Compiled compile(const std::string& text, const std::vector<std::string>& options = {},
                 const std::map<std::string, std::string>& headers = {}, const char* name = "own.cu",
                 const std::vector<std::string>& expressions = {});

// A file of this folder.
std::string file_of(const std::string& name);

// A module of what was compiled, which must go well.
CUmodule load(const Compiled& compiled);

// Launches a kernel of a module in blocks of x times y threads.
CUresult launch_of(CUmodule module, const char* name, CUstream stream, unsigned grid_x, unsigned grid_y, unsigned x,
                   unsigned y, unsigned shared, std::vector<void*> arguments);
