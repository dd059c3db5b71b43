// Texts of PTX that are spoilt in all ways: each is refused by one line, or runs until its end, a fault or its time.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>

#include "selftest/texts.h"

namespace {

const char HEAD[] = ".version 8.8\n.target sm_90\n.address_size 64\n";

const char CALLS[] = R"(
.extern .func (.param .b32 r) vprintf (.param .b64 f, .param .b64 v);
.global .align 1 .b8 format[6] = {37, 100, 32, 37, 115, 0};
.func (.param .b32 r) factorial (.param .b32 n) {
  .reg .b32 %r<5>; .reg .pred %p;
  ld.param.u32 %r1, [n];
  setp.lt.u32 %p, %r1, 2;
  @%p bra ONE;
  { .param .b32 a; .param .b32 b; sub.s32 %r2, %r1, 1; st.param.b32 [a], %r2;
    call (b), factorial, (a); ld.param.b32 %r3, [b]; }
  mul.lo.s32 %r4, %r3, %r1; st.param.b32 [r], %r4; ret;
ONE: mov.u32 %r4, 1; st.param.b32 [r], %r4; ret;
}
.visible .entry k (.param .u64 out) .maxntid 64, 1, 1 {
  .reg .b32 %r<4>; .reg .b64 %d<6>; .local .align 8 .b64 values[2];
  .param .b32 n; .param .b32 got;
  mov.u32 %r1, 5; st.param.b32 [n], %r1;
  call.uni (got), factorial, (n);
  ld.param.b32 %r2, [got];
  mov.u64 %d1, factorial;
proto: .callprototype (.param .b32 _) _ (.param .b32 _);
  call (got), %d1, (n), proto;
  ld.param.u64 %d2, [out]; mov.u32 %r3, %tid.x; mad.wide.u32 %d2, %r3, 4, %d2; st.global.u32 [%d2], %r2;
  ret;
}
)";

const char VARIABLES[] = R"(
.file 1 "a/b.cu"
.const .align 4 .f32 table[2][3] = {{1.5, 0f40000000}, {-1.0, 0d4008000000000000, 2e-3}};
.global .v2 .u32 words[4] = {{1, 2}, {3, 4}};
.global .align 8 .u64 place = generic(words) + 8;
.visible .global .b8 bytes[3] = {0x1, 0b10, 077};
.extern .shared .align 16 .b8 dynamic[];
.visible .entry k (.param .u64 .ptr .global .align 8 out, .param .align 4 .b8 whole[12], .param .f64 d) {
  .reg .f32 %f<4>; .reg .b32 %r<4>; .reg .b64 %d<8>; .reg .f64 %e; .reg .pred %p;
  .shared .align 8 .b64 sums[4]; .local .align 16 .b8 own[32];
  .loc 1 3 7, function_name name, inlined_at 1 2 3
  mov.u64 %d1, table; ld.const.f32 %f1, [table+8]; cvta.const.u64 %d2, %d1; ld.f32 %f2, [%d2+16];
  ld.global.u64 %d3, [place]; ld.u32 %r1, [%d3]; ld.param.b32 %r2, [whole+4]; ld.param.f64 %e, [d];
  mov.u64 %d4, own; st.local.v2.f32 [%d4+8], {%f1, %f2}; mov.u32 %r3, %tid.x; shl.b32 %r3, %r3, 3;
  mov.u64 %d5, sums; cvt.u64.u32 %d6, %r3; setp.lt.u32 %p, %r3, 32; add.u64 %d5, %d5, %d6;
  @%p st.shared.u64 [%d5], %d3; bar.sync 0; @!%p bra END; ld.shared.u64 %d7, [%d5];
  atom.global.add.u32 %r1, [words+4], 1; ld.param.u64 %d1, [out]; red.global.max.u32 [%d1], %r1;
END: exit;
}
)";

