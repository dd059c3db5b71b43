// A kernel by its name, and how to call it: deduced from its type, so that nothing has to be told twice. Included by
// every kernel's own translation unit, which is instrumented; hence nothing of the standard library but types.
#pragma once
#include <cstddef>
#include <utility>

namespace sim {

struct Kernel {
  const char* name;
  const size_t* sizes;       // of its parameters
  const size_t* alignments;
  size_t parameters;
  void (*call)(void* const* arguments);
  unsigned cluster;  // blocks along x that make one, or 0
  const Kernel* next;
  bool own = false;  // a program's, compiled when it runs
  mutable size_t shared_bytes = 0;  // the most that its blocks have declared so far
  bool interpreted = false;  // every access and fence of it is known
  // Writes where the running thread of an interpreted kernel is, such as ", PTX line 12 (saxpy.cu:7)", into a text.
  void (*place)(char* text, size_t size) = nullptr;
  // Of a kernel that came as PTX; 0 where it does not say.
  unsigned most_threads = 0;            // of a block
  unsigned required_threads[3] = {};    // of a block along x, y and z
  size_t local_bytes = 0;               // of a thread
  size_t constant_bytes = 0;            // of its module
  int target = 0;                       // 90 for sm_90
};

// The first of the list of all, which each adds itself to as its library is loaded.
extern const Kernel* kernels __attribute__((visibility("default")));

// The name that the loader knows a function by, or an empty one.
const char* symbol_of(const void* function);

template <auto Function>
struct Entry;

template <typename... Parameters, void (*Function)(Parameters...)>
struct Entry<Function> {
  static constexpr size_t COUNT = sizeof...(Parameters);
  static constexpr size_t sizes[] = {sizeof(Parameters)..., 0};
  static constexpr size_t alignments[] = {alignof(Parameters)..., 1};

  template <size_t... I>
  __attribute__((no_sanitize("thread"))) static void spread(void* const* arguments, std::index_sequence<I...>) {
    Function(*static_cast<Parameters*>(arguments[I])...);
  }
  __attribute__((no_sanitize("thread"))) static void call(void* const* arguments) {
    spread(arguments, std::index_sequence_for<Parameters...>());
  }

  Kernel kernel;
  Entry(const char* name, unsigned cluster)
      : kernel{name, sizes, alignments, sizeof...(Parameters), call, cluster, kernels} {
    kernels = &kernel;
  }
};

// Of a program's own kernel. It is there without any code that runs: the driver finds it by a number in its name, and
// gives the kernel the name that the loader has for the function.
struct Found {
  Kernel kernel;
  const void* function;
};

template <auto Function>
struct OwnEntry {
  Kernel kernel;
  decltype(Function) function = Function;
  constexpr explicit OwnEntry(unsigned cluster)
      : kernel{nullptr, Entry<Function>::sizes, Entry<Function>::alignments, Entry<Function>::COUNT,
               Entry<Function>::call, cluster, nullptr, true} {}
};

}

#define CHARLSTM_KERNEL(name, cluster) static sim::Entry<name> charlstm_entry_##name(#name, cluster);
