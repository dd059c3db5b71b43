// Included before everything else. In C23 mode, g++'s default, glibc 2.38 renames strtol and similar functions, and
// older versions lack the new names. Without the new names the libraries also load on a system of 2021 (glibc 2.34).
#pragma once
#if __has_include(<features.h>)
#include <features.h>
#undef __GLIBC_USE_C2X_STRTOL
#define __GLIBC_USE_C2X_STRTOL 0
#undef __GLIBC_USE_C23_STRTOL
#define __GLIBC_USE_C23_STRTOL 0
#endif
