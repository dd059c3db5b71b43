#include "memory/state.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "api/of_thread.h"

namespace sim {

bool one_process, runs_share;
Settings settings;
Counters counters;
Context context;
int device_now;

namespace {

// A thread reads what its own calls found, and what failed the context for all threads.
std::string& found_by_call() {
  return of_thread<struct FoundByCall, std::string>();
}

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

void refuse(const std::string& line) {
  std::fprintf(stderr, "charlstm sim: %s\n", line.c_str());
  settings.refused += line + "\n";
}

unsigned launches_in_every_order(const std::string& orders, unsigned otherwise) {
  if (orders.empty()) {
    return otherwise;
  }
  bool number = orders.find_first_not_of("0123456789") == std::string::npos && orders.size() < 10;
  if (!number && orders != "all" && orders != "one" && orders != "lockstep") {
    refuse("CHARLSTM_SIM_ORDERS: '" + orders + "' is neither all, one, lockstep nor a number of launches");
    return otherwise;
  }
  return number ? unsigned(std::atoi(orders.c_str())) : orders == "all" ? UINT_MAX : 0;
}

// The versions of CUDA's toolkits 10 to 13.
int known_capability(const std::string& set, int otherwise) {
  static const std::set<int> known = {500, 520, 530, 600, 610, 620, 700, 720,  750,  800,
                                      860, 870, 880, 890, 900, 1000, 1030, 1100, 1200, 1210};
  int number = set.size() < 6 ? std::atoi(set.c_str()) : 0;
  if (set.empty() || known.count(number)) {
    return set.empty() ? otherwise : number;
  }
  std::string list;
  for (int one : known) {
    list += (list.empty() ? "" : ", ") + std::to_string(one);
  }
  refuse("CHARLSTM_SIM_CAPABILITY: '" + set + "' is none of " + list);
  return otherwise;
}

int number_of_devices(const std::string& set) {
  int number = set.empty() ? 1 : set.size() == 1 ? set[0] - '0' : 0;
  if (number >= 1 && number <= MOST_DEVICES) {
    return number;
  }
  refuse("CHARLSTM_SIM_DEVICES: '" + set + "' is none of 1 to " + std::to_string(MOST_DEVICES));
  return 1;
}

// The number that the text holds from a place on; 0 if there is none.
long long number_from(const std::string& text, size_t at) {
  bool number = text.size() < at + 18 && text.find_first_not_of("0123456789", at) == std::string::npos;
  return number ? std::atoll(text.c_str() + at) : 0;
}

void read_fault(const std::string& fault) {
  if (fault == "no_device") {
    settings.no_device = true;
  } else if (fault.rfind("oom:", 0) == 0 && number_from(fault, 4) > 0) {
    settings.fail_allocation = number_from(fault, 4);
  } else if (fault.rfind("fail:", 0) == 0 && number_from(fault, 5) > 0) {
    settings.fail_call = number_from(fault, 5);
  } else if (fault.rfind("endless:", 0) == 0) {
    settings.endless.push_back(fault.substr(8));
  } else if (fault.rfind("fault:", 0) == 0) {
    settings.faulty.push_back(fault.substr(6));
  } else {
    refuse("CHARLSTM_SIM_FAULTS: '" + fault + "' is none of no_device, oom:N, fail:N, endless:NAME, fault:NAME");
  }
}

}

void read_settings() {
  settings = Settings();
  if (lost != CUDA_SUCCESS && !context.lives()) {
    context.failed = CUDA_SUCCESS;
  }
  lost = CUDA_SUCCESS;
  calls = 0;
  allocations = 0;
  settings.deferred = environment("CHARLSTM_SIM_STREAMS") == "deferred";
  settings.every_order = launches_in_every_order(environment("CHARLSTM_SIM_ORDERS"), settings.every_order);
  settings.lockstep = environment("CHARLSTM_SIM_ORDERS") == "lockstep";
  std::string version = environment("CHARLSTM_SIM_DRIVER");
  if (!version.empty()) {
    settings.driver_version = std::atoi(version.c_str());
  }
  settings.memory = size_t(std::max(0ll, std::atoll(environment("CHARLSTM_SIM_MEMORY").c_str())));
  settings.seconds = std::atof(environment("CHARLSTM_SIM_SECONDS").c_str());
  std::string cores = environment("CHARLSTM_SIM_CORES");
  settings.cores = unsigned(std::max(0, std::atoi(cores.c_str())));
  settings.at_once = cores.find(":now") != std::string::npos;
  settings.capability = known_capability(environment("CHARLSTM_SIM_CAPABILITY"), settings.capability);
  settings.devices = number_of_devices(environment("CHARLSTM_SIM_DEVICES"));
  settings.rnn = listed("CHARLSTM_SIM_RNN");
  settings.ptx = environment("CHARLSTM_SIM_PTX");
  settings.digests = !environment("CHARLSTM_SIM_DIGESTS").empty();
  settings.coverage = environment("CHARLSTM_SIM_COVERAGE");
  for (const std::string& fault : listed("CHARLSTM_SIM_FAULTS")) {
    read_fault(fault);
  }
}

int Context::device_of(unsigned long long one) const {
  for (int i = 0; i < MOST_DEVICES; i++) {
    if (one != 0 && primary[i].number == one) {
      return i;
    }
  }
  auto found = made.find(one);
  return found == made.end() ? -1 : found->second;
}

bool Context::lives() const {
  return !made.empty() || std::any_of(primary, primary + MOST_DEVICES, [](const Primary& one) { return one.number; });
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
  found_by_call() = "charlstm sim: " + message;
}

void complain(const std::string& message) {
  keep_message(message);
  std::fprintf(stderr, "%s\n", found_by_call().c_str());
}

const std::string& last_message() {
  std::string& told = of_thread<struct Told, std::string>();
  told = found_by_call().empty() && context.failed != CUDA_SUCCESS ? failure : found_by_call();
  return told;
}

void forget_message() {
  found_by_call().clear();
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
  failure = found_by_call();
  context.failed = code;
  return code;
}

}
