// The kinds of images, told apart by their first bytes.
#pragma once
#include <cstddef>
#include <string>

namespace sim {

enum class ImageKind {
  ANY,           // nothing that is known
  PTX,
  MACHINE_CODE,  // of a card: a fat binary or a CUBIN
  OF_OUR_NVRTC,  // from the simulated NVRTC
  OF_OTHER_BUILD
};

struct Image {
  ImageKind kind = ImageKind::ANY;
  const char* code = nullptr;  // a shared object, if there is one
  size_t size = 0;
  int architecture = 0;        // 90 for sm_90
};

Image look_at(const void* image);

}
