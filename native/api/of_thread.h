// A value for each thread that calls may use to the end of the process. Handlers of exit() run after the destructors of
// the main thread's variables, and some, as libgomp's, still call the driver.
#pragma once

namespace sim {

// The thread's value of a type with a destructor. NAME tells values of one type apart. A thread whose destructors have
// run gets a fresh value, which the process's end frees.
template <typename NAME, typename T>
T& of_thread() {
  static thread_local T* value;
  struct Owner {
    ~Owner() {
      delete value;
      value = nullptr;
    }
  };
  if (!value) {
    value = new T();
    static thread_local Owner owner;
    static_cast<void>(owner);
  }
  return *value;
}

}
