// Fetches from textures, held to a computation of its own in double: every address mode, filter, geometry and format.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "selftest/textures/texture_kernels.h"

namespace {

constexpr CUarray_format FORMATS[] = {
    CU_AD_FORMAT_UNSIGNED_INT8, CU_AD_FORMAT_SIGNED_INT8, CU_AD_FORMAT_UNSIGNED_INT16, CU_AD_FORMAT_SIGNED_INT16,
    CU_AD_FORMAT_UNSIGNED_INT32, CU_AD_FORMAT_SIGNED_INT32, CU_AD_FORMAT_HALF, CU_AD_FORMAT_FLOAT};

bool is_float_format(CUarray_format format) {
  return format == CU_AD_FORMAT_HALF || format == CU_AD_FORMAT_FLOAT;
}

// A number of an element as the host reads it: a whole number, or a float's value.
double number_in(const Content& content, size_t element, unsigned channel) {
  const unsigned char* at = content.bytes.data() + element * content.element();
  auto read = [&](auto value) {
    std::memcpy(&value, at + channel * sizeof value, sizeof value);
    return value;
  };
  switch (content.format) {
    case CU_AD_FORMAT_UNSIGNED_INT8: return read(static_cast<unsigned char>(0));
    case CU_AD_FORMAT_SIGNED_INT8: return read(static_cast<signed char>(0));
    case CU_AD_FORMAT_UNSIGNED_INT16: return read(static_cast<unsigned short>(0));
    case CU_AD_FORMAT_SIGNED_INT16: return read(short(0));
    case CU_AD_FORMAT_UNSIGNED_INT32: return read(0u);
    case CU_AD_FORMAT_SIGNED_INT32: return read(0);
    case CU_AD_FORMAT_HALF: {
      unsigned bits = read(static_cast<unsigned short>(0)), exponent = bits >> 10 & 31, mantissa = bits & 1023;
      double size = exponent ? std::ldexp(1024 + mantissa, int(exponent) - 25) : std::ldexp(mantissa, -24);
      return bits >> 15 ? -size : size;
    }
    default: return double(read(0.0f));
  }
}

double greatest(CUarray_format format) {
  return format == CU_AD_FORMAT_UNSIGNED_INT8 ? 255 : format == CU_AD_FORMAT_SIGNED_INT8 ? 127
         : format == CU_AD_FORMAT_UNSIGNED_INT16 ? 65535 : 32767;
}

// The place of an index, found by steps from 0: past an end comes the other one, or the way back. -1 is the border.
long place_of(CUaddress_mode mode, long index, long size) {
  long at = 0, direction = 1;
  for (long step = 0; step != index; step += index < 0 ? -1 : 1) {
    long next = at + (index < 0 ? -direction : direction);
    if (next < 0 || next >= size) {
      if (mode == CU_TR_ADDRESS_MODE_BORDER) {
        return -1;
      }
      if (mode == CU_TR_ADDRESS_MODE_WRAP) {
        next = next < 0 ? size - 1 : 0;
      } else {
        next = at;
        direction = -direction;
      }
      if (mode == CU_TR_ADDRESS_MODE_CLAMP) {
        return at;
      }
    }
    at = next;
  }
  return at;
}

struct Case {
  Content content;
  CUaddress_mode mode;
  bool linear, normalized, floats;
  unsigned dimensions;
  bool layered;
};

const double BORDER[4] = {0.25, -3, 7, 0.5};

// All values of a channel that count along the coordinates, the last coordinate first.
double mean(const Case& one, const double* where, unsigned axis, const long* at, unsigned channel) {
  const Content& content = one.content;
  const long sizes[3] = {long(content.width), long(content.rows()), long(content.planes())};
  if (axis == 0) {
    for (unsigned a = 0; a < 3; a++) {
      if (at[a] < 0) {
        return BORDER[channel];
      }
    }
    double number = number_in(content, size_t((at[2] * sizes[1] + at[1]) * sizes[0] + at[0]), channel);
    return is_float_format(content.format) || !one.floats ? number : std::max(number / greatest(content.format), -1.0);
  }
  double x = where[axis - 1] * (one.normalized ? double(sizes[axis - 1]) : 1.0);
  auto low = long(std::floor(one.linear ? x - 0.5 : x));
  double part = one.linear ? double(std::lround((x - 0.5 - double(low)) * 256)) / 256 : 0;
  double sum = 0;
  for (long k = 0; k < 2; k++) {
    double weight = k ? part : 1 - part;
    long here[3] = {at[0], at[1], at[2]};
    here[axis - 1] = place_of(one.mode, low + k, sizes[axis - 1]);
    sum += weight ? weight * mean(one, where, axis - 1, here, channel) : 0;
  }
  return sum;
}

bool is_right(const Case& one, unsigned got, double wanted) {
  if (!one.floats) {
    return got == unsigned(static_cast<long long>(std::floor(wanted + 0.5)));
  }
  return std::fabs(double(as<float>(got)) - wanted) <= 1e-6 * std::max(std::fabs(wanted), 0.1);
}

CUtexObject texture_of(const Case& one, CUarray array, unsigned more_flags = 0) {
  CUDA_RESOURCE_DESC resource = resource_of(array);
  CUDA_TEXTURE_DESC how = {};
  std::fill(how.addressMode, how.addressMode + 3, one.mode);
  how.filterMode = one.linear ? CU_TR_FILTER_MODE_LINEAR : CU_TR_FILTER_MODE_POINT;
  how.flags = (one.normalized ? CU_TRSF_NORMALIZED_COORDINATES : 0) | (one.floats ? 0 : CU_TRSF_READ_AS_INTEGER) |
              more_flags;
  std::copy(BORDER, BORDER + 4, how.borderColor);
  CUtexObject texture = 0;
  CHECK(cuTexObjectCreate(&texture, &resource, &how, nullptr) == CUDA_SUCCESS);
  return texture;
}

// Edges and middles of elements, and what lies around the array.
std::vector<Four> places(const Case& one) {
  std::vector<Four> places;
  std::vector<float> random = drawn(3 * 64, 77);
  const size_t sizes[3] = {one.content.width, one.content.rows(), one.content.planes()};
  for (unsigned i = 0; i < 64; i++) {
    Four place = {};
    for (unsigned axis = 0; axis < one.dimensions; axis++) {
      auto size = float(sizes[axis]);
      float x = i < 24 ? float(int((i * (3 + 2 * axis)) % 30) - 7) / 2 : random[3 * i + axis] * 2.4f * size;
      place[axis] = bits_of(one.normalized ? i < 24 ? float(int(i % 17) - 6) / 8 : x / size : x);
    }
    if (one.layered) {
      place[3] = i % unsigned(one.content.planes());
    }
    places.push_back(place);
  }
  return places;
}

// An instruction that fetches: a layer stands first, and what is missing is not looked at.
std::string fetch_of(const Case& one) {
  std::string geometry = (one.layered ? "a" : "") + std::to_string(one.dimensions) + "d";
  std::string place = one.layered ? one.dimensions == 1 ? "%i3, %i0" : "%i3, %i0, %i1, %i1"
                      : one.dimensions == 1 ? "%i0" : one.dimensions == 2 ? "%i0, %i1" : "%i0, %i1, %i2, %i2";
  return "tex." + geometry + ".v4." + (one.floats ? "f32" : "u32") + ".f32 {%o0, %o1, %o2, %o3}, [%object, {" + place +
         "}];";
}

void compare(const Case& one) {
  Driver driver("eager", "", "one");
  CUarray array = array_of(one.content);
  CUtexObject texture = texture_of(one, array);
  std::vector<Four> in = places(one);
  FourRan ran = run_each(driver, fetch_of(one), texture, in);
  CHECK(ran.result == CUDA_SUCCESS);
  unsigned right = 0;
  for (size_t i = 0; i < in.size(); i++) {
    double where[3] = {};
    for (unsigned axis = 0; axis < one.dimensions; axis++) {
      where[axis] = double(as<float>(in[i][axis]));
    }
    const long at[3] = {0, 0, one.layered ? long(in[i][3]) : 0};
    bool all = ran.result == CUDA_SUCCESS;
    for (unsigned c = 0; c < 4 && all; c++) {
      double wanted = c < one.content.channels ? mean(one, where, one.dimensions, at, c) : 0;
      all = is_right(one, ran.out[i][c], wanted);
    }
    right += all;
  }
  std::string name = fetch_of(one) + " format " + std::to_string(one.content.format) + " mode " +
                     std::to_string(one.mode) + (one.linear ? " linear" : "") + (one.normalized ? " normalized" : "");
  check(right == in.size(), name.c_str(), __FILE__, __LINE__);
  CHECK(cuTexObjectDestroy(texture) == CUDA_SUCCESS);
  CHECK(cuArrayDestroy(array) == CUDA_SUCCESS);
}

Content of_size(unsigned dimensions, bool layered, CUarray_format format, unsigned channels) {
  Content content;
  content.format = format;
  content.channels = channels;
  content.flags = layered ? CUDA_ARRAY3D_LAYERED : 0;
  content.width = dimensions == 1 ? 7 : 5;
  content.height = dimensions == 1 ? 0 : 3;
  content.depth = layered ? 4 : dimensions == 3 ? 2 : 0;
  fill(content, 5 + dimensions + channels);
  return content;
}

void modes_and_filters() {
  for (unsigned dimensions = 1; dimensions <= 3; dimensions++) {
    for (bool layered : {false, true}) {
      for (unsigned mode = 0; mode < 4 && !(layered && dimensions == 3); mode++) {
        for (bool linear : {false, true}) {
          for (bool normalized : {false, true}) {
            bool repeats = mode == CU_TR_ADDRESS_MODE_WRAP || mode == CU_TR_ADDRESS_MODE_MIRROR;
            if (normalized || !repeats) {
              compare({of_size(dimensions, layered, CU_AD_FORMAT_FLOAT, dimensions == 2 ? 2 : 1),
                       CUaddress_mode(mode), linear, normalized, true, dimensions, layered});
            }
          }
        }
      }
    }
  }
}

void formats() {
  for (CUarray_format format : FORMATS) {
    for (unsigned channels : {1u, 2u, 4u}) {
      for (bool floats : {false, true}) {
        bool large = format == CU_AD_FORMAT_UNSIGNED_INT32 || format == CU_AD_FORMAT_SIGNED_INT32;
        if (floats ? !large : !is_float_format(format)) {
          Content content = of_size(2, false, format, channels);
          compare({content, CU_TR_ADDRESS_MODE_CLAMP, false, true, floats, 2, false});
          if (floats || !large) {
            compare({content, CU_TR_ADDRESS_MODE_CLAMP, true, true, floats, 2, false});
          }
        }
      }
    }
  }
}

// Where coordinates count elements, what repeats is held at the edge (cuda.h).
void no_repetition_of_elements() {
  Driver driver;
  Case one{of_size(1, false, CU_AD_FORMAT_FLOAT, 1), CU_TR_ADDRESS_MODE_WRAP, false, false, true, 1, false};
  CUarray array = array_of(one.content);
  CUtexObject texture = texture_of(one, array);
  FourRan ran = run_each(driver, fetch_of(one), texture, {{bits_of(8)}, {bits_of(-2)}});
  CHECK(ran.result == CUDA_SUCCESS && as<float>(ran.out[0][0]) == float(number_in(one.content, 6, 0)) &&
        as<float>(ran.out[1][0]) == float(number_in(one.content, 0, 0)));
  cuTexObjectDestroy(texture);
  cuArrayDestroy(array);
}

// Programs read an array of one row (a height of 1) as 1-D, and one of a single plane (a depth of 1) as 2-D.
void one_row_or_plane() {
  Driver driver;
  for (unsigned dimensions : {1u, 2u}) {
    Case one{of_size(3, false, CU_AD_FORMAT_FLOAT, 1), CU_TR_ADDRESS_MODE_CLAMP, false, false, true, dimensions, false};
    one.content.depth = 1;
    one.content.height = dimensions == 1 ? 1 : 3;
    CUarray array = array_of(one.content);
    CUtexObject texture = texture_of(one, array);
    FourRan ran = run_each(driver, fetch_of(one), texture, {{bits_of(3), bits_of(2)}});
    float wanted = float(number_in(one.content, dimensions == 1 ? 3 : 13, 0));
    CHECK(ran.result == CUDA_SUCCESS && as<float>(ran.out[0][0]) == wanted);
    cuTexObjectDestroy(texture);
    cuArrayDestroy(array);
  }
}

// Bits go through a point filter as they are: of a NaN, and of the zero below 0.
void bits_stay() {
  Driver driver;
  Case one{of_size(1, false, CU_AD_FORMAT_FLOAT, 1), CU_TR_ADDRESS_MODE_CLAMP, false, false, true, 1, false};
  const unsigned bits[2] = {0x7f812345, 0x80000000};
  std::memcpy(one.content.bytes.data(), bits, sizeof bits);
  CUarray array = array_of(one.content);
  CUtexObject texture = texture_of(one, array);
  FourRan ran = run_each(driver, fetch_of(one), texture, {{bits_of(0)}, {bits_of(1)}});
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0][0] == bits[0] && ran.out[1][0] == bits[1]);
  cuTexObjectDestroy(texture);
  cuArrayDestroy(array);
}

