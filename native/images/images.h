// The kinds of images, told apart by their first bytes.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "images/bytes.h"
#include "ptx/module.h"

namespace sim {

enum class ImageKind {
  UNKNOWN,        // nothing that a driver takes
  PTX,            // a text, several that were linked, or the one of a fat binary that suits the card
  OTHER_PTX,      // in a fat binary, of architectures that the card does not take
  MACHINE_CODE,   // of a card: a fat binary or a CUBIN
  OF_OUR_NVRTC,   // from the simulated NVRTC, of a text that a library of kernels was made of
  OF_OTHER_BUILD,
  BROKEN
};

struct Image {
  ImageKind kind = ImageKind::UNKNOWN;
  bool by_nvidias = false;     // PTX that the simulated NVRTC had made by NVIDIA's own compiler
  int architecture = 0;        // of PTX that stands for machine code: 90 for sm_90
  std::vector<ptx::Text> texts;
  std::string trouble;         // what is broken, or which architectures there are
};

// The capability is the card's, such as 90. The name is that of the file, if it is one, for messages.
Image look_at(const Bytes& image, int capability, const std::string& name = "");

}
