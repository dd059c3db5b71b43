// Operations of a warp's lanes together (PTX ISA, "shfl.sync", "vote.sync", "match.sync", "activemask", "redux.sync",
// "elect.sync").
#include "machine/cluster.h"
#include "machine/order/order.h"
#include "machine/remarks.h"
#include "ptx/steps.h"

namespace sim {

uint64_t exchange(unsigned mask, uint64_t value, unsigned source) __attribute__((visibility("default")));
unsigned vote(unsigned mask, bool value) __attribute__((visibility("default")));

}

namespace sim::ptx {

namespace {

enum Shuffle : uint8_t { UP, DOWN, BUTTERFLY, INDEX };

// The source lane, and whether it lies within the segment.
template <Shuffle mode>
const Instruction* shuffle(const Instruction& i, Run& run) {
  uint32_t by = get<uint32_t>(run, i.b) & 31, bounds = get<uint32_t>(run, i.c);
  unsigned lane = block->thread->lane(), segments = bounds >> 8 & 31, last = bounds & 31;
  if ((32 - segments) & (31 - segments)) {
    remark_here(Grade::NOTE, Flaw::WARP_OPERATION, [&] {
      return "shuffle of width " + std::to_string(32 - segments) + ", which PTX defines and CUDA does not";
    }, "Take a power of two up to 32");
  }
  int most = int((lane & segments) | (last & ~segments)), least = int(lane & segments);
  int source = mode == UP          ? int(lane) - int(by)
               : mode == DOWN      ? int(lane) + int(by)
               : mode == BUTTERFLY ? int(lane ^ by)
                                   : int(least | (by & ~segments));
  bool within = mode == UP ? source >= most : source <= most;
  uint64_t received =
      exchange(get<uint32_t>(run, i.more[0]), get<uint32_t>(run, i.a), within ? unsigned(source) : lane);
  put<uint32_t>(run, i.to, uint32_t(received));
  if (i.more[1] != NO_SLOT) {
    run.registers[i.more[1]] = within;
  }
  return &i + 1;
}

// Refuses the shuffles, votes and matches of GPUs before sm_70, which have no .sync.
Step decode_old(Statement& s) {
  if (!s.has("sync")) {
    s.fail("without .sync is of GPUs before Volta");
  }
  return nullptr;
}

template <Shuffle mode>
Step decode_shfl(Statement& s) {
  s.want_operands(5);
  s.made.a = s.source(1, Type::B32);
  s.made.b = s.source(2, Type::B32);
  s.made.c = s.source(3, Type::B32);
  s.made.more = s.keep({s.source(4, Type::B32), s.take_results(Type::B32)});
  return shuffle<mode>;
}

enum Vote : uint8_t { ALL, ANY, UNIFORM, BALLOT };

// For each lane the mask of its result, and above it the mask of all lanes that took part: when the lane goes on, some
// may have returned.
template <typename Includes>
void give_masks(Thread* lanes, unsigned group, Includes includes) {
  for (unsigned lane = 0; lane < 32; lane++) {
    uint64_t mask = 0;
    for (unsigned other = 0; other < 32 && group >> lane & 1; other++) {
      mask |= (group >> other & 1 && includes(lanes[other], lanes[lane]) ? 1u : 0u) << other;
    }
    if (group >> lane & 1) {
      lanes[lane].received = mask | uint64_t(group) << 32;
    }
  }
}

void count_votes(Thread* lanes, unsigned group) {
  give_masks(lanes, group, [](const Thread& other, const Thread&) { return other.sent != 0; });
}

template <Vote kind>
const Instruction* take_vote(const Instruction& i, Run& run) {
  meet(get<uint32_t>(run, i.b), count_votes, is_set(run, i.a) != (i.number != 0));
  auto votes = uint32_t(block->thread->received), all = uint32_t(block->thread->received >> 32);
  run.registers[i.to] = kind == BALLOT ? votes
                        : kind == ANY  ? votes != 0
                        : kind == ALL  ? votes == all
                                       : votes == 0 || votes == all;
  return &i + 1;
}

template <Vote kind>
Step decode_vote(Statement& s) {
  s.want_operands(3);
  s.made.to = s.destination(0, kind == BALLOT ? Type::B32 : Type::PRED);
  s.made.a = s.predicate(1, s.made.number);
  s.made.b = s.source(2, Type::B32);
  return take_vote<kind>;
}

void find_equals(Thread* lanes, unsigned group) {
  give_masks(lanes, group, [](const Thread& other, const Thread& mine) { return other.sent == mine.sent; });
}

template <bool of_all>
const Instruction* match(const Instruction& i, Run& run) {
  meet(get<uint32_t>(run, i.b), find_equals, run.registers[i.a]);
  auto equal = uint32_t(block->thread->received), all = uint32_t(block->thread->received >> 32);
  put<uint32_t>(run, i.to, !of_all || equal == all ? equal : 0);
  if (*i.more != NO_SLOT) {
    run.registers[*i.more] = equal == all;
  }
  return &i + 1;
}

template <bool of_all>
Step decode_match(Statement& s) {
  s.want_target(70, "match.sync");
  Type type = s.want_type();
  s.want_operands(3);
  s.made.more = s.keep({s.take_results(Type::B32)});
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, Type::B32);
  bool fits = (type == Type::B32 || type == Type::B64) && (of_all || *s.made.more == NO_SLOT);
  return fits ? match<of_all> : nullptr;
}

// Each lane alone is a legal answer of activemask, since only a barrier brings lanes together. In lockstep the lanes of
// this turn are the answer.
const Instruction* active_mask(const Instruction& i, Run& run) {
  const Thread& self = *block->thread;
  order_may_show = true;
  put<uint32_t>(run, i.to, cluster->order == Order::LOCKSTEP ? block->warps[self.warp()].together : 1u << self.lane());
  return &i + 1;
}

Step decode_activemask(Statement& s) {
  s.take_operands(Type::B32, {});
  return active_mask;
}

template <typename T, const auto& combine>
void reduce(Thread* lanes, unsigned group) {
  auto all = T(lanes[__builtin_ctz(group)].sent);
  for (unsigned others = group & (group - 1); others != 0; others &= others - 1) {
    all = combine(all, T(lanes[__builtin_ctz(others)].sent));
  }
  for (; group != 0; group &= group - 1) {
    lanes[__builtin_ctz(group)].received = uint64_t(all);
  }
}

template <typename T, const auto& combine>
const Instruction* reduce_over_lanes(const Instruction& i, Run& run) {
  meet(get<uint32_t>(run, i.b), reduce<T, combine>, get<uint32_t>(run, i.a));
  put<uint32_t>(run, i.to, uint32_t(block->thread->received));
  return &i + 1;
}

template <typename List, const auto& combine>
Step decode_redux(Statement& s) {
  s.want_target(80, "redux.sync");
  Type type = s.want_type();
  s.take_operands(type, {type, Type::B32});
  return with_type(List(), type, [](auto of) -> Step {
    return reduce_over_lanes<typename decltype(of)::type, combine>;
  });
}

using Numbers = Types<Type::U32, Type::S32>;
using Words32 = Types<Type::B32>;

const Instruction* elect(const Instruction& i, Run& run) {
  unsigned group = vote(get<uint32_t>(run, i.a), true);
  auto leader = unsigned(__builtin_ctz(group));
  put<uint32_t>(run, i.to, leader);
  if (*i.more != NO_SLOT) {
    run.registers[*i.more] = leader == block->thread->lane();
  }
  return &i + 1;
}

Step decode_elect(Statement& s) {
  s.want_target(90, "elect.sync");
  s.want_operands(2);
  s.made.more = s.keep({s.take_results(Type::B32)});
  s.made.a = s.source(1, Type::B32);
  return elect;
}

}

