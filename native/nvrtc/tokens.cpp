#include "nvrtc/tokens.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace nvrtc {

namespace {

class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  Tokens read() {
    while (at_ < text_.size()) {
      step();
    }
    return std::move(tokens_);
  }

 private:
  void step() {
    char c = text_[at_];
    if (c == '\n') {
      line_++;
      at_++;
      fresh_ = true;
    } else if (c == '#' && fresh_) {
      read_origin();
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      at_++;
    } else {
      fresh_ = false;
      read_token();
    }
  }

  // # LINE "FILE" FLAGS; pragmas are passed over.
  void read_origin() {
    size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string rest = text_.substr(at_ + 1, end - at_ - 1);
    at_ = std::min(end + 1, text_.size());
    char* behind = nullptr;
    long number = std::strtol(rest.c_str(), &behind, 10);
    size_t quote = rest.find('"'), last = rest.rfind('"');
    if (behind == rest.c_str() || quote == std::string::npos || last == quote) {
      line_++;
      return;
    }
    bool enters = rest.find(" 1", last) != std::string::npos;
    size_t before = file_;
    file_ = number_of(rest.substr(quote + 1, last - quote - 1));
    tokens_.origins.push_back({tokens_.all.size(), file_, int(number), enters, before, line_});
    line_ = int(number);
  }

  size_t number_of(const std::string& file) {
    auto found = std::find(tokens_.files.begin(), tokens_.files.end(), file);
    if (found == tokens_.files.end()) {
      tokens_.files.push_back(file);
      return tokens_.files.size() - 1;
    }
    return found - tokens_.files.begin();
  }

  void read_token() {
    size_t start = at_;
    int line = line_;
    TokenKind kind = TokenKind::MARK;
    if (is_word(text_[at_])) {
      kind = std::isdigit(static_cast<unsigned char>(text_[at_])) ? TokenKind::NUMBER : TokenKind::WORD;
      read_word(kind == TokenKind::NUMBER);
      if (kind == TokenKind::WORD && at_ < text_.size() && text_[at_] == '"' && text_[at_ - 1] == 'R') {
        kind = TokenKind::STRING;
        read_raw_string();
      }
    } else if (text_[at_] == '"' || text_[at_] == '\'') {
      kind = TokenKind::STRING;
      read_string();
    } else {
      at_ += text_.compare(at_, 2, "::") == 0 ? 2 : 1;
    }
    tokens_.all.push_back({kind, text_.substr(start, at_ - start), start, at_, file_, line});
  }

  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c & 0x80;
  }

  // A number may have points, quotes between its digits and a sign in its exponent.
  void read_word(bool number) {
    while (at_ < text_.size()) {
      char c = text_[at_];
      bool sign = number && (c == '+' || c == '-') && std::string("eEpP").find(text_[at_ - 1]) != std::string::npos;
      bool quote = number && c == '\'' && at_ + 1 < text_.size() && is_word(text_[at_ + 1]);
      if (!is_word(c) && !(number && c == '.') && !sign && !quote) {
        return;
      }
      at_++;
    }
  }

  void read_string() {
    char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  void read_raw_string() {
    size_t bracket = text_.find('(', at_);
    std::string closing = ")" + text_.substr(at_ + 1, bracket - at_ - 1) + "\"";
    size_t end = bracket == std::string::npos ? bracket : text_.find(closing, bracket);
    size_t next = end == std::string::npos ? text_.size() : end + closing.size();
    line_ += int(std::count(text_.begin() + at_, text_.begin() + next, '\n'));
    at_ = next;
  }

  const std::string& text_;
  Tokens tokens_;
  size_t at_ = 0;
  size_t file_ = 0;
  int line_ = 1;
  bool fresh_ = true;
};

}

Tokens tokens_of(const std::string& text) {
  return Reader(text).read();
}

}
