// Reads the text of PTX into a program.
#pragma once
#include <string_view>

#include "ptx/program.h"
#include "ptx/text/tokens.h"

namespace sim::ptx {

// Adds what a text declares to a program; names that are not visible or external stay the text's own.
void read_text(Program& program, std::string_view text, int capability);

// Reads the body of a function, from its opening brace on.
void read_body(Program& program, Function& function, Tokens& tokens,
               const std::map<std::string_view, Function*>& functions,
               const std::map<std::string_view, Variable*>& variables);

// Reads "sp .align 4 .b8 name[12][3] = {...}" after the name of the space, up to the ";", "," or ")" behind it. The
// content may refer to other variables.
void read_declaration(Tokens& tokens, Variable& variable);

// The names that a declaration stands for: "q<2>" is q0 and q1, another name itself.
std::vector<std::string> read_names(Tokens& tokens, const std::string& prefix);

// Places a variable at the end of earlier ones, and moves the end.
void place_at_end(Variable& variable, size_t& end);

}
