// Fetches by the CUDA programming guide's "Texture Fetching": an address mode for each coordinate, and the nearest
// element or a mean of its neighbours, with weights of 8 bits after the point.
#include "machine/textures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "arithmetic/precision.h"
#include "machine/block.h"
#include "machine/order/global_shadow.h"

namespace sim {

std::unordered_map<uint64_t, TextureObject> texture_objects;

size_t Texels::element() const {
  size_t each = 0;
  switch (format) {
    case CU_AD_FORMAT_UNSIGNED_INT8:
    case CU_AD_FORMAT_SIGNED_INT8: each = 1; break;
    case CU_AD_FORMAT_UNSIGNED_INT16:
    case CU_AD_FORMAT_SIGNED_INT16:
    case CU_AD_FORMAT_HALF: each = 2; break;
    case CU_AD_FORMAT_UNSIGNED_INT32:
    case CU_AD_FORMAT_SIGNED_INT32:
    case CU_AD_FORMAT_FLOAT: each = 4; break;
    default: break;
  }
  return channels == 1 || channels == 2 || channels == 4 ? channels * each : 0;
}

namespace {

constexpr double FRACTIONS = 256;  // of the distance between two elements
constexpr double FARTHEST = 1e9;   // beyond every array

std::string name_of(bool surface, unsigned dimensions, bool layered, bool cube) {
  return std::string(layered ? "layered " : "") + (cube ? "cube" : std::to_string(dimensions) + "-D") +
         (surface ? " surface" : " texture");
}

std::string hexadecimal(uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

template <typename T>
T read(Address from) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(from), sizeof value);
  return value;
}

// A whole number as it is, or as a part of the greatest.
template <typename T>
uint32_t whole_number(Address from, bool as_part) {
  T value = read<T>(from);
  float part = std::max(-1.0f, float(value) / float(std::numeric_limits<T>::max()));
  return as_part ? bits_of(part) : uint32_t(int32_t(value));
}

uint32_t channel_at(Address from, CUarray_format format, bool as_float) {
  switch (format) {
    case CU_AD_FORMAT_UNSIGNED_INT8: return whole_number<uint8_t>(from, as_float);
    case CU_AD_FORMAT_SIGNED_INT8: return whole_number<int8_t>(from, as_float);
    case CU_AD_FORMAT_UNSIGNED_INT16: return whole_number<uint16_t>(from, as_float);
    case CU_AD_FORMAT_SIGNED_INT16: return whole_number<int16_t>(from, as_float);
    case CU_AD_FORMAT_HALF: return bits_of(float_of_half(read<uint16_t>(from)));
    default: return read<uint32_t>(from);
  }
}

std::string place_of(const Texels& texels, const int64_t (&at)[3]) {
  std::string place = std::to_string(at[0]);
  for (unsigned a = 1; a < 3; a++) {
    place += texels.size[a] > 1 ? ", " + std::to_string(at[a]) : "";
  }
  return "element (" + place + ") of " + (texels.kind == CU_RESOURCE_TYPE_ARRAY ? "an array" : "memory");
}

// A negative index stands for the border.
Sample element_at(const TextureObject& texture, const int64_t (&at)[3]) {
  const Texels& texels = texture.texels;
  Sample found;
  if (at[0] < 0 || at[1] < 0 || at[2] < 0) {
    for (unsigned c = 0; c < texels.channels; c++) {
      found.values[c] = bits_of(texture.how.borderColor[c]);
    }
    return found;
  }
  Address address = texels.at(size_t(at[0]), size_t(at[1]), size_t(at[2]));
  size_t size = texels.element();
  const Allocation* allocation = allocation_of(address, size);
  if (allocation && !unwritten(*allocation, address, size).empty()) {
    fail_thread(Flaw::UNWRITTEN, "a texture reads " + place_of(texels, at) + ", which nobody wrote");
  }
  check_cached_read(address, size, "texture");
  for (unsigned c = 0; c < texels.channels; c++) {
    found.values[c] = channel_at(address + c * (size / texels.channels), texels.format, texture.gives_floats);
  }
  return found;
}

int64_t within(CUaddress_mode mode, int64_t i, int64_t size) {
  switch (mode) {
    case CU_TR_ADDRESS_MODE_WRAP: return (i % size + size) % size;
    case CU_TR_ADDRESS_MODE_MIRROR:
      i = (i % (2 * size) + 2 * size) % (2 * size);
      return i < size ? i : 2 * size - 1 - i;
    case CU_TR_ADDRESS_MODE_BORDER: return i < 0 || i >= size ? -1 : i;
    default: return std::clamp<int64_t>(i, 0, size - 1);
  }
}

// The elements along a coordinate that a fetch mixes, and their weights.
struct Neighbours {
  int64_t at[2] = {0, 0};
  double weights[2] = {1, 0};
};

Neighbours neighbours(const TextureObject& texture, unsigned axis, double x, bool whole, bool two) {
  CUaddress_mode mode = texture.modes[axis];
  auto size = double(texture.texels.size[axis]);
  if (texture.is_normalized && !whole) {
    bool wraps = mode == CU_TR_ADDRESS_MODE_WRAP, mirrors = mode == CU_TR_ADDRESS_MODE_MIRROR;
    x = size * (x - (wraps ? std::floor(x) : mirrors ? 2 * std::floor(x / 2) : 0));
  }
  x = std::isnan(x) ? 0 : std::clamp(x, -FARTHEST, FARTHEST);
  double low = std::floor(two ? x - 0.5 : x);
  double part = two ? std::floor((x - 0.5 - low) * FRACTIONS + 0.5) / FRACTIONS : 0;
  return {{within(mode, int64_t(low), int64_t(size)), within(mode, int64_t(low) + 1, int64_t(size))}, {1 - part, part}};
}

// The coordinates of a direction in one of six faces; gives the face.
unsigned face_of(double (&where)[3]) {
  double x = where[0], y = where[1], z = where[2], size;
  unsigned face;
  if (std::fabs(x) >= std::fabs(y) && std::fabs(x) >= std::fabs(z)) {
    face = x >= 0 ? 0 : 1;
    size = std::fabs(x);
    where[0] = x >= 0 ? -z : z;
    where[1] = -y;
  } else if (std::fabs(y) >= std::fabs(z)) {
    face = y >= 0 ? 2 : 3;
    size = std::fabs(y);
    where[1] = y >= 0 ? z : -z;
  } else {
    face = z >= 0 ? 4 : 5;
    size = std::fabs(z);
    where[0] = z >= 0 ? x : -x;
    where[1] = -y;
  }
  where[0] = (where[0] / size + 1) / 2;
  where[1] = (where[1] / size + 1) / 2;
  return face;
}

// By coordinate x, y and z; the last stands for a layer, where there are any.
std::array<Neighbours, 3> footing(const TextureObject& texture, const Geometry& geometry, const double (&where)[3],
                                  unsigned layer, bool whole, bool two) {
  double at[3] = {where[0], where[1], where[2]};
  int64_t plane = layer;
  if (geometry.is_cube) {
    plane = plane * 6 + face_of(at);
  }
  std::array<Neighbours, 3> found;
  for (unsigned axis = 0; axis < geometry.dimensions; axis++) {
    found[axis] = neighbours(texture, axis, at[axis], whole, two);
  }
  if (geometry.is_layered || geometry.is_cube) {
    found[2].at[0] = std::min<int64_t>(plane, int64_t(texture.texels.size[2]) - 1);
  }
  return found;
}

}

