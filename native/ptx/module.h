// A module of PTX: the text of one or several files, read, checked and linked, whose kernels can be launched.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "language/kernel.h"
#include "memory/memory.h"

namespace sim::ptx {

struct Text {
  std::string name;  // for messages; may be empty
  std::string text;
};

// The one-line reason why a module was refused; begins with the text's name, if it has one, and the line.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A well-formed construct that is not simulated. In a function it refuses the kernels that can reach it, elsewhere the
// module.
struct NotSimulated : Refusal {
  NotSimulated(unsigned at, const std::string& what) : Refusal("line " + std::to_string(at) + ": " + what),
                                                       line(at), construct(what) {}

  unsigned line;
  std::string construct;
};

// The reason why a kernel cannot be launched, with its place in the text; empty if it can.
std::string obstacle_of(const Kernel& kernel);

class Module {
 public:
  // Throws a Refusal. The capability is the card's, such as 90; a text for a newer card is refused.
  static std::shared_ptr<const Module> read(const std::vector<Text>& texts, int capability);

  // Null if there is none.
  virtual const Kernel* find_kernel(const std::string& name) const = 0;
  virtual std::vector<std::string> kernel_names() const = 0;
  // A .global or .const variable in device memory; false if there is none.
  virtual bool find_variable(const std::string& name, Address& start, size_t& size) const = 0;

  // Whether variables are in device memory; a module without variables may outlive a context.
  virtual bool has_variables() const = 0;

  virtual ~Module() = default;
};

}
