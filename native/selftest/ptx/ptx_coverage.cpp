// CHARLSTM_SIM_COVERAGE: names of instructions that have been executed, each once.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "selftest/texts.h"

namespace {

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

size_t count(const std::string& text, const std::string& word) {
  size_t found = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    found++;
  }
  return found;
}

}

void test_ptx_coverage() {
  const char* before = std::getenv("CHARLSTM_SIM_COVERAGE");
  std::string own = before ? before : "", path = "/tmp/charlstm-coverage-" + std::to_string(getpid());
  std::ofstream(path) << "mul.wide.s32\n";
  setenv("CHARLSTM_SIM_COVERAGE", path.c_str(), 1);
  {
    Driver driver;
    Addition addition(driver);
    // An instruction that no thread comes to is not covered.
    std::string text = adding();
    CUmodule module = loaded(text.replace(text.find("DONE:"), 5, "bra DONE; div.u32 %r1, %r1, %r2; DONE:"));
    CHECK(addition.launch(function_of(module, "add")) == CUDA_SUCCESS && addition.right());
    CHECK(content_of(path) == "mul.wide.s32\n");
    cuModuleUnload(module);
  }
  std::string covered = content_of(path);
  CHECK(covered.rfind("mul.wide.s32\n", 0) == 0 && count(covered, "mul.wide.s32") == 1);
  CHECK(count(covered, "\nadd.f32\n") == 1 && count(covered, "\nld.param.u64\n") == 1);
  CHECK(count(covered, "\nret\n") == 1 && count(covered, "div") == 0 && count(covered, "\n\n") == 0);
  std::remove(path.c_str());
  own.empty() ? unsetenv("CHARLSTM_SIM_COVERAGE") : setenv("CHARLSTM_SIM_COVERAGE", own.c_str(), 1);
  Driver as_before;
}
