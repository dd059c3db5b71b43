// The meeting place of ranks: memory that their processes share, under the name in the unique id.
#pragma once
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sim {

constexpr int MOST_RANKS = 64;
constexpr size_t CHUNK = 1 << 20;

// A rank's call, which must be the same for all ranks.
struct Call {
  int kind;
  int type;
  int root;
  uint64_t count;

  bool operator==(const Call& other) const {
    return kind == other.kind && type == other.type && root == other.root && count == other.count;
  }
};

struct Place {
  std::atomic<pid_t> process;
  std::atomic<uint64_t> times;  // the number of its arrivals
  Call call;
};

struct Shared {
  std::atomic<pid_t> founder;  // 0 until all is set up
  int size;
  std::atomic<int> left_by;  // 1 + the rank that gave up, or 0
  Place places[MOST_RANKS];
};

class Meeting {
 public:
  Meeting() = default;
  Meeting(const Meeting&) = delete;
  ~Meeting();

  // Meets all ranks for the first time; rank 0 founds the meeting. Returns the mistake, or an empty text.
  std::string join(const std::string& name, int size, int rank);

  // Waits until every rank has come as often as this one. Returns which rank is missing and why, or an empty text.
  std::string meet();

  Call& call_of(int rank) { return shared_->places[rank].call; }
  char* chunk_of(int rank) { return reinterpret_cast<char*>(shared_) + sizeof(Shared) + size_t(rank) * CHUNK; }
  int size() const { return size_; }
  int rank() const { return rank_; }

  // Tells other ranks not to wait for this rank any more.
  void give_up();
  void interrupt() { interrupted_ = true; give_up(); }
  bool interrupted() const { return interrupted_; }
  // Whether any rank has given up.
  bool left() const { return shared_ && shared_->left_by != 0; }

 private:
  std::string found(const std::string& name);
  std::string find(const std::string& name);
  bool map(int file);

  Shared* shared_ = nullptr;
  size_t bytes_ = 0;
  int size_ = 0;
  int rank_ = 0;
  uint64_t times_ = 0;
  std::atomic<bool> interrupted_{false};
};

}
