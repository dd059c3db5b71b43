// NCCL: ranks as processes that are split off, sums, and each of its refusals.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>

#include "api/nccl.h"
#include "selftest/harness.h"

namespace {

void* at(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

// The status must be as expected, and the last message must have these words in it.
void refused(ncclResult_t status, ncclResult_t expected, const char* words) {
  check(status == expected && std::strstr(charlstm_sim_last_error(), words), words, __FILE__, __LINE__);
}

ncclUniqueId new_id() {
  ncclUniqueId id;
  CHECK(ncclGetUniqueId(&id) == ncclSuccess);
  return id;
}

// Runs rank 1 in a process of its own, beside rank 0; what it finds wrong is counted here.
void two_ranks(const std::function<void(int, ncclUniqueId)>& work) {
  ncclUniqueId id = new_id();
  pid_t other = fork();
  if (other == 0) {
    failures = 0;
    work(1, id);
    _exit(failures == 0 ? 0 : 1);
  }
  work(0, id);
  int status = 0;
  waitpid(other, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

std::vector<float> rank_sums(size_t count) {
  std::vector<float> sums = drawn(count, 10), more = drawn(count, 11);
  for (size_t i = 0; i < count; i++) {
    sums[i] += more[i];
  }
  return sums;
}

// Eager, deferred and recorded; more than one chunk.
void sums() {
  two_ranks([](int rank, ncclUniqueId id) {
    for (const char* streams : {"eager", "deferred"}) {
      Driver driver(streams);
      ncclUniqueId own = id;
      // Another name for the second communicator, the same in both.
      own.internal[0] ^= streams[0];
      ncclComm_t comm = nullptr;
      CHECK(ncclCommInitRank(&comm, 2, own, rank) == ncclSuccess);
      size_t count = 300'001;
      CUdeviceptr values = driver.holding(drawn(count, 10 + unsigned(rank)));
      CHECK(ncclAllReduce(at(values), at(values), count, ncclFloat32, ncclSum, comm, driver.stream) == ncclSuccess);
      CHECK(driver.read(values, count) == rank_sums(count));
      CUdeviceptr few = driver.holding(drawn(5, 10 + unsigned(rank))), all = driver.fresh(40);
      cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
      CHECK(ncclAllReduce(at(few), at(few), 5, ncclFloat32, ncclSum, comm, driver.stream) == ncclSuccess);
      CUgraph graph = nullptr;
      CUgraphExec executable = nullptr;
      CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
      CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
      CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
      CHECK(driver.read(few, 5) == rank_sums(5));
      CHECK(ncclAllGather(at(few), at(all), 5, ncclFloat32, comm, driver.stream) == ncclSuccess);
      std::vector<float> gathered = rank_sums(5), twice = gathered;
      twice.insert(twice.end(), gathered.begin(), gathered.end());
      CHECK(driver.read(all, 10) == twice);
      CUdeviceptr given = driver.holding(drawn(3, 20 + unsigned(rank)));
      CHECK(ncclBroadcast(at(given), at(given), 12, ncclUint8, 1, comm, driver.stream) == ncclSuccess);
      CHECK(driver.read(given, 3) == drawn(3, 21));
      ncclResult_t failure = ncclSystemError;
      CHECK(ncclCommGetAsyncError(comm, &failure) == ncclSuccess && failure == ncclSuccess);
      cuGraphDestroy(graph);
      cuGraphExecDestroy(executable);
      CHECK(ncclCommDestroy(comm) == ncclSuccess);
      driver.free({values, few, all, given});
    }
  });
}

// One breaks the rule that all make the same calls; both are told, and the context is lost.
void different_calls() {
  two_ranks([](int rank, ncclUniqueId id) {
    Driver driver;
    ncclComm_t comm = nullptr;
    CHECK(ncclCommInitRank(&comm, 2, id, rank) == ncclSuccess);
    CUdeviceptr values = driver.holding(drawn(6, 1));
    ncclResult_t status =
        ncclAllReduce(at(values), at(values), 4 + size_t(rank), ncclFloat32, ncclSum, comm, driver.stream);
    refused(status, ncclUnhandledCudaError,
            rank == 0 ? "rank 1 calls ncclAllReduce of 5 of type 7, and rank 0 ncclAllReduce of 4 of type 7"
                      : "rank 0 calls ncclAllReduce of 4 of type 7, and rank 1 ncclAllReduce of 5 of type 7");
    CHECK(driver.synchronise() != CUDA_SUCCESS);
  });
  two_ranks([](int rank, ncclUniqueId id) {
    Driver driver;
    ncclComm_t comm = nullptr;
    CHECK(ncclCommInitRank(&comm, 2, id, rank) == ncclSuccess);
    CUdeviceptr values = driver.holding(drawn(6, 1));
    ncclResult_t status =
        rank == 0 ? ncclAllReduce(at(values), at(values), 4, ncclFloat32, ncclSum, comm, driver.stream)
                  : ncclBroadcast(at(values), at(values), 4, ncclFloat32, 0, comm, driver.stream);
    refused(status, ncclUnhandledCudaError, "ncclBroadcast of 4 of type 7 from 0");
  });
}

// Rank 1 does not come: late, or dead, or it has given up; or rank 0 gives up itself, from elsewhere.
void missing() {
  setenv("CHARLSTM_SIM_NCCL_TIMEOUT", "0.3", 1);
  two_ranks([](int rank, ncclUniqueId id) {
    Driver driver;
    ncclComm_t comm = nullptr;
    CHECK(ncclCommInitRank(&comm, 2, id, rank) == ncclSuccess);
    CUdeviceptr values = driver.holding(drawn(4, 1));
    if (rank == 0) {
      refused(ncclAllReduce(at(values), at(values), 4, ncclFloat32, ncclSum, comm, driver.stream),
              ncclUnhandledCudaError, "ncclAllReduce: rank 1 has not come");
    } else {
      usleep(600'000);
      ncclResult_t failure = ncclSuccess;
      CHECK(ncclCommGetAsyncError(comm, &failure) == ncclSuccess && failure == ncclRemoteError);
    }
  });
  two_ranks([](int rank, ncclUniqueId id) {
    Driver driver;
    ncclComm_t comm = nullptr;
    if (rank == 0) {
      refused(ncclCommInitRank(&comm, 2, id, rank), ncclSystemError, "rank 1 has not come");
    }
  });
  two_ranks([](int rank, ncclUniqueId id) {
    Driver driver;
    ncclComm_t comm = nullptr;
    CHECK(ncclCommInitRank(&comm, 2, id, rank) == ncclSuccess);
    CUdeviceptr values = driver.holding(drawn(4, 1));
    if (rank == 0) {
      refused(ncclAllReduce(at(values), at(values), 4, ncclFloat32, ncclSum, comm, driver.stream),
              ncclUnhandledCudaError, "ncclAllReduce: rank 1 gave up");
    } else {
      CHECK(ncclCommAbort(comm) == ncclSuccess);
    }
  });
  unsetenv("CHARLSTM_SIM_NCCL_TIMEOUT");
}

void refusals() {
  Driver driver;
  ncclComm_t comm = nullptr;
  ncclUniqueId id = new_id();
  refused(ncclCommInitRank(nullptr, 1, id, 0), ncclInvalidArgument, "comm: null");
  refused(ncclCommInitRank(&comm, 2, id, 2), ncclInvalidArgument, "rank 2 of 2");
  refused(ncclCommInitRank(&comm, 0, id, 0), ncclInvalidArgument, "rank 0 of 0");
  refused(ncclCommInitRank(&comm, 1, ncclUniqueId(), 0), ncclInternalError, "commId");
  CHECK(ncclCommInitRank(&comm, 1, id, 0) == ncclSuccess);
  CUdeviceptr values = driver.holding(drawn(8, 1));
  std::vector<float> host(8);
  auto reduce = [&](const void* from, void* to, int type, int op, CUstream stream) {
    return ncclAllReduce(from, to, 4, ncclDataType_t(type), ncclRedOp_t(op), comm, stream);
  };
  refused(reduce(host.data(), at(values), ncclFloat32, ncclSum, driver.stream), ncclInvalidArgument, "sendbuff");
  refused(reduce(at(values), at(values + 2), ncclFloat32, ncclSum, driver.stream), ncclInvalidArgument, "aligned");
  refused(reduce(at(values), at(values + 8), ncclFloat32, ncclSum, driver.stream), ncclInvalidArgument, "overlaps");
  refused(reduce(at(values), at(values + 20), ncclFloat32, ncclSum, driver.stream), ncclInvalidArgument, "recvbuff");
  refused(reduce(at(values), at(values), 12, ncclSum, driver.stream), ncclInvalidArgument, "datatype: 12");
  refused(reduce(at(values), at(values), ncclFloat32, 9, driver.stream), ncclInvalidArgument, "op: 9");
  refused(reduce(at(values), at(values), ncclFloat32, ncclSum, CUstream(0x123450)), ncclInvalidArgument, "stream");
  refused(ncclBroadcast(at(values), at(values), 4, ncclFloat32, 1, comm, driver.stream), ncclInvalidArgument, "root");
  refused(ncclAllGather(at(values), at(values), 4, ncclFloat32, comm, driver.stream), ncclInvalidArgument, "overlaps");
  cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  ncclComm_t second = nullptr;
  refused(ncclCommInitRank(&second, 1, id, 0), ncclUnhandledCudaError, "during a capture");
  CUgraph graph = nullptr;
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CHECK(ncclCommDestroy(comm) == ncclSuccess);
  CHECK(ncclCommDestroy(nullptr) == ncclSuccess);
  refused(ncclCommDestroy(comm), ncclInvalidArgument, "destroyed");
  refused(reduce(at(values), at(values), ncclFloat32, ncclSum, driver.stream), ncclInvalidArgument, "destroyed");
  driver.free({values});
}

// With an address each rank has the id by itself.
void id_of_an_address() {
  Driver driver;
  setenv("NCCL_COMM_ID", "127.0.0.1:4000", 1);
  CHECK(std::memcmp(new_id().internal, new_id().internal, sizeof(ncclUniqueId)) == 0);
  setenv("CHARLSTM_SIM_NCCL", "22105", 1);
  CHECK(std::memcmp(new_id().internal, new_id().internal, sizeof(ncclUniqueId)) != 0);
  unsetenv("CHARLSTM_SIM_NCCL");
  setenv("NCCL_COMM_ID", "nowhere", 1);
  ncclUniqueId id;
  refused(ncclGetUniqueId(&id), ncclInvalidArgument, "HOST:PORT");
  unsetenv("NCCL_COMM_ID");
  CHECK(std::memcmp(new_id().internal, new_id().internal, sizeof(ncclUniqueId)) != 0);
}

}

void test_nccl() {
  sums();
  different_calls();
  missing();
  refusals();
  id_of_an_address();
}
