#include "machine/launch.h"

#include <sys/mman.h>

#include <cstring>
#include <map>
#include <unordered_map>

#include "machine/block.h"
#include "machine/cores.h"
#include "machine/order/global_shadow.h"
#include "machine/order/replay.h"
#include "machine/remarks.h"
#include "machine/shared_memory.h"
#include "machine/time_limit.h"
#include "machine/units.h"
#include "memory/access_pages.h"
#include "memory/heap.h"
#include "memory/journal.h"
#include "memory/limit.h"
#include "memory/memory.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

bool order_may_show;
Traffic* traffic;
uintptr_t grid_workspace;
bool grid_missed;
uint64_t unset_value = UNSET_AT_FIRST;
bool seeks_unset;
std::string unset_place;

namespace {

// The first order: launches that run in one order only use it.
Order first_order() {
  return settings.lockstep ? Order::LOCKSTEP : Order::FORWARD;
}

// Puts memory and the heap back to their state before the launch.
void rewind() {
  rewind_journal();
  rewind_heap();
}

// An address this far past an allocation was hardly meant for it.
constexpr size_t NEAR = 1 << 20;

uint64_t last_launch;

// For each place that threads exchanged values at: the thread.
std::unordered_map<uintptr_t, uint64_t> exchanged_by;
std::map<std::string, Traffic> traffic_of;

Outcome run_once(const Launch& launch, Order order, bool counts) {
  uint64_t count = launch.grid.count();
  forget_accesses();
  Block running;
  running.launch = &launch;
  running.several = uint32_t(count + 1);
  for (const auto& argument : launch.arguments) {
    running.arguments.push_back(const_cast<unsigned char*>(argument.data()));
  }
  bool first = order == first_order() && !seeks_unset;
  unset_value = first ? UNSET_AT_FIRST : UNSET_LATER;
  traffic = counts && first ? &traffic_of[launch.kernel->name] : nullptr;
  if (traffic) {
    traffic->launches++;
  }
  if (launch.kernel->interpreted) {
    forget_global_shadow(std::max(launch.cluster, 1u) * ((launch.block.count() + 31) / 32 * 32));
    Earlier::prepare(count);
  }
  return run_units(running, order);
}

Outcome run_in_order(const Launch& launch, Order order, bool counts = true) {
  Outcome outcome = run_once(launch, order, counts);
  use_cores(launch, false);
  if (outcome == Outcome::FAILED && wants_replay()) {
    rewind();
    begin_replay();
    end_replay(run_once(launch, order, false) != Outcome::FAILED);
  }
  return outcome;
}

// Runs the launch again, with other values in variables that nobody has set. Gives the first byte that differs from the
// kept result; 0 if none does or the launch fails.
Address depends_on_unset(const Launch& launch) {
  unset_place.clear();
  seeks_unset = true;
  Outcome outcome = run_in_order(launch, first_order(), false);
  seeks_unset = false;
  return outcome == Outcome::DONE ? first_difference() : 0;
}

void remark_on_unset(const Launch& launch, Address address) {
  std::string name = launch.kernel->name;
  remark_on({Grade::WARNING, Flaw::UNWRITTEN, name,
             "kernel " + name + ": the result depends on local variables that nobody has set, first at " +
                 relative_to_arguments(launch, address) + (unset_place.empty() ? "" : "; read first" + unset_place),
             unset_place.empty() ? "" : unset_place.substr(2), "Give the variable a value before its first use"});
}

// Only sums of the first result were kept: both orders run again, to name the first byte that differs. If unwritten
// memory decides the result, it is undefined in any order.
CUresult differs(const Launch& launch, Order order) {
  Counters counted = counters;
  Traffic moved = traffic_of[launch.kernel->name];
  rewind();
  run_in_order(launch, first_order(), false);
  keep_result(true);
  rewind();
  Address unset = launch.kernel->interpreted ? depends_on_unset(launch) : 0;
  if (!unset && context.failed == CUDA_SUCCESS) {
    rewind();
    run_in_order(launch, order);
  }
  counters = counted;
  traffic_of[launch.kernel->name] = moved;
  if (context.failed != CUDA_SUCCESS) {
    return context.failed;
  }
  if (unset) {
    remark_on_unset(launch, unset);
    return CUDA_SUCCESS;
  }
  return fail_context(Flaw::ORDER, launch.kernel->name,
                      std::string("kernel ") + launch.kernel->name +
                          ": the result depends on the order of blocks or threads, first at " +
                          relative_to_arguments(launch, first_difference()));
}

void remark_on_order(const Launch& launch) {
  remark_on({Grade::WARNING, Flaw::ORDER, launch.kernel->name,
             std::string("kernel ") + launch.kernel->name + ": counts on blocks that begin in the order of their " +
                 "numbers: in another all that the card holds at once wait for others",
             "", "Draw the number of a block's work from a counter"});
}

// Runs the launch again in the same order, with other content in unwritten memory: no result may change. A loop that
// this keeps from ending is stopped.
CUresult run_over_other_content(const Launch& launch) {
  constexpr double MOST_SECONDS = 20;
  double seconds = settings.seconds;
  settings.seconds = seconds > 0 ? seconds : MOST_SECONDS;
  Address differs = 0;
  keep_result(true);
  for (unsigned char content : {0x5a, 0xda}) {
    if (differs == 0 && context.failed == CUDA_SUCCESS) {
      rewind();
      start_time();
      shared_content = content;
      differs = run_in_order(launch, first_order(), false) == Outcome::FAILED ? 0 : first_difference();
    }
  }
  shared_content = 0xff;
  settings.seconds = seconds;
  start_time();
  return context.failed == CUDA_SUCCESS ? judge_unwritten(launch, differs) : context.failed;
}

CUresult run_in_orders(const Launch& launch) {
  bool in_every_order = launch.kernel->launches < settings.every_order, first = launch.kernel->launches == 0;
  launch.kernel->launches += in_every_order || first;
  // The first order may have to run again in any case: for reads of unwritten memory, and to name the places of a race.
  if (in_every_order || first || settings.digests) {
    open_journal(++last_launch);
  }
  use_cores(launch, !in_every_order);
  if (run_in_order(launch, first_order()) == Outcome::FAILED) {
    return context.failed;
  }
  if (any_read_unwritten()) {
    CUresult result = journal_number == 0 ? tell_unwritten() : run_over_other_content(launch);
    if (result != CUDA_SUCCESS) {
      return result;
    }
  }
  if (settings.digests) {
    traffic_of[launch.kernel->name].digest += digest_of_changes();
  }
  if (!in_every_order) {
    return CUDA_SUCCESS;
  }
  keep_result(false);
  for (Order order : {Order::REVERSED, Order::SHUFFLED, Order::LOCKSTEP}) {
    rewind();
    shared_content = order == Order::REVERSED ? 0x5a : 0xda;
    Outcome outcome = run_in_order(launch, order);
    shared_content = 0xff;
    if (outcome == Outcome::FAILED) {
      return context.failed;
    }
    if (outcome == Outcome::UNORDERED) {
      remark_on_order(launch);
    } else if (!order_may_show && first_difference()) {
      return any_read_unwritten() ? judge_unwritten(launch, first_difference()) : differs(launch, order);
    }
    if (!launch.kernel->interpreted && (launch.grid.count() == 1 || order == Order::SHUFFLED)) {
      break;
    }
  }
  return judge_unwritten(launch, 0);
}

// Memory of zeros, as a driver gives it; 0 if there is no room.
constexpr size_t WORKSPACE = 64;

Address make_workspace() {
  Allocation* made = allocate(WORKSPACE);
  if (made) {
    std::memset(reinterpret_cast<void*>(made->start), 0, WORKSPACE);
    mark_written(*made, made->start, WORKSPACE);
  }
  return made ? made->start : 0;
}

}

