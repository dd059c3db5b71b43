// Four columns of a row (C) at once, for kernels whose threads take four columns each, whatever C is.
#pragma once
#include "device.h"

// Access to those of them that are there, `left`, in float32 or bf16: side by side where each row begins where four
// elements do, which all kernels ask of a matrix, else one by one.
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

// Calls a body with the access to matrices of C columns.
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

// Of a vector, which may begin anywhere: those of the four that are there, and zeros.
static __device__ __forceinline__ Four read_anywhere(const float* from, int left) {
  return Columns<Four, false>::read(from, left);
}

static __device__ __forceinline__ void write_anywhere(float* to, int left, const Four& values) {
  Columns<Four, false>::write(to, left, values);
}
