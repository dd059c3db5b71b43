// The functions of NCCL that need admission: needs, name, parameters, arguments. An includer defines CALL.

CALL(NOTHING, ncclGetVersion, (int* version), (version))
CALL(NOTHING, ncclGetUniqueId, (ncclUniqueId* uniqueId), (uniqueId))
CALL(CONTEXT, ncclCommInitRank, (ncclComm_t* comm, int nranks, ncclUniqueId commId, int rank), (comm, nranks, commId,
     rank))
CALL(CONTEXT_TO_RELEASE, ncclCommDestroy, (ncclComm_t comm), (comm))
CALL(CONTEXT, ncclAllReduce, (const void* sendbuff, void* recvbuff, size_t count, ncclDataType_t datatype,
     ncclRedOp_t op, ncclComm_t comm, CUstream stream), (sendbuff, recvbuff, count, datatype, op, comm, stream))
CALL(CONTEXT, ncclBroadcast, (const void* sendbuff, void* recvbuff, size_t count, ncclDataType_t datatype, int root,
     ncclComm_t comm, CUstream stream), (sendbuff, recvbuff, count, datatype, root, comm, stream))
CALL(CONTEXT, ncclAllGather, (const void* sendbuff, void* recvbuff, size_t sendcount, ncclDataType_t datatype,
     ncclComm_t comm, CUstream stream), (sendbuff, recvbuff, sendcount, datatype, comm, stream))
CALL(DRIVER, ncclCommGetAsyncError, (ncclComm_t comm, ncclResult_t* asyncError), (comm, asyncError))

#undef CALL
