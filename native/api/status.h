// Only the statuses, for rooms that need nothing else of the driver.
#pragma once

#ifdef CHARLSTM_CUDA_H
#include CHARLSTM_CUDA_H
#else
typedef enum cudaError_enum {
#define STATUS(name, value, words) name = value,
#include "api/statuses.h"
} CUresult;
#endif