void check_cached_read(Address address, size_t size, const char* kind) {
  Allocation* allocation = allocation_of(address, size);
  if (allocation && is_written_in_launch(*allocation, address, size)) {
    remark(Grade::WARNING, Flaw::RACE,
           std::string("a ") + kind + " reads what the same launch wrote; CUDA leaves open if it gets the old value or "
                                      "the new one",
           "Read it in the next launch, or by its address");
  }
  check_access(address, size, false);
}

const TextureObject& find_texture(uint64_t handle, bool surface, const Geometry& geometry) {
  const char* kind = surface ? "surface" : "texture";
  auto found = texture_objects.find(handle);
  if (found == texture_objects.end() || found->second.is_surface != surface) {
    fail_launch(Flaw::ARGUMENT, hexadecimal(handle) + " is no " + kind + (found == texture_objects.end()
                                                       ? ": it was destroyed, or never made"
                                                       : surface ? ", but a texture" : ", but a surface"),
         "Pass the handle of an object that lives until the launch is over");
  }
  const TextureObject& object = found->second;
  const Texels& texels = object.texels;
  bool layered = texels.flags & CUDA_ARRAY3D_LAYERED, cube = texels.flags & CUDA_ARRAY3D_CUBEMAP;
  // The faces of a cube are layers to a surface; programs make 1-D arrays of one row, and 2-D ones of one plane.
  bool flat = geometry.dimensions < texels.dimensions && texels.size[2] == 1 &&
              (geometry.dimensions == 2 || texels.size[1] == 1);
  bool fits = (geometry.dimensions == texels.dimensions || flat) &&
              (surface ? geometry.is_layered == (layered || cube)
                       : geometry.is_layered == layered && geometry.is_cube == cube);
  if (!fits) {
    fail_launch(Flaw::ARGUMENT, "a " + name_of(surface, texels.dimensions, layered, cube) + " is accessed as a " +
         name_of(surface, geometry.dimensions, geometry.is_layered, geometry.is_cube),
         "Access it as it was made");
  }
  const Allocation* memory = allocation_of(texels.start, 1);
  bool array = texels.kind == CU_RESOURCE_TYPE_ARRAY;
  if (!memory || (array && memory->start != texels.start)) {
    fail_launch(Flaw::USE_AFTER_FREE, std::string("a ") + kind + " accesses " +
                                   (array ? "an array that was destroyed" : "memory that was freed"));
  }
  return object;
}

