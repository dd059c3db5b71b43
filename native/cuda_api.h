// The driver's types and prototypes: NVIDIA's own header where the build found one, so that the compiler holds every
// function here to its argument order and widths; otherwise the few declarations that are needed.
#pragma once

#ifdef CHARLSTM_CUDA_H
#include CHARLSTM_CUDA_H
#else
#include "cuda_subset.h"
#endif
