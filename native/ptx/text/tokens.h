// The words of a text of PTX.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sim::ptx {

enum class Kind { WORD, NUMBER, STRING, SIGN, END };

// A word is a name, a directive, or an instruction with all its modifiers; a sign is one character.
struct Token {
  Kind kind = Kind::END;
  std::string_view text;
  unsigned line = 1;

  bool is(std::string_view other) const { return text == other && kind != Kind::STRING; }
  bool is_directive() const { return kind == Kind::WORD && text[0] == '.'; }
  std::string shown() const;  // as a message has it
};

// Throws a Refusal with this line.
[[noreturn]] void refuse_at(unsigned line, const std::string& why);

// Throws a NotSimulated.
[[noreturn]] void refuse_construct(unsigned line, const std::string& what);

class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) { next(); }

  const Token& now() const { return now_; }
  Token take();
  bool take_if(std::string_view text);
  void want(std::string_view text);
  std::string_view want_name(const char* what);
  // Reads a list with commas between its elements, up to this end.
  template <typename Read>
  void take_list(std::string_view end, Read read) {
    while (!take_if(end)) {
      read();
      if (!now_.is(end)) {
        want(",");
      }
    }
  }
  void skip_braces();  // from the opening one
  void skip_past(std::string_view text);

 private:
  void next();
  void skip_blanks();

  std::string_view rest_;
  unsigned line_ = 1;
  Token now_;
};

// The value of a number; a float32 written as a decimal fraction is given as a double's bits.
struct Number {
  uint64_t bits = 0;
  enum Form { INTEGER, FLOAT32, FLOAT64 } form = INTEGER;
};
Number number_of(const Token& token);
uint64_t integer_of(const Token& token);
// The bits of a float of this width, for a number that is no integer.
uint64_t float_bits(const Number& number, bool minus, int bits);

}
