// A default stream for each thread, beside the default stream that all threads share.
#pragma once

namespace sim __attribute__((visibility("default"))) {

// While an object lives, null means the calling thread's own default stream.
class NullIsPerThread {
 public:
  NullIsPerThread();
  ~NullIsPerThread();
  NullIsPerThread(const NullIsPerThread&) = delete;

 private:
  bool before_;
};

}
