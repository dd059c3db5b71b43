// Products and loads of small matrices, held to tables of which lane holds which element.
#include <cmath>
#include <cstring>

#include "selftest/must_fail.h"

namespace {

// As the figures of NVIDIA's PTX ISA have them, under "Matrix Fragments for mma.m16n8k16 with floating point type": an
// entry is ten times the lane, and the register. Two neighbours share an entry, the lower in the register's lower half.

// Rows of A, and pairs of its columns.
const int OF_A[16][8] = {
    {  0,  10,  20,  30,   2,  12,  22,  32},
    { 40,  50,  60,  70,  42,  52,  62,  72},
    { 80,  90, 100, 110,  82,  92, 102, 112},
    {120, 130, 140, 150, 122, 132, 142, 152},
    {160, 170, 180, 190, 162, 172, 182, 192},
    {200, 210, 220, 230, 202, 212, 222, 232},
    {240, 250, 260, 270, 242, 252, 262, 272},
    {280, 290, 300, 310, 282, 292, 302, 312},
    {  1,  11,  21,  31,   3,  13,  23,  33},
    { 41,  51,  61,  71,  43,  53,  63,  73},
    { 81,  91, 101, 111,  83,  93, 103, 113},
    {121, 131, 141, 151, 123, 133, 143, 153},
    {161, 171, 181, 191, 163, 173, 183, 193},
    {201, 211, 221, 231, 203, 213, 223, 233},
    {241, 251, 261, 271, 243, 253, 263, 273},
    {281, 291, 301, 311, 283, 293, 303, 313}};

// Pairs of rows of B, and its columns.
const int OF_B[8][8] = {
    {  0,  40,  80, 120, 160, 200, 240, 280},
    { 10,  50,  90, 130, 170, 210, 250, 290},
    { 20,  60, 100, 140, 180, 220, 260, 300},
    { 30,  70, 110, 150, 190, 230, 270, 310},
    {  1,  41,  81, 121, 161, 201, 241, 281},
    { 11,  51,  91, 131, 171, 211, 251, 291},
    { 21,  61, 101, 141, 181, 221, 261, 301},
    { 31,  71, 111, 151, 191, 231, 271, 311}};

// Rows of D, and pairs of its columns: 0 is registers 0 and 1, and 1 is registers 2 and 3.
const int OF_D[16][4] = {
    {  0,  10,  20,  30},
    { 40,  50,  60,  70},
    { 80,  90, 100, 110},
    {120, 130, 140, 150},
    {160, 170, 180, 190},
    {200, 210, 220, 230},
    {240, 250, 260, 270},
    {280, 290, 300, 310},
    {  1,  11,  21,  31},
    { 41,  51,  61,  71},
    { 81,  91, 101, 111},
    {121, 131, 141, 151},
    {161, 171, 181, 191},
    {201, 211, 221, 231},
    {241, 251, 261, 271},
    {281, 291, 301, 311}};

// As the table under "ldmatrix": which lane gets which element of a matrix, two neighbours of a row in a register.
const int OF_LOAD[8][8] = {
    {  0,   0,   1,   1,   2,   2,   3,   3},
    {  4,   4,   5,   5,   6,   6,   7,   7},
    {  8,   8,   9,   9,  10,  10,  11,  11},
    { 12,  12,  13,  13,  14,  14,  15,  15},
    { 16,  16,  17,  17,  18,  18,  19,  19},
    { 20,  20,  21,  21,  22,  22,  23,  23},
    { 24,  24,  25,  25,  26,  26,  27,  27},
    { 28,  28,  29,  29,  30,  30,  31,  31}};

using Words = std::vector<unsigned>;

unsigned short bf16(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits >> 16;
}

unsigned pair(float low, float high) {
  return bf16(low) | unsigned(bf16(high)) << 16;
}

CUdeviceptr holding(Driver& driver, const Words& words) {
  std::vector<float> values(words.size());
  std::memcpy(values.data(), words.data(), words.size() * sizeof(unsigned));
  return driver.holding(values);
}

Words read(Driver& driver, CUdeviceptr from, size_t count) {
  std::vector<float> values = driver.read(from, count);
  Words words(count);
  std::memcpy(words.data(), values.data(), count * sizeof(unsigned));
  return words;
}

struct Matrices {
  float a[16][16] = {};
  float b[16][8] = {};
  float d[16][8] = {};
};

// The warp's result in d.
Matrices multiplied(Driver& driver, const Matrices& matrices) {
  Words a(128), b(64);
  std::vector<float> d(128);
  for (int row = 0; row < 16; row++) {
    for (int p = 0; p < 8; p++) {
      int lane = OF_A[row][p] / 10, held = OF_A[row][p] % 10;
      a[4 * lane + held] = pair(matrices.a[row][2 * p], matrices.a[row][2 * p + 1]);
    }
    for (int column = 0; column < 8; column++) {
      int lane = OF_B[row / 2][column] / 10, held = OF_B[row / 2][column] % 10;
      b[2 * lane + held] = pair(matrices.b[row / 2 * 2][column], matrices.b[row / 2 * 2 + 1][column]);
      d[OF_D[row][column / 2] / 10 * 4 + OF_D[row][column / 2] % 10 * 2 + column % 2] = matrices.d[row][column];
    }
  }
  CUdeviceptr left = holding(driver, a), right = holding(driver, b), sums = driver.holding(d);
  CHECK(driver.launch("multiply_once", 1, 32, left, right, sums) == CUDA_SUCCESS);
  d = driver.read(sums, 128);
  driver.free({left, right, sums});
  Matrices result;
  for (int row = 0; row < 16; row++) {
    for (int column = 0; column < 8; column++) {
      result.d[row][column] = d[OF_D[row][column / 2] / 10 * 4 + OF_D[row][column / 2] % 10 * 2 + column % 2];
    }
  }
  return result;
}

// Each value of A tells where it is, and B picks one column of A after the other.
void each_element_is_where_it_belongs() {
  Driver driver;
  for (int k = 0; k < 16; k++) {
    Matrices matrices;
    for (int row = 0; row < 16; row++) {
      for (int column = 0; column < 16; column++) {
        matrices.a[row][column] = 16 * row + column;
      }
      for (int column = 0; column < 8; column++) {
        matrices.b[row][column] = row == k ? column + 1 : 0;
        matrices.d[row][column] = 100000 * row + 10000 * column;
      }
    }
    Matrices result = multiplied(driver, matrices);
    bool right = true;
    for (int row = 0; row < 16; row++) {
      for (int column = 0; column < 8; column++) {
        float expected = (16 * row + k) * (column + 1) + 100000 * row + 10000 * column;
        right = right && result.d[row][column] == expected;
      }
    }
    CHECK(right);
  }
}

// Sixteen halves that float32 would lose one by one are not lost, a sum is rounded once, and NaN spoils its row.
void sums() {
  Driver driver;
  Matrices matrices;
  for (int k = 0; k < 16; k++) {
    for (int row = 0; row < 16; row++) {
      matrices.a[row][k] = 0.5f;
    }
    for (int column = 0; column < 8; column++) {
      matrices.b[k][column] = 1.0f;
    }
  }
  matrices.d[2][3] = 16777216.0f;
  matrices.d[3][3] = -INFINITY;
  matrices.a[5][9] = NAN;
  Matrices result = multiplied(driver, matrices);
  CHECK(result.d[2][3] == 16777224.0f && result.d[2][4] == 8.0f && result.d[3][3] == -INFINITY);
  CHECK(std::isnan(result.d[5][0]) && std::isnan(result.d[5][7]) && result.d[6][7] == 8.0f);
}

void loads() {
  Driver driver;
  Words rows(128);
  for (unsigned i = 0; i < 128; i++) {
    rows[i] = 2 * i | (2 * i + 1) << 16;
  }
  CUdeviceptr from = holding(driver, rows);
  CUdeviceptr plain = driver.fresh(512), transposed = driver.fresh(512);
  CHECK(driver.launch("load_once", 1, 32, from, plain, transposed) == CUDA_SUCCESS);
  Words got = read(driver, plain, 128), other = read(driver, transposed, 128);
  bool right = true;
  for (int m = 0; m < 4; m++) {
    for (int row = 0; row < 8; row++) {
      for (int column = 0; column < 8; column++) {
        unsigned element = 64 * m + 8 * row + column;
        right = right && (got[4 * OF_LOAD[row][column] + m] >> column % 2 * 16 & 0xffff) == element;
        right = right && (other[4 * OF_LOAD[column][row] + m] >> row % 2 * 16 & 0xffff) == element;
      }
    }
  }
  CHECK(right);
  driver.free({from, plain, transposed});
}

// The table of loads holds for "movmatrix" as well: both lanes' elements, before and after.
void transposes() {
  Driver driver;
  Words two(32), expected(32);
  for (unsigned row = 0; row < 8; row++) {
    for (unsigned column = 0; column < 8; column++) {
      two[OF_LOAD[row][column]] |= (0x8000u + 16 * row + column) << 16 * (column % 2);
      expected[OF_LOAD[row][column]] |= (0x8000u + 16 * column + row) << 16 * (column % 2);
    }
  }
  CUdeviceptr x = holding(driver, two), y = driver.fresh(128);
  CHECK(driver.launch("transpose_once", 1, 32, x, y) == CUDA_SUCCESS);
  CHECK(read(driver, y, 32) == expected);
  driver.free({x, y});
}

// As kernels use it: tiles of shared memory, by eight warps.
void products_of_tiles() {
  Driver driver;
  std::vector<float> x = drawn(8 * 256, 1), y = drawn(8 * 256, 2);
  for (float& value : x) {
    value = std::round(value * 20);
  }
  for (float& value : y) {
    value = std::round(value * 20);
  }
  CUdeviceptr left = driver.holding(as_bf16(x)), right = driver.holding(as_bf16(y)), z = driver.fresh(8 * 1024);
  CHECK(driver.launch("tile_product", 1, 256, left, right, z) == CUDA_SUCCESS);
  std::vector<float> expected(8 * 256);
  for (int i = 0; i < 8 * 256; i++) {
    for (int k = 0; k < 16; k++) {
      expected[i] += x[i / 16 * 16 + k] * y[i / 256 * 256 + 16 * k + i % 16];
    }
  }
  CHECK(driver.read(z, 8 * 256) == expected);
  driver.free({left, right, z});
}

void packs() {
  Driver driver;
  // Halfway between two bf16, the even one is taken, below and above; just past it the nearer.
  std::vector<float> low = {1.0f, 1.00390625f, 1.01171875f, 1.0039064f, -2.5f, NAN, INFINITY, 3.4e38f};
  std::vector<float> high = {2.0f, 0.0f, -1.00390625f, 1e-40f, NAN, 1.0f, -INFINITY, -0.0f};
  const Words expected = {0x40003f80, 0x00003f80, 0xbf803f82, 0x00013f81, 0x7fffc020, 0x3f807fff, 0xff807f80,
                          0x80007f80};
  CUdeviceptr x = driver.holding(low), y = driver.holding(high), z = driver.fresh(32);
  CHECK(driver.launch("pack", 1, 8, x, y, z) == CUDA_SUCCESS);
  CHECK(read(driver, z, 8) == expected);
  driver.free({x, y});
  driver.free({z});
}

std::vector<float> tanh_of(Driver& driver, const std::vector<float>& values) {
  CUdeviceptr x = driver.holding(values), y = driver.fresh(values.size() * 4);
  CHECK(driver.launch("tanh_of", values.size() / 4, 4, x, y) == CUDA_SUCCESS);
  std::vector<float> tanhs = driver.read(y, values.size());
  driver.free({x, y});
  return tanhs;
}

// The PTX ISA lets tanh be wrong by 2^-11 of its value. Here it is at most, and at times by nearly as much.
void tanhs() {
  Driver driver;
  std::vector<float> special = tanh_of(driver, {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e-40f, -1e-40f, -20.0f});
  CHECK(special[0] == 0.0f && !std::signbit(special[0]) && special[1] == 0.0f && std::signbit(special[1]));
  CHECK(special[2] == 1.0f && special[3] == -1.0f && std::isnan(special[4]) && special[7] == -1.0f);
  CHECK(special[5] == 1e-40f && special[6] == -1e-40f);
  std::vector<float> values;
  for (float value = 1e-4f; value < 12.0f; value *= 1.003f) {
    values.insert(values.end(), {value, -value});
  }
  values.resize(values.size() / 4 * 4);
  std::vector<float> tanhs = tanh_of(driver, values);
  double most = 0;
  bool right = true;
  for (size_t i = 0; i < values.size(); i++) {
    double exact = std::tanh(double(values[i])), error = std::fabs(tanhs[i] / exact - 1);
    right = right && error <= 0x1p-11 && std::fabs(tanhs[i]) <= 1 && tanhs[i] == -tanhs[i ^ 1];
    most = std::fmax(most, error);
  }
  CHECK(right && most > 0.95 * 0x1p-11);
}

}

