// A word or a byte of memory, for kernels that are ordered by vector clocks: who touched it, and the rules of a touch.
#pragma once
#include <string>

#include "machine/memory.h"
#include "machine/trace.h"

namespace sim {

enum class Held : uint8_t { NOT, COPY, SEND, BARRIER };

struct Touch {
  Trace writers, readers;
  uint32_t run = 0;        // the run that it belongs to; what an earlier one has left is nobody's
  Held held = Held::NOT;
  bool tells = false;      // somebody may learn by reading it
  bool observed = false;   // by a strong read since the last write
  bool constant = false;   // it was read as what nobody writes

  void begin(uint32_t now) {
    if (run != now) {
      *this = Touch();
      run = now;
    }
  }
};

// Each fails the running thread where a touch is wrong, and then keeps it.
void touch_slowly(Touch& touch, Crowds& crowds, Address at, const Toucher& now, const char* does);

inline void touch_to_read(Touch& touch, Crowds& crowds, Address at, const Toucher& now) {
  const Trace& writer = touch.writers;
  Trace& reader = touch.readers;
  bool seen = writer.unit == 0 || (writer.unit == now.trace.unit && !writer.many && now.sees(writer));
  if (seen && touch.held == Held::NOT && now.trace.strength == Strength::WEAK) {
    if (reader.unit == 0) {
      reader = now.trace;
      return;
    }
    if (crowds.quickly_added(reader, now)) {
      return;
    }
  }
  touch_slowly(touch, crowds, at, now, "reads");
}

inline void touch_to_write(Touch& touch, Crowds& crowds, Address at, const Toucher& now, const char* does) {
  if (touch.writers.unit == 0 && touch.readers.unit == 0 && touch.held == Held::NOT && !touch.constant) {
    touch.writers = now.trace;
  } else {
    touch_slowly(touch, crowds, at, now, does);
  }
}

// "byte B of argument A" or of a shared array.
std::string place_of(Address address);

// "thread number N", with its block if that is another or one of several.
std::string name_of(const Trace& trace);

}
