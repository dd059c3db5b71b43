// Fetches from textures, and accesses of surfaces (PTX ISA, "Texture Instructions", "Surface Instructions").
#include <cstring>

#include "machine/textures.h"
#include "ptx/instructions/memory.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

struct Fetch {
  Geometry geometry = {1, false, false};
  Type type = Type::NONE;        // of the values
  bool whole = false;            // whether coordinates are indices
  unsigned channel = 0;          // the channel that is gathered
  const Slot* coordinates = nullptr;
};

struct SurfaceAccess {
  Geometry geometry = {1, false, false};
  Boundary boundary = Boundary::TRAP;
  int count = 1;
  const Slot* coordinates = nullptr;
};

Geometry take_geometry(Statement& s) {
  constexpr struct {
    const char* name;
    Geometry geometry;
  } GEOMETRIES[] = {{"1d", {1, false, false}}, {"2d", {2, false, false}},  {"3d", {3, false, false}},
                    {"a1d", {1, true, false}}, {"a2d", {2, true, false}},  {"cube", {2, false, true}},
                    {"acube", {2, true, true}}};
  for (const auto& one : GEOMETRIES) {
    if (s.take(one.name)) {
      return one.geometry;
    }
  }
  s.lack("its geometry is not simulated");
}

// Reads "[object, {coordinates}]". A layer comes first; elements that only fill the vector up to four are skipped.
const Slot* take_place(Statement& s, size_t i, const Geometry& geometry, Type type) {
  Operand object = s.at(i);
  if (object.elements.size() != 1) {
    s.lack("samplers of their own are not simulated");
  }
  Operand place = object.elements[0];
  object.elements.clear();
  s.made.a = s.base(object, s.made.number);
  if (place.kind != Operand::VECTOR) {
    place.elements = {place};
  }
  size_t numbers = geometry.is_cube ? 3 : geometry.dimensions, count = geometry.is_layered + numbers;
  if (place.elements.size() != (count == 3 ? 4 : count)) {
    s.fail("the place has " + std::to_string(place.elements.size()) + " numbers");
  }
  std::vector<Slot> slots;
  for (size_t k = 0; k < count; k++) {
    slots.push_back(s.source(place.elements[k], geometry.is_layered && k == 0 ? Type::B32 : type));
  }
  return s.keep(std::move(slots));
}

const TextureObject& object_of(const Instruction& i, const Run& run, bool surface, const Geometry& geometry) {
  return find_texture(run.registers[i.a] + uint64_t(i.number), surface, geometry);
}

template <bool gathers>
const Instruction* fetch(const Instruction& i, Run& run) {
  const auto& how = *static_cast<const Fetch*>(i.form);
  const TextureObject& texture = object_of(i, run, false, how.geometry);
  const Slot* next = how.coordinates;
  unsigned layer = how.geometry.is_layered ? get<uint32_t>(run, *next++) : 0;
  double where[3] = {};
  for (unsigned axis = 0; axis < (how.geometry.is_cube ? 3 : how.geometry.dimensions); axis++, next++) {
    where[axis] = how.whole ? double(get<int32_t>(run, *next)) : double(get<float>(run, *next));
  }
  if ((how.type == Type::F32) != texture.gives_floats) {
    remark(Grade::WARNING, Flaw::ARGUMENT,
           texture.gives_floats ? "a texture that gives floats is read as integers, which are their bits"
                                : "a texture that gives integers is read as floats of their bits",
           "Read it by the type that its elements and its read mode give");
  }
  Sample found = gathers ? gather(texture, how.geometry, where, layer, how.channel)
                         : sample(texture, how.geometry, where, layer, how.whole);
  for (int c = 0; c < 4; c++) {
    run.registers[i.more[c]] = found.values[c];
  }
  return &i + 1;
}

