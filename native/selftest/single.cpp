#include "selftest/single.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "selftest/texts.h"

namespace {

constexpr size_t POINTS = 512, OF_A_KERNEL = 64, PAIRED = 15;

std::string without_register(const std::string& type) { return type.substr(0, type.find('@')); }

bool begins(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }

const std::vector<uint64_t> HALVES = {0,      0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7fff, 0xfe01, 1,     0x8001,
                                      0x3ff,  0x400,  0x7bff, 0xfbff, 0x3800, 0x7c01, 0x8400, 0x4200, 0x3555};
const std::vector<uint64_t> BRAINS = {0,      0x8000, 0x3f80, 0xbf80, 0x7f80, 0xff80, 0x7fff, 0xffc1, 1,     0x8001,
                                      0x7f,   0x80,   0x7f7f, 0xff7f, 0x3f00, 0x7f81, 0x8080, 0x4040, 0x3eab};
// After the first of these come limits of integers and of smaller floats.
const std::vector<uint64_t> SINGLES = {
    0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fffffff, 0xffc12345, 1, 0x80000001,
    0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x3f000000, 0x7f800001, 0x80800000, 0x40400000, 0x3fc00000,
    0xbf000000, 0x4b000001, 0x4f000000, 0xcf000000, 0x4effffff, 0x4f800000, 0x5f000000, 0xdf000000, 0x5f800000,
    0x477fe000, 0x477ff000, 0x477fefff, 0x33800000, 0x33000000, 0x33000001, 0x43e00000, 0x43e80000, 0x43e80001,
    0x7f7f8000, 0x7f7f7fff, 0x43000000, 0xc3008000, 0x437f8000, 0x42fe0000, 0x3eaaaaab, 0x7effffff, 0x7e800001,
    0x3f7fffff, 0x47000000};
const std::vector<uint64_t> DOUBLES = {
    0, 1ull << 63, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000,
    0x7ff8000000000000, 0xfff8000000012345, 1, 0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000,
    0x7fefffffffffffff, 0xffefffffffffffff, 0x3fe0000000000000, 0x7ff0000000000001, 0x8010000000000000,
    0x43e0000000000000, 0xc3e0000000000000, 0x43f0000000000000, 0x41dfffffffc00000, 0x41e0000000000000,
    0xc1e0000000200000, 0x47efffffe0000000, 0x47effffff0000000, 0x3810000000000000, 0x380fffffffffffff,
    0x36a0000000000000, 0x3690000000000000, 0x40effe0000000000, 0x3ff8000000000000, 0x4330000000000001};

std::vector<uint64_t> edges_of(const std::string& type) {
  if (begins(type, "f16")) {
    return HALVES;
  }
  if (begins(type, "bf16")) {
    return BRAINS;
  }
  if (begins(type, "f32")) {
    return SINGLES;
  }
  if (type == "f64") {
    return DOUBLES;
  }
  if (type == "pred") {
    return {0, 1};
  }
  if (type == "by") {
    return {0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 0x80000000, 0xffffffff};
  }
  int bits = value_bits_of(type);
  uint64_t top = uint64_t(1) << (bits - 1);
  return {0, 1, 2, uint64_t(-1), uint64_t(-2), top, top - 1, top + 1, top >> 1, uint64_t(bits), 3, 0x80, 0x7f, 0x8000,
          0x7fff, 0x5555555555555555, 0xff, 0xffff, 0xffffff, 0x800000, 0x7fffffff, 0x80000000, 0xffffffff};
}

// At times it has few bits, so that there are ties, or is close to 1, so that differences are small.
uint64_t drawn_float(std::mt19937_64& random, int exponent_bits, int mantissa_bits) {
  uint64_t bits = random() >> (64 - 1 - exponent_bits - mantissa_bits), mantissa = (uint64_t(1) << mantissa_bits) - 1;
  uint64_t bias = (uint64_t(1) << (exponent_bits - 1)) - 1, sign = uint64_t(1) << (exponent_bits + mantissa_bits);
  uint64_t kept = random() % 3 == 0 ? mantissa << (mantissa_bits * 2 / 3) & mantissa : mantissa;
  switch (random() % 4) {
    case 0: return bits & (kept | ~mantissa);
    case 1: return (bits & (sign | kept)) | (bias + random() % 6 - 3) << mantissa_bits;
    case 2: return (bits & (sign | kept)) | (bias + random() % 40 % (bias / 2 + 1)) << mantissa_bits;
    default: return bits & (sign | kept);
  }
}

uint64_t draw_one(std::mt19937_64& random, const std::string& type) {
  if (begins(type, "f16")) {
    return drawn_float(random, 5, 10);
  }
  if (begins(type, "bf16")) {
    return drawn_float(random, 8, 7);
  }
  if (begins(type, "f32")) {
    return drawn_float(random, 8, 23);
  }
  if (type == "f64") {
    return drawn_float(random, 11, 52);
  }
  if (type == "by") {
    return random() % 4 ? random() % 70 : uint32_t(random());
  }
  uint64_t bits = random();
  return random() % 3 == 0 ? bits >> random() % 64 : random() % 3 == 0 ? ~(bits >> random() % 64) : bits;
}

uint64_t draw(std::mt19937_64& random, const std::string& type) {
  std::vector<uint64_t> edges = edges_of(type);
  auto one = [&] { return random() % 3 == 0 ? edges[random() % edges.size()] : draw_one(random, type); };
  bool pair = type.size() > 2 && type.compare(type.size() - 2, 2, "x2") == 0;
  int half = bits_of(type) / 2;
  return pair ? low(one(), half) | low(one(), half) << half : one();
}

std::string hexadecimal(uint64_t bits) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(bits));
  return text;
}

