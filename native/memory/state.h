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

// Read from the environment at every cuInit, which also starts the counting of calls and allocations for faults anew.
struct Settings {
  bool deferred = false;
  // So many launches of a kernel, its first, run in every order.
  unsigned every_order = 4;
  bool lockstep = false;  // is the only one
  int driver_version = 13000;
  int capability = 900;
  int devices = 1;
  size_t memory = 0;   // of the host that may be taken, in MiB; 0 for a part of all
  double seconds = 0;  // that a launch may take; 0 without a limit
  bool no_device = false;
  long long fail_call = 0;
  long long fail_allocation = 0;
  // That run blocks side by side, 0 for all that the process may use; and whether without a look at what it pays.
  unsigned cores = 0;
  bool at_once = false;
  // By name, kernels and calls of libraries whose work never ends, or breaks the context.
  std::vector<std::string> endless, faulty;
  // The list of CHARLSTM_SIM_RNN.
  std::vector<std::string> rnn;
  bool digests = false;
  // A line for each variable that says something else than it can, which is passed over.
  std::string refused;
  // A folder of PTX, from which the kernels come that are those of libraries of kernels otherwise.
  std::string ptx;
  // A file to which the names of instructions go that the interpreter of PTX has executed.
  std::string coverage;
};

struct Counters {
  long long allocations_live, bytes_live, allocations_ever, launches;
  long long copies_to_device, copies_to_host, bytes_to_device, bytes_to_host;
  long long modules_live, streams_live, graphs_live, contexts_live;
  long long products, rnn_calls, cublas_live, cudnn_live, events_live, nccl_live, pinned_live;
  long long graphs_instantiated, graph_launches;
  // By the mode of their handle.
  long long default_products, pedantic_products, tf32_products;
  // Of all threads of interpreted kernels, in every order.
  long long instructions;
};

constexpr int MOST_DEVICES = 8;

// Of a device.
struct Primary {
  int holders = 0;
  unsigned long long number = 0;  // its own, while somebody holds it
};

// A context's handle is a number that is never used again, so that a stale one is recognised. All contexts, of all
// devices, are one state, which ends with the last of them.
struct Context {
  Primary primary[MOST_DEVICES];
  std::map<unsigned long long, int> made;  // contexts that a program has made, on these devices
  std::set<std::pair<int, int>> peers;     // a device, and another whose memory it may reach
  CUresult failed = CUDA_SUCCESS;
  std::string endless;                    // what is under way and never ends; nothing runs after it

  bool launches_early = false;            // a launch may overlap another, and accesses have to be noted

  // Of a context, by its number; -1 if there is none.
  int device_of(unsigned long long one) const;
  bool lives() const;
  bool has(unsigned long long one) const { return device_of(one) >= 0; }
};

// A process that runs some blocks of a launch for another cannot pass on all that they do. Where a block does such a
// thing, the launch stays in one process, and a process that runs a share ends.
extern bool one_process, runs_share;
void keep_to_one_process();

// The device of the context that is current to the running call, or of the kernel that runs.
extern int device_now;

extern Settings settings;
extern Counters counters;
extern Context context;

void read_settings();

// True if this call, or this allocation, is the one that was set to fail.
bool call_must_fail();
bool allocation_must_fail();

// Keeps a message as that of the running call and prints it; for a refusal that callers may count on, only keeps it.
void complain(const std::string& message);
void keep_message(const std::string& message);

// The finding of the calling thread's last call, or else the context's failure; empty if there is neither.
const std::string& last_message();

// A call begins, which has found nothing yet.
void forget_message();

// Prints and keeps a message, and fails the context until all contexts have ended; checks have fail_context for it.
CUresult fail_with(CUresult code, const std::string& message);

// The same until cuInit, as cuda.h has a fault last as long as the process.
CUresult fail_process(CUresult code, const std::string& message);

// The state anew, when the last context has ended.
void end_context();

}
