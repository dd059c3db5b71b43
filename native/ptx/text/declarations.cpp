// Declarations of variables, with their sizes and contents.
#include <cstring>

#include "ptx/text/reader.h"
#include "ptx/text/statement.h"

namespace sim::ptx {

namespace {

constexpr uint64_t LARGEST = uint64_t(1) << 40;
constexpr size_t MOST_CONTENT = size_t(64) << 20;
constexpr uint64_t MOST_OF_A_NAME = 1 << 12;

void place(Variable& variable, size_t at, const void* bytes, size_t count, unsigned line) {
  if (variable.sized && at + count > variable.size) {
    refuse_at(line, variable.name + " has more content than room");
  }
  if (at + count > MOST_CONTENT) {
    refuse_at(line, "content beyond " + std::to_string(MOST_CONTENT >> 20) + " MiB of a variable is not simulated");
  }
  if (variable.content.size() < at + count) {
    variable.content.resize(at + count);
  }
  std::memcpy(variable.content.data() + at, bytes, count);
}

size_t element_size(const Variable& variable) {
  return size_t(std::max(bits_of(variable.type) / 8, 1));
}

// "name", "name + 8", "generic(name) + 8"
void read_address(Tokens& tokens, Variable& variable, size_t at, unsigned from_bit) {
  Token token = tokens.take();
  std::string_view symbol = token.text;
  if (token.is("generic")) {
    tokens.want("(");
    symbol = tokens.want_name("the name of a variable");
    tokens.want(")");
  }
  auto offset = tokens.take_if("+") ? int64_t(integer_of(tokens.take())) : 0;
  uint64_t zero = 0;
  place(variable, at, &zero, element_size(variable), token.line);
  variable.references.push_back({at, element_size(variable), from_bit, std::string(symbol), offset, token.line});
}

// "0xFF00(name + 8)": one byte of an address, for a pointer in a packed structure.
void read_byte_of_address(Tokens& tokens, Variable& variable, size_t at, const Token& mask) {
  uint64_t bits = number_of(mask).bits;
  unsigned from_bit = bits == 0 ? 0 : unsigned(__builtin_ctzll(bits));
  if (bits >> from_bit != 0xff || from_bit % 8 != 0 || element_size(variable) != 1) {
    refuse_at(mask.line, variable.name + ": a mask chooses one byte of an address, for an element of one byte");
  }
  tokens.want("(");
  read_address(tokens, variable, at, from_bit);
  tokens.want(")");
}

void read_value(Tokens& tokens, Variable& variable, size_t at) {
  Token token = tokens.now();
  if (token.kind == Kind::WORD && !token.is_directive()) {
    if (element_size(variable) != 8 || is_float(variable.type)) {
      refuse_at(token.line, variable.name + ": an address has 64 bits, not those of ." + name_of(variable.type));
    }
    return read_address(tokens, variable, at, 0);
  }
  bool minus = tokens.take_if("-");
  token = tokens.take();
  if (!minus && tokens.now().is("(")) {
    return read_byte_of_address(tokens, variable, at, token);
  }
  Number number = number_of(token);
  bool of_float = variable.type == Type::F32 || variable.type == Type::F64;
  if (of_float != (number.form != Number::INTEGER) || (is_float(variable.type) && !of_float)) {
    refuse_at(token.line, variable.name + ": this number is none of type ." + name_of(variable.type));
  }
  uint64_t bits = of_float ? float_bits(number, minus, bits_of(variable.type)) : minus ? -number.bits : number.bits;
  place(variable, at, &bits, element_size(variable), token.line);
}

// Reads nested braces, which fill the rows of an array of these sizes, or vectors. Gives the start of the next element.
size_t read_content(Tokens& tokens, Variable& variable, const std::vector<size_t>& rows, size_t depth, size_t at) {
  if (!tokens.take_if("{")) {
    read_value(tokens, variable, at);
    return at + element_size(variable);
  }
  if (depth > rows.size()) {
    refuse_at(tokens.now().line, variable.name + " has more braces than dimensions");
  }
  size_t start = at;
  tokens.take_list("}", [&] { at = read_content(tokens, variable, rows, depth + 1, at); });
  return depth == 0 ? at : start + rows[depth - 1];
}

}

void read_declaration(Tokens& tokens, Variable& variable) {
  variable.line = tokens.now().line;
  size_t elements = 1;
  while (tokens.now().is_directive()) {
    const Token token = tokens.take();
    if (token.is(".align")) {
      uint64_t alignment = integer_of(tokens.take());
      if (alignment == 0 || alignment > 4096 || (alignment & (alignment - 1)) != 0) {
        refuse_at(token.line, "an alignment of " + std::to_string(alignment) + " is none");
      }
      variable.alignment = std::max(variable.alignment, size_t(alignment));
    } else if (token.is(".ptr")) {
      for (const char* space : {".global", ".const", ".shared", ".local"}) {
        tokens.take_if(space);
      }
      if (tokens.take_if(".align")) {
        integer_of(tokens.take());
      }
    } else if (token.is(".v2") || token.is(".v4")) {
      elements = token.is(".v2") ? 2 : 4;
    } else if (token.is(".attribute")) {
      tokens.want("(");
      variable.managed = tokens.take_if(".managed");
      if (!variable.managed) {
        refuse_at(token.line, "variables with other attributes than .managed are not simulated");
      }
      tokens.want(")");
    } else {
      variable.type = type_of(token.text.substr(1));
      if (!is_in_memory(variable.type)) {
        bool image = token.is(".texref") || token.is(".surfref") || token.is(".samplerref");
        refuse_at(token.line, image ? "references (" + std::string(token.text) + ") are not simulated; objects are"
                                    : std::string(token.text) + " is no type of a variable");
      }
    }
  }
  if (variable.type == Type::NONE) {
    refuse_at(variable.line, "a declaration has no type");
  }
  variable.name = std::string(tokens.want_name("the name of a variable"));
  size_t element = std::max(bits_of(variable.type) / 8, 1) * elements;
  variable.alignment = std::max(variable.alignment, element);
  uint64_t count = 1;
  std::vector<size_t> sizes;
  while (tokens.take_if("[")) {
    uint64_t size = 0;
    if (tokens.now().is("]")) {
      variable.sized = false;
    } else {
      size = integer_of(tokens.take());
      count = size > 0 && count > LARGEST / size ? LARGEST + 1 : count * size;
    }
    sizes.push_back(size);
    tokens.want("]");
  }
  if (count > LARGEST || count * element > LARGEST) {
    refuse_at(variable.line, variable.name + " is larger than any memory");
  }
  variable.size = variable.sized ? count * element : 0;
  if (tokens.take_if("=")) {
    bool in_memory = variable.space == Space::GLOBAL || variable.space == Space::CONST;
    if (!in_memory || variable.is_external || variable.type == Type::B128) {
      refuse_at(variable.line, variable.name + " cannot have content here");
    }
    std::vector<size_t> rows;
    size_t row = variable.size;
    for (size_t size : sizes) {
      row = size == 0 ? 0 : row / size;
      rows.push_back(row);
    }
    read_content(tokens, variable, rows, 0, 0);
    if (!variable.sized) {
      variable.size = variable.content.size();
      variable.sized = true;
    }
  }
}

std::vector<std::string> read_names(Tokens& tokens, const std::string& prefix) {
  if (!tokens.take_if("<")) {
    return {prefix};
  }
  Token number = tokens.take();
  uint64_t count = integer_of(number);
  if (count > MOST_OF_A_NAME) {
    refuse_at(number.line, prefix + " stands for more than " + std::to_string(MOST_OF_A_NAME) + " variables");
  }
  tokens.want(">");
  std::vector<std::string> names;
  for (uint64_t k = 0; k < count; k++) {
    names.push_back(prefix + std::to_string(k));
  }
  return names;
}

void place_at_end(Variable& variable, size_t& end) {
  variable.place = (end + variable.alignment - 1) / variable.alignment * variable.alignment;
  end = variable.place + variable.size;
}

}
