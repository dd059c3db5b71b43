// Kernels of one texture or surface instruction each, as the self-test launches them: what goes in and comes out of
// each thread are four words.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "selftest/harness.h"

using Four = std::array<unsigned, 4>;

inline unsigned bits_of(float value) { return unsigned(bits_as(value)); }

// The instruction reads "%i0" to "%i3" and the object "%object", and writes "%o0" to "%o3", which are zeros before;
// "%h0" to "%h3" are of 16 bits.
std::string text_of(const std::string& instruction);

struct FourRan {
  CUresult loaded = CUDA_SUCCESS, result = CUDA_SUCCESS;
  std::string said;
  std::vector<Four> out;
};
FourRan run_each(Driver& driver, const std::string& instruction, unsigned long long object,
                 const std::vector<Four>& in);

// Elements of an array as the host has them, row by row; width and height and depth of 1 count, 0 does not.
struct Content {
  CUarray_format format = CU_AD_FORMAT_FLOAT;
  unsigned channels = 1, flags = 0;
  size_t width = 1, height = 0, depth = 0;
  std::vector<unsigned char> bytes = {};

  size_t rows() const { return height ? height : 1; }
  size_t planes() const { return depth ? depth : 1; }
  size_t element() const;
};

// Always the same elements for a seed; floats are numbers.
void fill(Content& content, unsigned seed);

// With its elements, unless it is to stay as nobody wrote it.
CUarray array_of(const Content& content, bool written = true);
CUDA_RESOURCE_DESC resource_of(CUarray array);
