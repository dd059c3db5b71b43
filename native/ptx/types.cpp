#include "ptx/types.h"

#include "ptx/formats.h"

namespace sim::ptx {

const char* name_of(Type type) {
  constexpr const char* NAMES[] = {"none", "pred", "b8",  "b16",    "b32",  "b64",    "b128", "u8",  "u16", "u32",
                                   "u64",  "s8",   "s16", "s32",    "s64",  "f16",    "f16x2", "bf16", "bf16x2",
                                   "tf32", "f32",  "f64", "e4m3x2", "e5m2x2", "s4",   "u4",   "e4m3", "e5m2"};
  return NAMES[int(type)];
}

int bits_of(Type type) {
  switch (type) {
    case Type::NONE: return 0;
    case Type::PRED: return 1;
    case Type::S4: case Type::U4: return 4;
    case Type::B8: case Type::U8: case Type::S8: case Type::E4M3: case Type::E5M2: return 8;
    case Type::B16: case Type::U16: case Type::S16: case Type::F16: case Type::BF16: return 16;
    case Type::E4M3X2: case Type::E5M2X2: return 16;
    case Type::B64: case Type::U64: case Type::S64: case Type::F64: return 64;
    case Type::B128: return 128;
    default: return 32;
  }
}

bool is_float(Type type) {
  switch (type) {
    case Type::F16: case Type::F16X2: case Type::BF16: case Type::BF16X2: case Type::TF32: case Type::F32:
    case Type::F64: case Type::E4M3X2: case Type::E5M2X2: case Type::E4M3: case Type::E5M2:
      return true;
    default: return false;
  }
}

bool is_signed(Type type) {
  switch (type) {
    case Type::S4: case Type::S8: case Type::S16: case Type::S32: case Type::S64: return true;
    default: return is_float(type);
  }
}

double half_value(uint16_t bits) { return value_of(bits, HALF); }
uint16_t half_bits(double value, Rounding rounding) { return uint16_t(round_to(HALF, value, rounding, false)); }
double bf16_value(uint16_t bits) { return value_of(bits, BFLOAT); }
uint16_t bf16_bits(double value, Rounding rounding) { return uint16_t(round_to(BFLOAT, value, rounding, false)); }
double e4m3_value(uint8_t bits) { return value_of(bits, E4M3_FORMAT); }
double e5m2_value(uint8_t bits) { return value_of(bits, E5M2_FORMAT); }

}