const Known WARPS[] = {
    {"shfl", decode_old}, {"shfl.sync.up.b32", decode_shfl<UP>}, {"shfl.sync.down.b32", decode_shfl<DOWN>},
    {"shfl.sync.bfly.b32", decode_shfl<BUTTERFLY>}, {"shfl.sync.idx.b32", decode_shfl<INDEX>},
    {"vote", decode_old}, {"vote.sync.all.pred", decode_vote<ALL>}, {"vote.sync.any.pred", decode_vote<ANY>},
    {"vote.sync.uni.pred", decode_vote<UNIFORM>}, {"vote.sync.ballot.b32", decode_vote<BALLOT>},
    {"match.any.sync", decode_match<false>}, {"match.all.sync", decode_match<true>},
    {"activemask.b32", decode_activemask}, {"redux.sync.add", decode_redux<Numbers, WRAPPED_SUM>},
    {"redux.sync.min", decode_redux<Numbers, LEAST>}, {"redux.sync.max", decode_redux<Numbers, MOST>},
    {"redux.sync.and", decode_redux<Words32, AND>}, {"redux.sync.or", decode_redux<Words32, OR>},
    {"redux.sync.xor", decode_redux<Words32, XOR>}, {"elect.sync", decode_elect}, {"", nullptr}};

}
