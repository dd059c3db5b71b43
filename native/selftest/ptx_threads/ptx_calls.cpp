// Functions: parameters and results of every size, recursion, pointers (PTX ISA, "call", "ret", "Function Declarations
// and Definitions", "Parameterized Variadic Functions" aside).
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

// Every size of a parameter, sign included, and a structure in and out.
void parameters() {
  Text text;
  text.before = R"(.func (.param .align 16 .b8 result[48]) mix(.param .b32 a, .param .b64 b, .param .f32 c,
  .param .align 8 .b8 d[24], .param .b32 e, .param .b32 f);
.func (.param .align 16 .b8 result[48]) mix(.param .b32 a, .param .b64 b, .param .f32 c,
  .param .align 8 .b8 d[24], .param .b32 e, .param .b32 f)
{
.reg .b32 %r<9>;
.reg .b64 %d<9>;
.reg .f32 %f<3>;
ld.param.u32 %r1, [a];
ld.param.u64 %d1, [b];
ld.param.f32 %f1, [c];
ld.param.u64 %d2, [d+16];
ld.param.v2.u32 {%r4, %r5}, [d+8];
ld.param.s8 %r2, [e];
ld.param.s16 %r3, [f];
st.param.b64 [result], %d2;
st.param.v2.b32 [result+8], {%r5, %r4};
st.param.v4.b32 [result+16], {%r1, %r2, %r3, %r1};
st.param.f32 [result+32], %f1;
st.param.b64 [result+40], %d1;
ret;
}
)";
  text.body = R"({
.param .b32 a;
.param .b64 b;
.param .f32 c;
.param .align 8 .b8 d[24];
.param .b32 e;
.param .b32 f;
.param .align 16 .b8 result[48];
ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%d1];
mov.b64 %d10, {%r12, %r13};
mov.b64 %d11, {%r10, %r11};
st.param.b32 [a], %r10;
st.param.b64 [b], %d10;
st.param.f32 [c], 0f3FC00000;
st.param.v2.b32 [d+8], {%r12, %r13};
st.param.b64 [d+16], %d11;
st.param.b8 [e], %r11;
st.param.b16 [f], %r12;
call.uni (result), mix, (a, b, c, d, e, f);
ld.param.v2.b64 {%d20, %d21}, [result];
ld.param.v4.b32 {%r20, %r21, %r22, %r23}, [result+16];
ld.param.v4.b32 {%r24, %r25, %r26, %r27}, [result+32];
st.global.v2.b64 [%d2], {%d20, %d21};
st.global.v4.b32 [%d2+16], {%r20, %r21, %r22, %r23};
st.global.b32 [%d2+32], %r24;
st.global.v2.b32 [%d2+40], {%r26, %r27};
})";
  Words in = {0x11223344, 0x556677f8, 0x99aa8bcc, 0x12345678};
  must_give("parameters", text, {}, in,
            {in[0], in[1], in[3], in[2], in[0], 0xfffffff8, 0xffff8bcc, in[0], 0x3fc00000, 0, in[2], in[3]});
}

const std::string FACTORIALS = R"(.func (.param .b32 result) factorial(.param .b32 n)
{
.reg .pred %p<2>;
.reg .b32 %r<6>;
.param .b32 less;
.param .b32 of_less;
ld.param.u32 %r1, [n];
setp.gt.u32 %p1, %r1, 1;
@%p1 bra MORE;
st.param.b32 [result], 1;
ret;
MORE:
sub.u32 %r2, %r1, 1;
st.param.b32 [less], %r2;
call (of_less), factorial, (less);
ld.param.b32 %r3, [of_less];
mul.lo.u32 %r4, %r3, %r1;
st.param.b32 [result], %r4;
ret;
}
.func (.param .b32 result) odd(.param .b32 n);
.func (.param .b32 result) even(.param .b32 n)
{
.reg .pred %p<2>;
.reg .b32 %r<6>;
.param .b32 to;
.param .b32 from;
ld.param.u32 %r1, [n];
setp.eq.u32 %p1, %r1, 0;
@%p1 st.param.b32 [result], 1;
@%p1 ret;
sub.u32 %r2, %r1, 1;
st.param.b32 [to], %r2;
call (from), odd, (to);
ld.param.b32 %r3, [from];
st.param.b32 [result], %r3;
}
.func (.param .b32 result) odd(.param .b32 n)
{
.reg .pred %p<2>;
.reg .b32 %r<6>;
.param .b32 to;
.param .b32 from;
ld.param.u32 %r1, [n];
setp.eq.u32 %p1, %r1, 0;
@%p1 st.param.b32 [result], 0;
@%p1 ret;
sub.u32 %r2, %r1, 1;
st.param.b32 [to], %r2;
call (from), even, (to);
ld.param.b32 %r3, [from];
st.param.b32 [result], %r3;
ret;
}
.global .align 8 .u64 table[3] = {factorial, even, odd};
)";

