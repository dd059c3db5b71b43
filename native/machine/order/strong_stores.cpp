#include "machine/order/strong_stores.h"

#include <array>
#include <string>
#include <unordered_map>

#include "machine/order/access_history.h"
#include "machine/order/releases.h"

namespace sim {

namespace {

struct Store {
  AccessRecord by;
  uint64_t number = 0;   // in the order in which they were made
  uint64_t fences = 0;   // that its thread has made by then
  bool plain = false;
  const void* site = nullptr;
  Known known;           // to its thread
  Told told;             // what its fences tell
};

// A store that a thread of a block has observed.
struct Flag {
  Address address = 0;
  Store store;
  AccessRecord reader;
  const void* site = nullptr;
};

// Most stores that are kept of each block.
constexpr size_t MOST = 8;

struct Flags {
  std::array<Flag, MOST> latest;
  size_t count = 0;
};

std::unordered_map<Address, Store> stores;
std::unordered_map<uint64_t, Flags> observed;  // by blocks
std::unordered_map<uint64_t, uint64_t> fences;  // by threads, since there are such stores
uint64_t last_store;

uint64_t thread_of(const AccessRecord& record) {
  return uint64_t(record.unit) << 32 | record.actor;
}

uint64_t own_block() {
  return uint64_t(cluster->unit) << 32 | block->rank;
}

const void* own_site() {
  return block->launch->kernel->at ? block->launch->kernel->at() : nullptr;
}

bool includes(const Moments* known, const AccessRecord& record) {
  return known && known->of(record.actor) >= record.moment;
}

// Whether the thread of one store knew of the other by then, and whether its fences tell others of it.
bool knew(const Store& one, const Store& other) {
  if (thread_of(one.by) == thread_of(other.by)) {
    return other.number < one.number;
  }
  bool same = one.by.unit == other.by.unit;
  return includes(same ? &one.known.seen : one.known.earlier.of(other.by.unit - cluster->first_unit), other.by);
}

bool told(const Store& one, const Store& other) {
  return one.told.any() && includes(one.told.all().of(other.by.unit - cluster->first_unit), other.by);
}

std::string at(const void* site) {
  char text[256] = "";
  if (site) {
    block->launch->kernel->place(text, sizeof text, site);
  }
  return *text ? std::string(" at") + (text + 1) : "";
}

void tell(Address address, const Store& data, const Flag& flag) {
  remark(Grade::WARNING, Flaw::MISSING_FENCE,
         "reads " + place_of(address) + ", which " + name_of(data.by) + " wrote" + at(data.site) + ", after " +
             place_of(flag.address) + ", which " + name_of(flag.store.by) + " wrote later" + at(flag.store.site) +
             ", with no fence between both stores: the old value may still be read");
}

// Old data do no harm to a loop that looks at one place after the other until it has them all.
void check(Address address, const Accessor& now, const Store& data) {
  auto made = fences.find(thread_of(data.by));
  auto found = observed.find(own_block());
  if (found == observed.end() || now.sees(data.by) || (made != fences.end() && made->second != data.fences)) {
    return;
  }
  const void* site = own_site();
  for (const Flag& flag : found->second.latest) {
    if (flag.address != 0 && flag.address != address && flag.site != site && now.sees(flag.reader) &&
        knew(flag.store, data) && !told(flag.store, data)) {
      return tell(address, data, flag);
    }
  }
}

}

void note_strong_store(Address address, const Accessor& now, bool plain) {
  Store& store = stores[address];
  store.by = now.record;
  store.number = ++last_store;
  store.plain = plain;
  store.site = own_site();
  auto made = fences.find(thread_of(now.record));
  store.fences = made == fences.end() ? 0 : made->second;
  store.known = now.knows.all();
  store.told = told_at(address);
}

void note_strong_read(Address address, const Accessor& now, bool plain) {
  auto found = stores.find(address);
  if (found == stores.end() || found->second.by.of_same(now.record)) {
    return;
  }
  if (plain && found->second.plain) {
    check(address, now, found->second);
  }
  Flags& flags = observed[own_block()];
  for (Flag& flag : flags.latest) {
    if (flag.address == address && flag.store.number == found->second.number && flag.reader.of_same(now.record)) {
      return;
    }
  }
  flags.latest[flags.count++ % MOST] = {address, found->second, now.record, own_site()};
}

void note_fence() {
  if (!stores.empty()) {
    fences[uint64_t(cluster->unit) << 32 | own_actor()]++;
  }
}

void forget_strong_stores() {
  stores.clear();
  observed.clear();
  fences.clear();
}

}
