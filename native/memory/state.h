// The settings and counters of the simulated machine, and the state of its contexts.
#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/status.h"

namespace sim {

constexpr size_t TOTAL_MEMORY = 8ull << 30;

// Read from the environment at each cuInit, which also restarts the counts of calls and allocations for faults.
struct Settings {
  bool deferred = false;
  // The number of launches of each kernel, from its first, that run in every order.
  unsigned every_order = 4;
  bool lockstep = false;  // the only order
  int driver_version = 13000;
  int capability = 900;
  int devices = 1;
  size_t memory = 0;   // the limit of host memory in MiB; 0 for a part of all
  double seconds = 0;  // the limit of a launch; 0 for none
  bool no_device = false;
  long long fail_call = 0;
  long long fail_allocation = 0;
  // That run blocks side by side, 0 for all that the process may use; and whether without a look at what it pays.
  unsigned cores = 0;
  bool at_once = false;
  // The names of kernels and library calls whose work never ends, or breaks the context.
  std::vector<std::string> endless, faulty;
  // The list of CHARLSTM_SIM_RNN.
  std::vector<std::string> rnn;
  bool digests = false;
  // A line for each ignored variable with an invalid value.
  std::string refused;
  // A folder of PTX that replaces the kernels of kernel libraries.
  std::string ptx;
  // A file for the names of the PTX instructions that the interpreter has executed.
  std::string coverage;
};

struct Counters {
  long long allocations_live, bytes_live, allocations_ever, launches;
  long long copies_to_device, copies_to_host, bytes_to_device, bytes_to_host;
  long long modules_live, streams_live, graphs_live, contexts_live;
  long long products, rnn_calls, cublas_live, cudnn_live, events_live, nccl_live, pinned_live;
  long long graphs_instantiated, graph_launches;
  // Counts by the handle's math mode.
  long long default_products, pedantic_products, tf32_products;
  // The instructions of all threads of interpreted kernels, in every order.
  long long instructions;
};

constexpr int MOST_DEVICES = 8;

// The primary context of a device.
struct Primary {
  int holders = 0;
  unsigned long long number = 0;  // the context's number while it is retained
};

// A context's handle is a number that is never reused, so stale handles are recognised. All contexts of all devices
// share one state, which ends with the last context.
struct Context {
  Primary primary[MOST_DEVICES];
  std::map<unsigned long long, int> made;  // the program's contexts, and their devices
  std::set<std::pair<int, int>> peers;     // a device, and another whose memory it may access
  CUresult failed = CUDA_SUCCESS;
  std::string endless;                    // the work in flight that never ends; nothing runs after it

  bool launches_early = false;            // launches may overlap, so accesses must be recorded

  // The device of a context, by the context's number; -1 if there is none.
  int device_of(unsigned long long one) const;
  bool lives() const;
  bool has(unsigned long long one) const { return device_of(one) >= 0; }
};

// A process that runs some blocks of a launch for another cannot pass on all their effects. If a block has such an
// effect, the launch stays in one process, and a process that runs a share ends.
extern bool one_process, runs_share;
void keep_to_one_process();

// The device of the running call's current context, or of the running kernel.
extern int device_now;

extern Settings settings;
extern Counters counters;
extern Context context;

void read_settings();

// Whether this call, or this allocation, is set to fail.
bool call_must_fail();
bool allocation_must_fail();

// complain keeps a message of the running call and prints it; keep_message, for refusals that callers may expect, does
// not print.
void complain(const std::string& message);
void keep_message(const std::string& message);

// The finding of the calling thread's last call, or else the context's failure; empty if there is neither.
const std::string& last_message();

// Forgets the message at the beginning of a call.
void forget_message();

// Prints and keeps a message, and fails the context until all contexts have ended; checks use fail_context for that.
CUresult fail_with(CUresult code, const std::string& message);

// The same until the next cuInit, because cuda.h says that this fault lasts as long as the process.
CUresult fail_process(CUresult code, const std::string& message);

// Resets the state when the last context has ended.
void end_context();

}
