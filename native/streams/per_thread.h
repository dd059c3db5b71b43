// A default stream for each thread, beside the one that all share.
#pragma once

namespace sim __attribute__((visibility("default"))) {

// While one lives, null stands for the calling thread's own default stream.
class NullIsPerThread {
 public:
  NullIsPerThread();
  ~NullIsPerThread();
  NullIsPerThread(const NullIsPerThread&) = delete;

 private:
  bool before_;
};

}