Sample sample(const TextureObject& texture, const Geometry& geometry, const double (&where)[3], unsigned layer,
              bool whole) {
  bool of_memory = texture.texels.kind == CU_RESOURCE_TYPE_LINEAR;
  if (of_memory && !whole) {
    fail_launch(Flaw::ARGUMENT, "tex1D reads memory without rows", "Take tex1Dfetch, or bind an array");
  }
  if (of_memory && !(where[0] >= 0 && where[0] < double(texture.texels.size[0]))) {
    remark(Grade::WARNING, Flaw::OUT_OF_BOUNDS, "tex1Dfetch reads element " + std::to_string(int64_t(where[0])) +
                                                    " of memory that has " + std::to_string(texture.texels.size[0]) +
                                                    "; it gets 0 here, and CUDA does not say what");
  }
  std::array<Neighbours, 3> at = footing(texture, geometry, where, layer, whole, texture.is_linear && !whole);
  double sums[4] = {};
  for (unsigned corner = 0; corner < 8; corner++) {
    const unsigned sides[3] = {corner & 1, corner >> 1 & 1, corner >> 2};
    int64_t element[3];
    double weight = 1;
    for (unsigned axis = 0; axis < 3; axis++) {
      element[axis] = at[axis].at[sides[axis]];
      weight *= at[axis].weights[sides[axis]];
    }
    if (weight == 0) {
      continue;
    }
    Sample found = element_at(texture, element);
    if (weight == 1) {
      return found;  // bit by bit, whatever the type
    }
    for (unsigned c = 0; c < texture.texels.channels; c++) {
      uint32_t value = found.values[c];
      sums[c] += weight * (texture.gives_floats ? double(float_of_bits(value)) : double(int32_t(value)));
    }
  }
  Sample mean;
  for (unsigned c = 0; c < 4; c++) {
    mean.values[c] = texture.gives_floats ? bits_of(float(sums[c])) : uint32_t(int32_t(std::floor(sums[c] + 0.5)));
  }
  return mean;
}

Sample gather(const TextureObject& texture, const Geometry& geometry, const double (&where)[3], unsigned layer,
              unsigned channel) {
  std::array<Neighbours, 3> at = footing(texture, geometry, where, layer, false, true);
  const unsigned order[4][2] = {{0, 1}, {1, 1}, {1, 0}, {0, 0}};
  Sample four;
  for (unsigned i = 0; i < 4; i++) {
    const int64_t element[3] = {at[0].at[order[i][0]], at[1].at[order[i][1]], at[2].at[0]};
    four.values[i] = element_at(texture, element).values[channel];
  }
  return four;
}

Address surface_address(const TextureObject& surface, const int32_t (&where)[3], size_t bytes, Boundary boundary,
                        bool writes) {
  const Texels& texels = surface.texels;
  auto width = int64_t(texels.size[0] * texels.element());
  const int64_t ends[3] = {width - int64_t(bytes), int64_t(texels.size[1]) - 1, int64_t(texels.size[2]) - 1};
  int64_t at[3];
  bool outside = false;
  for (unsigned axis = 0; axis < 3; axis++) {
    outside |= where[axis] < 0 || where[axis] > ends[axis];
    at[axis] = std::clamp<int64_t>(where[axis], 0, std::max<int64_t>(ends[axis], 0));
  }
  std::string place = std::string(writes ? "write" : "read") + " of " + std::to_string(bytes) +
                      " bytes of a surface at byte " + std::to_string(where[0]) + " of row " +
                      std::to_string(where[1]) + (texels.size[2] > 1 ? " of plane " + std::to_string(where[2]) : "");
  if (where[0] % int64_t(bytes) != 0) {
    fail_launch(Flaw::MISALIGNED, "misaligned " + place,
                "Multiply the index by the size of an element: x counts bytes");
  }
  if (outside && (boundary == Boundary::TRAP || ends[0] < 0)) {
    fail_launch(Flaw::OUT_OF_BOUNDS, "out-of-bounds " + place + "; a row has " + std::to_string(width) +
             " bytes, a plane " + std::to_string(texels.size[1]) + " rows, and there are " +
             std::to_string(texels.size[2]) + " planes");
  }
  if (bytes != texels.element()) {
    remark(Grade::NOTE, Flaw::ARGUMENT, place + ", whose elements have " + std::to_string(texels.element()),
           "Access a surface by the type of its elements");
  }
  if (outside && boundary == Boundary::ZERO) {
    return 0;
  }
  return texels.at(0, size_t(at[1]), size_t(at[2])) + size_t(at[0]);
}

}