// The middle of each face, and a corner of one, by the table of the programming guide.
void cubes() {
  Driver driver;
  for (bool layered : {false, true}) {
    Content content;
    content.format = CU_AD_FORMAT_UNSIGNED_INT32;
    content.flags = CUDA_ARRAY3D_CUBEMAP | (layered ? CUDA_ARRAY3D_LAYERED : 0);
    content.width = content.height = 3;
    content.depth = layered ? 12 : 6;
    for (unsigned i = 0; i < 9 * content.depth; i++) {
      content.bytes.insert(content.bytes.end(), {static_cast<unsigned char>(i), 0, 0, 0});
    }
    Case one{content, CU_TR_ADDRESS_MODE_CLAMP, false, true, false, 2, false};
    CUarray array = array_of(content);
    CUtexObject texture = texture_of(one, array);
    const float directions[9][3] = {{2, 0, 0}, {-2, 0, 0}, {0, 3, 0},          {0, -3, 0},
                                    {0, 0, 1}, {0, 0, -1}, {2, -1.5f, 1.5f}, {-1.5f, 2, 1},
                                    {-1.5f, -2, 1}};
    // At (2, -1.5, 1.5) of the first face s is -1.5 / 2 and t 1.5 / 2; at (-1.5, 2, 1) of the third they are x and z.
    const unsigned middle = 4, wanted[9] = {middle, 9 + middle, 18 + middle, 27 + middle, 36 + middle, 45 + middle, 6,
                                            18 + 6, 27};
    std::vector<Four> in;
    for (const auto& direction : directions) {
      in.push_back({bits_of(direction[0]), bits_of(direction[1]), bits_of(direction[2]),
                    layered ? 1u : 0u});
    }
    std::string fetch = layered ? "acube.v4.u32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i3, %i0, %i1, %i2}];"
                                : "cube.v4.u32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1, %i2, %i2}];";
    FourRan ran = run_each(driver, "tex." + fetch, texture, in);
    CHECK(ran.result == CUDA_SUCCESS);
    for (size_t i = 0; i < in.size() && ran.result == CUDA_SUCCESS; i++) {
      CHECK(ran.out[i][0] == wanted[i] + (layered ? 54 : 0));
    }
    cuTexObjectDestroy(texture);
    cuArrayDestroy(array);
  }
}

