// Accesses that are wrong by themselves, in each space: by one byte past an end, before a start, misaligned, of what
// nobody wrote, of what is freed, and writes of constants. Each is told with its line, and where the text has it, its
// source's.
#include "selftest/ptx/ptx_launches.h"

namespace {

constexpr CUresult ADDRESS = CUDA_ERROR_ILLEGAL_ADDRESS, MISALIGNED = CUDA_ERROR_MISALIGNED_ADDRESS;
const char* ORIGIN = "(0,0,0)";

Finding finding(const std::string& what, CUresult code = ADDRESS) {
  return {what, ORIGIN, ORIGIN, "", code};
}

const std::string VARIABLES = ".shared .align 8 .b8 own[40];\n.extern .shared .align 8 .b8 dynamic[];\n"
                              ".const .align 8 .b8 fixed[24] = {1, 2};\n.global .align 8 .b8 kept[24];\n";

struct Wrong {
  std::string body;
  Finding found;
};

void must_find_each(const std::vector<Wrong>& all) {
  for (const Wrong& one : all) {
    must_find({one.body, VARIABLES}, {1, 1, 16}, one.found);
  }
}

void past_ends() {
  must_find_each({
      {"ld.global.u8 %r10, [%d1+256]; // here",
       finding("out-of-bounds read of 1 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation of 256")},
      {"ld.u8 %r10, [%d1+256]; // here",
       finding("out-of-bounds read of 1 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation of 256")},
      {"st.global.v2.u32 [%d1+256], {%r1, %r1}; // here",
       finding("out-of-bounds write of 8 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation of 256")},
      {"ld.global.u8 %r10, [%d1+-1]; // here",
       finding("out-of-bounds read of 1 bytes at in-1, 1 bytes before an allocation of 256")},
      {"red.global.add.u32 [%d1+256], 1; // here",
       finding("out-of-bounds write of 4 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation of 256")},
      {"ld.volatile.global.u32 %r10, [%d1+-4]; // here",
       finding("out-of-bounds read of 4 bytes at in-4, 4 bytes before an allocation of 256")},
      {"ld.global.nc.u32 %r10, [%d1+256]; // here",
       finding("out-of-bounds read of 4 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation of 256")},
      {"mov.u64 %d10, 0;\nst.global.u32 [%d10], %r1; // here",
       finding("out-of-bounds write of 4 bytes at 0x0, which is not device memory")},
      {"mov.u64 %d10, 16;\nld.u32 %r10, [%d10]; // here",
       finding("out-of-bounds read of 4 bytes at 0x10, which is not device memory")},
      {"mov.u32 %r10, own;\nst.shared.u8 [%r10+40], %r1; // here",
       finding("out-of-bounds write of 1 bytes at byte 40 of a shared array of 40")},
      {"mov.u32 %r10, own;\nld.shared.u8 %r11, [%r10+-1]; // here",
       finding("out-of-bounds read of 1 bytes at byte -1 of a shared array of 40")},
      {"mov.u64 %d10, own;\ncvta.shared.u64 %d10, %d10;\nst.u8 [%d10+40], %r1; // here",
       finding("out-of-bounds write of 1 bytes at byte 40 of a shared array of 40")},
      {"mov.u32 %r10, dynamic;\nst.shared.u8 [%r10+16], %r1; // here",
       finding("out-of-bounds write of 1 bytes at byte 16 of a shared array of 16")},
      {"mov.u32 %r10, own;\natom.shared.add.u32 %r11, [%r10+40], 1; // here",
       finding("out-of-bounds atomic operation of 4 bytes at byte 40 of a shared array of 40")},
      {"mov.u64 %d10, own;\ncvta.shared.u64 %d10, %d10;\nld.global.u32 %r11, [%d10]; // here",
       finding("out-of-bounds read of 4 bytes at SHARED, which is not device memory")},
      {"{\n.local .align 4 .b8 array[24];\nmov.u64 %d10, array;\nst.local.u8 [%d10+24], %r1; // here\n}",
       finding("out-of-bounds write of 1 bytes of local memory at byte 24 of a thread's 24")},
      {"{\n.local .align 4 .b8 array[24];\nmov.u64 %d10, array;\nld.local.u8 %r10, [%d10+-1]; // here\n}",
       finding("out-of-bounds read of 1 bytes of local memory at byte -1 of a thread's 24")},
      {"{\n.local .align 4 .b8 array[24];\nmov.u64 %d10, array;\ncvta.local.u64 %d10, %d10;\n"
       "ld.volatile.u8 %r10, [%d10+24]; // here\n}",
       finding("out-of-bounds read of 1 bytes of local memory at byte 24 of a thread's 24")},
      {"mov.b64 %d10, in;\nld.param.u8 %r10, [%d10+16]; // here",
       finding("out-of-bounds read of 1 bytes of parameters at byte 16 of a function's 16")},
      {"mov.b64 %d10, in;\ncvta.param.u64 %d10, %d10;\nst.u32 [%d10], %r1; // here",
       finding("forbidden write to the kernel's parameters, of 4 bytes at SHARED")},
      {"mov.u64 %d10, fixed;\nld.const.u8 %r10, [%d10+24]; // here",
       finding("out-of-bounds read of 1 bytes at SHARED, 0 bytes past an allocation of 24")},
      {"ld.const.u32 %r10, [%d1]; // here",
       finding("out-of-bounds read of 4 bytes at in+0, which is no constant variable")},
      {"mov.u64 %d10, kept;\nld.global.u8 %r10, [%d10+24]; // here",
       finding("out-of-bounds read of 1 bytes at SHARED, 0 bytes past an allocation of 24")},
  });
}

void misaligned() {
  must_find_each({
      {"ld.global.u16 %r10, [%d1+1]; // here", finding("misaligned read of 2 bytes at in+1", MISALIGNED)},
      {"st.global.v2.u32 [%d1+4], {%r1, %r1}; // here", finding("misaligned write of 8 bytes at in+4", MISALIGNED)},
      {"ld.global.nc.v4.u32 {%r10, %r11, %r12, %r13}, [%d1+8]; // here",
       finding("misaligned read of 16 bytes at in+8", MISALIGNED)},
      {"ld.relaxed.gpu.global.u64 %d10, [%d1+4]; // here", finding("misaligned read of 8 bytes at in+4", MISALIGNED)},
      {"mov.u32 %r10, own;\nst.shared.u32 [%r10+2], %r1; // here",
       finding("misaligned write of 4 bytes at SHARED", MISALIGNED)},
      {"{\n.local .align 4 .b8 array[24];\nmov.u64 %d10, array;\nst.local.u32 [%d10+2], %r1; // here\n}",
       finding("misaligned write of 4 bytes at SHARED", MISALIGNED)},
  });
}

// Shared memory is nobody's until it is written, each byte by itself, and so is what the driver gives out.
void unwritten() {
  Text text;
  text.before = VARIABLES;
  text.body = "st.shared.u16 [own+4], %h1;\nld.shared.u16 %r10, [own+4];\nld.shared.u32 %r10, [own+4]; // here\n"
              "st.global.u32 [%d3], %r10;";
  must_find(text, {1, 1, 16}, {"reads byte 6 of a shared array of 40, that nobody wrote"});
  text.body = "atom.shared.add.u32 %r10, [own], 1; // here";
  must_find(text, {1, 1, 16}, {"changes byte 0 of a shared array of 40, that nobody wrote"});
  text.body = "mov.u32 %r10, dynamic;\nld.volatile.shared.u32 %r10, [%r10]; // here\n"
              "st.global.u32 [%d3], %r10;";
  must_find(text, {1, 1, 16}, {"reads byte 0 of a shared array of 16, that nobody wrote"});
}

// Memory that nobody wrote, or that is free already, goes in by its address.
void driver_memory() {
  for (bool free : {false, true}) {
    Driver driver;
    CUdeviceptr address = driver.fresh(64);
    if (free) {
      driver.free({address});
    }
    Text text;
    text.body = "ld.global.u64 %d10, [%d1];\nld.global.u32 %r10, [%d10+4]; // here";
    Finding found = finding(free ? "use after free: read of 4 bytes at "
                                 : "uninitialised read of 4 bytes at ", free ? ADDRESS : CUDA_ERROR_LAUNCH_FAILED);
    Ran ran = run_ptx(text, {}, {unsigned(address), unsigned(address >> 32)});
    bool right = ran.result == found.code && ran.said.find(found.what) != std::string::npos &&
                 ran.said.find(free ? " of an allocation of 64 that was freed ("
                                    : " of memory that nobody wrote; block") != std::string::npos &&
                 ran.said.find("PTX line 24") != std::string::npos;
    check(right, (found.what + "\n  was: " + ran.said).c_str(), __FILE__, __LINE__);
    if (!free) {
      driver.free({address});
    }
  }
}

void constants() {
  for (const std::string body : {"st.u32 [%d10], %r1; // here", "st.global.u32 [%d10], %r1; // here",
                                 "atom.add.u32 %r10, [%d10], 1; // here", "st.volatile.u32 [%d10], %r1; // here"}) {
    Text text;
    text.before = VARIABLES;
    text.body = "mov.u64 %d10, fixed;\ncvta.const.u64 %d10, %d10;\n" + body;
    Ran ran = run_ptx(text, {1, 1, 16});
    bool right = ran.result == CUDA_SUCCESS &&
                 ran.said.find("forbidden write of 4 bytes at SHARED of a constant variable") != std::string::npos;
    check(right, (body + "\n  was: " + ran.said).c_str(), __FILE__, __LINE__);
  }
  for (const std::string body : {"ld.global.nc.u32 %r10, [%d1]; // there\nst.global.u32 [%d1], 1; // here",
                                 "ld.global.nc.u32 %r10, [%d1];\nred.global.add.u32 [%d1], 1; // here"}) {
    Text text;
    text.body = body;
    must_find(text, {}, {std::string(body.find("red") == std::string::npos ? "writes" : "changes") +
                         " byte 0 of argument 0, which ld.global.nc reads in the same launch"});
  }
  Text text;
  text.body = "st.global.u32 [%d1], 1;\nld.global.nc.u32 %r10, [%d1]; // here";
  must_find(text, {}, {"ld.global.nc reads byte 0 of argument 0, which the same launch writes"});
}

// The source's line, as .loc has it, and within a function that was put in place of its call.
void sources() {
  Text text;
  text.before = ".file 1 \"own.cu\"\n.file 2 \"helpers.h\"\n";
  text.body = ".loc 1 7 3\nadd.u32 %r10, %r1, 1;\n.loc 2 12 5, function_name $L, inlined_at 1 8 3\n"
              "ld.global.u8 %r10, [%d1+256]; // here\n.loc 1 9 1\nadd.u32 %r10, %r1, 1;";
  text.body.replace(text.body.find(", function_name $L, inlined_at 1 8 3"), 36, "");
  must_find(text, {}, {"out-of-bounds read of 1 bytes at in+256 (byte 256 of argument 0), 0 bytes past an allocation "
      "of "
                       "256", ORIGIN, ORIGIN, "helpers.h:12", ADDRESS});
  text.body = "setp.ne.u32 %p1, %r2, 37;\n.loc 1 20 1\n@!%p1 trap; // here";
  must_find(text, {3, 16}, {"trap was executed", "(5,0,0)", "(2,0,0)", "own.cu:20"});
}

}

void test_ptx_faults() {
  past_ends();
  misaligned();
  unwritten();
  driver_memory();
  constants();
  sources();
}
