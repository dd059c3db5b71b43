// Fat binaries as nvcc -fatbin and cubin libraries hold them: texts and machine code for several architectures.
#pragma once
#include <string>

#include "images/bytes.h"

namespace sim {

struct FatBinary {
  std::string trouble;        // why it cannot be read, or empty
  bool has_code = false;      // machine code, or anything else that is no PTX
  bool fits = false;          // there is PTX that the card takes
  std::string text;           // of the highest architecture of those
  std::string others;         // the architectures of PTX that the card does not take, such as "sm_100, sm_120"
};

bool is_fat_binary(const Bytes& image);
// The capability is the card's, such as 90.
FatBinary read_fat_binary(const Bytes& image, int capability);

}