// The four elements around the middle between rows 1 and 2 and columns 2 and 3, and levels that are the only one.
void gathers_and_levels() {
  Driver driver;
  Content content = of_size(2, false, CU_AD_FORMAT_FLOAT, 4);
  content.flags = CUDA_ARRAY3D_TEXTURE_GATHER;
  Case one{content, CU_TR_ADDRESS_MODE_CLAMP, false, false, true, 2, false};
  CUarray array = array_of(content);
  CUtexObject texture = texture_of(one, array);
  const std::vector<Four> middle = {{bits_of(3), bits_of(2)}};
  auto at = [&](size_t x, size_t y, unsigned c) { return bits_of(float(number_in(content, y * 5 + x, c))); };
  FourRan ran = run_each(driver, "tld4.g.2d.v4.f32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];", texture, middle);
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0] == Four({at(2, 2, 1), at(3, 2, 1), at(3, 1, 1), at(2, 1, 1)}));
  const std::string values = ".2d.v4.f32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}]";
  for (const std::string& fetch : {"level" + values + ", %i2;", "base" + values + ";",
                                   "grad" + values + ", {%i2, %i2}, {%i3, %i3};"}) {
    ran = run_each(driver, "tex." + fetch, texture, middle);
    CHECK(ran.result == CUDA_SUCCESS && ran.out[0] == Four({at(3, 2, 0), at(3, 2, 1), at(3, 2, 2), at(3, 2, 3)}));
  }
  cuTexObjectDestroy(texture);
  cuArrayDestroy(array);
}

