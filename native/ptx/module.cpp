#include "ptx/module.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>

#include "memory/memory.h"
#include "ptx/coverage.h"
#include "ptx/device_runtime.h"
#include "ptx/harmless.h"
#include "ptx/run.h"
#include "ptx/system_calls.h"
#include "ptx/text/reader.h"

namespace sim::ptx {

namespace {

constexpr size_t MOST_CONSTANTS = 64 << 10, MOST_VARIABLES = size_t(256) << 20;

// The memory of variables, also of a module that is refused later. The driver drops modules before it drops all memory.
struct Placed {
  std::vector<Address> addresses;

  ~Placed() {
    for (Address address : addresses) {
      release(address);
    }
  }
};

class Loaded : public Module {
 public:
  Loaded(const std::vector<Text>& texts, int capability) {
    // First, since the last text's target is the module's.
    auto waits = [](const Text& one) { return one.text.find("cudaCG") != std::string::npos; };
    if (std::any_of(texts.begin(), texts.end(), waits)) {
      read_text(program_, DEVICE_RUNTIME, capability);
    }
    for (const Text& text : texts) {
      try {
        read_text(program_, text.text, capability);
      } catch (const Refusal& refusal) {
        throw text.name.empty() ? refusal : Refusal(text.name + ", " + refusal.what());
      }
    }
    link();
    place_variables();
    fill_constants();
    make_entries();
    answer_the_machine();
  }

  ~Loaded() override {
    write_coverage();
  }

  const Kernel* find_kernel(const std::string& name) const override {
    auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second;
  }

  std::vector<std::string> kernel_names() const override {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) {
      names.push_back(name);
    }
    return names;
  }

  bool find_variable(const std::string& name, Address& start, size_t& size) const override {
    // nvcc's texts keep their variables internal. A driver finds them all the same.
    for (const Variable& variable : program_.variables) {
      if (variable.name == name && variable.space != Space::SHARED && !variable.is_external) {
        start = variable.place;
        size = variable.size;
        return true;
      }
    }
    return false;
  }

  bool has_variables() const override {
    return !placed_.addresses.empty();
  }

 private:
  // A declaration of one text means the definition of another.
  template <typename All, typename Names>
  static void define(All& all, const Names& names) {
    for (auto& one : all) {
      auto found = names.find(one.name);
      if (one.is_external && !one.defined && found != names.end()) {
        one.defined = found->second;
      }
    }
  }

  void link() {
    define(program_.functions, program_.by_name);
    define(program_.variables, program_.variable_by_name);
    for (const Function& function : program_.functions) {
      for (const Function* called : function.calls) {
        if (called->is_external && !called->defined && !find_system_call(*called)) {
          refuse_at(called->line, called->name + " is called, and nowhere defined");
        }
      }
    }
  }

  void place_variables() {
    size_t& constants = constant_bytes_;
    size_t bytes = 0;
    for (Variable& variable : program_.variables) {
      if (variable.space == Space::SHARED || variable.is_external) {
        continue;
      }
      constants += variable.space == Space::CONST ? variable.size : 0;
      if (constants > MOST_CONSTANTS) {
        refuse_at(variable.line, "the constants are more than " + std::to_string(MOST_CONSTANTS >> 10) + " KiB");
      }
      bytes += variable.size;
      if (bytes > MOST_VARIABLES) {
        refuse_at(variable.line, "more than " + std::to_string(MOST_VARIABLES >> 20) +
                                     " MiB of variables are not simulated; allocate memory");
      }
      Allocation* allocation = allocate(std::max<size_t>(variable.size, 1));
      if (!allocation) {
        refuse_at(variable.line, "there is no memory for the " + std::to_string(variable.size) + " bytes of " +
                                     variable.name);
      }
      allocation->managed = variable.managed;
      allocation->constant = variable.space == Space::CONST;
      placed_.addresses.push_back(allocation->start);
      variable.place = allocation->start;
      std::memset(reinterpret_cast<void*>(variable.place), 0, variable.size);
      std::copy(variable.content.begin(), variable.content.end(), reinterpret_cast<uint8_t*>(variable.place));
      mark_written(*allocation, variable.place, variable.size);
    }
    for (const Variable& variable : program_.variables) {
      for (const Variable::Reference& reference : variable.references) {
        uint64_t value = (address_of(reference) + uint64_t(reference.offset)) >> reference.from_bit;
        std::memcpy(reinterpret_cast<char*>(variable.place) + reference.at, &value, reference.bytes);
      }
    }
  }

