// Operations of nodes. An answer other than success says that a call of that kind would be refused.
#pragma once
#include "streams/graphs.h"

namespace sim {

CUresult kernel_operation(const CUDA_KERNEL_NODE_PARAMS& node, Operation& operation);
CUresult fill_operation(const CUDA_MEMSET_NODE_PARAMS& node, Operation& operation);

// Of a box of rows that is not empty.
CUresult box_copy(const CUDA_MEMCPY3D& copy, Operation& operation);

}
