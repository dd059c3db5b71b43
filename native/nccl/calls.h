// The simulated NCCL as its shim sees it.
#pragma once
#include "api/nccl.h"

namespace sim __attribute__((visibility("default"))) {

#define CALL(needs, name, parameters, arguments) ncclResult_t name parameters;
#include "api/nccl_calls.h"
decltype(::ncclCommAbort) ncclCommAbort;
decltype(::ncclGetLastError) ncclGetLastError;

// NCCL's answer in place of the driver's.
ncclResult_t nccl_status(CUresult result);

// Ends what waits for other ranks, also on another thread, which holds the lock.
void interrupt(ncclComm_t comm);

}