// Memory: elements by their numbers, and rows of a pitch with every filter.
void memory() {
  Driver driver;
  std::vector<float> values = drawn(64, 3);
  CUdeviceptr address = driver.holding(values);
  CUDA_RESOURCE_DESC resource = {};
  CUDA_TEXTURE_DESC how = {};
  resource.resType = CU_RESOURCE_TYPE_LINEAR;
  resource.res.linear = {address, CU_AD_FORMAT_FLOAT, 2, 64 * sizeof(float)};
  CUtexObject texture = 0;
  CHECK(cuTexObjectCreate(&texture, &resource, &how, nullptr) == CUDA_SUCCESS);
  FourRan ran = run_each(driver, "tex.1d.v4.f32.s32 {%o0, %o1, %o2, %o3}, [%object, {%i0}];", texture,
                         {{0}, {31}, {5}});
  CHECK(ran.result == CUDA_SUCCESS && ran.out[0] == Four({bits_of(values[0]), bits_of(values[1])}) &&
        ran.out[1] == Four({bits_of(values[62]), bits_of(values[63])}) &&
        ran.out[2] == Four({bits_of(values[10]), bits_of(values[11])}));
  cuTexObjectDestroy(texture);
  resource.resType = CU_RESOURCE_TYPE_PITCH2D;
  resource.res.pitch2D = {address, CU_AD_FORMAT_FLOAT, 1, 5, 4, 64};
  how.filterMode = CU_TR_FILTER_MODE_LINEAR;
  how.addressMode[0] = how.addressMode[1] = CU_TR_ADDRESS_MODE_CLAMP;
  CHECK(cuTexObjectCreate(&texture, &resource, &how, nullptr) == CUDA_SUCCESS);
  ran = run_each(driver, "tex.2d.v4.f32.f32 {%o0, %o1, %o2, %o3}, [%object, {%i0, %i1}];", texture,
                 {{bits_of(2), bits_of(3)}, {bits_of(9), bits_of(9)}});
  // Rows 2 and 3 meet at y = 3, and columns 1 and 2 at x = 2.
  float mean = (values[2 * 16 + 1] + values[2 * 16 + 2] + values[3 * 16 + 1] + values[3 * 16 + 2]) / 4;
  CHECK(ran.result == CUDA_SUCCESS && std::fabs(as<float>(ran.out[0][0]) - mean) < 1e-6f &&
        ran.out[1][0] == bits_of(values[3 * 16 + 4]));
  cuTexObjectDestroy(texture);
  driver.free({address});
}

}

void test_textures() {
  modes_and_filters();
  formats();
  no_repetition_of_elements();
  one_row_or_plane();
  bits_stay();
  cubes();
  gathers_and_levels();
  memory();
}
