// A preprocessed text in words and marks, and where each of them came from.
#pragma once
#include <string>
#include <vector>

namespace nvrtc {

enum class TokenKind { WORD, NUMBER, STRING, MARK };

struct Token {
  TokenKind kind;
  std::string text;
  size_t start, end;   // in the preprocessed text
  size_t file;         // among the names
  int line;
};

// A line that says where the next ones came from.
struct Origin {
  size_t before;       // the token that comes next
  size_t file;
  int line;            // of the file
  bool enters;         // by an #include of the file before it, in whose line that stands
  size_t from;
  int at;
};

struct Tokens {
  std::vector<Token> all;
  std::vector<std::string> files;
  std::vector<Origin> origins;
};

// Strings keep their quotes; "::" is one mark, any other mark one character.
Tokens tokens_of(const std::string& text);

}
