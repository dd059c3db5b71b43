#include "nvrtc/shared_declaration.h"

#include <algorithm>
#include <set>

namespace nvrtc {

namespace {

struct Declarator {
  std::string pointers;  // of the name's own type
  std::string name;
  std::string bounds;
};

class Parser {
 public:
  Parser(const std::vector<Token>& tokens, bool in_function, unsigned number)
      : in_function_(in_function), number_(std::to_string(number)) {
    drop_specifiers(tokens);
  }

  Declaration read() {
    size_t name = end_of_type();
    if (name == 0 || name >= rest_.size() || rest_[name].kind != TokenKind::WORD) {
      return refuse("this declaration of __shared__ is not understood; write: __shared__ type name[count];");
    }
    size_t type = name;
    while (type > 0 && is_pointer(rest_[type - 1])) {
      type--;
    }
    base_ = words(0, type);
    for (size_t at = type;;) {
      Declarator one;
      for (; at < rest_.size() && is_pointer(rest_[at]); at++) {
        one.pointers += " " + rest_[at].text;
      }
      if (at >= rest_.size() || rest_[at].kind != TokenKind::WORD) {
        return refuse("this declaration of __shared__ is not understood; declare one variable in each");
      }
      one.name = rest_[at++].text;
      for (; is(at, "["); at++) {
        size_t start = at;
        for (int depth = 0; at < rest_.size(); at++) {
          depth += is(at, "[") - is(at, "]");
          if (depth == 0) {
            break;
          }
        }
        one.bounds += words(start, std::min(at + 1, rest_.size()));
      }
      std::string trouble = add(one);
      if (!trouble.empty() || at >= rest_.size()) {
        done_.trouble = trouble;
        return done_;
      }
      if (!is(at, ",")) {
        return refuse("a __shared__ variable cannot be initialised where it is declared: " + one.name);
      }
      at++;
    }
  }

 private:
  static Declaration refuse(const std::string& why) { return {"", {}, why}; }

  static bool is_pointer(const Token& token) {
    return token.text == "*" || token.text == "&" || token.text == "__restrict__";
  }

  bool is(size_t at, const char* text) const { return at < rest_.size() && rest_[at].text == text; }

  std::string words(size_t from, size_t to) const {
    std::string all;
    for (size_t i = from; i < to; i++) {
      all += (all.empty() ? "" : " ") + rest_[i].text;
    }
    return all;
  }

  // Arrays are aligned to more than anybody asks for.
  void drop_specifiers(const std::vector<Token>& tokens) {
    for (size_t i = 0; i < tokens.size(); i++) {
      const std::string& text = tokens[i].text;
      if (text == "alignas" || text == "__attribute__") {
        int depth = 0;
        do {
          i++;
          depth += i < tokens.size() && tokens[i].text == "(";
          depth -= i < tokens.size() && tokens[i].text == ")";
        } while (i < tokens.size() && depth > 0);
      } else if (text == "extern") {
        dynamic_ = true;
      } else if (text != "__shared__" && text != "static") {
        rest_.push_back(tokens[i]);
      }
    }
  }

  // Where the first name is: the last word before what follows a name, outside of a template's arguments.
  size_t end_of_type() const {
    int depth = 0;
    for (size_t i = 0; i < rest_.size(); i++) {
      const std::string& text = rest_[i].text;
      depth += text == "<";
      depth -= text == ">";
      if (depth == 0 && i > 0 && (text == "[" || text == "," || text == "=" || text == "(" || text == "{")) {
        return i - 1;
      }
    }
    return rest_.empty() ? 0 : rest_.size() - 1;
  }

  std::string add(const Declarator& one) {
    std::string id = number_ + "_" + std::to_string(count_++);
    std::string array = "charlstm_shared_" + id;
    if (one.pointers.find('&') != std::string::npos) {
      return "a __shared__ variable cannot be a reference: " + one.name;
    }
    if (dynamic_ && one.bounds.compare(0, 3, "[ ]") != 0) {
      return "an extern __shared__ variable is an array without a size: " + one.name + "[]";
    }
    if (!dynamic_ && one.bounds.compare(0, 3, "[ ]") == 0) {
      return "a __shared__ array without a size must be extern: " + one.name;
    }
    done_.text += "typedef " + base_ + one.pointers + " " + array + " " + one.bounds + "; ";
    std::string place = "sim::dynamic_shared()";
    if (!dynamic_) {
      done_.text += "static const char charlstm_site_" + id + " = 0; ";
      place = "sim::shared_array(&charlstm_site_" + id + ", sizeof(" + array + "))";
    }
    std::string use = "(*static_cast<" + array + "*>(" + place + "))";
    done_.uses[one.name] = use;
    if (in_function_) {
      done_.text += array + "& " + one.name + " = " + use + "; ";
    }
    return "";
  }

  bool in_function_;
  std::string number_;
  std::vector<Token> rest_;
  std::string base_;
  Declaration done_;
  bool dynamic_ = false;
  unsigned count_ = 0;
};

}

Declaration declare_shared(const std::vector<Token>& tokens, bool in_function, unsigned number) {
  return Parser(tokens, in_function, number).read();
}

}
