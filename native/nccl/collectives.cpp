// NCCL: the collectives that are enqueued, and how ranks carry them out together, a chunk at a time.
#include <algorithm>
#include <cstring>
#include <vector>

#include "memory/ranges.h"
#include "memory/findings.h"
#include "memory/state.h"
#include "nccl/communicators.h"
#include "streams/streams.h"

namespace sim {

namespace {

enum Kind { ALL_REDUCE, BROADCAST, ALL_GATHER };
const char* const NAMES[] = {"ncclAllReduce", "ncclBroadcast", "ncclAllGather"};

struct Asked {
  Call call;
  const char* from;
  char* to;
  size_t bytes;  // of one rank
  Ranges ranges;
};

size_t size_of_type(int type) {
  return type == ncclUint8 ? 1 : type == ncclFloat32 ? 4 : type == ncclFloat64 ? 8 : 0;
}

std::string words(const Call& call) {
  std::string text = std::string(NAMES[call.kind]) + " of " + std::to_string(call.count) + " of type " +
                     std::to_string(call.type);
  return call.kind == BROADCAST ? text + " from " + std::to_string(call.root) : text;
}

// Sums the ranks' parts, in the order of the ranks.
template <typename Number>
void sum(Meeting& meeting, char* to, size_t bytes) {
  auto sums = reinterpret_cast<Number*>(to);
  std::memcpy(to, meeting.chunk_of(0), bytes);
  for (int rank = 1; rank < meeting.size(); rank++) {
    auto more = reinterpret_cast<const Number*>(meeting.chunk_of(rank));
    for (size_t i = 0; i < bytes / sizeof(Number); i++) {
      sums[i] += more[i];
    }
  }
}

// Reads each rank's part from the place where that rank put it.
void take(Meeting& meeting, const Asked& asked, size_t at, size_t bytes) {
  switch (asked.call.kind) {
    case ALL_REDUCE:
      asked.call.type == ncclFloat32 ? sum<float>(meeting, asked.to + at, bytes)
                                     : sum<double>(meeting, asked.to + at, bytes);
      break;
    case BROADCAST: std::memcpy(asked.to + at, meeting.chunk_of(asked.call.root), bytes); break;
    default:
      for (int rank = 0; rank < meeting.size(); rank++) {
        std::memcpy(asked.to + size_t(rank) * asked.bytes + at, meeting.chunk_of(rank), bytes);
      }
  }
}

std::string different(Meeting& meeting, const Call& mine) {
  for (int rank = 0; rank < meeting.size(); rank++) {
    if (!(meeting.call_of(rank) == mine)) {
      return "rank " + std::to_string(rank) + " calls " + words(meeting.call_of(rank)) + ", and rank " +
             std::to_string(meeting.rank()) + " " + words(mine);
    }
  }
  return "";
}

CUresult run(Meeting& meeting, const Asked& asked) {
  const char* call = NAMES[asked.call.kind];
  if (!usable(call, asked.ranges)) {
    meeting.give_up();
    return context.failed;
  }
  bool brings = asked.call.kind != BROADCAST || asked.call.root == meeting.rank();
  meeting.call_of(meeting.rank()) = asked.call;
  size_t at = 0;
  do {
    size_t bytes = std::min(CHUNK, asked.bytes - at);
    if (brings) {
      std::memcpy(meeting.chunk_of(meeting.rank()), asked.from + at, bytes);
    }
    std::string wrong = meeting.meet();
    if (wrong.empty()) {
      wrong = different(meeting, asked.call);
    }
    if (wrong.empty()) {
      take(meeting, asked, at, bytes);
      // No rank may bring its next part before all ranks have taken this one.
      wrong = meeting.meet();
    }
    if (meeting.interrupted()) {
      break;
    }
    if (!wrong.empty()) {
      meeting.give_up();
      return fail_context(Flaw::MISUSE, call, std::string(call) + ": " + wrong);
    }
    at += bytes;
  } while (at < asked.bytes);
  leave(asked.ranges);
  return CUDA_SUCCESS;
}

ncclResult_t ask(Kind kind, const void* from, void* to, size_t count, int type, int root, ncclComm_t comm,
                 CUstream stream) {
  const char* call = NAMES[kind];
  std::shared_ptr<Meeting> meeting = find_communicator(call, comm);
  if (!meeting) {
    return INVALID;
  }
  if (root < 0 || root >= meeting->size()) {
    return refuse(INVALID, call, "root: no rank");
  }
  size_t size = size_of_type(type);
  if (size == 0 || (kind == ALL_REDUCE && type == ncclUint8)) {
    return refuse(INVALID, call, "datatype: " + std::to_string(type) + " is none that the stand-in takes");
  }
  size_t bytes = count * size, received = kind == ALL_GATHER ? bytes * size_t(meeting->size()) : bytes;
  bool brings = kind != BROADCAST || root == meeting->rank();
  auto start = reinterpret_cast<Address>(from), end = reinterpret_cast<Address>(to);
  auto asked = std::make_shared<Asked>(
      Asked{{kind, type, root, count}, static_cast<const char*>(from), static_cast<char*>(to), bytes, {}});
  if (brings && start != end) {
    asked->ranges.push_back({"sendbuff", start, bytes, Use::READ, size});
  }
  Use use = brings && start == end && kind != ALL_GATHER ? Use::READ_AND_WRITE : Use::WRITE;
  asked->ranges.push_back({"recvbuff", end, received, use, size});
  std::string wrong = misplaced(asked->ranges);
  if (wrong.empty() && kind == ALL_GATHER && start == end && bytes > 0) {
    wrong = "recvbuff overlaps sendbuff";
  }
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  CUresult result = enqueue(stream, {call, [=] { return run(*meeting, *asked); }, CU_GRAPH_NODE_TYPE_KERNEL});
  return result == CUDA_ERROR_INVALID_HANDLE ? refuse(INVALID, call, "stream: no stream, or one that was destroyed")
                                             : nccl_status(result);
}

}

ncclResult_t ncclAllReduce(const void* from, void* to, size_t count, ncclDataType_t type, ncclRedOp_t op,
                           ncclComm_t comm, CUstream stream) {
  if (op != ncclSum) {
    return refuse(INVALID, NAMES[ALL_REDUCE], "op: " + std::to_string(int(op)) + " is none that the stand-in takes");
  }
  return ask(ALL_REDUCE, from, to, count, type, 0, comm, stream);
}

ncclResult_t ncclBroadcast(const void* from, void* to, size_t count, ncclDataType_t type, int root, ncclComm_t comm,
                           CUstream stream) {
  return ask(BROADCAST, from, to, count, type, root, comm, stream);
}

ncclResult_t ncclAllGather(const void* from, void* to, size_t count, ncclDataType_t type, ncclComm_t comm,
                           CUstream stream) {
  return ask(ALL_GATHER, from, to, count, type, 0, comm, stream);
}

}
