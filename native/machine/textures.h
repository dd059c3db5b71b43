// Textures and surfaces: the objects of handles, and kernels' reads and writes of their elements.
#pragma once
#include <cstdint>
#include <unordered_map>

#include "api/cuda.h"
#include "memory/memory.h"

namespace sim {

// An array, or the memory of a texture: rows of elements without gaps, in planes or layers.
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

// The geometry that an instruction names.
struct Geometry {
  unsigned dimensions;
  bool is_layered, is_cube;
};

// Each function fails the running thread if the handle, the geometry or the access is wrong.
const TextureObject& find_texture(uint64_t handle, bool surface, const Geometry& geometry);

// The four values of a fetch, 32 bits each. Whole coordinates are indices, filtered by nothing.
struct Sample {
  uint32_t values[4] = {};
};
Sample sample(const TextureObject& texture, const Geometry& geometry, const double (&where)[3], unsigned layer,
              bool whole);
// One channel of the four elements that a linear filter would use, counter-clockwise from the lower left.
Sample gather(const TextureObject& texture, const Geometry& geometry, const double (&where)[3], unsigned layer,
              unsigned channel);

// A read through a texture or surface, which sees memory from before the launch; the launch's own writes may or may not
// show (CUDA programming guide, "Read/Write Coherency").
void check_cached_read(Address address, size_t size, const char* kind);

enum class Boundary : uint8_t { TRAP, CLAMP, ZERO };

// The address of a surface access, with x in bytes; 0 if the access is out of bounds and skipped.
Address surface_address(const TextureObject& surface, const int32_t (&where)[3], size_t bytes, Boundary boundary,
                        bool writes);

}
