// Branches, calls and barriers (PTX ISA, "Control Flow Instructions", "bar", "barrier.cluster").
#include <algorithm>
#include <string>

#include "machine/early_launch.h"
#include "machine/order/order.h"
#include "memory/state.h"
#include "ptx/device_runtime.h"
#include "ptx/steps.h"
#include "ptx/system_calls.h"

namespace sim {

void warp_barrier(unsigned mask) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

// After this number of backward branches a thread lets others run: it may wait for one of them.
constexpr uint32_t MOST_STEPS = 1 << 12;

constexpr size_t MOST_ARGUMENTS = 64;

const Instruction* go_to(const Instruction* target, const Instruction& i, Run& run) {
  return target <= &i && ++run.steps >= MOST_STEPS ? rest(run, target) : target;
}

const Instruction* jump(const Instruction& i, Run& run) {
  return go_to(i.target, i, run);
}

Step decode_bra(Statement& s) {
  s.take("uni");
  s.want_operands(1);
  if (s.at(0).kind != Operand::NAME) {
    s.fail("expected a label");
  }
  s.label = s.at(0).name;
  return jump;
}

const Instruction* jump_by_table(const Instruction& i, Run& run) {
  const auto& table = *static_cast<const std::vector<const Instruction*>*>(i.form);
  uint32_t index = get<uint32_t>(run, i.a);
  if (index >= table.size()) {
    fail_thread(Flaw::JUMP, "brx.idx by " + std::to_string(index) + " of a table of " +
                                std::to_string(table.size()) + " labels");
  }
  return go_to(table[index], i, run);
}

Step decode_brx(Statement& s) {
  s.take("uni");
  s.want_operands(2);
  s.made.a = s.source(0, Type::B32);
  const std::vector<std::string_view>* labels = s.names.find_targets(s.at(1).name);
  if (!labels) {
    s.fail("there is no .branchtargets " + std::string(s.at(1).name));
  }
  s.labels = *labels;
  s.table = const_cast<std::vector<const Instruction*>*>(s.keep_form(std::vector<const Instruction*>()));
  s.made.form = s.table;
  return jump_by_table;
}

const Instruction* call_system(const Call& call, const Instruction& i, Run& run, SystemCall function) {
  char* places[MOST_ARGUMENTS] = {};
  for (size_t k = 0; k < call.arguments.size(); k++) {
    places[k] = run.frame->params + call.arguments[k]->place;
  }
  function(places, call.results.empty() ? nullptr : run.frame->params + call.results[0]->place);
  return &i + 1;
}

// Whether arguments are as many as a function's parameters, and of the same sizes.
template <typename Variables>
bool suits(const std::vector<const Variable*>& given, const Variables& own) {
  return std::equal(given.begin(), given.end(), own.begin(), own.end(),
                    [](const Variable* one, const Variable* other) { return one->size == other->size; });
}

const Instruction* enter(const Call& call, const Function& function, const Instruction& i, Run& run) {
  const char* from = run.frame->params;
  const Instruction* first = enter_function(function, &i + 1, run);
  for (size_t k = 0; k < call.arguments.size(); k++) {
    const Variable& to = *function.parameters[k];
    std::memcpy(run.frame->params + to.place, from + call.arguments[k]->place,
                std::min(to.size, call.arguments[k]->size));
  }
  return first;
}

const Instruction* call_known(const Instruction& i, Run& run) {
  const auto& call = *static_cast<const Call*>(i.form);
  const Function& function = defined(*call.function);
  if (function.is_external) {
    return call_system(call, i, run, find_system_call(function));
  }
  return enter(call, function, i, run);
}

const Instruction* call_by_pointer(const Instruction& i, Run& run) {
  const auto& call = *static_cast<const Call*>(i.form);
  uint64_t address = run.registers[i.a];
  for (const Function& one : run.program->functions) {
    if (reinterpret_cast<uint64_t>(&one) == address && !defined(one).is_external) {
      const Function& function = defined(one);
      if (!suits(call.arguments, function.parameters) || !suits(call.results, function.results)) {
        fail_thread(Flaw::JUMP, "calls " + function.name + " by a pointer, with other parameters or "
                                                           "results than it has");
      }
      return enter(call, function, i, run);
    }
  }
  fail_thread(Flaw::WRONG_SPACE, "calls a pointer that is no function's",
              "Set the pointer to a function of the module");
  return nullptr;
}

std::vector<const Variable*> take_params(const Statement& s, const Operand& list) {
  std::vector<const Variable*> params;
  for (const Operand& element : list.elements) {
    const Variable* variable = s.names.find_variable(element.name);
    if (element.kind != Operand::NAME || !variable || variable->space != Space::PARAM) {
      s.fail("arguments and results are variables of .param");
    }
    params.push_back(variable);
  }
  return params;
}

template <typename Variables>
std::string sizes_of(const Variables& variables) {
  std::string sizes;
  for (const Variable* variable : variables) {
    sizes += (sizes.empty() ? "" : ", ") + std::to_string(variable->size);
  }
  return sizes.empty() ? "0" : sizes;
}

Step decode_call(Statement& s) {
  s.function.uses_local = true;
  s.take("uni");
  Call call;
  size_t next = 0;
  if (s.at(0).kind == Operand::LIST) {
    call.results = take_params(s, s.at(next++));
  }
  const Operand& target = s.at(next++);
  if (next < s.operands.size() && s.operands[next].kind == Operand::LIST) {
    call.arguments = take_params(s, s.operands[next++]);
  }
  call.function = target.kind == Operand::NAME ? s.names.find_function(target.name) : nullptr;
  if (!call.function) {
    s.want_operands(next, next + 1);
    s.made.a = s.source(target, Type::B64);
    s.made.form = s.keep_form(call);
    return call_by_pointer;
  }
  s.want_operands(next);
  if (call.function->is_external && call.function->name.substr(0, 4) == "cuda" &&
      !in_device_runtime(call.function->name)) {
    refuse_construct(s.line, call.function->name + " of CUDA's device runtime is not simulated");
  }
  s.function.calls.push_back(call.function);
  if (call.arguments.size() > MOST_ARGUMENTS) {
    s.fail("more than " + std::to_string(MOST_ARGUMENTS) + " parameters");
  }
  if (!suits(call.arguments, call.function->parameters) || !suits(call.results, call.function->results)) {
    s.fail(call.function->name + " takes parameters of " + sizes_of(call.function->parameters) + " bytes, and gives " +
           sizes_of(call.function->results) + "; this call gives " + sizes_of(call.arguments) + ", and takes " +
           sizes_of(call.results));
  }
  s.made.form = s.keep_form(call);
  return call_known;
}

template <Step step>
Step decode_plain(Statement& s) {
  s.take("uni");
  s.want_operands(0);
  return step;
}

const Instruction* end_thread(const Instruction&, Run&) {
  return nullptr;
}

template <bool is_break>
const Instruction* trap(const Instruction&, Run&) {
  fail_thread(Flaw::TRAP, is_break ? "brkpt was executed" : "trap was executed",
              grid_missed ? "grid.sync() needs a cooperative launch (cudaLaunchCooperativeKernel)" : "");
  return nullptr;
}

const Instruction* sleep(const Instruction& i, Run& run) {
  look(run);
  return rest(run, &i + 1);
}

Step decode_nanosleep(Statement& s) {
  s.want_operands(1);
  s.source(0, Type::U32);
  return sleep;
}

// Instructions for a card's registers and events, which have no effect here.
Step decode_nothing(Statement& s) {
  s.modifiers.clear();
  return do_nothing;
}

template <void (*does)()>
const Instruction* control_launches(const Instruction& i, Run&) {
  does();
  return &i + 1;
}

template <void (*does)()>
Step decode_launches(Statement& s) {
  s.want_target(90, "griddepcontrol");
  s.want_operands(0);
  context.launches_early = true;
  return control_launches<does>;
}

constexpr uint8_t ALIGNED = 1;

// a is the barrier, b the number of threads, or NO_SLOT.
unsigned threads_of(const Instruction& i, const Run& run) {
  return i.b == NO_SLOT ? 0 : get<uint32_t>(run, i.b);
}

// All threads of a warp must be at the same instruction if it is aligned.
void come_to(const Instruction& i) {
  block->thread->barrier = &i;
  block->thread->site = i.detail & ALIGNED ? &i : nullptr;
}

const Instruction* wait_at_barrier(const Instruction& i, Run& run) {
  come_to(i);
  if ((i.b == NO_SLOT && run.registers[i.a] == 0) || is_block_barrier(get<uint32_t>(run, i.a), threads_of(i, run))) {
    block->thread->state = State::AT_BARRIER;
    return leave(run, &i + 1);
  }
  named_barrier(get<uint32_t>(run, i.a), threads_of(i, run));
  return &i + 1;
}

const Instruction* arrive_at_barrier(const Instruction& i, Run& run) {
  come_to(i);
  arrive_at_named_barrier(get<uint32_t>(run, i.a), threads_of(i, run));
  return &i + 1;
}

constexpr auto COUNT = [](const Votes& votes) { return uint32_t(votes.count); };
constexpr auto ALL = [](const Votes& votes) { return bool(votes.all); };
constexpr auto ANY = [](const Votes& votes) { return bool(votes.any); };

template <const auto& result>
const Instruction* vote_at_barrier(const Instruction& i, Run& run) {
  come_to(i);
  bool value = is_set(run, i.c) != (i.number != 0);
  put(run, i.to, result(named_barrier_votes(get<uint32_t>(run, i.a), threads_of(i, run), value)));
  return &i + 1;
}

const Instruction* wait_for_warp(const Instruction& i, Run& run) {
  warp_barrier(get<uint32_t>(run, i.a));
  return &i + 1;
}

Step decode_warp_barrier(Statement& s) {
  s.want_operands(1);
  s.made.a = s.source(0, Type::B32);
  return wait_for_warp;
}

const Instruction* wait_for_cluster(const Instruction& i, Run&) {
  wait_at_cluster_barrier();
  return &i + 1;
}

template <bool releases>
const Instruction* come_to_cluster(const Instruction& i, Run&) {
  arrive_at_cluster_barrier(releases);
  return &i + 1;
}

template <bool waits>
Step decode_cluster_barrier(Statement& s) {
  s.want_target(90, "barrier.cluster");
  bool relaxed = !waits && s.take("relaxed");
  s.take(waits ? "acquire" : "release");
  s.take("aligned");
  s.want_operands(0);
  return waits ? wait_for_cluster : relaxed ? come_to_cluster<false> : come_to_cluster<true>;
}

// Reads the barrier at this operand, and the number of threads at the next, if there is one.
void take_barrier(Statement& s, size_t i, size_t with_number) {
  s.take("cta");
  // "bar" is "barrier" with .aligned.
  s.made.detail = s.take("aligned") || s.name == "bar" ? ALIGNED : 0;
  s.made.a = s.source(i, Type::B32);
  s.made.b = s.operands.size() == with_number ? s.source(i + 1, Type::B32) : NO_SLOT;
}

template <Step step, size_t least>
Step decode_barrier(Statement& s) {
  s.want_operands(least, 2);
  take_barrier(s, 0, 2);
  return step;
}

template <const auto& result>
Step decode_vote(Statement& s) {
  s.want_operands(3, 4);
  take_barrier(s, 1, 4);
  s.made.to = s.destination(0, type_holding<decltype(result(Votes()))>());
  s.made.c = s.predicate(s.operands.size() - 1, s.made.number);
  return vote_at_barrier<result>;
}

#define BARRIERS(name)                                                                                           \
  {name ".sync", decode_barrier<wait_at_barrier, 1>}, {name ".arrive", decode_barrier<arrive_at_barrier, 2>},    \
      {name ".red.popc.u32", decode_vote<COUNT>}, {name ".red.and.pred", decode_vote<ALL>},                      \
      {name ".red.or.pred", decode_vote<ANY>}

}

const Known CONTROL[] = {
    {"bra", decode_bra}, {"brx.idx", decode_brx}, {"call", decode_call}, {"ret", decode_plain<leave_function>},
    {"exit", decode_plain<end_thread>}, {"trap", decode_plain<trap<false>>}, {"brkpt", decode_plain<trap<true>>},
    {"nanosleep.u32", decode_nanosleep}, {"pmevent", decode_nothing}, {"setmaxnreg", decode_nothing},
    {"griddepcontrol.wait", decode_launches<wait_for_launch_before>},
    {"griddepcontrol.launch_dependents", decode_launches<let_next_launch_begin>}, BARRIERS("bar"),
    BARRIERS("barrier"), {"bar.warp.sync", decode_warp_barrier},
    {"barrier.cluster.arrive", decode_cluster_barrier<false>}, {"barrier.cluster.wait", decode_cluster_barrier<true>},
    {"", nullptr}};

}