void note_exchange(const void* address) {
  uint64_t me = uint64_t(block->stamp) << 32 | block->thread->number;
  order_may_show |= exchanged_by.emplace(reinterpret_cast<uintptr_t>(address), me).first->second != me;
}

Traffic traffic_so_far(const std::string& kernel) {
  return traffic_of[kernel];
}

CUresult run(const Launch& launch) {
  counters.launches++;
  order_may_show = one_process = grid_missed = false;
  exchanged_by.clear();
  forget_remarks();
  grid_workspace = launch.cooperative ? make_workspace() : 0;
  start_time();
  CUresult result = run_in_orders(launch);
  close_journal();
  forget_accesses();
  over_limit = false;
  settle_heap();
  if (grid_workspace) {
    release(grid_workspace);
  }
  return result;
}

namespace {

// The number of the argument that holds the nearest value below an address, and so may be meant for it; -1 if none is.
template <typename Suits>
int nearest_argument(const Launch& launch, Address& best, Suits suits) {
  int nearest = -1;
  for (size_t i = 0; i < launch.arguments.size(); i++) {
    Address value = 0;
    if (launch.arguments[i].size() == sizeof value) {
      std::memcpy(&value, launch.arguments[i].data(), sizeof value);
      if (suits(value) && (nearest < 0 || value > best)) {
        best = value;
        nearest = int(i);
      }
    }
  }
  return nearest;
}

}

