// A program's own kernel in C++ that stops at an instruction, or touches memory that no check has seen, fails its
// launch, where it would end the process.
#pragma once

namespace sim {

// From its making to its end such signals in the kernel's code are the kernel's fault. All others go where they went
// before: a virtual machine may use them for itself, in other threads at the same time.
class Traps {
 public:
  explicit Traps(bool wanted);
  ~Traps();
  Traps(const Traps&) = delete;

 private:
  bool wanted_;
};

}
