// A kernel by its name, and how to call it: deduced from its type, so that nothing has to be told twice. Included by
// every kernel's own translation unit, which is instrumented; hence nothing of the standard library but types.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sim {

struct Kernel {
  const char* name;
  const size_t* sizes;       // of its parameters
  const size_t* alignments;
  size_t parameters;
  void (*call)(void* const* arguments);
  unsigned cluster;  // blocks along x that make one, or 0
  mutable size_t shared_bytes = 0;  // the most that its blocks have declared so far
  mutable unsigned launches = 0;    // so far
  mutable bool serial = false;      // its blocks do not run side by side, as was tried
  bool interpreted = false;  // every access and fence of it is known
  // Where the running thread of an interpreted kernel is; and writes such a place, or null for that, into a text, as in
  // ", PTX line 12 (saxpy.cu:7)".
  const void* (*at)() = nullptr;
  void (*place)(char* text, size_t size, const void* at) = nullptr;
  // Of a kernel that came as PTX; 0 where it does not say.
  unsigned most_threads = 0;            // of a block
  unsigned required_threads[3] = {};    // of a block along x, y and z
  size_t local_bytes = 0;               // of a thread
  size_t constant_bytes = 0;            // of its module
  int target = 0;                       // 90 for sm_90
};

// A text by its checksum and size, as cksum gives them.
struct KnownText {
  uint32_t sum;
  size_t size;
};

// A library of kernels exports this as charlstm_kernels. The rest is valid if it was built for this simulator.
struct KernelLibrary {
  const char* build;
  Kernel* const* first;
  Kernel* const* end;
  const KnownText* texts;  // that it stands for
  size_t text_count;
};

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
};

}

// A kernel of a library, in the list of all that the linker makes; no code runs for it.
#define CHARLSTM_KERNEL(name, cluster)                                                                               \
  static sim::Kernel charlstm_kernel_##name{#name, sim::Entry<name>::sizes, sim::Entry<name>::alignments,            \
                                            sim::Entry<name>::COUNT, sim::Entry<name>::call, cluster};               \
  __attribute__((section("charlstm_list"), used)) static sim::Kernel* const charlstm_listed_##name =                 \
      &charlstm_kernel_##name;

// Once in a library, after its texts.
#define CHARLSTM_KERNEL_LIBRARY(build, texts)                                                                        \
  extern "C" {                                                                                                       \
  extern __attribute__((visibility("hidden"))) sim::Kernel* const __start_charlstm_list[];                           \
  extern __attribute__((visibility("hidden"))) sim::Kernel* const __stop_charlstm_list[];                            \
  extern __attribute__((visibility("default"))) const sim::KernelLibrary charlstm_kernels = {                        \
      build, __start_charlstm_list, __stop_charlstm_list, texts, sizeof texts / sizeof *texts};                      \
  }