const char BRANCHES[] = R"(
.visible .entry k (.param .u64 out, .param .u32 n) {
  .reg .pred %p<4>; .reg .b32 %r<8>; .reg .b64 %d<3>;
  ld.param.u64 %d1, [out]; mov.u32 %r1, 0; mov.u32 %r2, %laneid;
LOOP: { .reg .b32 %r1x; add.s32 %r1x, %r1, 1; mov.u32 %r1, %r1x; }
  setp.lt.and.u32 %p1|%p2, %r1, 5, %p3; setp.ge.u32 %p1, %r1, 5; @!%p1 bra.uni LOOP;
  and.b32 %r3, %r2, 1; targets: .branchtargets EVEN, ODD; brx.idx %r3, targets;
EVEN: shfl.sync.bfly.b32 %r4|%p2, %r2, 2, 31, 0x55555555; bra JOIN;
ODD: shfl.sync.down.b32 %r4, %r2, 2, 31, 0xaaaaaaaa;
JOIN: bar.warp.sync 0xffffffff; vote.sync.ballot.b32 %r5, %p1, -1; lop3.b32 %r6, %r4, %r5, %r2, 0x96;
  selp.b32 %r6, %r6, %r4, %p2; mul.wide.u32 %d2, %r2, 4; add.s64 %d1, %d1, %d2; st.global.u32 [%d1], %r6;
  .pragma "nounroll"; nanosleep.u32 20; exit;
}
)";

const char VECTORS[] = R"(
.visible .entry k (.param .u64 out) .reqntid 32 .minnctapersm 1 {
  .reg .f32 %f<9>; .reg .b32 %r<9>; .reg .b64 %d<4>; .reg .b16 %h<5>; .shared .align 128 .b8 tile[1024];
  .shared .align 8 .b64 arrived; .reg .pred %p;
  ld.param.u64 %d1, [out]; cvta.to.global.u64 %d1, %d1; ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%d1];
  fma.rn.f32 %f5, %f1, %f2, 0f3F800000; mov.b64 {%r1, %r2}, %d1; mov.b32 {%h1, %h2}, %r1;
  cvt.rn.f16x2.f32 %r3, %f1, %f2;
  mov.u32 %r4, tile; mov.u32 %r5, %tid.x; mad.lo.u32 %r4, %r5, 16, %r4;
  cp.async.ca.shared.global [%r4], [%d1], 16; cp.async.commit_group; cp.async.wait_group 0; bar.sync 0;
  ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r6, %r7}, [%r4];
  mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%f1,%f2,%f3,%f4}, {%r6,%r7}, {%r3}, {%f1,%f2,%f3,%f4};
  setp.eq.u32 %p, %r5, 0; @%p mbarrier.init.shared.b64 [arrived], 32; bar.sync 0;
  mbarrier.arrive.shared.b64 %d2, [arrived];
WAIT: mbarrier.try_wait.shared.b64 %p, [arrived], %d2; @!%p bra WAIT;
  fence.acq_rel.gpu; redux.sync.add.s32 %r8, %r5, -1;
  mad.wide.u32 %d3, %r5, 8, %d1; st.global.v2.b32 [%d3], {%r8, %r8};
  barrier.cluster.arrive; barrier.cluster.wait;
  ret;
}
)";

std::vector<std::string> sound_texts() {
  std::vector<std::string> texts = {adding("k")};
  for (const char* body : {CALLS, VARIABLES, BRANCHES, VECTORS}) {
    texts.push_back(std::string(HEAD) + body);
  }
  return texts;
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("_$%.", c); }

