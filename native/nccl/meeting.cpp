#include "nccl/meeting.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>

namespace sim {

namespace {

using Clock = std::chrono::steady_clock;

// NCCL waits for ever, but a test should not.
double most_seconds() {
  const char* set = std::getenv("CHARLSTM_SIM_NCCL_TIMEOUT");
  return set && std::atof(set) > 0 ? std::atof(set) : 30;
}

bool is_gone(pid_t process) {
  return process != 0 && kill(process, 0) != 0 && errno == ESRCH;
}

std::string rank_words(int rank) {
  return "rank " + std::to_string(rank);
}

// Polls the condition until it is true; false after the time limit.
template <typename Condition>
bool wait_until(Condition condition) {
  auto end = Clock::now() + std::chrono::duration<double>(most_seconds());
  for (int tries = 0; !condition(); tries++) {
    if (tries > 1000) {
      usleep(100);
    }
    if (tries % 64 == 0 && Clock::now() > end) {
      return false;
    }
  }
  return true;
}

}

Meeting::~Meeting() {
  if (shared_) {
    munmap(shared_, bytes_);
  }
}

bool Meeting::map(int file) {
  void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  shared_ = memory == MAP_FAILED ? nullptr : static_cast<Shared*>(memory);
  return shared_;
}

// Removes the remains of a dead process with the same name first.
std::string Meeting::found(const std::string& name) {
  shm_unlink(name.c_str());
  int file = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0 || ftruncate(file, off_t(bytes_)) != 0 || !map(file)) {
    return "cannot share memory: " + std::string(std::strerror(errno));
  }
  new (shared_) Shared();
  shared_->size = size_;
  shared_->founder = getpid();
  return "";
}

std::string Meeting::find(const std::string& name) {
  bool here = wait_until([&] {
    int file = shm_open(name.c_str(), O_RDWR, 0600);
    struct stat status;
    if (file < 0) {
      return false;
    }
    // The memory has the founder's size, and the founder may want another number of ranks.
    if (fstat(file, &status) != 0 || size_t(status.st_size) < sizeof(Shared)) {
      close(file);
      return false;
    }
    bytes_ = size_t(status.st_size);
    if (map(file) && shared_->founder != 0 && !is_gone(shared_->founder)) {
      return true;
    }
    if (shared_) {
      munmap(shared_, bytes_);
      shared_ = nullptr;
    }
    return false;
  });
  if (!here) {
    return "rank 0 has not come";
  }
  int theirs = shared_->size;
  return theirs == size_ ? "" : "nranks is " + std::to_string(size_) + ", and rank 0's is " + std::to_string(theirs);
}

std::string Meeting::join(const std::string& name, int size, int rank) {
  size_ = size;
  rank_ = rank;
  bytes_ = sizeof(Shared) + size_t(size) * CHUNK;
  std::string wrong = rank == 0 ? found(name) : find(name);
  if (wrong.empty()) {
    pid_t nobody = 0;
    if (!shared_->places[rank].process.compare_exchange_strong(nobody, getpid())) {
      return rank_words(rank) + " is taken";
    }
    wrong = meet();
  } else if (shared_) {
    give_up();
  }
  if (rank == 0) {
    shm_unlink(name.c_str());
  }
  return wrong;
}

std::string Meeting::meet() {
  shared_->places[rank_].times = ++times_;
  std::string wrong;
  int missing = 0;
  bool met = wait_until([&] {
    for (missing = 0; missing < size_; missing++) {
      const Place& place = shared_->places[missing];
      if (place.times >= times_) {
        continue;
      }
      if (shared_->left_by != 0) {
        wrong = rank_words(shared_->left_by - 1) + " gave up";
      } else if (is_gone(place.process)) {
        wrong = rank_words(missing) + " has ended";
      }
      return !wrong.empty();
    }
    return true;
  });
  if (met && wrong.empty()) {
    return "";
  }
  give_up();
  return wrong.empty() ? rank_words(missing) + " has not come" : wrong;
}

void Meeting::give_up() {
  int nobody = 0;
  if (shared_) {
    shared_->left_by.compare_exchange_strong(nobody, 1 + rank_);
  }
}

}
