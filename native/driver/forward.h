// Makes the shims: functions under NVIDIA's names that pass the gate and call those of namespace sim.
#pragma once
#include "driver/gate.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

// as_status turns the gate's answer into a status of the library.
#define FORWARD_AS(status_type, as_status, needs, name, parameters, arguments)       \
  EXPORT status_type name parameters {                                              \
    sim::Gate gate(sim::Needs::needs);                                              \
    status_type status = gate.open() ? sim::name arguments : status_type();         \
    return gate.refusal() == CUDA_SUCCESS ? status : as_status(gate.refusal());     \
  }
