// NCCL's communicators.
#pragma once
#include <memory>
#include <string>

#include "nccl/calls.h"
#include "nccl/meeting.h"

namespace sim {

constexpr ncclResult_t INVALID = ncclInvalidArgument;

// Prints the mistake on stderr, and returns the status.
ncclResult_t refuse(ncclResult_t status, const char* call, const std::string& why);

// Null, after a message, for a handle that is destroyed or not a communicator.
std::shared_ptr<Meeting> find_communicator(const char* call, ncclComm_t comm);

}
