#include "streams/stream_order.h"

#include <algorithm>
#include <deque>

#include "calls/of_context.h"
#include "memory/caller.h"
#include "memory/findings.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

// The number of operations, not yet waited for by the host, whose accesses are kept.
constexpr size_t MOST = 1024;

struct Done {
  std::string what;
  Moment moment;
  Footprint footprint;
};

struct Order {
  std::vector<StreamClock> of = std::vector<StreamClock>(1);
  std::vector<unsigned> unused;
  StreamClock host, blocking;  // all operations known to the host; all operations of blocking streams
  uint64_t asked = 0;
  unsigned blocking_streams = 0, other_streams = 0;
  bool default_used = false;
  std::deque<Done> done;

  void clear() { *this = Order(); }
};

OfContext<Order> order;

bool known(const StreamClock& clock, const Moment& moment) {
  return moment.number <= clock.of(moment.stream);
}

std::string name_of(unsigned stream) {
  return stream == DEFAULT_STREAM ? "the default stream" : "stream " + std::to_string(stream);
}

std::string place_of(Address address) {
  Allocation* found = allocation_of(address, 1);
  return found ? "byte " + std::to_string(address - found->start) + " of an allocation of " +
                     std::to_string(found->size)
               : "memory that has ended since";
}

void tell(const Done& one, const Done& other, Address address) {
  bool with_default = one.moment.stream == DEFAULT_STREAM || other.moment.stream == DEFAULT_STREAM;
  std::string why = with_default ? "; a stream made with CU_STREAM_NON_BLOCKING and the default stream do not wait "
                                   "for one another" : "";
  remark_on({Grade::WARNING, Flaw::RACE, other.what,
             "streams: " + one.what + " in " + name_of(one.moment.stream) + " and " + other.what + " in " +
                 name_of(other.moment.stream) + " both touch " + place_of(address) +
                 ", one writes it, and nothing orders them" + why,
             "beside " + one.what,
             "Record an event behind the first and let the second's stream wait for it, or wait on the host"});
}

// In deferred mode work runs when the host waits for it, so accesses that it may race with are kept.
void drop_what_is_over() {
  if (!settings.deferred) {
    std::deque<Done>& done = order.done;
    done.erase(std::remove_if(done.begin(), done.end(), [](const Done& one) { return known(order.host, one.moment); }),
               done.end());
  }
}

// A stream may outlive the context that gave it its number.
StreamClock& clock_of(unsigned stream) {
  order.of.resize(std::max(order.of.size(), size_t(stream) + 1));
  return order.of[stream];
}

void cut(std::vector<Extent>& extents, Address start, Address end) {
  extents.erase(std::remove_if(extents.begin(), extents.end(),
                               [=](const Extent& extent) { return extent.start < end && start < extent.end; }),
                extents.end());
}

}

void StreamClock::raise(unsigned stream, uint64_t operation) {
  if (stream >= last.size()) {
    last.resize(stream + 1);
  }
  last[stream] = std::max(last[stream], operation);
}

void StreamClock::join(const StreamClock& other) {
  for (size_t stream = 0; stream < other.last.size(); stream++) {
    raise(unsigned(stream), other.last[stream]);
  }
}

unsigned add_to_order(bool blocking) {
  (blocking ? order.blocking_streams : order.other_streams)++;
  if (!order.unused.empty()) {
    unsigned number = order.unused.back();
    order.unused.pop_back();
    return number;
  }
  order.of.emplace_back();
  return unsigned(order.of.size() - 1);
}

void remove_from_order(unsigned stream, bool blocking) {
  (blocking ? order.blocking_streams : order.other_streams)--;
  order.unused.push_back(stream);
}

Moment next_moment(unsigned stream, bool blocking) {
  StreamClock& clock = clock_of(stream);
  clock.join(order.host);
  if (stream == DEFAULT_STREAM) {
    order.default_used = true;
    clock.join(order.blocking);
  } else if (blocking) {
    clock.join(order.of[DEFAULT_STREAM]);
  }
  Moment moment{stream, ++order.asked, clock};
  clock.raise(stream, moment.number);
  if (blocking && stream != DEFAULT_STREAM) {
    order.blocking.join(clock);
  }
  return moment;
}

const StreamClock& order_of_stream(unsigned stream) {
  return clock_of(stream);
}

void come_after(unsigned stream, const StreamClock& what) {
  clock_of(stream).join(what);
}

void host_waited_for(const StreamClock& what) {
  order.host.join(what);
  drop_what_is_over();
}

void host_waited_for_stream(unsigned stream) {
  if (stream == DEFAULT_STREAM) {
    order.host.join(order.blocking);
  }
  host_waited_for(clock_of(stream));
}

void host_waited_for_all() {
  look_at_touches();
  open_guards();
  for (const StreamClock& clock : order.of) {
    order.host.join(clock);
  }
  drop_what_is_over();
}

bool host_has_waited_for(const Moment& moment) {
  return known(order.host, moment);
}

bool streams_run_side_by_side() {
  return order.other_streams + std::max(order.blocking_streams, unsigned(order.default_used)) > 1;
}

void compare_with_others(const std::string& what, const Moment& moment, Footprint footprint) {
  Done now{what, moment, std::move(footprint)};
  for (const Done& other : order.done) {
    bool ordered = other.moment.stream == moment.stream || known(moment.known, other.moment) ||
                   known(other.moment.known, moment);
    Address address = ordered ? 0 : first_conflict(now.footprint, other.footprint);
    if (address) {
      tell(other, now, address);
    }
  }
  if (order.done.size() == MOST) {
    order.done.pop_front();
  }
  order.done.push_back(std::move(now));
}

void tell_touch(Touch& touch, const std::string& what, const Moment& moment, bool written) {
  if (touch.told) {
    return;
  }
  touch.told = true;
  std::string place = place_of_code(touch.instruction, touch.above);
  remark_on({Grade::WARNING, Flaw::RACE, what,
             "the host " + std::string(touch.writes ? "writes " : "reads ") + place_of(touch.address) +
                 (place.empty() ? "" : " at " + place) + " before it has waited for " + what + " in " +
                 name_of(moment.stream) + ", which " + (written ? "writes" : "reads") + " there",
             place, "Wait for the stream, or for an event behind that work, before the host touches the memory"});
}

void compare_with_touch(Touch& touch, const std::string& what, const Moment& moment, const Footprint& footprint) {
  auto has = [&](const std::vector<Extent>& extents) {
    return std::any_of(extents.begin(), extents.end(), [&](const Extent& extent) {
      return extent.start <= touch.address && touch.address < extent.end;
    });
  };
  bool written = has(footprint.written);
  if (written || (touch.writes && has(footprint.read))) {
    tell_touch(touch, what, moment, written);
  }
}

std::string in_use(Address start, size_t size) {
  Footprint all{{}, {{start, start + size}}, {}};
  for (const Done& one : order.done) {
    if (!known(order.host, one.moment) && first_conflict(one.footprint, all)) {
      return one.what + " in " + name_of(one.moment.stream);
    }
  }
  return "";
}

void forget_accesses(Address start, size_t size) {
  for (Done& one : order.done) {
    for (auto* extents : {&one.footprint.read, &one.footprint.written, &one.footprint.strong}) {
      cut(*extents, start, start + size);
    }
  }
}

}
