// A program with its source, and the results of its compilation.
#pragma once
#include <map>
#include <string>

namespace nvrtc {

enum Result {
  SUCCESS = 0,
  INVALID_INPUT = 3,
  INVALID_PROGRAM = 4,
  INVALID_OPTION = 5,
  COMPILATION = 6,
  NO_NAME_EXPRESSIONS_AFTER_COMPILATION = 8,
  NO_LOWERED_NAMES_BEFORE_COMPILATION = 9,
  NAME_EXPRESSION_NOT_VALID = 10,
  INTERNAL_ERROR = 11
};

struct Program {
  std::string name;
  std::string source;
  std::map<std::string, std::string> headers;
  std::string log = {};
  std::string image = {};
  std::string ptx = {};
  bool compiled = false;
  std::map<std::string, std::string> lowered_names = {};  // of each name expression
};

}
