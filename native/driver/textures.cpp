// Texture and surface objects.
#include <algorithm>
#include <string>

#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/arrays.h"
#include "driver/refuse.h"

namespace sim {

namespace {

constexpr unsigned TEXTURE_FLAGS = CU_TRSF_READ_AS_INTEGER | CU_TRSF_NORMALIZED_COORDINATES |
                           CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION;

// The device's limits, as in its attributes.
constexpr size_t ALIGNMENT = 512, PITCH_ALIGNMENT = 32, MOST_OF_MEMORY = size_t(1) << 28;

// Objects belong to the context.
class ObjectsOfContext : Droppable {
  void drop() override { texture_objects.clear(); }
} objects_of_context;

// The reason why memory cannot be read as elements; empty if it can.
std::string trouble_with(const Texels& texels) {
  bool rows = texels.kind == CU_RESOURCE_TYPE_PITCH2D;
  return texels.element() == 0          ? "only 1, 2 or 4 integers of 8 to 32 bits, half or float are simulated"
         : !in_device_space(texels.start) ? "its address is not device memory"
         : texels.start % ALIGNMENT != 0 ? "its address is not aligned to 512"
         : texels.size[0] == 0 || texels.size[1] == 0 || texels.size[0] > MOST_OF_MEMORY ? "it has no possible size"
         : rows && texels.pitch % PITCH_ALIGNMENT != 0 ? "its pitch is no multiple of 32"
         : rows && texels.pitch < texels.size[0] * texels.element() ? "its pitch is less than a row"
                                                                    : "";
}

Texels texels_of(const char* call, const CUDA_RESOURCE_DESC& resource) {
  Texels texels;
  texels.kind = resource.resType;
  require(resource.flags == 0);
  if (resource.resType == CU_RESOURCE_TYPE_ARRAY) {
    return *found(find_array(resource.res.array.hArray));
  }
  if (resource.resType == CU_RESOURCE_TYPE_MIPMAPPED_ARRAY) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, call, "mipmapped arrays are not simulated");
  }
  if (resource.resType == CU_RESOURCE_TYPE_LINEAR) {
    const auto& linear = resource.res.linear;
    texels.format = linear.format;
    texels.channels = linear.numChannels;
    texels.start = linear.devPtr;
    texels.size[0] = linear.sizeInBytes / std::max<size_t>(texels.element(), 1);
    texels.pitch = linear.sizeInBytes;
  } else {
    require(resource.resType == CU_RESOURCE_TYPE_PITCH2D);
    const auto& rows = resource.res.pitch2D;
    texels.format = rows.format;
    texels.channels = rows.numChannels;
    texels.start = rows.devPtr;
    texels.dimensions = 2;
    texels.size[0] = rows.width;
    texels.size[1] = rows.height;
    texels.pitch = rows.pitchInBytes;
  }
  std::string trouble = trouble_with(texels);
  if (!trouble.empty()) {
    refuse(CUDA_ERROR_INVALID_VALUE, Flaw::ARGUMENT, call, trouble, "Describe memory of the device as it is laid out");
  }
  return texels;
}

// Wrapping and mirroring need normalised coordinates; linear memory has no address modes.
void set_how(TextureObject& made, const CUDA_TEXTURE_DESC& how) {
  bool small = made.texels.element() / made.texels.channels < 4;
  bool floats = made.texels.format == CU_AD_FORMAT_HALF || made.texels.format == CU_AD_FORMAT_FLOAT;
  bool linear = made.texels.kind == CU_RESOURCE_TYPE_LINEAR;
  made.how = how;
  made.gives_floats = floats || (small && !(how.flags & CU_TRSF_READ_AS_INTEGER));
  made.is_linear = how.filterMode == CU_TR_FILTER_MODE_LINEAR && !linear;
  made.is_normalized = how.flags & CU_TRSF_NORMALIZED_COORDINATES;
  for (int axis = 0; axis < 3; axis++) {
    CUaddress_mode mode = how.addressMode[axis];
    bool repeats = mode == CU_TR_ADDRESS_MODE_WRAP || mode == CU_TR_ADDRESS_MODE_MIRROR;
    made.modes[axis] = linear ? CU_TR_ADDRESS_MODE_BORDER
                       : repeats && !made.is_normalized ? CU_TR_ADDRESS_MODE_CLAMP : mode;
  }
}

uint64_t add(const TextureObject& object) {
  uint64_t handle = next_handle();
  texture_objects[handle] = object;
  return handle;
}

const TextureObject& object_of(uint64_t handle, bool surface) {
  auto found = texture_objects.find(handle);
  require(found != texture_objects.end() && found->second.is_surface == surface);
  return found->second;
}

CUresult destroy(uint64_t handle, bool surface) {
  object_of(handle, surface);
  texture_objects.erase(handle);
  return CUDA_SUCCESS;
}

}

CUresult cuTexObjectCreate(CUtexObject* texture, const CUDA_RESOURCE_DESC* resource, const CUDA_TEXTURE_DESC* how,
                           const CUDA_RESOURCE_VIEW_DESC* view) {
  constexpr const char* CALL = "cuTexObjectCreate";
  require(texture && readable(resource, sizeof *resource));
  if (view || passed(how).flags & ~TEXTURE_FLAGS) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, CALL,
           view ? "views are not simulated" : "sRGB and seamless cubes are not simulated");
  }
  TextureObject made;
  made.texels = texels_of(CALL, *resource);
  set_how(made, *how);
  if (made.is_linear && !made.gives_floats && made.texels.element() / made.texels.channels == 4) {
    refuse(CUDA_ERROR_INVALID_VALUE, Flaw::ARGUMENT, CALL, "a linear filter needs floats, or integers of 8 or 16 bits",
           "Take the point filter, or floats");
  }
  return tell(texture, add(made));
}

CUresult cuSurfObjectCreate(CUsurfObject* surface, const CUDA_RESOURCE_DESC* resource) {
  constexpr const char* CALL = "cuSurfObjectCreate";
  require(surface && passed(resource).resType == CU_RESOURCE_TYPE_ARRAY);
  TextureObject made;
  made.is_surface = true;
  made.texels = texels_of(CALL, *resource);
  if (!(made.texels.flags & CUDA_ARRAY3D_SURFACE_LDST)) {
    refuse(CUDA_ERROR_INVALID_VALUE, Flaw::ARGUMENT, CALL, "the array was not made for surfaces",
           "Make it with CUDA_ARRAY3D_SURFACE_LDST (cudaArraySurfaceLoadStore)");
  }
  return tell(surface, add(made));
}

CUresult cuTexObjectGetTextureDesc(CUDA_TEXTURE_DESC* how, CUtexObject texture) {
  return tell(how, object_of(texture, false).how);
}

CUresult cuTexObjectDestroy(CUtexObject texture) {
  return destroy(texture, false);
}

CUresult cuSurfObjectDestroy(CUsurfObject surface) {
  return destroy(surface, true);
}

}
