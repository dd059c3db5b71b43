// Branches, loops and tables of labels (PTX ISA, "bra", "brx.idx", "exit").
#include "selftest/ptx/ptx_launches.h"

namespace {

void loops() {
  Text text;
  // Threads of a warp go round as often as their number says; labels of an inner scope hide those outside.
  text.body = R"(mov.u32 %r10, 0;
mov.u32 %r11, %r1;
AGAIN:
setp.eq.u32 %p1, %r11, 0;
@%p1 bra.uni DONE;
{
.reg .u32 %r10_inner;
mov.u32 %r10_inner, %r11;
bra SKIP;
trap;
SKIP:
add.u32 %r10, %r10, %r10_inner;
}
sub.u32 %r11, %r11, 1;
@!%p1 bra AGAIN;
trap;
DONE:
st.global.u32 [%d3], %r10;)";
  Words expected(40);
  for (unsigned i = 0; i < 40; i++) {
    expected[i] = i * (i + 1) / 2;
  }
  must_give("loops", text, {1, 40}, {0}, expected);
}

void tables() {
  Text text;
  text.body = R"(mov.u32 %r10, 0;
mov.u32 %r11, %r1;
AGAIN:
min.u32 %r12, %r11, 3;
setp.lt.u32 %p1, %r1, 99;
TABLE: .branchtargets ZERO, ONE, ONE, MORE;
@%p1 brx.idx.uni %r12, TABLE;
trap;
MORE:
add.u32 %r10, %r10, 1000;
sub.u32 %r11, %r11, 1;
bra AGAIN;
ONE:
add.u32 %r10, %r10, 1;
sub.u32 %r11, %r11, 1;
bra AGAIN;
ZERO:
st.global.u32 [%d3], %r10;)";
  must_give("brx.idx", text, {1, 6}, {0}, {0, 1, 2, 1002, 2002, 3002});
  text.body = R"(TABLE: .branchtargets ZERO, ZERO;
brx.idx 2, TABLE; // here
ZERO:)";
  must_find(text, {1, 1}, {"brx.idx by 2 of a table of 2 labels"});
}

// Some lanes leave early; the rest goes on, and those that are predicated off do nothing.
void exits() {
  Text text;
  text.body = R"(and.b32 %r10, %r1, 1;
setp.eq.u32 %p1, %r10, 1;
st.global.u32 [%d3], 7;
@%p1 exit;
setp.eq.u32 %p2, %r1, 2;
@%p2 ret;
st.global.u32 [%d3], 8;
bra.uni END;
trap;
END:)";
  must_give("exit", text, {1, 5}, {0}, {8, 7, 7, 7, 8});
}

void refusals() {
  must_refuse_each({
      {"bra NOWHERE;", "there is no label NOWHERE"},
      {"{\nINSIDE:\n}\nbra INSIDE;", "there is no label INSIDE"},
      {"TWICE:\nTWICE:", "the label TWICE is there twice"},
      {"brx.idx %r1, NONE;", "there is no .branchtargets NONE"},
      {"bra 5;", "expected a label"},
  });
}

void stops() {
  Text text;
  text.body = "setp.eq.u32 %p1, %r1, 3;\n@%p1 trap; // here";
  must_find(text, {1, 5}, {"trap was executed", "(3,0,0)"});
  text.body = "brkpt; // here";
  must_find(text, {1, 1}, {"brkpt was executed"});
}

}

void test_ptx_branches() {
  loops();
  tables();
  exits();
  refusals();
  stops();
}