std::vector<std::string> tokens_of(const std::string& text) {
  std::vector<std::string> tokens;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    while (in_word(text[at]) && end < text.size() && in_word(text[end])) {
      end++;
    }
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

const char* const STRANGE[] = {"0",     "-1",  "1",     "4294967295",  "0x7fffffffffffffff", "18446744073709551615",
                               "99999999999999999999999", "1099511627776", "65536", "3000000000", "0f7FC00000", "1e400",
                               ".b128", ".s8", ".f64",  ".pred", ".u64", ".v4", "{",   "}",     "[",    "]",      ";",
                               ",",     "@",   "!",     "|",     "<",    ">",   "//",  "/*",    "\"",   "-",      "+",
                               "_",     "%",   "\x80\xff\x01", ".align", "4096", "k",  "%p",    "%r1",  "out",    ":",
                               "ret",   "call", ".func", ".entry", ".param",
                               ".shared .b8 x[99999999];", ".local .b8 y[600000];",
                               "{{{{{{{{{{{{{{{{{{{{", ")", "(", "=", ".global", ".extern", "%tid.x", "%clock64"};

std::string spoilt(const std::vector<std::vector<std::string>>& texts, std::mt19937& random) {
  std::vector<std::string> tokens = texts[random() % texts.size()];
  for (unsigned k = random() % 4 / 3 + 1; k > 0; k--) {
    size_t at = random() % tokens.size(), other = random() % tokens.size();
    const std::vector<std::string>& from = texts[random() % texts.size()];
    switch (random() % 8) {
      case 0: tokens.erase(tokens.begin() + std::ptrdiff_t(at)); break;
      case 1: tokens.insert(tokens.begin() + std::ptrdiff_t(at), tokens[other]); break;
      case 2: std::swap(tokens[at], tokens[other]); break;
      case 3: tokens[at] = tokens[other]; break;
      case 4: tokens[at] = from[random() % from.size()]; break;
      case 5: tokens[at] = STRANGE[random() % std::size(STRANGE)]; break;
      case 6: tokens.insert(tokens.begin() + std::ptrdiff_t(at), STRANGE[random() % std::size(STRANGE)]); break;
      default: {
        // Of the words alone, with other words in their place, most texts load.
        while (!in_word(tokens[at][0])) {
          at = (at + 1) % tokens.size();
        }
        while (!in_word(tokens[other][0])) {
          other = (other + 1) % tokens.size();
        }
        tokens[at] = tokens[other];
      }
    }
  }
  std::string text;
  for (const std::string& token : tokens) {
    text += token;
  }
  return text;
}

// A driver that is set up anew when a launch has failed.
class Runner {
 public:
  Runner() { start(); }
  ~Runner() { stop(); }

  // Whether the text was refused by one line, or did what it does.
  bool survives(const std::string& text) {
    CUmodule module = nullptr;
    CUresult result = cuModuleLoadData(&module, text.c_str());
    std::string message = charlstm_sim_last_error();
    if (result != CUDA_SUCCESS) {
      bool one_line = message.size() < 400 && message.find('\n') == std::string::npos;
      bool of_a_line = result == CUDA_ERROR_INVALID_PTX && message.find(": line ") != std::string::npos;
      // Without its first directive it is not taken for PTX at all.
      return one_line && (of_a_line || result == CUDA_ERROR_INVALID_IMAGE);
    }
    loaded_++;
    CUfunction kernel = nullptr;
    if (cuModuleGetFunction(&kernel, module, "k") == CUDA_SUCCESS) {
      result = cuLaunchKernel(kernel, 1, 1, 1, 32, 1, 1, 64, driver_->stream, arguments_.data(), nullptr);
      ran_ += result == CUDA_SUCCESS;
    }
    cuModuleUnload(module);
    if (result != CUDA_SUCCESS) {
      stop();
      start();
    }
    return true;
  }

  int loaded() const { return loaded_; }
  int ran() const { return ran_; }

 private:
  void start() {
    driver_ = std::make_unique<Driver>("eager", "", "one");
    memory_ = driver_->holding(std::vector<float>(1024));
    // Each parameter may be larger than it was, and begins with the place of some memory.
    parameter_.assign(8192, memory_);
    arguments_.assign(256, parameter_.data());
  }
  void stop() {
    driver_->free({memory_});
    driver_.reset();
  }

  std::unique_ptr<Driver> driver_;
  CUdeviceptr memory_ = 0;
  std::vector<CUdeviceptr> parameter_;
  std::vector<void*> arguments_;
  int loaded_ = 0, ran_ = 0;
};

std::string repeated(const std::string& text, size_t count) {
  std::string all;
  while (count-- > 0) {
    all += text;
  }
  return all;
}

void great_ones(Runner& runner) {
  std::string head = HEAD, entry = head + ".visible .entry k () {\n";
  for (const std::string& text : {entry + repeated("{", 200'000),
                                  entry + "mov.u32 " + repeated("{", 200'000),
                                  entry + repeated("(", 200'000),
                                  entry + "setp.eq.u32 " + repeated("a|", 200'000),
                                  entry + ".reg .b32 %r<4000000000>; ret; }",
                                  entry + repeated("{", 300) + repeated("}", 300) + "ret; }",
                                  entry + ".reg",
                                  entry + ".reg .b32",
                                  entry + repeated(".reg .b32 %r<60000>;", 2) + "}",
                                  entry + "mov.u32 " + std::string(1'000'000, 'x') + ", 1; }",
                                  entry + ".reg .b32 %r; mov.u32 %r, " + std::string(1'000'000, 'x') + "; }",
                                  head + std::string(1'000'000, ' ') + "/*",
                                  head + ".global .b32 x[2][274877906944] = {{1}, {2}};",
                                  head + ".global .b32 x = " + repeated("{", 200'000),
                                  head + ".global .b8 x[8000000000];",
                                  head + ".global .b128 x = 1;",
                                  head + ".shared .b32 x = 1;",
                                  head + ".extern .global .b32 x = 1;",
                                  head + ".visible .entry k (.param .b8 x[1099511627776]) { ret; }",
                                  head + ".visible .entry k (" + repeated(".param .b64 x,", 50'000) + ") { ret; }",
                                  entry + ".param .b8 x[1000000]; ret; }",
                                  head + ".file 4294967295 \"x\"",
                                  head + "\"\x01\n\xff",
                                  entry + repeated("L: ", 3) + "bra L; }",
                                  head + ".extern .func vprintf (.param .b64 f);\n"
                                         ".visible .entry k () { .param .b64 f; call vprintf, (f); ret; }"}) {
    int before = runner.loaded();
    CHECK(runner.survives(text) && runner.loaded() == before);
  }
  int ran = runner.ran();
  CHECK(runner.survives(head + ".func f () { .reg .b64 %d<99>; call f; ret; }\n.visible .entry k () { call f; ret; }"));
  CHECK(runner.survives(entry + repeated("{ .shared .b8 x[200000]; }", 20) + "ret; }"));
  CHECK(runner.ran() == ran + 1);
  std::string many = entry + ".reg .b32 %r<2>;\n", labels = entry;
  for (int i = 0; i < 150'000; i++) {
    many += "add.u32 %r1, %r1, " + std::to_string(i) + ";\n";
    labels += "L" + std::to_string(i) + ": bra L" + std::to_string((i * 7919) % 150'000) + ";\n";
  }
  CHECK(runner.survives(many + "}"));
  CHECK(runner.survives(labels + "}"));
}

}

void test_ptx_fuzz() {
  {
    Runner runner;
    int count = 0;
    for (const std::string& text : sound_texts()) {
      CHECK(runner.survives(text));
      CHECK(runner.ran() == ++count);
    }
  }
  // Others may run for ever.
  setenv("CHARLSTM_SIM_SECONDS", "0.005", 1);
  {
    Runner runner;
    std::vector<std::vector<std::string>> tokens;
    bool all = true;
    for (const std::string& text : sound_texts()) {
      tokens.push_back(tokens_of(text));
      for (size_t size = 0; size < text.size(); size++) {
        all = all && runner.survives(text.substr(0, size) + (size % 2 ? "" : "\xff"));
      }
    }
    CHECK(all);
    std::mt19937 random(1);
    for (int i = 0; i < 4000; i++) {
      std::string text = spoilt(tokens, random);
      if (!runner.survives(text)) {
        check(false, ("variant " + std::to_string(i) + " is refused by one line").c_str(), __FILE__, __LINE__);
      }
    }
    CHECK(runner.loaded() > 400 && runner.ran() > 100);
    great_ones(runner);
    // Nothing that it did has spoilt what comes after it.
    CHECK(runner.survives(adding("k")));
  }
  unsetenv("CHARLSTM_SIM_SECONDS");
}
