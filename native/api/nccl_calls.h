// The functions of NCCL that need admission: needs, name and parameters. An includer defines CALL.

CALL(NOTHING, ncclGetVersion, (int* version))
CALL(NOTHING, ncclGetUniqueId, (ncclUniqueId* uniqueId))
CALL(CONTEXT, ncclCommInitRank, (ncclComm_t* comm, int nranks, ncclUniqueId commId, int rank))
CALL(CONTEXT_TO_RELEASE, ncclCommDestroy, (ncclComm_t comm))
CALL(CONTEXT, ncclAllReduce, (const void* sendbuff, void* recvbuff, size_t count, ncclDataType_t datatype,
     ncclRedOp_t op, ncclComm_t comm, CUstream stream))
CALL(CONTEXT, ncclBroadcast, (const void* sendbuff, void* recvbuff, size_t count, ncclDataType_t datatype, int root,
     ncclComm_t comm, CUstream stream))
CALL(CONTEXT, ncclAllGather, (const void* sendbuff, void* recvbuff, size_t sendcount, ncclDataType_t datatype,
     ncclComm_t comm, CUstream stream))
CALL(DRIVER, ncclCommGetAsyncError, (ncclComm_t comm, ncclResult_t* asyncError))

#undef CALL
