#!/usr/bin/env bash
# Builds the GPU that does nothing under the names of NVIDIA's libraries: bench/nullgpu/build.sh OUT_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 1 ] || { echo 'usage: bench/nullgpu/build.sh OUT_DIR' >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)

# A library: its soname, which of the three it stands for, then what it links.
library() {
  printf '%s { global: cu*; null_gpu_*; local: *; };\n' "$1" >"$out/$1.map"
  "${CC:-gcc}" -O2 -Wall -Wextra -fPIC -shared "-D$2" "-Wl,-soname,$1" "-Wl,--version-script=$out/$1.map" \
    '-Wl,-rpath,$ORIGIN' -o "$out/$1" "$here/null_gpu.c" "${@:3}"
  rm "$out/$1.map"
}
library libcuda.so.1 NULL_DRIVER
library libcublas.so.12 NULL_CUBLAS "$out/libcuda.so.1"
library libcudnn.so.9 NULL_CUDNN "$out/libcuda.so.1"
