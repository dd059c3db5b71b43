// Checks api/cuda_subset.h against NVIDIA's own header. Where the build finds that header, it includes this file in a
// text that has all numbers.
#pragma once
#include <cstddef>
#include <cstdint>

#include <cuda.h>

// Versions of CUDA spell these differently.
#undef CU_LAUNCH_PARAM_END
#undef CU_LAUNCH_PARAM_BUFFER_POINTER
#undef CU_LAUNCH_PARAM_BUFFER_SIZE
#define CHARLSTM_TYPES_ALONE

namespace subset {
#include "api/cuda_subset.h"
}

#define STATUS(name, value, words) static_assert(int(::name) == value, "api/statuses.h is wrong");
#include "api/statuses.h"
#define ATTRIBUTE(name, number, value) \
  static_assert(int(::CU_DEVICE_ATTRIBUTE_##name) == number, "api/device_attributes.h is wrong");
#include "api/device_attributes.h"

#define SAME(number) static_assert(int(::number) == int(subset::number), "api/cuda_subset.h is wrong");
#define SAME_SIZE(type) static_assert(sizeof(::type) == sizeof(subset::type), "api/cuda_subset.h is wrong");
#define SAME_PLACE(type, member) \
  static_assert(offsetof(::type, member) == offsetof(subset::type, member), "api/cuda_subset.h is wrong");

SAME_SIZE(CUdevice)
SAME_SIZE(CUdeviceptr)
SAME_SIZE(CUgraphExecUpdateResultInfo)
SAME_PLACE(CUgraphExecUpdateResultInfo, errorFromNode)
SAME_SIZE(CUDA_MEMCPY2D)
SAME_PLACE(CUDA_MEMCPY2D, srcPitch)
SAME_PLACE(CUDA_MEMCPY2D, dstDevice)
SAME_PLACE(CUDA_MEMCPY2D, Height)
SAME_SIZE(CUDA_MEMCPY3D)
SAME_PLACE(CUDA_MEMCPY3D, dstPitch)
SAME_SIZE(CUDA_MEMCPY3D_PEER)
SAME_PLACE(CUDA_MEMCPY3D_PEER, srcContext)
SAME_PLACE(CUDA_MEMCPY3D_PEER, dstContext)
SAME_SIZE(CUmemPoolProps)
SAME_PLACE(CUmemPoolProps, maxSize)
SAME_SIZE(CUctxCreateParams)
SAME_SIZE(CUDA_KERNEL_NODE_PARAMS)
SAME_PLACE(CUDA_KERNEL_NODE_PARAMS, kern)
SAME_SIZE(CUDA_MEMSET_NODE_PARAMS)
SAME_PLACE(CUDA_MEMSET_NODE_PARAMS, width)
SAME_SIZE(CUDA_HOST_NODE_PARAMS)
SAME_SIZE(CUDA_GRAPH_INSTANTIATE_PARAMS)
SAME_PLACE(CUDA_GRAPH_INSTANTIATE_PARAMS, result_out)
SAME_SIZE(CUDA_ARRAY_DESCRIPTOR)
SAME_SIZE(CUDA_ARRAY3D_DESCRIPTOR)
SAME_PLACE(CUDA_ARRAY3D_DESCRIPTOR, Flags)
SAME_SIZE(CUDA_RESOURCE_DESC)
SAME_PLACE(CUDA_RESOURCE_DESC, res.linear.sizeInBytes)
SAME_PLACE(CUDA_RESOURCE_DESC, res.pitch2D.pitchInBytes)
SAME_PLACE(CUDA_RESOURCE_DESC, flags)
SAME_SIZE(CUDA_TEXTURE_DESC)
SAME_PLACE(CUDA_TEXTURE_DESC, borderColor)
SAME_SIZE(CUlaunchAttributeValue)
SAME_SIZE(CUlaunchAttribute)
SAME_PLACE(CUlaunchAttribute, value)
SAME_SIZE(CUlaunchConfig)
SAME_PLACE(CUlaunchConfig, hStream)
SAME_PLACE(CUlaunchConfig, attrs)
SAME_PLACE(CUlaunchConfig, numAttrs)
