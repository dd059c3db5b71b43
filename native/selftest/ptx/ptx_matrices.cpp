// ldmatrix, stmatrix and movmatrix in PTX, held to the PTX ISA's rule of which lane holds which element, and mistakes
// where a warp does something together.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "selftest/must_fail.h"

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Each lane writes a row of eight halves, which count up, and gives it to ldmatrix and a row of zeros to stmatrix; the
// lanes past LANES give an odd address. The words in capitals are replaced.
const char* KERNEL = R"(
.visible .entry NAME(.param .u64 out)
{
  .reg .pred %p<3>;
  .reg .b32 %r<20>;
  .reg .b64 %rd<4>;
  .shared .align 16 .b8 from[512];
  .shared .align 16 .b8 to[512];
  mov.u32 %r0, %tid.x;
  shl.b32 %r1, %r0, 4;
  mov.u32 %r2, from;
  add.u32 %r2, %r2, %r1;
  mov.u32 %r3, to;
  add.u32 %r3, %r3, %r1;
  mul.lo.u32 %r4, %r0, 524296;
  add.u32 %r4, %r4, 65536;
  add.u32 %r5, %r4, 131074;
  add.u32 %r6, %r5, 131074;
  add.u32 %r7, %r6, 131074;
  st.shared.v4.b32 [%r2], {%r4, %r5, %r6, %r7};
  mov.u32 %r8, 0;
  st.shared.v4.b32 [%r3], {%r8, %r8, %r8, %r8};
  bar.warp.sync 0xffffffff;
  mov.u32 %r9, %r3;
  setp.ge.u32 %p0, %r0, LANES;
  @%p0 mov.u32 %r2, 1;
  @%p0 mov.u32 %r9, 1;
  setp.eq.u32 %p1, %r0, 3;
  mov.u32 %r10, 0;
  mov.u32 %r11, 0;
  mov.u32 %r12, 0;
  mov.u32 %r13, 0;
  MISTAKE
  ldmatrix.sync.aligned.m8n8.FORMLOAD.shared.b16 LIST, [%r2];
  stmatrix.sync.aligned.m8n8.FORMSTORE.shared.b16 [%r9], LIST;
  bar.warp.sync 0xffffffff;
  ld.param.u64 %rd0, [out];
  cvta.to.global.u64 %rd0, %rd0;
  mul.wide.u32 %rd1, %r1, 2;
  add.u64 %rd0, %rd0, %rd1;
  st.global.v4.b32 [%rd0], {%r10, %r11, %r12, %r13};
  ld.shared.v4.b32 {%r4, %r5, %r6, %r7}, [%r3];
  st.global.v4.b32 [%rd0+16], {%r4, %r5, %r6, %r7};
  ret;
}
)";

std::string kernel(const std::string& name, int count, bool load, bool store, const std::string& mistake = "") {
  std::string text = replaced(KERNEL, "MISTAKE", mistake);
  text = replaced(text, "NAME", name);
  text = replaced(text, "FORM", "x" + std::to_string(count));
  text = replaced(text, "LOAD", load ? ".trans" : "");
  text = replaced(text, "STORE", store ? ".trans" : "");
  text = replaced(text, "LANES", std::to_string(8 * count));
  return replaced(text, "LIST", count == 1 ? "{%r10}" : count == 2 ? "{%r10, %r11}" : "{%r10, %r11, %r12, %r13}");
}

std::string name_of(int count, bool load, bool store) {
  return std::string("move_") + std::to_string(count) + (load ? "_t" : "_n") + (store ? "_t" : "_n");
}

const char* MULTIPLY = "mma.sync.aligned.SHAPE.row.col.f32.f16.f16.f32 {%r10, %r11, %r12, %r13}, A, B, "
                       "{%r10, %r11, %r12, %r13};\n";

std::string multiply(int k) {
  return k == 8 ? replaced(replaced(replaced(MULTIPLY, "SHAPE", "m16n8k8"), "A", "{%r4, %r5}"), "B", "{%r6}")
                : replaced(replaced(replaced(MULTIPLY, "SHAPE", "m16n8k16"), "A", "{%r4, %r5, %r6, %r7}"), "B",
                           "{%r4, %r5}");
}