// Textures have one level here: a level, or gradients that choose one, are checked as operands and otherwise ignored.
template <bool gathers>
Step decode_fetch(Statement& s) {
  Fetch how;
  bool level = s.take("level"), gradients = s.take("grad");
  s.take("base");
  if (gathers) {
    std::string_view channel = s.take_one({"r", "g", "b", "a"});
    how.channel = unsigned(std::string_view("rgba").find(channel));
  }
  how.geometry = take_geometry(s);
  if (s.take_vector() != 4 || (gathers && (how.geometry.dimensions != 2 || how.channel > 3))) {
    return nullptr;
  }
  how.type = s.want_type();
  Type place = s.want_type();
  if (bits_of(how.type) != 32 || (place != Type::F32 && (place != Type::S32 || gathers))) {
    return nullptr;
  }
  how.whole = place == Type::S32;
  size_t levels = level ? 1 : gradients ? 2 : 0;
  s.want_operands(2 + levels);
  s.made.more = s.destinations(0, 4, how.type);
  how.coordinates = take_place(s, 1, how.geometry, place);
  for (size_t k = 0; k < levels; k++) {
    const Operand& operand = s.at(2 + k);
    s.sources(2 + k, operand.kind == Operand::VECTOR ? int(operand.elements.size()) : 1, Type::B32);
  }
  s.made.form = s.keep_form(how);
  return fetch<gathers>;
}

Address address_of(const SurfaceAccess& how, const TextureObject& surface, const Instruction& i, const Run& run,
                   bool writes) {
  const Slot* next = how.coordinates;
  int32_t where[3] = {};
  if (how.geometry.is_layered) {
    where[2] = get<int32_t>(run, *next++);
  }
  for (unsigned axis = 0; axis < how.geometry.dimensions; axis++) {
    where[axis] = get<int32_t>(run, *next++);
  }
  return surface_address(surface, where, i.size, how.boundary, writes);
}

template <bool writes>
const Instruction* access_surface(const Instruction& i, Run& run) {
  const auto& how = *static_cast<const SurfaceAccess*>(i.form);
  Address address = address_of(how, object_of(i, run, true, how.geometry), i, run, writes);
  if (address) {
    writes ? check_write(address, i.size) : check_cached_read(address, i.size, "surface");
  }
  size_t each = i.size / size_t(how.count);
  for (size_t k = 0; k * each < i.size; k++) {
    uint64_t& bits = run.registers[i.more[k]];
    auto* place = reinterpret_cast<char*>(address) + k * each;
    if (!writes) {
      bits = 0;
    }
    if (address) {
      writes ? std::memcpy(place, &bits, each) : std::memcpy(&bits, place, each);
    }
  }
  return &i + 1;
}

template <bool writes>
Step decode_surface(Statement& s) {
  SurfaceAccess how;
  if (!s.take("b")) {
    s.lack("only accesses by bytes (.b) are simulated");
  }
  how.geometry = take_geometry(s);
  take_hints(s);
  how.count = s.take_vector();
  Type type = s.want_type();
  std::string_view boundary = s.take_one({"trap", "clamp", "zero"});
  how.boundary = boundary == "clamp" ? Boundary::CLAMP : boundary == "zero" ? Boundary::ZERO : Boundary::TRAP;
  if (how.geometry.is_cube || boundary.empty()) {
    return nullptr;
  }
  s.want_operands(2);
  s.made.size = uint16_t(how.count * bits_of(type) / 8);
  s.made.more = writes ? s.sources(1, how.count, type, true) : s.destinations(0, how.count, type, true);
  how.coordinates = take_place(s, writes ? 0 : 1, how.geometry, Type::B32);
  s.made.form = s.keep_form(how);
  return access_surface<writes>;
}

}

const Known TEXTURES[] = {{"tex", decode_fetch<false>}, {"tld4", decode_fetch<true>}, {"suld", decode_surface<false>},
                          {"sust", decode_surface<true>}, {"", nullptr}};

}
