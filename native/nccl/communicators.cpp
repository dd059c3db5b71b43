#include "nccl/communicators.h"

#include <sys/random.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>

#include "calls/handles.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

// The version is 2.29.3 unless set.
int version_now() {
  const char* set = std::getenv("CHARLSTM_SIM_NCCL");
  return set ? std::atoi(set) : 22903;
}

// From this version on all processes compute the same id from an address; earlier versions add random bytes.
constexpr int SAME_IDS = 22200;
// An id holds the random bytes, if any, and a text that begins with the prefix.
constexpr size_t DRAWN = sizeof(uint64_t);
const char PREFIX[] = "/charlstm-nccl-";

Handles<ncclComm_t, Meeting> communicators(&counters.nccl_live);

// The open communicators, for a thread that may not take the lock.
std::mutex open_lock;
std::map<ncclComm_t, std::weak_ptr<Meeting>> open_ones;

// A name that is the same in every process with the same address.
std::string name_of(const std::string& address) {
  return std::to_string(std::hash<std::string>()(address));
}

}

ncclResult_t refuse(ncclResult_t status, const char* call, const std::string& why) {
  complain(std::string(call) + ": " + why);
  return status;
}

ncclResult_t nccl_status(CUresult result) {
  switch (result) {
    case CUDA_SUCCESS: return ncclSuccess;
    case CUDA_ERROR_INVALID_HANDLE:
    case CUDA_ERROR_INVALID_VALUE: return INVALID;
    default: return ncclUnhandledCudaError;
  }
}

std::shared_ptr<Meeting> find_communicator(const char* call, ncclComm_t comm) {
  std::shared_ptr<Meeting> found = communicators.find(comm);
  if (!found) {
    refuse(INVALID, call, "comm: no communicator, or one that was destroyed");
  }
  return found;
}

void interrupt(ncclComm_t comm) {
  std::lock_guard<std::mutex> hold(open_lock);
  auto found = open_ones.find(comm);
  if (found == open_ones.end()) {
    return;
  }
  if (std::shared_ptr<Meeting> meeting = found->second.lock()) {
    meeting->interrupt();
  }
}

ncclResult_t ncclGetVersion(int* version) {
  if (!version) {
    return INVALID;
  }
  *version = version_now();
  return ncclSuccess;
}

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  const char* call = "ncclGetUniqueId";
  if (!id) {
    return refuse(INVALID, call, "uniqueId: null");
  }
  const char* address = std::getenv("NCCL_COMM_ID");
  if (address && !std::strchr(address, ':')) {
    return refuse(INVALID, call, "NCCL_COMM_ID is not HOST:PORT");
  }
  std::memset(id, 0, sizeof *id);
  if (!address || version_now() < SAME_IDS) {
    if (getrandom(id->internal, DRAWN, 0) != ssize_t(DRAWN)) {
      return ncclSystemError;
    }
  }
  std::strcpy(id->internal + DRAWN, (PREFIX + name_of(address ? address : "")).c_str());
  return ncclSuccess;
}

ncclResult_t ncclCommInitRank(ncclComm_t* comm, int nranks, ncclUniqueId id, int rank) {
  const char* call = "ncclCommInitRank";
  if (forbidden_by_capture()) {
    return refuse(ncclUnhandledCudaError, call, "called during a capture");
  }
  if (!comm) {
    return refuse(INVALID, call, "comm: null");
  }
  if (nranks < 1 || rank < 0 || rank >= nranks || nranks > MOST_RANKS) {
    return refuse(INVALID, call, "rank " + std::to_string(rank) + " of " + std::to_string(nranks));
  }
  id.internal[sizeof id.internal - 1] = 0;
  if (std::strncmp(id.internal + DRAWN, PREFIX, sizeof PREFIX - 1) != 0) {
    return refuse(ncclInternalError, call, "commId: not from ncclGetUniqueId, or not passed by value");
  }
  auto meeting = std::make_shared<Meeting>();
  uint64_t drawn;
  std::memcpy(&drawn, id.internal, DRAWN);
  std::string wrong = meeting->join((id.internal + DRAWN) + ("-" + std::to_string(drawn)), nranks, rank);
  if (!wrong.empty()) {
    return refuse(ncclSystemError, call, wrong);
  }
  *comm = communicators.add(meeting);
  std::lock_guard<std::mutex> hold(open_lock);
  open_ones[*comm] = meeting;
  return ncclSuccess;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
  std::shared_ptr<Meeting> meeting = find_communicator("ncclCommGetAsyncError", comm);
  if (!meeting || !error) {
    return INVALID;
  }
  *error = meeting->left() ? ncclRemoteError : ncclSuccess;
  return ncclSuccess;
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  const char* call = "ncclCommDestroy";
  if (!comm) {
    return ncclSuccess;
  }
  std::shared_ptr<Meeting> meeting = find_communicator(call, comm);
  if (!meeting) {
    return INVALID;
  }
  if (forbidden_by_capture()) {
    return refuse(ncclUnhandledCudaError, call, "called during a capture");
  }
  // Enqueued operations run first; after that NCCL may wait for the other ranks of the host.
  CUresult result = context.failed == CUDA_SUCCESS ? run_everything() : context.failed;
  std::string wrong = result == CUDA_SUCCESS ? meeting->meet() : "";
  communicators.remove(comm);
  return wrong.empty() ? nccl_status(result) : refuse(ncclRemoteError, call, wrong);
}

ncclResult_t ncclCommAbort(ncclComm_t comm) {
  if (!comm) {
    return ncclSuccess;
  }
  return communicators.remove(comm) ? ncclSuccess
                                    : refuse(INVALID, "ncclCommAbort", "comm: no communicator, or one destroyed");
}

const char* ncclGetLastError(ncclComm_t) {
  return last_message().c_str();
}

}