  static uint64_t address_of(const Variable::Reference& reference) {
    if (reference.function) {
      return reinterpret_cast<uint64_t>(&defined(*reference.function));
    }
    const Variable& variable = defined(*reference.variable);
    if (variable.place == 0) {
      refuse_at(reference.line, variable.name + " is used, and nowhere defined");
    }
    return variable.place;
  }

  void fill_constants() {
    for (Function& function : program_.functions) {
      for (Constant& constant : function.constants) {
        if (constant.kind == Constant::DEVICE) {
          const Variable& variable = defined(*constant.variable);
          if (variable.place == 0) {
            refuse_at(constant.variable->line, variable.name + " is used, and nowhere defined");
          }
          constant = {constant.slot, Constant::NUMBER, variable.place + constant.bits, nullptr, nullptr};
        } else if (constant.kind == Constant::FUNCTION) {
          auto address = reinterpret_cast<uint64_t>(&defined(*constant.function));
          constant = {constant.slot, Constant::NUMBER, address, nullptr, nullptr};
        }
      }
    }
  }

  // Counts the arrays that the kernel names itself. Arrays of functions that are not inlined show as its blocks run.
  static size_t shared_bytes_of(const Function& function) {
    std::set<const Variable*> arrays;
    for (const Constant& constant : function.constants) {
      if (constant.kind == Constant::SHARED) {
        arrays.insert(&defined(*constant.variable));
      }
    }
    return std::accumulate(arrays.begin(), arrays.end(), size_t(0),
                           [](size_t bytes, const Variable* array) { return bytes + array->size; });
  }

  // The first construct that is not simulated in the functions that a kernel can call, except by pointers.
  std::string obstacle_of(const Function& kernel) const {
    if (kernel.cluster[1] > 1 || kernel.cluster[2] > 1) {
      return "clusters along y or z are not simulated" + place_of(program_, kernel.line, 0);
    }
    std::vector<const Function*> reached = {&kernel};
    for (size_t i = 0; i < reached.size(); i++) {
      const Function& function = *reached[i];
      if (!function.lack.construct.empty()) {
        return function.lack.construct + (i == 0 ? "" : " (in " + function.name + ", which it calls)") +
               place_of(program_, function.lack.line, function.lack.location);
      }
      for (const Function* called : function.calls) {
        if (std::find(reached.begin(), reached.end(), &defined(*called)) == reached.end()) {
          reached.push_back(&defined(*called));
        }
      }
    }
    return "";
  }

  void make_entries() {
    for (const Function& function : program_.functions) {
      if (!function.is_entry || function.is_external) {
        continue;
      }
      std::vector<size_t>& sizes = sizes_.emplace_back();
      std::vector<size_t>& alignments = sizes_.emplace_back();
      for (const Variable* parameter : function.parameters) {
        sizes.push_back(parameter->size);
        alignments.push_back(parameter->alignment);
      }
      Entry& entry = entries_[function.name];
      entry.name = function.name.c_str();
      entry.sizes = sizes.data();
      entry.alignments = alignments.data();
      entry.parameters = function.parameters.size();
      entry.call = run_thread;
      entry.cluster = function.cluster[0];
      entry.interpreted = true;
      entry.at = own_place;
      entry.place = describe_place;
      entry.most_threads = function.most_threads;
      std::copy(function.required, function.required + 3, entry.required_threads);
      entry.local_bytes = function.local_bytes;
      entry.shared_bytes = shared_bytes_of(function);
      entry.constant_bytes = constant_bytes_;
      entry.target = program_.target;
      entry.program = &program_;
      entry.function = &function;
      entry.obstacle = obstacle_of(function);
    }
  }

  Program program_;
  Placed placed_;
  size_t constant_bytes_ = 0;
  std::deque<std::vector<size_t>> sizes_;
  std::map<std::string, Entry> entries_;
};

}

std::string obstacle_of(const Kernel& kernel) {
  return kernel.call == run_thread ? static_cast<const Entry&>(kernel).obstacle : "";
}

std::shared_ptr<const Module> Module::read(const std::vector<Text>& texts, int capability) {
  return std::make_shared<Loaded>(texts, capability);
}

}
