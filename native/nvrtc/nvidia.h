// NVIDIA's own NVRTC, if this machine has it. It needs no GPU, and its PTX is the PTX that a card would get.
#pragma once
#include <string>

#include "nvrtc/program.h"

namespace nvrtc {

// The file of nvcc in the first toolkit that has it, or an empty text.
std::string nvcc();

constexpr const char* NOTHING_HERE =
    "neither NVIDIA's NVRTC nor nvcc is here, which compile CUDA C++ and need no GPU: pip install nvidia-cuda-nvrtc, "
    "Maven's org.bytedeco:cuda-redist or the CUDA toolkit; CHARLSTM_SIM_NVRTC names a libnvrtc.so.12 or .13 elsewhere";

class Nvidia {
 public:
  // Opens the given file, or else the first NVRTC in the loader's folders, the toolkits' and the system's, preferring
  // this major version of CUDA. Null with the reason if there is none.
  static const Nvidia* find(const std::string& file, int major, std::string& why);

  // Compiles the program, and sets its PTX, log and lowered names as NVRTC returns them.
  Result compile(Program& program, int count, const char* const* options) const;
  void version(int* major, int* minor) const;

 private:
  explicit Nvidia(void* library) : library_(library) {}

  static const Nvidia* open(const std::string& file, std::string& why);
  template <typename... Arguments>
  Result call(const char* name, Arguments... arguments) const;
  std::string text(const char* size_of, const char* text_of, void* program) const;

  void* library_;
};

}