// A call of what is named, or lies in a register.
std::string call_of(const std::string& what, bool pointer = false) {
  return "{\n.param .b32 n;\n.param .b32 result;\nst.param.b32 [n], %r20;\n" +
         std::string(pointer ? "P: .callprototype (.param .b32 _) _ (.param .b32 _);\n" : "") + "call (result), " +
         what + ", (n)" + (pointer ? ", P" : "") + ";\nld.param.b32 %r21, [result];\n}\n";
}

void recursion() {
  Text text;
  text.before = FACTORIALS;
  text.body = "mov.b32 %r20, %r1;\n" + call_of("factorial") + "mov.b32 %r22, %r21;\n" + call_of("even") +
              "mad.lo.u32 %r22, %r21, 30000000, %r22;\nst.global.u32 [%d3], %r22;";
  Words expected(11);
  unsigned factorial = 1;
  for (unsigned i = 0; i < 11; i++) {
    factorial *= i ? i : 1;
    expected[i] = factorial + (i % 2 == 0 ? 30000000 : 0);
  }
  must_give("recursion", text, {1, 11}, {0}, expected);
}

// By a register that holds a function's address, and by a table of them.
void pointers() {
  Text text;
  text.before = FACTORIALS;
  text.body = "mov.b32 %r20, 5;\nmov.u64 %d10, odd;\n" + call_of("%d10", true) +
              "st.global.u32 [%d2+16], %r21;\nmov.u64 %d11, table;\nmad.wide.u32 %d11, %r1, 8, %d11;\n"
              "ld.global.u64 %d12, [%d11];\n" + call_of("%d12", true) + "st.global.u32 [%d3], %r21;";
  must_give("pointers", text, {1, 1}, {0}, {120, 0, 0, 0, 1});
  text.body = "mov.b32 %r20, 5;\nmov.u64 %d11, table;\nmad.wide.u32 %d11, %r1, 8, %d11;\n"
              "ld.global.u64 %d12, [%d11];\n" + call_of("%d12", true) + "st.global.u32 [%d3], %r21;";
  must_give("a table of functions", text, {1, 3}, {0}, {120, 0, 1});
  text.body = "mov.b32 %r20, 5;\nmov.u64 %d12, table;\n" + call_of("%d12", true);
  text.body.insert(text.body.find("P;\n") + 2, " // here");
  must_find(text, {}, {"calls a pointer that is no function's", "(0,0,0)", "(0,0,0)", "", CUDA_ERROR_ILLEGAL_ADDRESS});
  text.before += ".func (.param .b64 result) wide(.param .b64 n)\n{\nret;\n}\n";
  text.body.replace(text.body.find("table"), 5, "wide");
  must_find(text, {}, {"calls wide by a pointer, with other parameters or results than it has"});
}

