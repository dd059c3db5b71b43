// Variables of every space, by their own addresses and by generic ones (PTX ISA, "State Spaces", "Generic Addressing").
#include "selftest/ptx/ptx_launches.h"

namespace {

const char* SUM_OF_FOUR = R"(
.func (.param .b32 sum) sum_of_four(.param .b64 at)
{
.reg .b32 %r<9>;
.reg .b64 %d<2>;
ld.param.u64 %d1, [at];
ld.v4.u32 {%r1, %r2, %r3, %r4}, [%d1];
add.u32 %r5, %r1, %r2;
add.u32 %r6, %r3, %r4;
add.u32 %r7, %r5, %r6;
st.param.b32 [sum], %r7;
ret;
}
)";

// Calls it with the generic address in %d10, and stores the sum where %d3 is.
const std::string CALL = R"({
.param .b64 at;
.param .b32 result;
st.param.b64 [at], %d10;
call.uni (result), sum_of_four, (at);
ld.param.b32 %r30, [result];
st.global.b32 [%d3], %r30;
})";

Text adds(const std::string& variables, const std::string& body) {
  Text text;
  text.before = variables + SUM_OF_FOUR;
  text.body = body + CALL;
  return text;
}

void constants() {
  must_give("const", adds(".const .align 16 .b32 table[8] = {1, 2, 3, 4, 50, 60, 70, 80};\n"
                          ".const .u64 pointer = generic(table) + 16;\n",
                          R"(ld.global.u32 %r10, [%d1];
mov.u64 %d11, table;
mad.wide.u32 %d12, %r10, 4, %d11;
ld.const.u32 %r11, [%d12];
st.global.u32 [%d2+4], %r11;
ld.const.u32 %r12, [table+28];
st.global.u32 [%d2+8], %r12;
ld.const.u64 %d10, [pointer];
)"), {}, {5}, {260, 60, 80});
}

void globals() {
  must_give("global", adds(".global .align 16 .u32 counts[8] = {1, 2, 3, 4};\n.global .u64 at = counts;\n"
                           ".global .align 4 .s16 rows[2][3] = {{1, 2, 3}, {-4, 5}};\n",
                           R"(mov.u64 %d10, counts;
add.u64 %d10, %d10, 16;
mov.b32 %r10, 9;
st.v2.u32 [%d10+8], {%r10, %r10};
ld.global.u32 %r11, [counts+12];
st.global.u32 [%d2+4], %r11;
ld.global.s16 %r12, [rows+6];
st.global.u32 [%d2+8], %r12;
ld.global.u64 %d12, [at];
ld.u32 %r13, [%d12+4];
st.global.u32 [%d2+12], %r13;
)"), {}, {0}, {18, 4, unsigned(-4), 2});
}

// Arrays whose index is only known as the kernel runs; each thread has its own, and so has each function.
void locals() {
  Text text;
  text.before = R"(.func (.param .b32 was) keep(.param .b64 at, .param .b32 value)
{
.local .align 4 .b8 own[16];
.reg .b32 %r<4>;
.reg .b64 %d<4>;
ld.param.u64 %d1, [at];
ld.param.u32 %r1, [value];
mov.u64 %d2, own;
st.local.u32 [%d2+12], %r1;
ld.u32 %r2, [%d1];
st.u32 [%d1], %r1;
ld.local.u32 %r3, [own+12];
add.u32 %r2, %r2, %r3;
st.param.b32 [was], %r2;
ret;
}
)";
  text.body = R"({
.local .align 16 .b8 array[64];
.param .b64 at;
.param .b32 value;
.param .b32 result;
mov.u64 %d10, array;
cvta.local.u64 %d11, %d10;
mad.wide.u32 %d12, %r1, 4, %d10;
mad.wide.u32 %d13, %r1, 4, %d11;
add.u32 %r10, %r1, 100;
st.local.u32 [%d12], %r10;
ld.u32 %r11, [%d13];
st.param.b64 [at], %d13;
st.param.b32 [value], %r1;
call (result), keep, (at, value);
ld.param.b32 %r12, [result];
ld.local.u32 %r13, [%d12];
cvta.to.local.u64 %d14, %d13;
ld.local.u8 %r14, [%d14];
mad.lo.u32 %r15, %r12, 1000, %r13;
mad.lo.u32 %r15, %r14, 1000000, %r15;
add.u32 %r15, %r15, %r11;
st.global.u32 [%d3], %r15;
})";
  Words expected(16);
  for (unsigned i = 0; i < 16; i++) {
    expected[i] = (100 + 2 * i) * 1000 + i + i * 1000000 + 100 + i;
  }
  must_give("local", text, {1, 16}, {0}, expected);
}

// Shared memory of a function, of the module, and of a launch's size; all that are extern begin at one place.
void shared() {
  Text text;
  text.before = ".shared .align 8 .b8 of_module[256];\n.extern .shared .align 16 .b8 dynamic[];\n"
                ".extern .shared .align 16 .b8 dynamic_too[];\n";
  text.body = R"({
.shared .align 4 .u32 of_function[64];
mov.u32 %r10, of_function;
mad.lo.u32 %r10, %r1, 4, %r10;
mov.u64 %d10, of_module;
mad.wide.u32 %d10, %r1, 4, %d10;
cvta.shared.u64 %d11, %d10;
mov.u32 %r11, dynamic;
mad.lo.u32 %r11, %r1, 4, %r11;
st.shared.u32 [%r10], %r1;
add.u32 %r12, %r1, 1000;
st.u32 [%d11], %r12;
add.u32 %r13, %r1, 5000;
st.shared.u32 [%r11], %r13;
bar.sync 0;
mov.u32 %r20, 63;
sub.u32 %r20, %r20, %r1;
mov.u32 %r21, of_function;
mad.lo.u32 %r21, %r20, 4, %r21;
ld.shared.u32 %r22, [%r21];
mov.u64 %d20, of_module;
mad.wide.u32 %d20, %r20, 4, %d20;
ld.shared.u32 %r23, [%d20];
mov.u64 %d21, dynamic_too;
cvta.shared.u64 %d21, %d21;
mad.wide.u32 %d21, %r20, 4, %d21;
ld.u32 %r24, [%d21];
add.u32 %r25, %r22, %r23;
add.u32 %r25, %r25, %r24;
st.global.u32 [%d3], %r25;
})";
  Words expected(64);
  for (unsigned i = 0; i < 64; i++) {
    expected[i] = 3 * (63 - i) + 6000;
  }
  must_give("shared", text, {1, 64, 256}, {0}, expected);
}

