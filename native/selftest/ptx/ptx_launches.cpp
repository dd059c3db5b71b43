#include "selftest/ptx/ptx_launches.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// Memory of the device that holds words.
CUdeviceptr holding(Driver& driver, const Words& words) {
  CUdeviceptr address = driver.fresh(words.size() * sizeof(unsigned));
  cuMemcpyHtoD_v2(address, words.data(), words.size() * sizeof(unsigned));
  return address;
}

std::string named(const std::string& name, long long distance) {
  return name + (distance < 0 ? "" : "+") + std::to_string(distance);
}

// The addresses of a message by the names of what is there.
std::string with_names(const std::string& message, CUdeviceptr in, CUdeviceptr out) {
  std::string text;
  for (size_t at = 0; at < message.size();) {
    size_t next = std::min(message.find("0x", at), message.size());
    text += message.substr(at, next - at);
    at = next;
    if (at < message.size()) {
      char* end = nullptr;
      auto address = CUdeviceptr(std::strtoull(message.c_str() + at, &end, 16));
      size_t length = size_t(end - (message.c_str() + at));
      constexpr CUdeviceptr NEAR = 1 << 12;
      text += address + NEAR - in < 2 * NEAR    ? named("in", (long long)(address - in))
              : address + NEAR - out < 2 * NEAR ? named("out", (long long)(address - out))
              : address > in / 2                ? "SHARED"
                                                : message.substr(at, length);
      at += length;
    }
  }
  return text;
}

// Keeps all that is printed while it lives.
class Printed {
 public:
  Printed() : file_(std::tmpfile()), before_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    dup2(fileno(file_), STDOUT_FILENO);
  }
  std::string end() {
    std::fflush(stdout);
    dup2(before_, STDOUT_FILENO);
    close(before_);
    std::string text(size_t(lseek(fileno(file_), 0, SEEK_END)), 0);
    bool whole = pread(fileno(file_), text.data(), text.size(), 0) == ssize_t(text.size());
    std::fclose(file_);
    return whole ? text : "";
  }

 private:
  std::FILE* file_;
  int before_;
};

}

std::string Text::whole() const {
  return ".version 8.6\n.target " + target + "\n.address_size 64\n" + before +
         "\n.visible .entry k(.param .u64 in, .param .u64 out)\n" + directives + R"(
{
.reg .pred %p<20>;
.reg .b16 %h<20>;
.reg .b32 %r<60>;
.reg .b64 %d<40>;
.reg .f32 %f<20>;
.reg .f64 %e<20>;
mov.u32 %r1, %tid.x;
mov.u32 %r2, %ntid.x;
mov.u32 %r3, %ctaid.x;
mad.lo.u32 %r2, %r2, %r3, %r1;
ld.param.u64 %d1, [in];
cvta.to.global.u64 %d1, %d1;
ld.param.u64 %d2, [out];
cvta.to.global.u64 %d2, %d2;
mad.wide.u32 %d3, %r2, 4, %d2;
)" + body + "\nret;\n}\n";
}

Ran run_ptx(const Text& text, Shape shape, const Words& in, size_t count) {
  Driver driver("eager", "", text.orders.c_str());
  Ran ran;
  CUmodule module = nullptr;
  ran.loaded = cuModuleLoadData(&module, text.whole().c_str());
  if (ran.loaded != CUDA_SUCCESS) {
    ran.said = charlstm_sim_last_error();
    return ran;
  }
  CUfunction function = nullptr;
  cuModuleGetFunction(&function, module, "k");
  CUdeviceptr from = holding(driver, in), to = holding(driver, Words(count));
  void* arguments[] = {&from, &to};
  Printed printed;
  ran.result = cuLaunchKernel(function, shape.blocks, 1, 1, shape.threads, 1, 1, shape.shared, driver.stream,
                              arguments, nullptr);
  ran.printed = printed.end();
  ran.said = with_names(charlstm_sim_last_error(), from, to);
  ran.out.resize(count);
  if (ran.result == CUDA_SUCCESS) {
    cuMemcpyDtoH_v2(ran.out.data(), to, count * sizeof(unsigned));
  }
  cuMemFree_v2(from);
  cuMemFree_v2(to);
  cuModuleUnload(module);
  return ran;
}

void must_give(const std::string& what, const Text& text, Shape shape, const Words& in, const Words& expected) {
  Ran ran = run_ptx(text, shape, in, expected.size());
  bool right = ran.loaded == CUDA_SUCCESS && ran.result == CUDA_SUCCESS && ran.out == expected;
  std::string why = what;
  for (size_t i = 0; !right && i < expected.size(); i++) {
    if (ran.out.size() != expected.size() || ran.out[i] != expected[i]) {
      char words[80];
      std::snprintf(words, sizeof words, ": word %zu is %#x, not %#x", i,
                    i < ran.out.size() ? ran.out[i] : 0u, expected[i]);
      why += words + std::string(": ") + ran.said;
      break;
    }
  }
  check(right, why.c_str(), __FILE__, __LINE__);
}

void must_find(const Text& text, Shape shape, const Finding& finding, const Words& in) {
  std::string whole = text.whole();
  size_t here = whole.find("// here");
  auto line = std::count(whole.begin(), whole.begin() + long(std::min(here, whole.size())), '\n') + 1;
  std::string expected = "charlstm sim: kernel k: " + finding.what + "; block " + finding.block + " thread " +
                         finding.thread + ", PTX line " + std::to_string(line) +
                         (finding.source.empty() ? "" : " (" + finding.source + ")");
  Ran ran = run_ptx(text, shape, in);
  bool right = here != std::string::npos && ran.loaded == CUDA_SUCCESS && ran.result == finding.code &&
               (ran.said.rfind(expected + ". ", 0) == 0 || ran.said.rfind(expected + "; the result depends", 0) == 0);
  check(right, (expected + "\n  was: " + ran.said).c_str(), __FILE__, __LINE__);
}

void must_refuse(const Text& text, const std::string& words) {
  Ran ran = run_ptx(text);
  bool refused = ran.loaded == CUDA_ERROR_INVALID_PTX || ran.result == CUDA_ERROR_NOT_SUPPORTED;
  bool right = refused && ran.said.find(words) != std::string::npos;
  check(right, (words + "\n  was: " + ran.said).c_str(), __FILE__, __LINE__);
}

void must_refuse_each(const std::vector<Refused>& all, const std::function<Text(const char*)>& text_of) {
  for (const Refused& one : all) {
    must_refuse(text_of(one.body), one.words);
  }
}
