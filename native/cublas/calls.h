// The functions of the simulated cuBLAS and cuBLASLt for their shims.
#pragma once
#include "api/cublaslt.h"
#include "calls/library.h"

namespace sim __attribute__((visibility("default"))) {

#define CALL(needs, name, parameters) void name parameters;
#include "api/cublas_calls.h"
#define CALL(needs, name, parameters) void name parameters;
#include "api/cublaslt_calls.h"

cublasStatus_t cublas_answer(Needs needs, const char* name, const std::function<void()>& call);

}

// For the shims.
#define FORWARD_CUBLAS(needs, name, parameters) \
  FORWARD(cublasStatus_t, name, name, parameters, sim::cublas_answer(sim::Needs::needs, #name, call))
