// Reads a module: its head, functions and variables.
#include "ptx/text/reader.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "ptx/text/statement.h"

namespace sim::ptx {

namespace {

constexpr int OLDEST_TARGET = 20;
// Most bytes of a kernel's parameters (PTX ISA, "Kernel Function Parameters"); the same holds for functions here.
constexpr size_t MOST_PARAMETERS = 32764, MOST_PARAMETERS_OF_A_FUNCTION = 1 << 20;

struct Linking {
  bool visible = false, external = false, weak = false;
};

class Reader {
 public:
  Reader(Program& program, std::string_view text, int capability)
      : program_(program), tokens_(text), capability_(capability) {}

  void read() {
    program_.file_base = program_.files.size();
    size_t others = program_.variables.size();
    read_head();
    while (tokens_.now().kind != Kind::END) {
      read_directive();
    }
    for (size_t i = others; i < program_.variables.size(); i++) {
      find_references(program_.variables[i]);
    }
  }

 private:
  // "9.0"
  void read_version() {
    Token token = tokens_.now();
    tokens_.want(".version");
    Token number = tokens_.take();
    int major = 0, minor = 0, size = 0;
    std::sscanf(std::string(number.text).c_str(), "%2d.%1d%n", &major, &minor, &size);
    if (number.kind != Kind::NUMBER || major < 1 || size_t(size) != number.text.size()) {
      refuse_at(token.line, ".version has to have a number such as 8.0");
    }
    program_.version = major * 10 + minor;
  }

  void read_target() {
    unsigned line = tokens_.now().line;
    tokens_.want(".target");
    do {
      Token token = tokens_.take();
      std::string text(token.text);
      if (text.compare(0, 3, "sm_") == 0) {
        char* end = nullptr;
        program_.target = int(std::strtol(text.c_str() + 3, &end, 10));
        // "a" is a card's own, "f" its family's.
        end += *end == 'a' || *end == 'f';
        if (*end || program_.target < OLDEST_TARGET) {
          refuse_at(line, "the target " + text + " is not known");
        }
      } else if (text != "debug") {
        refuse_at(line, "the target " + text + " is not simulated");
      }
    } while (tokens_.take_if(","));
    if (program_.target > capability_) {
      refuse_at(line, "the text is for sm_" + std::to_string(program_.target) + ", and this card is an sm_" +
                          std::to_string(capability_));
    }
  }

  void read_head() {
    read_version();
    read_target();
    if (tokens_.take_if(".address_size")) {
      Token size = tokens_.take();
      if (!size.is("64")) {
        refuse_at(size.line, "addresses of 64 bits alone are simulated");
      }
    }
  }

  void read_file() {
    Token number = tokens_.take();
    Token path = tokens_.take();
    unsigned long index = std::strtoul(std::string(number.text).c_str(), nullptr, 10);
    if (number.kind != Kind::NUMBER || path.kind != Kind::STRING || index > 1 << 16) {
      refuse_at(number.line, ".file has to have a number and a path");
    }
    if (program_.files.size() <= program_.file_base + index) {
      program_.files.resize(program_.file_base + index + 1);
    }
    size_t folder = path.text.rfind('/');
    program_.files[program_.file_base + index] = path.text.substr(folder == std::string_view::npos ? 0 : folder + 1);
    while (tokens_.take_if(",")) {
      tokens_.take();
    }
  }

  void read_directive() {
    Token token = tokens_.take();
    if (!token.is_directive()) {
      refuse_at(token.line, "expected a directive, and found " + token.shown());
    }
    Linking linking;
    for (; token.is(".visible") || token.is(".extern") || token.is(".weak") || token.is(".common");
         token = tokens_.take()) {
      linking.external |= token.is(".extern");
      linking.weak |= token.is(".weak") || token.is(".common");
      linking.visible |= !token.is(".extern");
    }
    if (token.is(".file")) {
      read_file();
    } else if (token.is(".section")) {
      tokens_.take();
      tokens_.skip_braces();
    } else if (token.is(".pragma")) {
      tokens_.skip_past(";");
    } else if (token.is(".entry") || token.is(".func")) {
      read_function(token.is(".entry"), linking, token.line);
    } else if (token.is(".global") || token.is(".const") || token.is(".shared")) {
      read_variables(token.is(".global")  ? Space::GLOBAL
                     : token.is(".const") ? Space::CONST
                                          : Space::SHARED,
                     linking);
    } else if (token.is(".texref") || token.is(".surfref") || token.is(".samplerref") || token.is(".tex")) {
      refuse_construct(token.line, "references (" + std::string(token.text) + ") are not simulated; objects are");
    } else {
      refuse_at(token.line, "the directive " + token.shown() + " is not simulated");
    }
  }

  void read_variables(Space space, const Linking& linking) {
    Variable one;
    one.space = space;
    one.is_external = linking.external;
    read_declaration(tokens_, one);
    if (!one.sized && !linking.external) {
      refuse_at(one.line, one.name + " has no size");
    }
    // A launch gives shared memory without a size its own. With one it is another text's, or, where none has it, the
    // text's own: ptxas says that it passes over .extern then.
    one.is_external &= space != Space::SHARED || one.sized;
    for (const std::string& name : read_names(tokens_, one.name)) {
      Variable& variable = program_.variables.emplace_back(one);
      variable.name = name;
      add(variables_, program_.variable_by_name, variable, linking, linking.visible);
    }
    tokens_.want(";");
  }

