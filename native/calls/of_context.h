// Objects that end with their context. Every container of them is in one list, so the driver
// need not know those of the libraries that stand on it.
#pragma once

namespace sim {

// Work that never ends goes with its process; a new start of the driver stands for a new process.
void end_what_never_ends();

class Droppable {
 public:
  static void drop_all() {
    for (Droppable* one = first_; one; one = one->next_) {
      one->drop();
    }
  }

 protected:
  Droppable() : next_(first_) { first_ = this; }
  virtual void drop() = 0;

 private:
  inline static Droppable* first_ = nullptr;
  Droppable* next_;
};

template <typename Container>
class OfContext : public Container, private Droppable {
 public:
  using Container::operator=;

 private:
  void drop() override { this->clear(); }
};

}
