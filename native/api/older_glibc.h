// Included before all else. glibc 2.38 has other names for strtol and its kin where C23 is on, as g++ has it, and older
// ones lack these: without them the libraries also load on a system of 2021, which has glibc 2.34.
#pragma once
#if __has_include(<features.h>)
#include <features.h>
#undef __GLIBC_USE_C2X_STRTOL
#define __GLIBC_USE_C2X_STRTOL 0
#undef __GLIBC_USE_C23_STRTOL
#define __GLIBC_USE_C23_STRTOL 0
#endif
