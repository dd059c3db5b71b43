// Which operations of different streams are ordered, by vector clocks over the streams and the host, and races between
// those that are not.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "memory/footprint.h"

namespace sim {

// The last operation of each stream that is known to be over, by the stream's number.
class StreamClock {
 public:
  uint64_t of(unsigned stream) const { return stream < last.size() ? last[stream] : 0; }
  void raise(unsigned stream, uint64_t operation);
  void join(const StreamClock& other);

 private:
  std::vector<uint64_t> last;
};

// Of an operation: its stream, its own number, and what was known to be over before it.
struct Moment {
  unsigned stream = 0;
  uint64_t number = 0;
  StreamClock known;
};

constexpr unsigned DEFAULT_STREAM = 0;

// A stream begins, and gets its number; one that ends may still have work under way.
unsigned add_to_order(bool blocking);
void remove_from_order(unsigned stream, bool blocking);

// An operation is asked for. It comes after those of its stream, after all that the host has waited for, and in the
// default stream and in blocking ones after those of the other.
Moment next_moment(unsigned stream, bool blocking);

// All that a stream was asked for so far; a stream comes after something, or the host has waited for it.
const StreamClock& order_of_stream(unsigned stream);
void come_after(unsigned stream, const StreamClock& what);
void host_waited_for(const StreamClock& what);
void host_waited_for_stream(unsigned stream);
void host_waited_for_all();
bool host_has_waited_for(const Moment& moment);

// Whether anything may run beside something else, so that accesses have to be noted.
bool streams_run_side_by_side();

// An operation has run: tells of a race with those that may run beside it.
void compare_with_others(const std::string& what, const Moment& moment, Footprint footprint);

// An operation that touches that memory and that the host has not waited for: "kernel f in stream 1"; or empty.
std::string in_use(Address start, size_t size);

// Other memory comes to lie there.
void forget_accesses(Address start, size_t size);

}
