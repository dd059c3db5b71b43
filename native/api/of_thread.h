// A value per thread that calls may use until the process ends. exit() runs its handlers after the destructors of the
// main thread's variables, and some handlers, such as libgomp's, still call the driver.
#pragma once

namespace sim {

// The calling thread's value of a type with a destructor. NAME distinguishes values of one type. A thread whose
// destructors have run gets a fresh value, which the end of the process frees.
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
