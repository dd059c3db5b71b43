#include "ptx/text/tokens.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "ptx/module.h"

namespace sim::ptx {

namespace {

constexpr size_t LONGEST_SHOWN = 40, LONGEST_REFUSAL = 300;

bool begins_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
}

bool in_word(char c) {
  return begins_word(c) || std::isdigit(static_cast<unsigned char>(c));
}

// The message quotes the text, which may hold any bytes.
std::string as_shown(const std::string& why) {
  std::string shown = why.substr(0, LONGEST_REFUSAL) + (why.size() > LONGEST_REFUSAL ? "..." : "");
  for (char& c : shown) {
    c = c < ' ' || c > '~' ? '?' : c;
  }
  return shown;
}

}

std::string Token::shown() const {
  if (kind == Kind::END) {
    return "the end of the text";
  }
  bool whole = text.size() <= LONGEST_SHOWN;
  return "'" + std::string(text.substr(0, LONGEST_SHOWN)) + (whole ? "'" : "...'");
}

void refuse_at(unsigned line, const std::string& why) {
  throw Refusal("line " + std::to_string(line) + ": " + as_shown(why));
}

void refuse_construct(unsigned line, const std::string& what) {
  throw NotSimulated(line, as_shown(what));
}

void Tokens::skip_blanks() {
  while (!rest_.empty()) {
    if (std::isspace(static_cast<unsigned char>(rest_[0]))) {
      line_ += rest_[0] == '\n';
      rest_.remove_prefix(1);
    } else if (rest_.substr(0, 2) == "//") {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    } else if (rest_.substr(0, 2) == "/*") {
      size_t end = rest_.find("*/", 2);
      if (end == std::string_view::npos) {
        refuse_at(line_, "a comment has no end");
      }
      for (char c : rest_.substr(0, end)) {
        line_ += c == '\n';
      }
      rest_.remove_prefix(end + 2);
    } else {
      return;
    }
  }
}

void Tokens::next() {
  skip_blanks();
  now_ = {Kind::END, rest_.substr(0, 0), line_};
  if (rest_.empty()) {
    return;
  }
  size_t size = 1;
  char first = rest_[0];
  if (first == '"') {
    now_.kind = Kind::STRING;
    while (size < rest_.size() && rest_[size] != '"') {
      size += rest_[size] == '\\' ? 2 : 1;
    }
    if (size >= rest_.size()) {
      refuse_at(line_, "a string has no end");
    }
    now_.text = rest_.substr(1, size - 1);
    for (char c : now_.text) {
      line_ += c == '\n';
    }
    rest_.remove_prefix(size + 1);
    return;
  }
  if (std::isdigit(static_cast<unsigned char>(first))) {
    now_.kind = Kind::NUMBER;
    bool decimal = rest_.size() < 2 || first != '0' || !std::strchr("xXfFdD", rest_[1]);
    while (size < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[size])) || rest_[size] == '.' ||
            (decimal && (rest_[size] == '+' || rest_[size] == '-') && std::tolower(rest_[size - 1]) == 'e'))) {
      size++;
    }
  } else if (begins_word(first)) {
    now_.kind = Kind::WORD;
    // Directives may follow one another without a blank, as ".reg.b16" in CUDA's own headers.
    bool directive = first == '.';
    // A modifier may hold two colons; one is the end of a label.
    while (size < rest_.size() && !(directive && rest_[size] == '.') &&
           (in_word(rest_[size]) || rest_.substr(size, 2) == "::")) {
      size += rest_[size] == ':' ? 2 : 1;
    }
  } else {
    now_.kind = Kind::SIGN;
  }
  now_.text = rest_.substr(0, size);
  rest_.remove_prefix(size);
}

Token Tokens::take() {
  Token taken = now_;
  next();
  return taken;
}

bool Tokens::take_if(std::string_view text) {
  if (!now_.is(text)) {
    return false;
  }
  next();
  return true;
}

void Tokens::want(std::string_view text) {
  if (!take_if(text)) {
    refuse_at(now_.line, "expected '" + std::string(text) + "', and found " + now_.shown());
  }
}

std::string_view Tokens::want_name(const char* what) {
  if (now_.kind != Kind::WORD || now_.is_directive()) {
    refuse_at(now_.line, std::string("expected ") + what + ", and found " + now_.shown());
  }
  return take().text;
}

void Tokens::skip_braces() {
  unsigned start = now_.line;
  want("{");
  for (unsigned open = 1; open > 0;) {
    if (now_.kind == Kind::END) {
      refuse_at(start, "a brace has no end");
    }
    open += now_.is("{");
    open -= now_.is("}");
    next();
  }
}

void Tokens::skip_past(std::string_view text) {
  while (!take_if(text)) {
    if (now_.kind == Kind::END) {
      want(text);
    }
    next();
  }
}

Number number_of(const Token& token) {
  std::string text(token.text);
  char* end = nullptr;
  Number number;
  errno = 0;
  char mark = text.size() > 1 && text[0] == '0' ? char(std::tolower(text[1])) : '0';
  if (mark == 'f' || mark == 'd') {
    number.form = mark == 'f' ? Number::FLOAT32 : Number::FLOAT64;
    number.bits = std::strtoull(text.c_str() + 2, &end, 16);
    if (text.size() != (mark == 'f' ? 10u : 18u)) {
      end = nullptr;
    }
  } else if (mark != 'x' && text.find_first_of(".eE") != std::string::npos) {
    number.form = Number::FLOAT64;
    double value = std::strtod(text.c_str(), &end);
    std::memcpy(&number.bits, &value, sizeof value);
  } else {
    bool binary = mark == 'b';
    number.bits = std::strtoull(text.c_str() + (binary ? 2 : 0), &end, binary ? 2 : 0);
    end += *end == 'U';
  }
  if (token.kind != Kind::NUMBER || !end || *end) {
    refuse_at(token.line, token.shown() + " is no number");
  }
  if (errno == ERANGE && number.form == Number::INTEGER) {
    refuse_at(token.line, token.shown() + " has more than 64 bits");
  }
  return number;
}

uint64_t integer_of(const Token& token) {
  Number number = token.kind == Kind::NUMBER ? number_of(token) : Number();
  if (token.kind != Kind::NUMBER || number.form != Number::INTEGER) {
    refuse_at(token.line, "expected a whole number, and found " + token.shown());
  }
  return number.bits;
}

uint64_t float_bits(const Number& number, bool minus, int bits) {
  // Of a float32's NaN every bit counts.
  if (number.form == Number::FLOAT32 && bits == 32 && !minus) {
    return number.bits;
  }
  float single;
  double value;
  std::memcpy(&single, &number.bits, sizeof single);
  std::memcpy(&value, &number.bits, sizeof value);
  value = number.form == Number::FLOAT32 ? double(single) : value;
  value = minus ? -value : value;
  single = float(value);
  uint64_t result = 0;
  std::memcpy(&result, bits == 32 ? static_cast<void*>(&single) : &value, size_t(bits) / 8);
  return result;
}

}