// Each kind of register has its letter, and a number that says which operand or result it is.
std::string register_of(const std::string& type, size_t number) {
  std::string letter = type == "pred" ? "p" : bits_of(type) == 16 ? "h" : bits_of(type) == 32 ? "r" : "d";
  return "%" + letter + std::to_string(number);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}

int value_bits_of(const std::string& type) {
  std::string name = without_register(type);
  if (name == "pred") {
    return 1;
  }
  if (name == "f32x2") {
    return 64;
  }
  if (name == "by" || name.find("16x2") != std::string::npos || name == "tf32") {
    return 32;
  }
  if (name == "e4m3x2" || name == "e5m2x2") {
    return 16;
  }
  return std::atoi(name.c_str() + name.find_first_of("0123456789"));
}

int bits_of(const std::string& type) {
  size_t at = type.find('@');
  return at == std::string::npos ? type == "pred" ? 32 : std::max(value_bits_of(type), 16)
                                 : std::atoi(type.c_str() + at + 1);
}

__int128 wide(uint64_t bits, const std::string& type) {
  int unused = 64 - value_bits_of(type);
  return type[0] == 's' ? __int128(int64_t(bits << unused) >> unused) : __int128(bits << unused >> unused);
}

uint64_t low(__int128 value, int bits) {
  return bits >= 64 ? uint64_t(value) : uint64_t(value) & ((uint64_t(1) << bits) - 1);
}

void Singles::add(const std::string& text, const Types& results, const Types& operands, Right right) {
  trials_.push_back({text, results, operands, std::move(right), pool_of(operands), columns_out_});
  columns_out_ += results.size();
}

void Singles::plain(const std::string& name, const std::string& result, const Types& operands, Oracle oracle) {
  std::string text = name + " $x";
  for (size_t k = 0; k < operands.size(); k++) {
    text += std::string(", $") + char('a' + k);
  }
  add(text + ";", {result}, operands, [=](const uint64_t* in, const uint64_t* got) { return got[0] == oracle(in); });
}

// Trials with the same types have the same operands: first all pairs of edges, then drawn ones.
size_t Singles::pool_of(const Types& operands) {
  for (const auto& [types, first] : pools_) {
    if (types == operands) {
      return first;
    }
  }
  std::mt19937_64 random(pools_.size() + 1);
  size_t first = in_.size() / POINTS;
  pools_.emplace_back(operands, first);
  in_.resize(in_.size() + operands.size() * POINTS);
  for (size_t k = 0; k < operands.size(); k++) {
    std::vector<uint64_t> edges = edges_of(without_register(operands[k]));
    size_t paired = operands.size() == 1 ? edges.size() : std::min(PAIRED, edges.size());
    for (size_t i = 0; i < POINTS; i++) {
      size_t edge = k == 0 ? i % paired : i / PAIRED % paired;
      bool from_edges = k < 2 && i < (operands.size() == 1 ? paired : PAIRED * PAIRED);
      uint64_t value = from_edges ? edges[edge] : draw(random, without_register(operands[k]));
      int bits = value_bits_of(operands[k]);
      // Above the value there is anything.
      value = operands[k] == "pred" ? value & 1 : bits < 64 ? low(value, bits) | random() << bits : value;
      in_[(first + k) * POINTS + i] = value;
    }
  }
  return first;
}

