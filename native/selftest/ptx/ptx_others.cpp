// Instructions that ask for nothing that can be seen, and those by which lanes find one another.
#include "selftest/single.h"
#include "selftest/texts.h"

namespace {

void hints(Singles& singles) {
  for (std::string hint : {"prefetch.global.L2 [%in];", "prefetchu.L1 [%in];",
                           "applypriority.global.L2::evict_normal [%in], 128;", "pmevent 1;", "griddepcontrol.wait;",
                           "griddepcontrol.launch_dependents;", "membar.gl;", "membar.cta;", "membar.sys;",
                           "{ .reg .b64 %q; createpolicy.fractional.L2::evict_last.b64 %q, 1.0; }"}) {
    singles.add(hint + " not.b32 $x, $a;", {"b32"}, {"b32"},
                [](const uint64_t* in, const uint64_t* got) { return got[0] == low(~in[0], 32); });
  }
  singles.add("ldu.global.u32 $x, [%in]; ld.global.u32 $y, [%in];", {"u32", "u32"}, {},
              [](const uint64_t*, const uint64_t* got) { return got[0] == got[1]; });
}

void lanes(Singles& singles) {
  singles.add("activemask.b32 $x;", {"b32"}, {},
              [](const uint64_t* in, const uint64_t* got) { return got[0] >> in[5] % 32 & 1; });
  singles.add("elect.sync $x|$y, -1;", {"b32", "pred"}, {},
              [](const uint64_t* in, const uint64_t* got) { return got[0] == 0 && got[1] == (in[5] % 32 == 0); });
  singles.add("mov.u32 %u2, %laneid; and.b32 %u2, %u2, 3; match.any.sync.b32 $x, %u2, -1;", {"b32"}, {},
              [](const uint64_t* in, const uint64_t* got) { return got[0] == uint64_t(0x11111111) << in[5] % 4; });
  singles.add("match.all.sync.b32 $x|$y, 5, -1;", {"b32", "pred"}, {},
              [](const uint64_t*, const uint64_t* got) { return got[0] == 0xffffffff && got[1] == 1; });
  singles.add("{ .shared .b64 sv; mov.u32 $x, sv; mapa.shared::cluster.u32 $y, $x, 0; sub.u32 $x, $x, $y; "
              "getctarank.shared::cluster.u32 $y, $y; }",
              {"u32", "u32"}, {}, [](const uint64_t*, const uint64_t* got) { return got[0] == 0 && got[1] == 0; });
}

void ends() {
  for (std::string end : {"trap", "brkpt"}) {
    Driver driver;
    CUmodule module = loaded(".version 8.0\n.target sm_75\n.address_size 64\n.visible .entry k () { " + end + "; }");
    CHECK(cuLaunchKernel(function_of(module, "k"), 1, 1, 1, 1, 1, 1, 0, driver.stream, nullptr, nullptr) ==
          CUDA_ERROR_LAUNCH_FAILED);
    CHECK(std::string(charlstm_sim_last_error()).find(end + " was executed") != std::string::npos);
    cuModuleUnload(module);
  }
}

}

void test_ptx_others() {
  Singles singles;
  hints(singles);
  lanes(singles);
  singles.run();
  ends();
}
