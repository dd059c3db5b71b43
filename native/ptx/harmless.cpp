#include "ptx/harmless.h"

#include <algorithm>
#include <map>

#include "machine/cluster.h"
#include "machine/fiber.h"
#include "machine/remarks.h"

namespace sim::ptx {

namespace {

std::map<Step, Role> roles;

bool is_one(const Instruction& instruction, Role::Kind kind) {
  auto found = roles.find(instruction.step);
  return found != roles.end() && found->second.kind == kind;
}

bool stores_the_same() {
  const Run& run = this_run();
  return is_one(*run.at, Role::PLAIN_STORE) && roles.at(run.at->step).stores_the_same(*run.at, run);
}

// Compilers keep the address of both in one register, unless inline PTX reads, as that of __ldcg() does. A CAS compares
// with what it has read.
bool belong_together(const Instruction& load, const Instruction& atomic) {
  bool compares = atomic.c != NO_SLOT && atomic.b == load.to;
  return compares || (load.a == atomic.a && load.number == atomic.number);
}

bool beside_atomic() {
  const Instruction& one = *this_run().at;
  const std::vector<Instruction>& all = this_run().frame->function->instructions;
  return std::any_of(all.begin(), all.end(), [&](const Instruction& other) {
    return is_one(one, Role::ATOMIC) ? is_one(other, Role::PLAIN_LOAD) && belong_together(other, one)
                                     : is_one(other, Role::ATOMIC) && belong_together(one, other);
  });
}

const void* place() {
  return block->launch->kernel->call == run_thread ? this_run().at : nullptr;
}

}

bool is_same_local_place(uintptr_t one, uintptr_t other) {
  auto place = [](uintptr_t address) {
    for (const Thread& thread : block->threads) {
      auto* run = static_cast<const Run*>(thread.run);
      size_t at = run && run->local ? address - reinterpret_cast<uintptr_t>(run->local) : LOCAL_LIMIT;
      if (at < LOCAL_LIMIT) {
        return at;
      }
    }
    return LOCAL_LIMIT;
  };
  size_t at = place(one);
  return at != LOCAL_LIMIT && at == place(other);
}

Step with_role(Step step, Role role) {
  roles.insert_or_assign(step, role);
  return step;
}

void answer_the_machine() {
  interpreter = {place, stores_the_same, beside_atomic};
}

}
