// Operations of nodes; a call of their kind that would be refused ends the call that asks for one.
#pragma once
#include "streams/graphs.h"

namespace sim {

Operation operation_of(const CUDA_KERNEL_NODE_PARAMS& node);
Operation operation_of(const CUDA_MEMSET_NODE_PARAMS& node);
// Of a box of rows that is not empty.
Operation operation_of(const CUDA_MEMCPY3D& copy);

}
