// The history of accesses to a word or byte, for kernels that are ordered by vector clocks, and the checks of new
// accesses.
#pragma once
#include <cstring>
#include <string>

#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

enum class Held : uint8_t { NOT, COPY, SEND, BARRIER };

struct AccessHistory {
  AccessRecord writers, readers;
  uint32_t run = 0;        // the run that it belongs to; what an earlier one has left is nobody's
  Held held = Held::NOT;
  bool tells = false;      // somebody may learn by reading it
  bool observed = false;   // by a strong read since the last write
  bool constant = false;   // it was read as what nobody writes

  uint8_t flags() const { return uint8_t(unsigned(held) | tells << 2 | observed << 3 | constant << 4); }
  void set_flags(uint8_t flags) {
    held = Held(flags & 3);
    tells = flags >> 2 & 1;
    observed = flags >> 3 & 1;
    constant = flags >> 4 & 1;
  }

  // Of this run, and nothing but reads and writes has left a mark.
  bool plain_of(uint32_t now) const {
    uint64_t all;
    std::memcpy(&all, reinterpret_cast<const char*>(this) + offsetof(AccessHistory, run), sizeof all);
    return all == now;
  }

  void begin(uint32_t now) {
    if (run != now) {
      *this = AccessHistory();
      run = now;
    }
  }
};

// Each function fails the running thread if its access is wrong, and then records the access.
void check_slowly(AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does);

inline void check_read_of(AccessHistory& history, Crowds& crowds, Address at, const Accessor& now) {
  const AccessRecord& writer = history.writers;
  AccessRecord& reader = history.readers;
  bool seen = writer.unit == 0 || (writer.unit == now.record.unit && !writer.many && now.sees(writer));
  if (seen && history.held == Held::NOT && now.record.strength == Strength::WEAK) {
    if (reader.unit == 0) {
      reader = now.record;
      return;
    }
    if (crowds.quickly_added(reader, now.record) || crowds.added_after_unseen(reader, now)) {
      return;
    }
  }
  check_slowly(history, crowds, at, now, "reads");
}

inline void check_write_of(AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  if (history.writers.unit == 0 && history.readers.unit == 0 && history.held == Held::NOT && !history.constant) {
    history.writers = now.record;
  } else {
    check_slowly(history, crowds, at, now, does);
  }
}

// "byte B of argument A" or of a shared array.
std::string place_of(Address address);

// "thread number N", with its block if that is another block or several run together.
std::string name_of(const AccessRecord& record);

}
