#include "ptx/system_calls.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "memory/heap.h"
#include "memory/state.h"

namespace sim::ptx {

namespace {

constexpr size_t LONGEST_TEXT = 4096;

// Copies a text that ends with 0 into a buffer of the stack, byte by byte with all checks.
template <size_t N>
void copy_text(char (&to)[N], uint64_t from) {
  size_t size = 0;
  for (;; size++) {
    check_read(from + size, 1);
    char c = *reinterpret_cast<const char*>(from + size);
    to[size] = size + 1 < N ? c : 0;
    if (to[size] == 0) {
      return;
    }
  }
}

template <typename T>
T value_at(const char* place) {
  T value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

// Reads printf's values one after another; the compiler has aligned each to its size.
class Values {
 public:
  explicit Values(uint64_t at) : at_(at) {}

  template <typename T>
  T next() {
    at_ = (at_ + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    check_read(at_, sizeof(T));
    T value = value_at<T>(reinterpret_cast<const char*>(at_));
    at_ += sizeof(T);
    return value;
  }

 private:
  uint64_t at_;
};

struct Printed {
  char text[LONGEST_TEXT];
  size_t size = 0;

  template <typename... Value>
  void add(const char* format, Value... values) {
    int length = std::snprintf(text + size, sizeof text - size, format, values...);
    size += std::min(sizeof text - size - 1, size_t(std::max(length, 0)));
  }
};

// One conversion of a format, from the "%" on; gives its length.
size_t print_one(const char* format, Values& values, Printed& printed) {
  char one[32];
  size_t size = 1;
  int longs = 0;
  int stars[2] = {0, 0}, starred = 0;
  while (format[size] && std::strchr("-+ #0123456789.*hlLzjt", format[size]) && size < sizeof one - 4) {
    longs += format[size] == 'l' || format[size] == 'z' || format[size] == 'j' || format[size] == 't';
    if (format[size] == '*' && starred < 2) {
      stars[starred++] = values.next<int32_t>();
    }
    size++;
  }
  char kind = format[size];
  std::memcpy(one, format, size + 1);
  one[size + 1] = 0;
  // The host's printf would take them for wide characters and long doubles, which a kernel does not pass.
  if (kind && std::strchr("csaAeEfFgG", kind)) {
    *std::remove_if(one, one + size + 1, [](char c) { return c == 'l' || c == 'L'; }) = 0;
  }
  auto add = [&](auto value) {
    starred == 0   ? printed.add(one, value)
    : starred == 1 ? printed.add(one, stars[0], value)
                   : printed.add(one, stars[0], stars[1], value);
  };
  auto is_of = [=](const char* kinds) { return kind && std::strchr(kinds, kind); };
  if (is_of("%")) {
    printed.add("%%");
  } else if (is_of("di")) {
    longs ? add(values.next<int64_t>()) : add(values.next<int32_t>());
  } else if (is_of("uoxX")) {
    longs ? add(values.next<uint64_t>()) : add(values.next<uint32_t>());
  } else if (is_of("c")) {
    add(values.next<int32_t>());
  } else if (is_of("p")) {
    add(reinterpret_cast<void*>(values.next<uint64_t>()));
  } else if (is_of("s")) {
    char text[1024] = "(null)";
    if (uint64_t from = values.next<uint64_t>()) {
      copy_text(text, from);
    }
    add(static_cast<const char*>(text));
  } else if (is_of("aAeEfFgG")) {
    add(values.next<double>());
  } else {
    printed.add("%s", one);
    return kind ? size + 1 : size;
  }
  return size + 1;
}

// int vprintf(const char* format, void* values): the number of values, as CUDA's printf gives.
void print(char* const* parameters, char* result) {
  keep_to_one_process();
  char format[LONGEST_TEXT];
  copy_text(format, value_at<uint64_t>(parameters[0]));
  Values values(value_at<uint64_t>(parameters[1]));
  Printed printed;
  int32_t count = 0;
  for (size_t i = 0; format[i];) {
    if (format[i] == '%') {
      count += format[i + 1] != '%';
      i += print_one(format + i, values, printed);
    } else {
      printed.add("%c", format[i]);
      i++;
    }
  }
  // Prints once, although blocks run in several orders.
  if (traffic) {
    std::fwrite(printed.text, 1, printed.size, stdout);
    std::fflush(stdout);
  }
  if (result) {
    std::memcpy(result, &count, sizeof count);
  }
}

// void __assertfail(const char* condition, const char* file, uint32_t line, const char* function, size_t char_size)
void fail_assertion(char* const* parameters, char*) {
  char condition[256], file[256];
  copy_text(condition, value_at<uint64_t>(parameters[0]));
  copy_text(file, value_at<uint64_t>(parameters[1]));
  fail_thread(Flaw::ASSERTION, "assertion '" + std::string(condition) + "' at " + file + ":" +
                                   std::to_string(value_at<uint32_t>(parameters[2])));
}

// void* malloc(size_t size): null where there is no room. Addresses may differ with the order of threads.
void give_memory(char* const* parameters, char* result) {
  order_may_show = true;
  Address given = allocate_in_heap(value_at<uint64_t>(parameters[0]));
  if (result) {
    std::memcpy(result, &given, sizeof given);
  }
}

// void free(void* block)
void take_memory(char* const* parameters, char*) {
  auto address = value_at<Address>(parameters[0]);
  HeapFree done = address ? free_in_heap(address) : HeapFree::DONE;
  changes++;
  if (done == HeapFree::TWICE) {
    fail_thread(Flaw::DOUBLE_FREE, "double free: free of a block of malloc in kernels that was freed before");
  } else if (done == HeapFree::NOT_A_BLOCK) {
    fail_thread(Flaw::MISUSE, "free of an address that malloc in kernels has not given",
                "Free in a kernel only what malloc or new in a kernel gave, by the address where it begins");
  }
}

bool takes(const Function& function, std::initializer_list<size_t> parameters, std::initializer_list<size_t> results) {
  auto same = [](size_t size, const Variable* variable) { return variable->size == size; };
  const std::vector<Variable*>& own = function.parameters;
  return std::equal(parameters.begin(), parameters.end(), own.begin(), own.end(), same) &&
         std::equal(results.begin(), results.end(), function.results.begin(), function.results.end(), same);
}

}

SystemCall find_system_call(const Function& function) {
  if (function.name == "vprintf" && takes(function, {8, 8}, {4})) {
    return print;
  }
  if (function.name == "malloc" && takes(function, {8}, {8})) {
    return give_memory;
  }
  if (function.name == "free" && takes(function, {8}, {})) {
    return take_memory;
  }
  return function.name == "__assertfail" && takes(function, {8, 8, 4, 8, 8}, {}) ? fail_assertion : nullptr;
}

}
