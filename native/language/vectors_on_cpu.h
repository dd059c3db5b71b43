// CUDA's built-in vectors, with its alignments, and the sizes of grids and blocks.
#pragma once

#define CHARLSTM_VECTORS(T, name, two, four)                                                            \
  struct name##1 {                                                                                      \
    T x;                                                                                                \
  };                                                                                                    \
  struct alignas(two) name##2 {                                                                         \
    T x, y;                                                                                             \
  };                                                                                                    \
  struct alignas(four) name##4 {                                                                        \
    T x, y, z, w;                                                                                       \
  };                                                                                                    \
  inline name##1 make_##name##1(T x) { return {x}; }                                                    \
  inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                            \
  inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

CHARLSTM_VECTORS(signed char, char, 2, 4)
CHARLSTM_VECTORS(unsigned char, uchar, 2, 4)
CHARLSTM_VECTORS(short, short, 4, 8)
CHARLSTM_VECTORS(unsigned short, ushort, 4, 8)
CHARLSTM_VECTORS(int, int, 8, 16)
CHARLSTM_VECTORS(unsigned, uint, 8, 16)
CHARLSTM_VECTORS(long long, longlong, 16, 16)
CHARLSTM_VECTORS(unsigned long long, ulonglong, 16, 16)
CHARLSTM_VECTORS(float, float, 8, 16)
CHARLSTM_VECTORS(double, double, 16, 16)
#undef CHARLSTM_VECTORS

// Those of three are aligned as their elements. uint3 is there already, for the indices of threads.
#define CHARLSTM_VECTOR_OF_3(T, name)                                 \
  struct name##3 {                                                    \
    T x, y, z;                                                        \
  };                                                                  \
  inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }

CHARLSTM_VECTOR_OF_3(signed char, char)
CHARLSTM_VECTOR_OF_3(unsigned char, uchar)
CHARLSTM_VECTOR_OF_3(short, short)
CHARLSTM_VECTOR_OF_3(unsigned short, ushort)
CHARLSTM_VECTOR_OF_3(int, int)
CHARLSTM_VECTOR_OF_3(long long, longlong)
CHARLSTM_VECTOR_OF_3(unsigned long long, ulonglong)
CHARLSTM_VECTOR_OF_3(float, float)
CHARLSTM_VECTOR_OF_3(double, double)
#undef CHARLSTM_VECTOR_OF_3
inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  dim3(uint3 size) : x(size.x), y(size.y), z(size.z) {}
  operator uint3() const { return {x, y, z}; }
};
