// NVIDIA's own NVRTC, where this machine has it. It needs no GPU, and the PTX that it makes is what a card would get.
#pragma once
#include <string>

#include "nvrtc/program.h"

namespace nvrtc {

// The file of nvcc, of the first toolkit that has it; empty if none does.
std::string nvcc();

constexpr const char* NOTHING_HERE =
    "neither NVIDIA's NVRTC nor nvcc is here, which compile CUDA C++ and need no GPU: pip install nvidia-cuda-nvrtc, "
    "Maven's org.bytedeco:cuda-redist or the CUDA toolkit; CHARLSTM_SIM_NVRTC names a libnvrtc.so.12 or .13 elsewhere";

class Nvidia {
 public:
  // The file, or else the first that is found: of this major version of CUDA before the other, in the loader's folders,
  // in those of the toolkit, and in the system's. Null if there is none; then it says why.
  static const Nvidia* find(const std::string& file, int major, std::string& why);

  // The text, its log and the names of its name expressions as they came back.
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