std::string Singles::kernel(size_t first, size_t last) const {
  std::string text = ".visible .entry k" + std::to_string(first) + "(.param .u64 in, .param .u64 out)\n{\n"
                     ".reg .pred %p<9>;\n.reg .b16 %h<9>;\n.reg .b32 %r<9>;\n.reg .b64 %d<9>, %in, %out, %i;\n"
                     ".reg .b32 %u<4>;\nmov.u32 %u1, %tid.x;\nmov.u32 %u2, %tid.y;\nmad.lo.u32 %u1, %u2, 32, %u1;\n"
                     "mov.u32 %u2, %tid.z;\nmad.lo.u32 %u1, %u2, 64, %u1;\nmov.u32 %u2, %ctaid.x;\n"
                     "mad.lo.u32 %u1, %u2, 128, %u1;\nmov.u32 %u2, %ctaid.z;\nmad.lo.u32 %u1, %u2, 256, %u1;\n"
                     "mul.wide.u32 %i, %u1, 8;\nld.param.u64 %in, [in];\n"
                     "ld.param.u64 %out, [out];\nadd.u64 %in, %in, %i;\nadd.u64 %out, %out, %i;\n";
  for (size_t t = first; t < last; t++) {
    const Trial& trial = trials_[t];
    std::string code = trial.text + "\n";
    for (size_t k = 0; k < trial.operands.size(); k++) {
      const std::string& type = trial.operands[k];
      std::string name = register_of(type, k), column = std::to_string((trial.from + k) * POINTS * 8);
      text += type == "pred" ? "ld.global.b32 %u1, [%in+" + column + "];\nsetp.ne.u32 " + name + ", %u1, 0;\n"
                             : "ld.global.b" + std::to_string(bits_of(type)) + " " + name + ", [%in+" + column + "];\n";
      code = replaced(code, std::string("$") + char('a' + k), name);
    }
    std::string stores;
    for (size_t k = 0; k < trial.results.size(); k++) {
      const std::string& type = trial.results[k];
      std::string name = register_of(type, 5 + k);
      std::string place = "[%out+" + std::to_string((trial.to + k) * POINTS * 8) + "], ";
      stores += type == "pred" ? "selp.b32 %u1, 1, 0, " + name + ";\nst.global.b32 " + place + "%u1;\n"
                               : "st.global.b" + std::to_string(bits_of(type)) + " " + place + name + ";\n";
      code = replaced(code, std::string("$") + char('x' + k), name);
    }
    text += code + stores;
  }
  return text + "ret;\n}\n";
}

std::string Singles::module() const {
  std::string text = ".version 8.8\n.target sm_100\n.address_size 64\n.global .b64 gv;\n.const .b64 cv;\n";
  for (size_t first = 0; first < trials_.size(); first += OF_A_KERNEL) {
    text += kernel(first, std::min(first + OF_A_KERNEL, trials_.size()));
  }
  return text;
}

void Singles::check_all(const std::vector<uint64_t>& got) const {
  for (const Trial& trial : trials_) {
    std::string wrong;
    for (size_t i = 0; i < POINTS && wrong.empty(); i++) {
      std::string shown;
      uint64_t in[6] = {0, 0, 0, 0, 0, i}, results[3] = {};
      for (size_t k = 0; k < trial.operands.size(); k++) {
        const std::string& type = trial.operands[k];
        in[k] = low(in_[(trial.from + k) * POINTS + i], value_bits_of(type));
        shown += " " + hexadecimal(in[k]);
      }
      shown += " gives";
      for (size_t k = 0; k < trial.results.size(); k++) {
        results[k] = low(got[(trial.to + k) * POINTS + i], bits_of(trial.results[k]));
        shown += " " + hexadecimal(results[k]);
      }
      wrong = trial.right(in, results) ? "" : shown;
    }
    check(wrong.empty(), (trial.text + " of" + wrong).c_str(), __FILE__, __LINE__);
  }
}

void Singles::run() {
  setenv("CHARLSTM_SIM_CAPABILITY", "1000", 1);
  {
    Driver driver("eager", "", "one");
    std::string text = module();
    CUmodule code = loaded(text);
    std::vector<uint64_t> got(columns_out_ * POINTS, 0xeeeeeeeeeeeeeeee);
    CUdeviceptr in = driver.fresh(in_.size() * 8), out = driver.fresh(got.size() * 8);
    cuMemcpyHtoDAsync_v2(in, in_.data(), in_.size() * 8, driver.stream);
    cuMemcpyHtoDAsync_v2(out, got.data(), got.size() * 8, driver.stream);
    void* arguments[] = {&in, &out};
    for (size_t first = 0; code && first < trials_.size(); first += OF_A_KERNEL) {
      CUfunction kernel = function_of(code, ("k" + std::to_string(first)).c_str());
      CHECK(cuLaunchKernel(kernel, 2, 1, 2, 32, 2, 2, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
    }
    cuMemcpyDtoHAsync_v2(got.data(), out, got.size() * 8, driver.stream);
    CHECK(driver.synchronise() == CUDA_SUCCESS);
    check_all(got);
    cuModuleUnload(code);
    driver.free({in, out});
  }
  unsetenv("CHARLSTM_SIM_CAPABILITY");
}
