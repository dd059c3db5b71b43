#include "memory/marks.h"

namespace sim {

size_t Marks::first(size_t from, size_t size, bool written) const {
  size_t at = from, end = from + size;
  const uint8_t* bytes = halves.get();
  while (at < end) {
    bool whole = at % 16 == 0 && end - at >= 16;
    uint64_t some = 0;
    if (whole) {
      std::memcpy(&some, bytes + at / 2, sizeof some);
      some |= some >> 1;
      some = (some | some >> 2) & EACH;
    }
    if (whole && some == (written ? 0 : EACH)) {
      at += 16;
    } else if ((size_at(at) != 0) == written) {
      return at;
    } else {
      at++;
    }
  }
  return end;
}

}
