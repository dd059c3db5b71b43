#include "machine/cluster_touches.h"

#include <string>
#include <vector>

#include "machine/arrivals.h"
#include "machine/cluster.h"
#include "machine/marks.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

enum class Held : uint8_t { NOT, COPY, SEND, BARRIER };

// Readers that nothing orders are many, each with its moment; only threads of its own block read shared memory.
struct Touch {
  uint32_t cluster = 0;  // that it belongs to; what an earlier one has left is nobody's
  Held held = Held::NOT;
  bool written = false;
  bool read = false;
  bool many = false;
  uint32_t writer = 0;
  uint32_t written_at = 0;
  uint32_t reader = 0;   // or which of the lists, of many
  uint32_t read_at = 0;
};

Marks<Touch> marks;
uint32_t number;         // of the cluster that runs
std::vector<std::vector<uint32_t>> lists;
std::vector<uint32_t> free_lists;

uint32_t new_list() {
  if (free_lists.empty()) {
    free_lists.push_back(lists.size());
    lists.emplace_back();
  }
  uint32_t list = free_lists.back();
  free_lists.pop_back();
  lists[list].assign(cluster->lanes, 0);
  return list;
}

std::string place(size_t offset) {
  return shared_place(own_shared_space() - shared_offset(own_shared_space()) + offset);
}

void fail(const char* does, size_t offset, const std::string& why) {
  fail_thread(CUDA_ERROR_LAUNCH_FAILED, std::string(does) + " " + place(offset) + ", " + why);
}

void race(const char* does, size_t offset, const std::string& who, const char* did) {
  fail_thread(CUDA_ERROR_LAUNCH_FAILED, std::string("race: ") + does + " " + place(offset) + ", which " + who + " " +
                                            did + " and nothing orders before it");
}

// A write over a send's bytes need not see them, and only must come after it.
void check_writer(const Touch& touch, size_t offset, const char* does, const Knowledge& mine, bool writes) {
  bool by_thread = touch.writer < cluster->knowledge.size();
  if (!touch.written || mine.sees(touch.writer, touch.written_at) ||
      (writes && !by_thread && mine.knows_over(touch.writer, touch.written_at))) {
    return;
  }
  if (by_thread) {
    race(does, offset, cluster->name_of(touch.writer), "wrote");
  } else {
    race(does, offset, "a send wrote", ("in " + name_of_phase(touch.writer, touch.written_at - 1)).c_str());
  }
}

void check_readers(const Touch& touch, size_t offset, const char* does, const Knowledge& mine) {
  unsigned first = unsigned(offset / SHARED_SPACE_OF_A_BLOCK) * cluster->lanes;
  unsigned reader = first;
  if (touch.many) {
    const std::vector<uint32_t>& moments = lists[touch.reader];
    while (reader < first + cluster->lanes &&
           (moments[reader - first] == 0 || mine.knows_over(reader, moments[reader - first]))) {
      reader++;
    }
    if (reader == first + cluster->lanes) {
      return;
    }
  } else if (!touch.read || mine.knows_over(touch.reader, touch.read_at)) {
    return;
  } else {
    reader = touch.reader;
  }
  race(does, offset, cluster->name_of(reader), "read");
}

void forget_readers(Touch& touch) {
  if (touch.many) {
    free_lists.push_back(touch.reader);
  }
  touch.many = touch.read = false;
}

void note_read(Touch& touch, unsigned me, uint32_t now, const Knowledge& mine) {
  if (touch.many) {
    lists[touch.reader][me % cluster->lanes] = now;
  } else if (!touch.read || mine.sees(touch.reader, touch.read_at)) {
    touch.read = true;
    touch.reader = me;
    touch.read_at = now;
  } else {
    uint32_t list = new_list();
    lists[list][touch.reader % cluster->lanes] = touch.read_at;
    lists[list][me % cluster->lanes] = now;
    touch.many = true;
    touch.reader = list;
  }
}

void check_held(const Touch& touch, size_t offset, const char* does) {
  switch (touch.held) {
    case Held::NOT: return;
    case Held::COPY: return fail(does, offset, "to which a copy is under way that nobody has waited for");
    case Held::SEND: return fail(does, offset, "to which a send is under way that nobody has waited for");
    case Held::BARRIER: return fail(does, offset, "which is an arrival barrier");
  }
}

Touch& of_this_cluster(Touch& touch) {
  if (touch.cluster != number) {
    touch = Touch();
    touch.cluster = number;
  }
  return touch;
}

void note_write(Touch& touch, size_t offset, const char* does, unsigned me, uint32_t now, const Knowledge& mine) {
  check_held(touch, offset, does);
  check_writer(touch, offset, does, mine, true);
  check_readers(touch, offset, does, mine);
  forget_readers(touch);
  touch.written = true;
  touch.writer = me;
  touch.written_at = now;
}

template <typename Visit>
void each(uintptr_t address, size_t size, Visit visit) {
  size_t offset = shared_offset(address);
  marks.each(offset, offset + size, [&](Touch& touch, size_t at) { visit(of_this_cluster(touch), at); });
}

}

void forget_cluster_touches() {
  marks.make(SHARED_SPACE_OF_A_BLOCK * MOST_BLOCKS_OF_A_CLUSTER);
  number++;
  lists.clear();
  free_lists.clear();
}

void check_cluster_touch(uintptr_t address, size_t size, bool writes) {
  unsigned me = own_actor();
  Knowledge& mine = own_knowledge();
  uint32_t now = mine.act();
  each(address, size, [&](Touch& touch, size_t offset) {
    if (writes) {
      note_write(touch, offset, "writes", me, now, mine);
      return;
    }
    check_held(touch, offset, "reads");
    if (!touch.written) {
      fail("reads", offset, "that nobody wrote");
    }
    check_writer(touch, offset, "reads", mine, false);
    note_read(touch, me, now, mine);
  });
}

void set_cluster_copy(uintptr_t address, size_t size, bool under_way) {
  each(address, size, [&](Touch& touch, size_t) { touch.held = under_way ? Held::COPY : Held::NOT; });
}

void begin_send(uintptr_t address, size_t size) {
  unsigned me = own_actor();
  const Knowledge& mine = own_knowledge();
  each(address, size, [&](Touch& touch, size_t offset) {
    note_write(touch, offset, "sends to", me, 0, mine);
    touch.held = Held::SEND;
  });
}

void end_send(uintptr_t address, size_t size, unsigned actor, uint32_t moment) {
  each(address, size, [&](Touch& touch, size_t) {
    touch.held = Held::NOT;
    touch.writer = actor;
    touch.written_at = moment;
  });
}

void make_untouchable(uintptr_t address, size_t size) {
  each(address, size, [&](Touch& touch, size_t) { touch.held = Held::BARRIER; });
}

}
