// Access to four columns of a row (C) at once, for kernels whose threads take four columns each, for any C.
#pragma once
#include "device.h"

// Access to `left` of four elements, in float32 or bf16. If aligned (each row begins at a multiple of four elements;
// all kernels ask this of the matrix' own address), the four are read and written at once, else one by one.
template <typename T, bool aligned>
struct Columns {
  typedef T Fours;
  typedef typename T::Element Element;

  static __device__ __forceinline__ T read(const Element* from, int left) {
    if constexpr (aligned) {
      return *(const T*)from;
    } else {
      T four;
      for (int k = 0; k < 4; k++) {
        four.at[k] = k < left ? from[k] : 0;
      }
      return four;
    }
  }

  static __device__ __forceinline__ void write(Element* to, int left, const Four& values) {
    T four;
    round_to(four, values);
    if constexpr (aligned) {
      *(T*)to = four;
    } else {
      for (int k = 0; k < 4 && k < left; k++) {
        to[k] = four.at[k];
      }
    }
  }
};

// Calls a body with the kind of access that fits matrices of C columns.
template <typename Body>
static __device__ __forceinline__ void by_columns(int columns, int bf16, const Body& body) {
  if (columns % 4 == 0) {
    if (bf16) {
      body(Columns<FourHalves, true>());
    } else {
      body(Columns<Four, true>());
    }
  } else if (bf16) {
    body(Columns<FourHalves, false>());
  } else {
    body(Columns<Four, false>());
  }
}

// Reads four elements of a vector of any alignment; zeros beyond the elements left.
static __device__ __forceinline__ Four read_anywhere(const float* from, int left) {
  return Columns<Four, false>::read(from, left);
}

static __device__ __forceinline__ void write_anywhere(float* to, int left, const Four& values) {
  Columns<Four, false>::write(to, left, values);
}
