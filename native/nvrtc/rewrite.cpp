#include "nvrtc/rewrite.h"

#include <algorithm>
#include <map>

#include "nvrtc/shared_declaration.h"
#include "nvrtc/tokens.h"

namespace nvrtc {

namespace {

enum class Kind { NAMES, CLASS, FUNCTION, OTHER };

struct Scope {
  Kind kind;
  std::string kernel;  // whose body it is
  std::string cluster;
  int depth = 0;       // of brackets around it
  bool copies = false; // it is a lambda's, which has copies of what it uses
};

// A kernel stays a function of its own, and the loader knows its name.
const char KERNEL[] = "__attribute__((noinline, noclone, visibility(\"default\")))";
const std::string FOUND = "__attribute__((visibility(\"default\"), used))";

const std::set<std::string> BOUNDS = {"__launch_bounds__", "__cluster_dims__", "__maxnreg__", "__block_size__"};
const std::vector<std::string> BY_COPY = {"[", "="};
const std::set<std::string> BEFORE_VALUES = {"return", "else", "do", "case", "sizeof", "and", "or", "not", "xor"};
const std::set<std::string> ASSEMBLY = {"asm", "__asm__", "__asm"};

class Rewriter {
 public:
  Rewriter(const std::string& text, const std::set<std::string>& own, const std::map<std::string, std::string>& names)
      : text_(text), own_(own), names_(names), read_(tokens_of(text)) {}

  Rewritten rewrite() {
    for (at_ = 0; at_ < read_.all.size(); at_++) {
      step(read_.all[at_]);
    }
    done_.text += text_.substr(copied_);
    add_named();
    done_.text += "\nextern \"C\" { " + FOUND + " unsigned charlstm_entries = " +
                  std::to_string(done_.kernels) + "; }\n";
    return std::move(done_);
  }

 private:
  const std::string& word(size_t i) const {
    static const std::string none;
    return i < read_.all.size() ? read_.all[i].text : none;
  }

  void step(const Token& token) {
    const std::string& text = token.text;
    if (text == "(") {
      depth_++;
    } else if (text == ")") {
      depth_--;
    } else if (text == "{") {
      scopes_.push_back(scope_that_begins());
      scopes_.back().depth = depth_;
      begin_statement();
    } else if (text == "}") {
      leave_scope(token);
    } else if (text == ";" && depth_ == 0) {
      begin_statement();
    } else if (token.kind == TokenKind::WORD && own_.count(read_.files[token.file])) {
      step_word(token);
    }
  }

  void step_word(const Token& token) {
    if (token.text == "__global__") {
      replace(token.start, token.end, KERNEL);
    } else if (BOUNDS.count(token.text)) {
      read_bounds(token);
    } else if (token.text == "__shared__") {
      read_shared(token);
    } else if (token.text == "__noinline__" && (at_ == 0 || word(at_ - 1) != "(")) {
      replace(token.start, token.end, "__attribute__((noinline))");
    } else if (!is_member() && in_a_copy() && own_uses_.count(token.text)) {
      replace(token.start, token.end, own_uses_[token.text]);
    } else if (uses_.count(token.text) && !hidden_.count(token.text) && !is_member()) {
      if (is_declared()) {
        hidden_.insert(token.text);
      } else {
        replace(token.start, token.end, uses_[token.text]);
      }
    } else if (ASSEMBLY.count(token.text)) {
      fail(token, "inline PTX is not simulated; leave it out where CHARLSTM_SIMULATED is defined");
    }
  }

  bool is_member() const {
    const std::string& last = at_ > 0 ? word(at_ - 1) : "";
    return last == "." || last == "::" || (last == ">" && at_ > 1 && word(at_ - 2) == "-");
  }

  // On a card shared memory is no variable that a lambda could copy.
  bool in_a_copy() const {
    return std::any_of(scopes_.begin(), scopes_.end(), [](const Scope& scope) { return scope.copies; });
  }

  // Behind a type's name.
  bool is_declared() const {
    return at_ > 0 && read_.all[at_ - 1].kind == TokenKind::WORD && !BEFORE_VALUES.count(word(at_ - 1));
  }

  void begin_statement() {
    statement_ = at_ + 1;
    depth_ = 0;
    cluster_.clear();
  }

  // The tokens before this one that belong to the same statement, without attributes.
  std::vector<std::string> statement() const {
    std::vector<std::string> words;
    for (size_t i = statement_; i < at_; i++) {
      const std::string& text = word(i);
      if (text == "alignas" || text == "__attribute__" || BOUNDS.count(text)) {
        i = closing(i + 1);
      } else {
        words.push_back(text);
      }
    }
    return words;
  }

  // Where the bracket closes that opens here.
  size_t closing(size_t i) const {
    int depth = 0;
    for (; i < read_.all.size(); i++) {
      depth += word(i) == "(";
      depth -= word(i) == ")";
      if (depth == 0) {
        break;
      }
    }
    return i;
  }

  bool in_function() const {
    for (size_t i = scopes_.size(); i-- > 0;) {
      if (scopes_[i].kind == Kind::FUNCTION || scopes_[i].kind == Kind::CLASS) {
        return scopes_[i].kind == Kind::FUNCTION;
      }
    }
    return false;
  }

