// The part of NVIDIA's API in the stand-in for NCCL. Names, values and types are as in NVIDIA's documentation.
#pragma once
#include "api/cuda.h"

typedef enum {
  ncclSuccess = 0,
  ncclUnhandledCudaError = 1,
  ncclSystemError = 2,
  ncclInternalError = 3,
  ncclInvalidArgument = 4,
  ncclInvalidUsage = 5,
  ncclRemoteError = 6
} ncclResult_t;

// The types and operations that the stand-in can carry out.
typedef enum { ncclUint8 = 1, ncclFloat32 = 7, ncclFloat64 = 8 } ncclDataType_t;
typedef enum { ncclSum = 0 } ncclRedOp_t;

typedef struct ncclComm* ncclComm_t;
typedef struct {
  char internal[128];
} ncclUniqueId;

extern "C" {
#define CALL(needs, name, parameters) ncclResult_t name parameters;
#include "api/nccl_calls.h"
ncclResult_t ncclCommAbort(ncclComm_t comm);
const char* ncclGetLastError(ncclComm_t comm);
}
