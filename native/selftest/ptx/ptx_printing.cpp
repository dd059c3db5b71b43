// vprintf and __assertfail as nvcc calls them. CUDA's programming guide, "Formatted Output", says which conversions
// there are and that the result is the number of arguments; the C library says how each looks.
#include <cstdio>
#include <cstring>

#include "selftest/ptx/ptx_launches.h"

namespace {

std::string as_bytes(const std::string& text) {
  std::string list;
  for (char c : text) {
    list += std::to_string(int(static_cast<unsigned char>(c))) + ", ";
  }
  return list + "0";
}

// Prints a format with a buffer of 64 bytes, which is filled by st.local at %d10, and stores the result.
Text prints(const std::string& format, const std::string& fill) {
  Text text;
  text.before = ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 v);\n.global .align 1 .b8 format[" +
                std::to_string(format.size() + 1) + "] = {" + as_bytes(format) +
                "};\n.global .align 1 .b8 word[6] = {104, 101, 108, 108, 111, 0};\n";
  text.body = "{\n.local .align 8 .b8 values[64];\n.param .b64 f;\n.param .b64 v;\n.param .b32 r;\n"
              "mov.u64 %d10, values;\n" + fill +
              "cvta.local.u64 %d11, %d10;\nmov.u64 %d12, format;\ncvta.global.u64 %d12, %d12;\n"
              "st.param.b64 [f], %d12;\nst.param.b64 [v], %d11;\ncall.uni (r), vprintf, (f, v);\n"
              "ld.param.b32 %r30, [r];\nst.global.u32 [%d3], %r30;\n}";
  return text;
}

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

void must_print(const std::string& format, const std::string& fill, unsigned count, const std::string& expected) {
  Ran ran = run_ptx(prints(format, fill));
  bool right = ran.result == CUDA_SUCCESS && ran.printed == expected && ran.out[0] == count;
  check(right, (format + " prints '" + ran.printed + "' and gives " + std::to_string(ran.out[0]) + " " +
      ran.said).c_str(),
        __FILE__, __LINE__);
}

void conversions() {
  const std::string minus = "st.local.b32 [%d10], -42;\n", large = "st.local.b64 [%d10], 0x8123456789abcdef;\n";
  for (const char* format : {"<%d>", "<%i>", "<%u>", "<%x>", "<%X>", "<%o>", "<%8d>", "<%-8d|>", "<%+d>", "<%08x>",
                             "<%#x>", "< %d>", "<%.5d>", "<%12.5d>", "<%hd>"}) {
    must_print(format, minus, 1, formatted(format, -42));
  }
  for (const char* format : {"<%lld>", "<%ld>", "<%llu>", "<%lx>", "<%llX>", "<%lo>", "<%zu>", "<%jd>"}) {
    must_print(format, large, 1, formatted(format, 0x8123456789abcdefull));
  }
  const std::string number = "mov.f64 %e1, 0dC0091EB851EB851F;\nst.local.f64 [%d10], %e1;\n";  // -3.14
  for (const char* format : {"%f", "%e", "%g", "%F", "%E", "%G", "%a", "%A", "%10.3f|", "%-12.1e|", "%+.0f"}) {
    must_print(format, number, 1, formatted(format, -3.14));
  }
  must_print("%c%c", "st.local.b32 [%d10], 65;\nst.local.b32 [%d10+4], 122;\n", 2, "Az");
  must_print("%p", "st.local.b64 [%d10], 0x1234;\n", 1, "0x1234");
  const std::string word = "mov.u64 %d20, word;\ncvta.global.u64 %d20, %d20;\nst.local.b64 [%d10], %d20;\n";
  must_print("[%s]", word, 1, "[hello]");
  must_print("[%8s|%-3.2s]", word + "st.local.b64 [%d10+8], %d20;\n", 2, "[   hello|he ]");
  must_print("%Lf %ls", number + word.substr(0, word.rfind("st.")) + "st.local.b64 [%d10+8], %d20;\n", 2,
             "-3.140000 hello");
  must_print("%s", "st.local.b64 [%d10], 0;\n", 1, "(null)");
  must_print("100%%, %d%%\n", minus, 1, "100%, -42%\n");
  must_print("nothing\n", "", 0, "nothing\n");
}

// Each value lies at the next multiple of its size; a star takes one before its number.
void several() {
  must_print("%d %f %d %lld %s|%*d|%.*f",
             "st.local.b32 [%d10], 1;\nmov.f64 %e1, 0d4004000000000000;\nst.local.f64 [%d10+8], %e1;\n"
             "st.local.b32 [%d10+16], 3;\nst.local.b64 [%d10+24], 4;\nmov.u64 %d20, word;\n"
             "st.local.b64 [%d10+32], %d20;\nst.local.b32 [%d10+40], 5;\nst.local.b32 [%d10+44], 6;\n"
             "st.local.b32 [%d10+48], 2;\nst.local.f64 [%d10+56], %e1;\n",
             7, "1 2.500000 3 4 hello|    6|2.50");
}

// Once, though the blocks run in several orders, and in the order of the threads.
void by_many() {
  Text text = prints("%d,", "st.local.b32 [%d10], %r2;\n");
  CHECK(run_ptx(text, {2, 3}).printed == "0,1,2,3,4,5,");
}

void wrong_addresses() {
  Text text = prints("%s", "st.local.b64 [%d10], 16;\n");
  size_t call = text.body.find("(f, v);");
  text.body.insert(call + 7, " // here");
  must_find(text, {}, {"out-of-bounds read of 1 bytes at 0x10, which is not device memory", "(0,0,0)", "(0,0,0)", "",
                       CUDA_ERROR_ILLEGAL_ADDRESS});
}

void assertions() {
  Text text;
  text.before = ".extern .func __assertfail(.param .b64 a, .param .b64 b, .param .b32 c, .param .b64 d, .param .b64 "
      "e);\n"
                ".global .align 1 .b8 condition[6] = {" + as_bytes("i < n") + "};\n"
                ".global .align 1 .b8 file[7] = {" + as_bytes("own.cu") + "};\n"
                ".global .align 1 .b8 function[2] = {" + as_bytes("k") + "};\n";
  text.body = R"(setp.ne.u32 %p1, %r1, 2;
@%p1 bra FINE;
{
.param .b64 a;
.param .b64 b;
.param .b32 c;
.param .b64 d;
.param .b64 e;
mov.u64 %d10, condition;
mov.u64 %d11, file;
mov.u64 %d12, function;
st.param.b64 [a], %d10;
st.param.b64 [b], %d11;
st.param.b32 [c], 17;
st.param.b64 [d], %d12;
st.param.b64 [e], 1;
call __assertfail, (a, b, c, d, e); // here
}
FINE:)";
  must_find(text, {1, 4}, {"assertion 'i < n' at own.cu:17", "(2,0,0)", "(0,0,0)", "", CUDA_ERROR_ASSERT});
}

}

void test_ptx_printing() {
  conversions();
  several();
  by_many();
  wrong_addresses();
  assertions();
}
