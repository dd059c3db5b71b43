// Kernels of PTX as the self-test loads and launches them, with words in and words out.
#pragma once
#include <string>
#include <vector>

#include "selftest/harness.h"

using Words = std::vector<unsigned>;

// Everything of a text: what stands before the kernel "k", directives of its own, and its body. The kernel has the
// addresses of what comes in and goes out in %d1 and %d2, its thread's number in the block and in all blocks in %r1 and
// %r2, that of its block in %r3, and in %d3 the word of its thread in what goes out. Further registers are free.
struct Text {
  std::string body = "", before = "", directives = "";
  std::string target = "sm_90", orders = "all";
  std::string whole() const;
};

struct Shape {
  unsigned blocks = 1, threads = 1, shared = 0;
};

struct Ran {
  CUresult loaded = CUDA_SUCCESS, result = CUDA_SUCCESS;
  std::string said;  // addresses within what comes in or goes out as "in+8", "out-1"; others "SHARED"
  std::string printed;
  Words out;
};

// The words in, and so many out, which are zeros before.
Ran run_ptx(const Text& text, Shape shape = {}, const Words& in = Words(64), size_t count = 64);

// It must give these words out, by a name for what it is about.
void must_give(const std::string& what, const Text& text, Shape shape, const Words& in, const Words& expected);

// It must fail in this way, in the thread and block and at the line that "// here" follows; by ".loc" in a source too.
struct Finding {
  std::string what;  // all before the block
  std::string thread = "(0,0,0)", block = "(0,0,0)", source = "";
  CUresult code = CUDA_ERROR_LAUNCH_FAILED;
};
void must_find(const Text& text, Shape shape, const Finding& finding, const Words& in = Words(64));

// It must be refused when it is loaded or launched, with a message that has these words.
void must_refuse(const Text& text, const std::string& words);

// Each of these bodies must be refused so; where it takes more to make a text of one, that is given.
struct Refused {
  const char *body, *words;
};
void must_refuse_each(const std::vector<Refused>& all,
                      const std::function<Text(const char*)>& text_of = [](const char* body) { return Text{body}; });
