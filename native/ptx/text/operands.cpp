// The operands of an instruction, as they stand in the text.
#include "ptx/text/reader.h"
#include "ptx/text/statement.h"

namespace sim::ptx {

namespace {

int64_t read_integer(Tokens& tokens) {
  bool minus = tokens.take_if("-");
  uint64_t value = integer_of(tokens.take());
  return int64_t(minus ? -value : value);
}

int64_t read_offset(Tokens& tokens) {
  uint64_t sum = 0;
  while (tokens.now().is("+") || tokens.now().is("-")) {
    bool minus = tokens.take().is("-");
    auto value = uint64_t(read_integer(tokens));
    sum += minus ? -value : value;
  }
  return int64_t(sum);
}

}

Operand read_operand(Tokens& tokens, bool outermost) {
  Operand operand;
  operand.line = tokens.now().line;
  if (tokens.take_if("[")) {
    operand.kind = Operand::ADDRESS;
    if (tokens.now().kind == Kind::WORD) {
      operand.name = tokens.want_name("an address");
      operand.offset = read_offset(tokens);
    } else {
      operand.offset = read_integer(tokens);
    }
    // Operands of tensors and textures.
    while (tokens.take_if(",")) {
      operand.elements.push_back(read_operand(tokens, true));
    }
    tokens.want("]");
  } else if (outermost && (tokens.now().is("{") || tokens.now().is("("))) {
    operand.kind = tokens.now().is("{") ? Operand::VECTOR : Operand::LIST;
    std::string_view end = tokens.take().is("{") ? "}" : ")";
    tokens.take_list(end, [&] { operand.elements.push_back(read_operand(tokens, false)); });
  } else if (tokens.now().kind == Kind::NUMBER || tokens.now().is("-")) {
    operand.kind = Operand::NUMBER;
    operand.minus = tokens.take_if("-");
    operand.number = number_of(tokens.take());
  } else {
    operand.negated = tokens.take_if("!");
    operand.name = tokens.want_name("an operand");
    if (operand.name == "_") {
      operand.kind = Operand::SINK;
    }
    operand.offset = read_offset(tokens);
    if (outermost && tokens.take_if("|")) {
      Operand first = operand;
      operand.pair = true;
      operand.elements = {first, read_operand(tokens, false)};
    }
  }
  return operand;
}

}
