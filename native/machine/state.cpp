#include "machine/state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <sstream>

#include "driver/calls.h"
#include "machine/launch.h"

namespace sim {

Settings settings;
Counters counters;
Context context;
bool initialised;
thread_local unsigned long long current_context;

namespace {

std::recursive_mutex lock;
std::string last_error;
long long calls;
long long allocations;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> listed(const char* name) {
  std::vector<std::string> parts;
  std::istringstream list(environment(name));
  for (std::string part; std::getline(list, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

void read_fault(const std::string& fault) {
  if (fault == "no_device") {
    settings.no_device = true;
  } else if (fault.rfind("oom:", 0) == 0) {
    settings.fail_allocation = std::atoll(fault.c_str() + 4);
  } else if (fault.rfind("fail:", 0) == 0) {
    settings.fail_call = std::atoll(fault.c_str() + 5);
  } else {
    std::fprintf(stderr, "charlstm sim: CHARLSTM_SIM_FAULTS: '%s' is none of no_device, oom:N, fail:N\n",
                 fault.c_str());
  }
}

}

void read_settings() {
  settings = Settings();
  calls = 0;
  allocations = 0;
  settings.deferred = environment("CHARLSTM_SIM_STREAMS") == "deferred";
  settings.every_order = environment("CHARLSTM_SIM_ORDERS") != "one";
  std::string version = environment("CHARLSTM_SIM_DRIVER");
  if (!version.empty()) {
    settings.driver_version = std::atoi(version.c_str());
  }
  settings.rnn = listed("CHARLSTM_SIM_RNN");
  for (const std::string& fault : listed("CHARLSTM_SIM_FAULTS")) {
    read_fault(fault);
  }
}

bool call_must_fail() {
  return ++calls == settings.fail_call;
}

bool allocation_must_fail() {
  return ++allocations == settings.fail_allocation;
}

void keep_message(const std::string& message) {
  last_error = "charlstm sim: " + message;
}

void complain(const std::string& message) {
  keep_message(message);
  std::fprintf(stderr, "%s\n", last_error.c_str());
}

const std::string& last_message() {
  return last_error;
}

CUresult fail_context(CUresult code, const std::string& message) {
  complain(message);
  context.failed = code;
  return code;
}

Gate::Gate(Needs needs) {
  lock.lock();
  if (needs == Needs::NOTHING) {
    return;
  }
  bool in_context = needs == Needs::CONTEXT || needs == Needs::CONTEXT_TO_RELEASE;
  bool releases = needs == Needs::DRIVER_TO_RELEASE || needs == Needs::CONTEXT_TO_RELEASE;
  open_ = false;
  if (!initialised) {
    refusal_ = CUDA_ERROR_NOT_INITIALIZED;
  } else if (in_context && current_context == 0) {
    refusal_ = CUDA_ERROR_INVALID_CONTEXT;
  } else if (in_context && current_context != context.number) {
    refusal_ = CUDA_ERROR_CONTEXT_IS_DESTROYED;
  } else if (in_context && context.failed != CUDA_SUCCESS) {
    refusal_ = context.failed;
    open_ = releases;
  } else {
    refusal_ = call_must_fail() ? CUDA_ERROR_UNKNOWN : CUDA_SUCCESS;
    open_ = releases || refusal_ == CUDA_SUCCESS;
  }
}

Gate::~Gate() {
  lock.unlock();
}

}

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT const char* charlstm_sim_last_error() {
  std::lock_guard<std::recursive_mutex> held(sim::lock);
  return sim::last_error.c_str();
}

EXPORT void charlstm_sim_counters(long long out[15]) {
  std::lock_guard<std::recursive_mutex> held(sim::lock);
  const sim::Counters& c = sim::counters;
  const long long values[] = {c.allocations_live, c.bytes_live, c.allocations_ever, c.launches, c.copies_to_device,
                              c.copies_to_host, c.bytes_to_device, c.bytes_to_host, c.products, c.rnn_calls,
                              c.graphs_instantiated, c.graph_launches, c.default_products, c.pedantic_products,
                              c.tf32_products};
  std::copy(std::begin(values), std::end(values), out);
}

EXPORT void charlstm_sim_traffic(const char* kernel, long long out[3]) {
  std::lock_guard<std::recursive_mutex> held(sim::lock);
  sim::Traffic moved = sim::traffic_so_far(kernel);
  out[0] = moved.launches;
  out[1] = moved.bytes_read;
  out[2] = moved.bytes_written;
}

EXPORT void charlstm_sim_live(long long out[7]) {
  std::lock_guard<std::recursive_mutex> held(sim::lock);
  const sim::Counters& c = sim::counters;
  const long long values[] = {c.modules_live, c.streams_live, c.graphs_live, c.contexts_live, c.cublas_live,
                              c.cudnn_live, c.events_live};
  for (int i = 0; i < 7; i++) {
    out[i] = values[i];
  }
}
