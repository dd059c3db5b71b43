// Arrays: device memory that kernels access only through textures and surfaces.
#include "driver/arrays.h"

#include <algorithm>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/device_memory.h"
#include "driver/refuse.h"
#include "streams/streams.h"

namespace sim {

namespace {

Handles<CUarray, Texels> arrays;

constexpr unsigned KNOWN = CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_SURFACE_LDST | CUDA_ARRAY3D_CUBEMAP |
                           CUDA_ARRAY3D_TEXTURE_GATHER;

// The most elements in each dimension: of 1-D, 2-D and 3-D arrays, and of layered 1-D and 2-D arrays.
constexpr size_t MOST[3][3] = {{131072, 1, 1}, {131072, 65536, 1}, {16384, 16384, 16384}};
constexpr size_t MOST_LAYERED[2][3] = {{32768, 1, 2048}, {32768, 32768, 2048}};

Texels texels_of(const CUDA_ARRAY3D_DESCRIPTOR& wanted) {
  bool layers = wanted.Flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP);
  Texels texels;
  texels.format = wanted.Format;
  texels.channels = wanted.NumChannels;
  texels.flags = wanted.Flags;
  texels.dimensions = wanted.Depth && !layers ? 3 : wanted.Height ? 2 : 1;
  const size_t sizes[3] = {wanted.Width, wanted.Height, wanted.Depth};
  for (unsigned axis = 0; axis < 3; axis++) {
    texels.size[axis] = std::max<size_t>(sizes[axis], 1);
  }
  texels.pitch = texels.size[0] * texels.element();
  return texels;
}

bool is_possible(const CUDA_ARRAY3D_DESCRIPTOR& wanted, const Texels& texels) {
  bool layered = wanted.Flags & CUDA_ARRAY3D_LAYERED, cube = wanted.Flags & CUDA_ARRAY3D_CUBEMAP;
  const size_t(&most)[3] = layered || cube ? MOST_LAYERED[texels.dimensions - 1] : MOST[texels.dimensions - 1];
  bool fits = std::equal(texels.size, texels.size + 3, most, [](size_t size, size_t limit) { return size <= limit; });
  bool faces = wanted.Width == wanted.Height && (layered ? wanted.Depth % 6 == 0 : wanted.Depth == 6);
  return fits && wanted.Width > 0 && texels.element() > 0 && (wanted.Height || texels.dimensions == 1) &&
         (wanted.Depth || !layered) && (!cube || faces);
}

}

const Texels* find_array(CUarray handle) {
  return arrays.find(handle).get();
}

CUresult cuArray3DCreate_v2(CUarray* array, const CUDA_ARRAY3D_DESCRIPTOR* descriptor) {
  require(array);
  const CUDA_ARRAY3D_DESCRIPTOR& wanted = passed(descriptor);
  if (wanted.Flags & ~KNOWN) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, "cuArray3DCreate", "only layers, cubes, surfaces and gathers are simulated");
  }
  Texels texels = texels_of(wanted);
  require(is_possible(wanted, texels));
  require_no_capture();
  texels.start = give(texels.bytes(), {Given::PLAIN, current_context}).start;
  *array = arrays.add(std::make_shared<Texels>(texels));
  return CUDA_SUCCESS;
}

CUresult cuArrayCreate_v2(CUarray* array, const CUDA_ARRAY_DESCRIPTOR* descriptor) {
  const CUDA_ARRAY_DESCRIPTOR& wanted = passed(descriptor);
  CUDA_ARRAY3D_DESCRIPTOR whole{wanted.Width, wanted.Height, 0, wanted.Format, wanted.NumChannels, 0};
  return sim::cuArray3DCreate_v2(array, &whole);
}

CUresult cuArray3DGetDescriptor_v2(CUDA_ARRAY3D_DESCRIPTOR* descriptor, CUarray array) {
  const Texels& texels = *found(find_array(array));
  bool planes = texels.dimensions == 3 || texels.flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP);
  return tell(descriptor, CUDA_ARRAY3D_DESCRIPTOR{texels.size[0], texels.dimensions > 1 ? texels.size[1] : 0,
                                                  planes ? texels.size[2] : 0, texels.format, texels.channels,
                                                  texels.flags});
}

CUresult cuArrayDestroy(CUarray array) {
  const Texels& texels = *found(find_array(array));
  require_no_capture();
  wait_if_endless();
  forget_given(texels.start);
  take_back(texels.start);
  arrays.remove(array);
  return CUDA_SUCCESS;
}

}
