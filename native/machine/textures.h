// Textures and surfaces: what a handle stands for, and the elements that a kernel reads and writes by it.
#pragma once
#include <cstdint>
#include <unordered_map>

#include "api/cuda.h"
#include "memory/memory.h"

namespace sim {

// An array, or the memory that a texture looks at: rows of elements, one close to the next, in planes or layers.
struct Texels {
  CUresourcetype kind = CU_RESOURCE_TYPE_ARRAY;
  CUarray_format format = CU_AD_FORMAT_FLOAT;
  unsigned channels = 0;
  unsigned flags = 0;              // CUDA_ARRAY3D_...
  unsigned dimensions = 1;         // without layers
  size_t size[3] = {1, 1, 1};      // in elements; the last counts layers, where there are any
  size_t pitch = 0;
  Address start = 0;

  size_t element() const;          // bytes; 0 if the format or the channels are not simulated
  size_t bytes() const { return pitch * size[1] * size[2]; }
  Address at(size_t x, size_t y, size_t z) const { return start + (z * size[1] + y) * pitch + x * element(); }
};

struct TextureObject {
  Texels texels;
  bool is_surface = false;
  CUDA_TEXTURE_DESC how = {};
  bool is_linear = false, is_normalized = false, gives_floats = false;
  CUaddress_mode modes[3] = {};    // those that count
};

// By their handles; made and destroyed between launches.
extern std::unordered_map<uint64_t, TextureObject> texture_objects;

// As an instruction names it.
struct Geometry {
  unsigned dimensions;
  bool is_layered, is_cube;
};

// Each fails the running thread where the handle, the geometry or the access is wrong.
const TextureObject& find_texture(uint64_t handle, bool surface, const Geometry& geometry);

// The four values of a fetch, 32 bits each. Whole coordinates are indices, filtered by nothing.
struct Sample {
  uint32_t values[4] = {};
};
Sample sample(const TextureObject& texture, const Geometry& geometry, const double (&where)[3], unsigned layer,
              bool whole);
// A channel of the four elements that a linear filter would take, from the one below and left on, counter-clockwise.
Sample gather(const TextureObject& texture, const Geometry& geometry, const double (&where)[3], unsigned layer,
              unsigned channel);

// A read by a texture or a surface, which sees what was there before the launch, and nothing sure of what the launch
// writes (CUDA programming guide, "Read/Write Coherency").
void check_cached_read(Address address, size_t size, const char* kind);

enum class Boundary : uint8_t { TRAP, CLAMP, ZERO };

// Where an access of a surface goes, x counting bytes; 0 if nothing is there and the access is left out.
Address surface_address(const TextureObject& surface, const int32_t (&where)[3], size_t bytes, Boundary boundary,
                        bool writes);

}
