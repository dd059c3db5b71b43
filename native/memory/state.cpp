#include "memory/state.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace sim {

bool one_process, runs_share;
Settings settings;
Counters counters;
Context context;

namespace {

// A thread reads what its own calls found, and what failed the context for all threads.
thread_local std::string found_by_call;
std::string failure;
long long calls;
long long allocations;
// The fault that ended all work of this process.
CUresult lost;

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

unsigned launches_in_every_order(const std::string& orders, unsigned otherwise) {
  if (orders.empty()) {
    return otherwise;
  }
  bool number = orders.find_first_not_of("0123456789") == std::string::npos && orders.size() < 10;
  if (!number && orders != "all" && orders != "one") {
    std::fprintf(stderr, "charlstm sim: CHARLSTM_SIM_ORDERS: '%s' is neither all, one nor a number of launches\n",
                 orders.c_str());
  }
  return number ? unsigned(std::atoi(orders.c_str())) : orders == "one" ? 0 : UINT_MAX;
}

void read_fault(const std::string& fault) {
  if (fault == "no_device") {
    settings.no_device = true;
  } else if (fault.rfind("oom:", 0) == 0) {
    settings.fail_allocation = std::atoll(fault.c_str() + 4);
  } else if (fault.rfind("fail:", 0) == 0) {
    settings.fail_call = std::atoll(fault.c_str() + 5);
  } else if (fault.rfind("endless:", 0) == 0) {
    settings.endless.push_back(fault.substr(8));
  } else if (fault.rfind("fault:", 0) == 0) {
    settings.faulty.push_back(fault.substr(6));
  } else {
    std::fprintf(stderr, "charlstm sim: CHARLSTM_SIM_FAULTS: '%s' is none of no_device, oom:N, fail:N, endless:NAME, "
                 "fault:NAME\n", fault.c_str());
  }
}

}

void read_settings() {
  settings = Settings();
  if (lost != CUDA_SUCCESS && context.number == 0 && context.made.empty()) {
    context.failed = CUDA_SUCCESS;
  }
  lost = CUDA_SUCCESS;
  calls = 0;
  allocations = 0;
  settings.deferred = environment("CHARLSTM_SIM_STREAMS") == "deferred";
  settings.every_order = launches_in_every_order(environment("CHARLSTM_SIM_ORDERS"), settings.every_order);
  std::string version = environment("CHARLSTM_SIM_DRIVER");
  if (!version.empty()) {
    settings.driver_version = std::atoi(version.c_str());
  }
  settings.memory = size_t(std::max(0ll, std::atoll(environment("CHARLSTM_SIM_MEMORY").c_str())));
  settings.seconds = std::atof(environment("CHARLSTM_SIM_SECONDS").c_str());
  std::string cores = environment("CHARLSTM_SIM_CORES");
  settings.cores = unsigned(std::max(0, std::atoi(cores.c_str())));
  settings.at_once = cores.find(":now") != std::string::npos;
  std::string capability = environment("CHARLSTM_SIM_CAPABILITY");
  if (!capability.empty()) {
    settings.capability = std::atoi(capability.c_str());
  }
  settings.rnn = listed("CHARLSTM_SIM_RNN");
  settings.ptx = environment("CHARLSTM_SIM_PTX");
  settings.digests = !environment("CHARLSTM_SIM_DIGESTS").empty();
  settings.coverage = environment("CHARLSTM_SIM_COVERAGE");
  for (const std::string& fault : listed("CHARLSTM_SIM_FAULTS")) {
    read_fault(fault);
  }
}

void keep_to_one_process() {
  if (runs_share) {
    _exit(0);
  }
  one_process = true;
}

bool call_must_fail() {
  return ++calls == settings.fail_call;
}

bool allocation_must_fail() {
  return ++allocations == settings.fail_allocation;
}

void keep_message(const std::string& message) {
  found_by_call = "charlstm sim: " + message;
}

void complain(const std::string& message) {
  keep_message(message);
  std::fprintf(stderr, "%s\n", found_by_call.c_str());
}

const std::string& last_message() {
  thread_local std::string told;
  told = found_by_call.empty() && context.failed != CUDA_SUCCESS ? failure : found_by_call;
  return told;
}

void forget_message() {
  found_by_call.clear();
}

void end_context() {
  context = Context();
  context.failed = lost;
}

CUresult fail_process(CUresult code, const std::string& message) {
  lost = code;
  return fail_with(code, message);
}

CUresult fail_with(CUresult code, const std::string& message) {
  complain(message);
  failure = found_by_call;
  context.failed = code;
  return code;
}

}