  Scope scope_that_begins() const {
    std::vector<std::string> words = statement();
    auto has = [&](const char* text) { return std::find(words.begin(), words.end(), text) != words.end(); };
    bool type = has("struct") || has("class") || has("union") || has("enum");
    if (in_function()) {
      auto capture = std::search(words.begin(), words.end(), BY_COPY.begin(), BY_COPY.end());
      return {type && !has("(") ? Kind::CLASS : Kind::OTHER, "", "", 0, capture != words.end()};
    }
    if (has("(")) {
      return {Kind::FUNCTION, has("__global__") && !has("template") ? name_of(words) : "", cluster_};
    }
    return {has("namespace") || has("extern") ? Kind::NAMES : type ? Kind::CLASS : Kind::OTHER, "", ""};
  }

  static std::string name_of(const std::vector<std::string>& words) {
    auto bracket = std::find(words.begin(), words.end(), "(");
    return bracket == words.begin() ? "" : *(bracket - 1);
  }

  void leave_scope(const Token& token) {
    int depth = 0;
    if (!scopes_.empty()) {
      depth = scopes_.back().depth;
      Scope left = scopes_.back();
      scopes_.pop_back();
      if (!in_function()) {
        hidden_.clear();
        own_uses_.clear();
      }
      if (!left.kernel.empty()) {
        std::string entry = "charlstm_entry_" + std::to_string(done_.kernels++);
        std::string blocks = "sim::cluster_of(" + left.cluster + ")";
        replace(token.end, token.end,
                " static_assert(" + blocks + " != ~0u, \"only clusters along x are simulated\"); extern \"C\" { " +
                    FOUND + " __constinit sim::OwnEntry<" + left.kernel + "> " + entry + "(" + blocks + "); }");
      }
    }
    begin_statement();
    depth_ = depth;
  }

  void read_bounds(const Token& token) {
    size_t last = closing(at_ + 1);
    if (last >= read_.all.size()) {
      return;
    }
    if (token.text == "__cluster_dims__") {
      size_t from = read_.all[at_ + 1].end;
      cluster_ = one_line(text_.substr(from, read_.all[last].start - from));
    }
    replace(token.start, read_.all[last].end, "");
    at_ = last;
  }

  // All from the beginning of the statement, where a label does not count, to its semicolon.
  void read_shared(const Token& token) {
    size_t first = statement_;
    for (size_t i = statement_; i < at_; i++) {
      first = word(i) == ":" ? i + 1 : first;
    }
    size_t last = at_;
    while (last < read_.all.size() && word(last) != ";" && word(last) != "}") {
      last++;
    }
    std::vector<Token> tokens(read_.all.begin() + first, read_.all.begin() + last);
    Declaration declaration = declare_shared(tokens, in_function(), numbers_++);
    if (!declaration.trouble.empty()) {
      fail(token, declaration.trouble);
      return;
    }
    if (word(last) != ";") {
      return;
    }
    auto& uses = in_function() ? own_uses_ : uses_;
    for (const auto& use : declaration.uses) {
      uses[use.first] = use.second;
    }
    for (const Token& one : tokens) {
      if (in_function() && one.kind == TokenKind::WORD) {
        hidden_.insert(one.text);
      }
    }
    replace(read_.all[first].start, read_.all[last].end, declaration.text);
    at_ = last;
    begin_statement();
  }

  static std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }

  // Lines are kept: text behind the replacement stays in its line.
  void replace(size_t from, size_t to, const std::string& with) {
    done_.text += text_.substr(copied_, from - copied_) + with;
    copied_ = to;
    if (text_.find('\n', from) < to) {
      size_t next = std::min(at_ + 1, read_.all.size() - 1);
      while (next + 1 < read_.all.size() && read_.all[next].start < to) {
        next++;
      }
      const Token& behind = read_.all[next];
      // Lines without anything in them may lie between.
      int empty = int(std::count(text_.begin() + to, text_.begin() + std::max(behind.start, to), '\n'));
      done_.text += "\n# " + std::to_string(behind.line - empty) + " \"" + read_.files[behind.file] + "\"\n";
    }
  }

  void fail(const Token& token, const std::string& what) {
    done_.troubles.push_back({read_.files[token.file], token.line, what});
  }

  // A mistake in a name is told as one in its first line.
  void add_named() {
    for (const auto& name : names_) {
      std::string quoted = "\"";
      for (char c : name.first) {
        quoted += c == '"' || c == '\\' ? "\\" : c == '\n' ? " " : "";
        quoted += c == '\n' ? ' ' : c;
      }
      quoted += "\"";
      done_.text += "\n# 1 " + quoted + "\nextern \"C\" { " + FOUND + " __constinit sim::OwnEntry<" +
                    one_line(name.first) + "> charlstm_entry_" + std::to_string(done_.kernels++) + "(0, " + quoted +
                    "); }";
    }
  }

  const std::string& text_;
  const std::set<std::string>& own_;
  const std::map<std::string, std::string>& names_;
  Tokens read_;
  Rewritten done_;
  std::vector<Scope> scopes_;
  std::map<std::string, std::string> uses_;      // of shared variables that are declared outside of functions
  std::set<std::string> hidden_;                 // of these, those that the function declares anew
  std::map<std::string, std::string> own_uses_;  // of those that the function declares
  std::string cluster_;
  size_t at_ = 0, copied_ = 0, statement_ = 0;
  int depth_ = 0;
  unsigned numbers_ = 0;
};

}

Rewritten rewrite(const std::string& preprocessed, const std::set<std::string>& own,
                  const std::map<std::string, std::string>& names) {
  return Rewriter(preprocessed, own, names).rewrite();
}

}
