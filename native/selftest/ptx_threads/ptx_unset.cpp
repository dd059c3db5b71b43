// Registers and local memory that nobody has set: told where the result depends on them, and only there.
#include <algorithm>

#include "selftest/ptx/ptx_launches.h"

namespace {

void result(const std::string& body, const std::string& words) {
  Text text;
  text.body = body;
  std::string whole = text.whole();
  std::string line = std::to_string(1 + std::count(whole.begin(), whole.begin() + long(whole.find("// here")), '\n'));
  Ran ran = run_ptx(text, {2, 32}, Words(64), 64);
  std::string expected = words.empty() ? "" : words + "; read first, PTX line " + line;
  check(ran.result == CUDA_SUCCESS && (expected.empty() ? ran.said.empty()
                                                        : ran.said.find(expected) != std::string::npos),
        (expected + "\n  was: " + ran.said).c_str(), __FILE__, __LINE__);
}

}

void test_ptx_unset() {
  const std::string depends = "the result depends on local variables that nobody has set, first at byte 0 of "
                              "argument 1";
  result("add.u32 %r10, %r11, 1; // here\nst.global.u32 [%d3], %r10;", depends);
  result("st.global.u32 [%d3], %r11; // here", depends);
  result("add.f32 %f10, %f11, 0f3F800000; // here\nst.global.f32 [%d3], %f10;", depends);
  result(".local .align 8 .b8 own[16];\nmov.u64 %d10, own;\nst.local.u32 [%d10], 1;\n"
         "ld.local.u32 %r10, [%d10+4]; // here\nst.global.u32 [%d3], %r10;", depends);
  // A read that makes no difference is nobody's business; compilers read so.
  result("add.u32 %r10, %r11, 1;\nmov.u32 %r12, %r10;\nst.global.u32 [%d3], %r1; // here", "");
  result("setp.lt.u32 %p1, %r1, 64;\nselp.u32 %r10, 5, %r11, %p1;\nst.global.u32 [%d3], %r10; // here", "");
}
