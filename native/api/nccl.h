// The part of NVIDIA's API that the stand-in for NCCL has. Names, values and types are those of its documentation.
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

// Of the types and operations only those that the stand-in carries out.
typedef enum { ncclUint8 = 1, ncclFloat32 = 7, ncclFloat64 = 8 } ncclDataType_t;
typedef enum { ncclSum = 0 } ncclRedOp_t;

typedef struct ncclComm* ncclComm_t;
typedef struct {
  char internal[128];
} ncclUniqueId;

extern "C" {
#define CALL(needs, name, parameters, arguments) ncclResult_t name parameters;
#include "api/nccl_calls.h"
ncclResult_t ncclCommAbort(ncclComm_t comm);
const char* ncclGetLastError(ncclComm_t comm);
}
