// libnccl.so.2: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/forward.h"
#include "nccl/calls.h"

#define FORWARD(needs, name, parameters, arguments) \
  FORWARD_AS(ncclResult_t, sim::nccl_status, needs, name, parameters, arguments)

FORWARD(NOTHING, ncclGetVersion, (int* version), (version))
FORWARD(NOTHING, ncclGetUniqueId, (ncclUniqueId* uniqueId), (uniqueId))
FORWARD(CONTEXT, ncclCommInitRank, (ncclComm_t* comm, int nranks, ncclUniqueId commId, int rank),
        (comm, nranks, commId, rank))
FORWARD(CONTEXT_TO_RELEASE, ncclCommDestroy, (ncclComm_t comm), (comm))
FORWARD(CONTEXT, ncclAllReduce,
        (const void* sendbuff, void* recvbuff, size_t count, ncclDataType_t datatype, ncclRedOp_t op, ncclComm_t comm,
         CUstream stream),
        (sendbuff, recvbuff, count, datatype, op, comm, stream))
FORWARD(CONTEXT, ncclBroadcast,
        (const void* sendbuff, void* recvbuff, size_t count, ncclDataType_t datatype, int root, ncclComm_t comm,
         CUstream stream),
        (sendbuff, recvbuff, count, datatype, root, comm, stream))
FORWARD(CONTEXT, ncclAllGather,
        (const void* sendbuff, void* recvbuff, size_t sendcount, ncclDataType_t datatype, ncclComm_t comm,
         CUstream stream),
        (sendbuff, recvbuff, sendcount, datatype, comm, stream))
FORWARD(DRIVER, ncclCommGetAsyncError, (ncclComm_t comm, ncclResult_t* asyncError), (comm, asyncError))

// It comes from any thread, while another may be waiting for ranks with the lock.
EXPORT ncclResult_t ncclCommAbort(ncclComm_t comm) {
  sim::interrupt(comm);
  sim::Admission admission(sim::Needs::DRIVER_TO_RELEASE);
  ncclResult_t status = admission.granted() ? sim::ncclCommAbort(comm) : ncclSuccess;
  return admission.refusal() == CUDA_SUCCESS ? status : sim::nccl_status(admission.refusal());
}

// Explaining an error is never refused and never made to fail, or no message could be tested.
EXPORT const char* ncclGetLastError(ncclComm_t comm) {
  return sim::ncclGetLastError(comm);
}
