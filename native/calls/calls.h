// The simulated driver as its shim sees it: each function of the real driver under its own name in this namespace.
#pragma once
#include "api/cuda.h"
#include "calls/refused.h"

namespace sim __attribute__((visibility("default"))) {

#define CALL(needs, name, parameters) CUresult name parameters;
#include "api/driver_calls.h"

}