void test_matrices() {
  each_element_is_where_it_belongs();
  sums();
  loads();
  transposes();
  products_of_tiles();
  packs();
  tanhs();
  const CUresult address = CUDA_ERROR_ILLEGAL_ADDRESS, failed = CUDA_ERROR_LAUNCH_FAILED;
  auto out = [](Driver& driver) { return std::vector<CUdeviceptr>{driver.fresh(64 * 4)}; };
  must_fail(failed, "multiply_add without lane 7", "multiply_without_one", 1, 32, out, 0);
  must_fail(failed, "1 of 32 wait at a barrier, 31 in a warp operation", "multiply_without_one", 1, 32, out, 1);
  must_fail(failed, "wait for one another in different operations", "multiply_without_one", 1, 32, out, 2);
  must_fail(failed, "multiply_add without lane 24", "multiply_without_one", 1, 24, out, 3);
  must_fail(failed, "transposed without lane 3 of", "transpose_without_one", 1, 32, out);
  must_fail(failed, "load_matrices without lane 31", "load_without_one", 1, 32, out);
  must_fail(failed, "wait for one another in different operations", "load_both_ways", 1, 32, out);
  must_fail(CUDA_ERROR_MISALIGNED_ADDRESS, "load_matrices: the row of 16 bytes", "load_misaligned", 1, 32, out);
  must_fail(address, "is not in shared memory", "load_from_global", 1, 32, out);
  must_fail(address, "out-of-bounds read of 4 bytes at byte 5", "load_past_end", 1, 32, out);
  must_fail(failed, "reads byte 144 of a shared array of 512 that nobody wrote", "load_unwritten", 1, 32, out);
  must_fail(failed, "race: reads byte", "load_without_barrier", 1, 32, out);
}
