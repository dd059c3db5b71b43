// Makes the shims: functions under NVIDIA's names that ask for admission and call those of namespace sim.
#pragma once
#include "calls/admission.h"
#include "calls/refused.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

// The answer of a call, or of what refuses it, which as_status turns into a status of the library.
template <typename Status, typename AsStatus, typename Call>
Status admitted(sim::Needs needs, AsStatus as_status, Call call) {
  sim::Admission admission(needs);
  Status status = Status();
  try {
    status = admission.granted() ? call() : status;
  } catch (const sim::Refused& refused) {
    status = as_status(refused.answer);
  }
  return admission.refusal() == CUDA_SUCCESS ? status : as_status(admission.refusal());
}

// NVIDIA's function, which answers with the simulator's.
template <typename Answer, auto function, typename = decltype(function)>
struct Forwarded;

template <typename Answer, auto function, typename Result, typename... Parameters>
struct Forwarded<Answer, function, Result (*)(Parameters...)> {
  static auto call(Parameters... parameters) {
    return Answer::of([&] { return function(parameters...); });
  }
};

// Defines NVIDIA's function, which answers with an expression of `call`, the simulator's function of a name. The loader
// finds what stands for it, so no call repeats its arguments.
#define FORWARD(status, nvidias, name, parameters, ...)                                                      \
  struct Answer_##nvidias {                                                                                  \
    template <typename Call>                                                                                 \
    static status of(Call call) {                                                                            \
      return __VA_ARGS__;                                                                                    \
    }                                                                                                        \
  };                                                                                                         \
  extern "C" {                                                                                               \
  static status(*function_of_##nvidias()) parameters { return Forwarded<Answer_##nvidias, sim::name>::call; } \
  }                                                                                                          \
  EXPORT status nvidias parameters __attribute__((ifunc("function_of_" #nvidias)));
