// Finds the order of operations in different streams by vector clocks over the streams and the host, and reports races
// between operations that are not ordered.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "memory/footprint.h"
#include "memory/guards.h"

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

// An operation's stream, its own number, and the operations known to be over before it.
struct Moment {
  unsigned stream = 0;
  uint64_t number = 0;
  StreamClock known;
};

constexpr unsigned DEFAULT_STREAM = 0;

// Adds a stream, which gets its number, and removes one; a removed stream may still have work in flight.
unsigned add_to_order(bool blocking);
void remove_from_order(unsigned stream, bool blocking);

// Numbers a new operation. It comes after the earlier operations of its stream and after all that the host has waited
// for; the default stream and blocking streams also come after one another.
Moment next_moment(unsigned stream, bool blocking);

// All operations enqueued in a stream so far; makes a stream, or the host, come after such operations.
const StreamClock& order_of_stream(unsigned stream);
void come_after(unsigned stream, const StreamClock& what);
void host_waited_for(const StreamClock& what);
void host_waited_for_stream(unsigned stream);
void host_waited_for_all();
bool host_has_waited_for(const Moment& moment);

// Whether operations may run concurrently, so that accesses must be recorded.
bool streams_run_side_by_side();

// An operation has run: reports a race with operations that may run beside it.
void compare_with_others(const std::string& what, const Moment& moment, Footprint footprint);

// Tells of the host's touch of what an operation that it has not waited for writes or reads; once for all operations.
void tell_touch(Touch& touch, const std::string& what, const Moment& moment, bool written);
// The same if the operation, which has run, accessed the byte.
void compare_with_touch(Touch& touch, const std::string& what, const Moment& moment, const Footprint& footprint);

// An operation that accesses this memory and that the host has not waited for, such as "kernel f in stream 1"; or
// empty.
std::string in_use(Address start, size_t size);

// Forgets accesses to memory whose addresses are reused.
void forget_accesses(Address start, size_t size);

}
