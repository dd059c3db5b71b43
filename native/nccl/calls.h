// The functions of the simulated NCCL for its shim.
#pragma once
#include "api/nccl.h"

namespace sim __attribute__((visibility("default"))) {

#define CALL(needs, name, parameters) ncclResult_t name parameters;
#include "api/nccl_calls.h"
decltype(::ncclCommAbort) ncclCommAbort;
decltype(::ncclGetLastError) ncclGetLastError;

// NCCL's status for a result of the driver.
ncclResult_t nccl_status(CUresult result);

// Ends a wait for other ranks, even of another thread, which holds the lock.
void interrupt(ncclComm_t comm);

}
