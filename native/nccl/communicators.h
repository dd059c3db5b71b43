// NCCL's communicators.
#pragma once
#include <memory>
#include <string>

#include "nccl/calls.h"
#include "nccl/meeting.h"

namespace sim {

constexpr ncclResult_t INVALID = ncclInvalidArgument;

// Answers with the status, after telling on stderr what is wrong.
ncclResult_t refuse(ncclResult_t status, const char* call, const std::string& why);

// Null, after saying so, for a communicator that was destroyed, or is none.
std::shared_ptr<Meeting> find_communicator(const char* call, ncclComm_t comm);

}