std::string all_kernels() {
  std::string text = ".version 8.0\n.target sm_90\n.address_size 64\n";
  for (int count : {1, 2, 4}) {
    for (bool load : {false, true}) {
      for (bool store : {false, true}) {
        text += kernel(name_of(count, load, store), count, load, store);
      }
    }
  }
  text += kernel("transpose_one", 1, false, false,
                 "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r11}, [%r2];\n"
                 "movmatrix.sync.aligned.m8n8.trans.b16 %r11, %r11;");
  text += kernel("load_without_three", 4, false, false, "@%p1 ret;");
  text += kernel("load_two_forms", 4, false, false,
                 "@%p1 ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r10}, [%r2];");
  text += kernel("store_for_load", 4, false, false,
                 "@%p1 stmatrix.sync.aligned.m8n8.x4.shared.b16 [%r2], {%r10, %r11, %r12, %r13};");
  text += kernel("load_odd", 4, false, false, "@%p1 add.u32 %r2, %r2, 2;");
  text += kernel("store_odd", 4, false, false, "@%p1 add.u32 %r9, %r9, 8;");
  text += kernel("store_past_end", 4, false, false, "@%p1 add.u32 %r9, %r9, 1024;");
  text += kernel("store_twice", 4, false, false, "@%p1 add.u32 %r9, %r9, 16;");
  text += kernel("multiply_two_forms", 4, false, false,
                 "@%p1 bra other;\n" + multiply(8) + "bra.uni done;\nother:\n" + multiply(16) + "done:");
  return text;
}

// A row's and a column's half of a matrix, as the lanes wrote them.
unsigned half_at(int matrix, int row, int column, bool transposed) {
  return unsigned(64 * matrix + (transposed ? 8 * column + row : 8 * row + column));
}

bool moves(int count, bool load, bool store) {
  Driver driver;
  CUdeviceptr out = driver.fresh(32 * 8 * 4);
  CHECK(driver.launch(name_of(count, load, store).c_str(), 1, 32, out) == CUDA_SUCCESS);
  std::vector<float> values = driver.read(out, 32 * 8);
  std::vector<unsigned> words(values.size());
  std::memcpy(words.data(), values.data(), words.size() * sizeof(unsigned));
  driver.free({out});
  bool right = true;
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < 4; i++) {
      // Its element of matrix i, and its own row of what was stored.
      unsigned loaded = half_at(i, lane / 4, lane % 4 * 2, load) | half_at(i, lane / 4, lane % 4 * 2 + 1, load) << 16;
      unsigned stored = half_at(lane / 8, lane % 8, 2 * i, load != store) |
                        half_at(lane / 8, lane % 8, 2 * i + 1, load != store) << 16;
      right = right && words[8 * lane + i] == (i < count ? loaded : 0);
      right = right && words[8 * lane + 4 + i] == (lane / 8 < count ? stored : 0);
    }
  }
  return right;
}

void transposition() {
  Driver driver;
  CUdeviceptr out = driver.fresh(32 * 8 * 4);
  CHECK(driver.launch("transpose_one", 1, 32, out) == CUDA_SUCCESS);
  std::vector<float> values = driver.read(out, 32 * 8);
  bool right = true;
  for (int lane = 0; lane < 32; lane++) {
    unsigned word;
    std::memcpy(&word, &values[8 * lane + 1], sizeof word);
    unsigned low = half_at(0, lane / 4, lane % 4 * 2, true), high = half_at(0, lane / 4, lane % 4 * 2 + 1, true);
    right = right && word == (low | high << 16);
  }
  CHECK(right);
  driver.free({out});
}

}

void test_ptx_matrices() {
  char folder[] = "/tmp/charlstm-selftest-XXXXXX";
  CHECK(mkdtemp(folder));
  std::string file = std::string(folder) + "/matrices.ptx", text = all_kernels();
  std::FILE* to = std::fopen(file.c_str(), "w");
  CHECK(to && std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fclose(to) == 0);
  setenv("CHARLSTM_SIM_PTX", folder, 1);
  for (int count : {1, 2, 4}) {
    for (bool load : {false, true}) {
      for (bool store : {false, true}) {
        CHECK(moves(count, load, store));
      }
    }
  }
  transposition();
  const CUresult address = CUDA_ERROR_ILLEGAL_ADDRESS, failed = CUDA_ERROR_LAUNCH_FAILED;
  auto out = [](Driver& driver) { return std::vector<CUdeviceptr>{driver.fresh(32 * 8 * 4)}; };
  must_fail(failed, "ldmatrix without lane 3 of the warp", "load_without_three", 1, 32, out);
  must_fail(failed, "wait for one another in different forms of ldmatrix", "load_two_forms", 1, 32, out);
  must_fail(failed, "wait for one another in different forms of ", "store_for_load", 1, 32, out);
  must_fail(CUDA_ERROR_MISALIGNED_ADDRESS, "ldmatrix: the row of 16 bytes", "load_odd", 1, 32, out);
  must_fail(CUDA_ERROR_MISALIGNED_ADDRESS, "stmatrix: the row of 16 bytes", "store_odd", 1, 32, out);
  must_fail(address, "out-of-bounds write of 4 bytes", "store_past_end", 1, 32, out);
  must_fail(failed, "race: writes byte", "store_twice", 1, 32, out);
  must_fail(failed, "wait for one another in different forms of mma.sync", "multiply_two_forms", 1, 32, out);
  unsetenv("CHARLSTM_SIM_PTX");
  CHECK(std::remove(file.c_str()) == 0 && std::remove(folder) == 0);
}