void overflows() {
  Text text;
  text.before = R"(.func deeper(.param .b32 n)
{
.reg .b32 %r<3>;
.param .b32 more;
ld.param.u32 %r1, [n];
add.u32 %r1, %r1, 1;
st.param.b32 [more], %r1;
call deeper, (more); // here
ret;
}
.func larger(.param .align 8 .b8 n[30000])
{
.param .align 8 .b8 more[30000];
call larger, (more);
ret;
}
)";
  const Finding overflow = {"stack overflow: its functions call one another too deeply, or hold too much; a thread has "
                            "512 KiB", "(0,0,0)", "(0,0,0)", "", CUDA_ERROR_HARDWARE_STACK_ERROR};
  text.body = "{\n.param .b32 n;\nst.param.b32 [n], %r1;\ncall deeper, (n);\n}";
  must_find(text, {}, overflow);
  text.before.replace(text.before.find(" // here"), 8, "");
  text.before.insert(text.before.find("(more);\nret;\n}\n", text.before.find("larger")) + 7, " // here");
  text.body = "{\n.param .align 8 .b8 n[30000];\nst.param.b32 [n], %r1;\ncall larger, (n);\n}";
  must_find(text, {}, overflow);
  text.before = ".func local_deeper()\n{\n.local .b8 own[200000];\ncall local_deeper; // here\nret;\n}\n";
  text.body = "call local_deeper;";
  must_find(text, {}, overflow);
}

// A thread ends within a function; one that returns gives its local memory back.
void ends() {
  Text text;
  text.before = R"(.func leave(.param .b64 at, .param .b32 n)
{
.reg .pred %p<2>;
.reg .b32 %r<3>;
.reg .b64 %d<2>;
ld.param.u64 %d1, [at];
ld.param.u32 %r1, [n];
setp.eq.u32 %p1, %r1, 1;
st.u32 [%d1], 5;
@%p1 exit;
ret;
}
.func (.param .b64 result) dangling()
{
.local .align 8 .b8 own[8];
.reg .b64 %d<2>;
mov.u64 %d1, own;
cvta.local.u64 %d1, %d1;
st.u64 [%d1], 1;
st.param.b64 [result], %d1;
ret;
}
)";
  text.body = "{\n.param .b64 at;\n.param .b32 n;\nst.param.b64 [at], %d3;\nst.param.b32 [n], %r1;\n"
              "call leave, (at, n);\n}\nst.global.u32 [%d3], 6;";
  must_give("exit in a function", text, {1, 3}, {0}, {6, 5, 6});
  text.body = "{\n.param .b64 at;\ncall (at), dangling;\nld.param.b64 %d10, [at];\nld.u64 %d11, [%d10]; // here\n}";
  must_find(text, {}, {"out-of-bounds read of 8 bytes of local memory at byte 0 of a thread's 0", "(0,0,0)", "(0,0,0)",
                       "", CUDA_ERROR_ILLEGAL_ADDRESS});
}

void refusals() {
  const char* function = ".func (.param .b32 result) f(.param .b64 a)\n{\nret;\n}\n";
  const std::string sizes = "f takes parameters of 8 bytes, and gives 4; this call gives ";
  const struct {
    const char* call;
    std::string words;
  } wrong[] = {
      {"call (four), f, (four);", sizes + "4, and takes 4"},
      {"call (eight), f, (eight);", sizes + "8, and takes 8"},
      {"call f, (eight);", sizes + "8, and takes 0"},
      {"call (four), f;", sizes + "0, and takes 4"},
      {"call (four), f, (%r1);", "arguments and results are variables of .param"},
      {"call (four), g, (eight);", "nothing here is named g"},
  };
  for (const auto& one : wrong) {
    Text text;
    text.before = function;
    text.body = std::string("{\n.param .b32 four;\n.param .b64 eight;\n") + one.call + "\n}";
    must_refuse(text, one.words);
  }
  for (const char* declared : {".extern .func (.param .b32 r) nowhere(.param .b64 a);\n",
                               ".extern .func (.param .b32 r) vprintf(.param .b64 a);\n"}) {
    Text text;
    text.before = declared;
    text.body = std::string("{\n.param .b32 r;\n.param .b64 a;\nst.param.b64 [a], %d1;\ncall (r), ") +
                (std::strstr(declared, "vprintf") ? "vprintf" : "nowhere") + ", (a);\n}";
    must_refuse(text, "is called, and nowhere defined");
  }
}

}

void test_ptx_calls() {
  parameters();
  recursion();
  pointers();
  overflows();
  ends();
  refusals();
}