  template <typename T>
  void add(std::map<std::string_view, T*>& own, std::map<std::string, T*, std::less<>>& all, T& made,
           const Linking& linking, bool visible) {
    auto known = own.find(made.name);
    if (known != own.end()) {
      bool declared = known->second->is_external || made.is_external;
      if (!declared) {
        refuse_at(made.line, made.name + " is there twice");
      }
      if (made.is_external) {
        return;
      }
      known->second->defined = &made;
    }
    own[made.name] = &made;
    auto among_all = all.find(made.name);
    if (visible && among_all != all.end() && !linking.weak) {
      refuse_at(made.line, made.name + " is defined twice");
    }
    if (visible && among_all == all.end()) {
      all[made.name] = &made;
    }
  }

  // Another text may use the same names: nvcc names strings alike in all texts.
  void find_references(Variable& variable) {
    for (Variable::Reference& reference : variable.references) {
      auto named = variables_.find(reference.symbol);
      auto function = functions_.find(reference.symbol);
      if (named != variables_.end() && named->second->space != Space::SHARED) {
        reference.variable = named->second;
      } else if (function != functions_.end()) {
        reference.function = function->second;
      } else {
        refuse_at(reference.line, "nothing is named " + reference.symbol);
      }
    }
  }

  // "(.param .b32 name, ...)"
  void read_parameters(Function& function, std::vector<Variable*>& list) {
    tokens_.want("(");
    tokens_.take_list(")", [&] {
      Token space = tokens_.take();
      if (!space.is(".param")) {
        refuse_at(space.line, "parameters that are registers are not simulated; take .param");
      }
      Variable& variable = function.variables.emplace_back();
      variable.space = Space::PARAM;
      read_declaration(tokens_, variable);
      place_at_end(variable, function.param_bytes);
      size_t most = function.is_entry ? MOST_PARAMETERS : MOST_PARAMETERS_OF_A_FUNCTION;
      if (function.param_bytes > most) {
        refuse_at(variable.line, "the parameters have more than " + std::to_string(most) + " bytes");
      }
      list.push_back(&variable);
    });
  }

  void read_sizes(unsigned (&sizes)[3]) {
    std::fill_n(sizes, 3, 1);
    for (unsigned i = 0; i < 3 && (i == 0 || tokens_.take_if(",")); i++) {
      sizes[i] = unsigned(integer_of(tokens_.take()));
    }
  }

  static void lack(Function& function, unsigned line, const char* construct) {
    function.lack = {construct, line, 0};
  }

  void read_tuning(Function& function) {
    for (;;) {
      Token token = tokens_.now();
      unsigned sizes[3];
      if (tokens_.take_if(".maxntid")) {
        read_sizes(sizes);
        function.most_threads = sizes[0] * sizes[1] * sizes[2];
      } else if (tokens_.take_if(".reqntid")) {
        read_sizes(function.required);
      } else if (tokens_.take_if(".reqnctapercluster")) {
        read_sizes(function.cluster);
      } else if (tokens_.take_if(".minnctapersm") || tokens_.take_if(".maxnreg") ||
                 tokens_.take_if(".maxclusterrank") || tokens_.take_if(".maxnctapersm") ||
                 tokens_.take_if(".abi_preserve") || tokens_.take_if(".abi_preserve_control")) {
        tokens_.take();
      } else if (tokens_.take_if(".pragma")) {
        tokens_.skip_past(";");
      } else if (!tokens_.take_if(".explicitcluster") && !tokens_.take_if(".noreturn") &&
                 !tokens_.take_if(".blocksareclusters")) {
        return;
      }
      if (token.is(".blocksareclusters")) {
        lack(function, token.line, ".blocksareclusters is not simulated");
      }
    }
  }

  void read_function(bool is_entry, const Linking& linking, unsigned line) {
    Function& function = program_.functions.emplace_back();
    function.is_entry = is_entry;
    function.line = line;
    if (tokens_.take_if(".attribute")) {
      lack(function, line, "functions with attributes are not simulated");
      tokens_.skip_past(")");
      tokens_.take_if(")");
    }
    if (!is_entry && tokens_.now().is("(")) {
      read_parameters(function, function.results);
    }
    function.name = tokens_.want_name("the name of a function");
    if (tokens_.now().is("(")) {
      read_parameters(function, function.parameters);
    }
    read_tuning(function);
    function.is_external = tokens_.take_if(";");
    add(functions_, program_.by_name, function, linking,
        !function.is_external && (linking.visible || is_entry));
    if (!function.is_external) {
      read_body(program_, function, tokens_, functions_, variables_);
    }
  }

  Program& program_;
  Tokens tokens_;
  int capability_;
  std::map<std::string_view, Function*> functions_;
  std::map<std::string_view, Variable*> variables_;
};

}

void read_text(Program& program, std::string_view text, int capability) {
  Reader(program, text, capability).read();
}

}
