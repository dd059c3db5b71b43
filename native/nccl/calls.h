// The simulated NCCL as its shim sees it.
#pragma once
#include "api/nccl.h"

namespace sim __attribute__((visibility("default"))) {

decltype(::ncclGetVersion) ncclGetVersion;
decltype(::ncclGetUniqueId) ncclGetUniqueId;
decltype(::ncclCommInitRank) ncclCommInitRank;
decltype(::ncclCommGetAsyncError) ncclCommGetAsyncError;
decltype(::ncclCommDestroy) ncclCommDestroy;
decltype(::ncclCommAbort) ncclCommAbort;
decltype(::ncclAllReduce) ncclAllReduce;
decltype(::ncclBroadcast) ncclBroadcast;
decltype(::ncclAllGather) ncclAllGather;
decltype(::ncclGetLastError) ncclGetLastError;

// NCCL's answer in place of the driver's.
ncclResult_t nccl_status(CUresult result);

// Ends what waits for other ranks, also on another thread, which holds the lock.
void interrupt(ncclComm_t comm);

}