// Names that begin as those of registers do, one name for several variables, and shared memory that has a size and that
// no other text defines, which is the text's own.
void names() {
  Text text;
  text.before = std::string(".extern .shared .align 4 .u32 of_nobody[40];\n.global .u32 %g<2>;\n") + R"(
.func (.param .u32 r) sum(.param .u32 a, .param .u32 b)
{
.reg .u32 %q<3>;
ld.param.u32 %q1, [a];
ld.param.u32 %q2, [b];
add.u32 %q1, %q1, %q2;
st.param.u32 [r], %q1;
ret;
}
)";
  text.body = R"({
.param .u32 q<2>, sum_of_two;
.local .align 4 .u32 %l[4];
.shared .u32 %s<3>;
st.param.u32 [q0], 3;
st.param.u32 [q1], 4;
call (sum_of_two), sum, (q0, q1);
st.local.u32 [%l+4], 60;
mov.u32 %r8, of_nobody;
mad.lo.u32 %r9, %r1, 4, %r8;
st.shared.u32 [%r9], %r1;
setp.eq.u32 %p1, %r2, 0;
@%p1 st.shared.u32 [%s2], 500;
@%p1 st.global.u32 [%g1], 9000;
bar.sync 0;
ld.param.u32 %r10, [sum_of_two];
mov.u64 %d10, %l;
ld.local.u32 %r11, [%d10+4];
ld.shared.u32 %r12, [%s2];
ld.shared.u32 %r13, [of_nobody+156];
add.u32 %r10, %r10, %r11;
add.u32 %r10, %r10, %r12;
mad.lo.u32 %r10, %r13, 10000, %r10;
st.global.u32 [%d3], %r10;
})";
  must_give("names", text, {1, 40}, {0}, Words(40, 390567));
}

void generic_addresses() {
  for (const char* which : {"shared", "local", "global", "const"}) {
    Text text = adds(".shared .align 16 .b8 of_shared[16];\n.global .align 16 .b8 of_global[16];\n"
                     ".const .align 16 .b32 of_const[4] = {1, 2, 3, 4};\n",
                     std::string("{\n.local .align 16 .b8 of_local[16];\n") + "mov.u64 %d9, of_" + which +
                         ";\ncvta." + which + ".u64 %d10, %d9;\n" +
                         (std::string(which) == "const" ? "" : "mov.b32 %r10, 1;\nmov.b32 %r11, 2;\nmov.b32 %r12, 3;\n"
                                                               "mov.b32 %r13, 4;\nst.v4.b32 [%d10], {%r10, %r11, %r12, "
                                                               "%r13};\n") +
                         "}\n");
    must_give(which, text, {}, {0}, {10});
  }
}

// A structure that goes by value: its fields by name, by an index, and by a generic address that a function gets.
void structures() {
  Driver driver;
  std::string text = std::string(".version 8.0\n.target sm_90\n.address_size 64\n") + SUM_OF_FOUR + R"(
.visible .entry k(.param .align 16 .b8 given[40], .param .u64 out)
{
.reg .b32 %r<40>;
.reg .b64 %d<20>;
ld.param.u64 %d3, [out];
ld.param.v2.u32 {%r1, %r2}, [given+32];
mul.wide.u32 %d5, %r1, 4;
mov.b64 %d6, given;
add.u64 %d7, %d6, %d5;
ld.param.u32 %r3, [%d7];
cvta.param.u64 %d8, %d6;
add.u64 %d9, %d8, %d5;
ld.u32 %r4, [%d9+4];
st.global.v2.u32 [%d3+4], {%r3, %r4};
add.u64 %d10, %d8, 16;
)" + CALL + "\nret;\n}\n";
  CUmodule module = nullptr;
  text.replace(text.find("st.global.v2.u32 [%d3+4], {%r3, %r4};"), 37,
               "st.global.u32 [%d3+4], %r3;\nst.global.u32 [%d3+8], %r4;");
  CHECK(cuModuleLoadData(&module, text.c_str()) == CUDA_SUCCESS);
  CUfunction function = nullptr;
  cuModuleGetFunction(&function, module, "k");
  unsigned given[10] = {10, 11, 12, 13, 14, 15, 16, 17, 6, 0};
  CUdeviceptr out = driver.fresh(12);
  void* arguments[] = {given, &out};
  CHECK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
  unsigned read[3] = {};
  cuMemcpyDtoH_v2(read, out, sizeof read);
  CHECK(read[0] == 14 + 15 + 16 + 17 && read[1] == 16 && read[2] == 17);
  driver.free({out});
  cuModuleUnload(module);
}

}

void test_ptx_spaces() {
  constants();
  globals();
  locals();
  shared();
  names();
  generic_addresses();
  structures();
}
