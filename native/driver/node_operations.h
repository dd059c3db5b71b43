// The operations of graph nodes. A node is refused if a call of the same kind would be refused.
#pragma once
#include "streams/graphs.h"

namespace sim {

Operation operation_of(const CUDA_KERNEL_NODE_PARAMS& node);
Operation operation_of(const CUDA_MEMSET_NODE_PARAMS& node);
// Copies a box of rows that is not empty.
Operation operation_of(const CUDA_MEMCPY3D& copy);

}