std::string relative_to_arguments(const Launch& launch, uintptr_t address) {
  Address value = 0;
  Allocation* own = in_device_space(address) ? allocation_at(address) : nullptr;
  int argument = nearest_argument(launch, value, [=](Address one) {
    Allocation* target = in_device_space(one) ? allocation_at(one) : nullptr;
    return target && (!own || own == target) && address >= one && address - target->start < target->size + NEAR;
  });
  return argument < 0 ? "" : "byte " + std::to_string(address - value) + " of argument " + std::to_string(argument);
}

namespace {

// "; 2.0 GiB before argument 0: did an int overflow?", of an address where nothing is; or empty.
std::string far_from_argument(const Launch& launch, Address address) {
  constexpr uint64_t LEAST = 1ull << 28, MOST = 1ull << 35, GIB = 1ull << 30;
  std::string nearest;
  uint64_t least = MOST;
  for (size_t i = 0; i < launch.arguments.size(); i++) {
    Address value = 0;
    if (launch.arguments[i].size() == sizeof value) {
      std::memcpy(&value, launch.arguments[i].data(), sizeof value);
    }
    uint64_t distance = address < value ? value - address : address - value;
    if (distance >= LEAST && distance < least && in_device_space(value) && allocation_at(value)) {
      uint64_t tenths = (10 * distance + GIB / 2) / GIB;
      nearest = "; " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB " +
                (address < value ? "before" : "after") + " argument " + std::to_string(i) + ": did an int overflow?";
      least = distance;
    }
  }
  void* page = reinterpret_cast<void*>(address & ~(PAGE - 1));
  unsigned char touched = 0;
  bool nothing = in_device_space(address) ? !allocation_at(address)
                                          : !in_shared_space(address) && (mincore(page, 1, &touched) != 0 || !touched);
  return nothing ? nearest : "";
}

}

std::string about_argument(const Launch& launch, uintptr_t address) {
  Address value = 0;
  int argument = in_device_space(address) ? -1 : nearest_argument(launch, value, [=](Address one) {
    return address - one < NEAR && !in_device_space(one);
  });
  // Programs are loaded above 2^40, and nothing of theirs lies above 2^47.
  bool host = value >> 40 != 0 && value >> 47 == 0;
  return argument < 0 ? far_from_argument(launch, address) : "; argument " + std::to_string(argument) +
                                 (value == 0 ? " is null" : host ? " is an address of the host's memory"
                                                                 : " is no address");
}

}
