#!/usr/bin/env bash
# Builds the simulated GPU: native/build.sh [--test] KERNELS_DIR OUT_DIR
# With --test it also builds and runs the self-test, on its own trial kernels instead of those of KERNELS_DIR.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
test=no
if [ "${1:-}" = --test ]; then
  test=yes
  shift
  set -- "$here/selftest/trials" "$@"
fi
if [ $# -ne 2 ]; then
  echo "usage: native/build.sh KERNELS_DIR OUT_DIR, or native/build.sh --test OUT_DIR" >&2
  exit 2
fi
compiler="${CXX:-g++}"
if ! command -v "$compiler" >/dev/null; then
  rm -rf "$2"/lib*.so*
  echo "charlstm sim: no C++ compiler '$compiler': the simulated GPU is not built" >&2
  exit 3
fi
kernels="$(cd "$1" && pwd)"
mkdir -p "$2"
out="$(cd "$2" && pwd)"
shopt -s nullglob
objects="$out/objects"
rm -rf "$objects"
mkdir -p "$objects"

# No contraction to fused multiply-adds: the bits must not depend on which CPU this is. The caller's flags come last.
flags=(-std=c++17 -fPIC -fvisibility=hidden -ffp-contract=off -Wall -Wextra -I"$here" ${CXXFLAGS:-})
code_flags=(-O1 -fno-exceptions -fsanitize=thread -fno-strict-aliasing)
kernel_flags=(-x c++ "${code_flags[@]}" -Wno-unknown-pragmas -Wno-sign-compare -Wno-unused-variable
              -include "$here/machine/cuda_on_cpu.h" -I"$kernels" -I"$here/..")

# The real header, if there is one, holds the driver's functions to their types; CHARLSTM_CUDA_HEADER=none does without.
nvcc="$(readlink -f "$(command -v nvcc || echo /none)")"
for folder in "${CUDA_HOME:-/usr/local/cuda}" "${nvcc%/*/*}" /usr/local/cuda-*; do
  if [ "${CHARLSTM_CUDA_HEADER:-}" != none ] && [ -f "$folder/include/cuda.h" ]; then
    flags+=(-isystem "$folder/include" '-DCHARLSTM_CUDA_H=<cuda.h>')
    break
  fi
done

# Objects are kept by what they are made of, flags and the text with all that it includes: what is the same is not
# compiled again, here or in another folder. What no build asked for in a week goes.
kept="$here/../target/objects"
mkdir -p "$kept"
! command -v find >/dev/null || find "$kept" -type f -mtime +7 -delete
version="$("$compiler" --version)"
# compile COMPILER FLAGS... -c SOURCE -o OBJECT
compile() {
  local options=("${@:1:$#-4}") source="${*: -3:1}" object="${*: -1}" key copy
  # Macros and folders of headers have had their effect in the text.
  key="$({ "${options[@]}" -w -E -P "$source" && printf '%s\n' "$version" "${options[@]/#-[DI]*/}"; } | sha256sum)"
  key="$kept/${key%% *}.o"
  if [ ! -f "$key" ]; then
    "$@"
    copy="$(mktemp "$kept/XXXXXX")"
    cp "$object" "$copy"
    mv "$copy" "$key"
  else
    touch "$key"
    cp "$key" "$object"
  fi
}

# Two compilers at a time: a failed one stops the build.
pending=()
finish() {
  local process
  for process in "${pending[@]}"; do
    wait "$process"
  done
  pending=()
}
start() {
  "$@" &
  pending+=($!)
  if [ ${#pending[@]} -ge 2 ]; then
    wait "${pending[0]}"
    pending=("${pending[@]:1}")
  fi
}

# The simulated NVRTC compiles a program's own kernels with the same flags. It needs the headers beside the libraries,
# and knows the texts that were built in by their checksums.
rm -rf "$out/include"
mkdir -p "$out/include/machine"
cp "$here"/machine/{kernel,*_on_cpu}.h "$out/include/machine/"
run_time=("-DCHARLSTM_BUILD=\"$(cat "$out"/include/machine/*.h | cksum | tr ' ' -)\""
          "-DCHARLSTM_KERNEL_FLAGS=\"-std=c++17 -fPIC -fvisibility=hidden -ffp-contract=off ${code_flags[*]}\""
          "-DCHARLSTM_KNOWN_TEXTS=\"$objects/known_texts.h\"")
for source in "$kernels"/*.{cu,h} "$here"/../kernels/*.h; do
  sum="$(cksum <"$source")"
  echo "{${sum% *}u, ${sum#* }},"
done >"$objects/known_texts.h"

for source in "$here"/{arithmetic,machine,ptx,driver,cublas,cudnn,nccl,nvrtc}/*.cpp; do
  name="${source#"$here"/}"
  level=-O2
  case "$name" in
    */shim.cpp | nvrtc/compiler.cpp) continue ;;
    arithmetic/* | machine/* | ptx/*) level=-O3 ;;
  esac
  object="${name%.cpp}"
  start compile "$compiler" "$level" "${flags[@]}" "${run_time[@]}" -c "$source" -o "$objects/${object/\//_}.o"
done

space='[[:space:]]'
kernel="extern$space+\"C\"$space+__global__$space+void$space+"
kernel+="(CLUSTER_OF\(([^)]*)\)$space+)?(__launch_bounds__\([^)]*\)$space+)?([A-Za-z0-9_]+)$space*\("
# Each kernel file in a unit of its own that also registers the kernels it finds in it.
for source in "$kernels"/*.cu; do
  name="$(basename "$source" .cu)"
  unit="$objects/kernel_$name.cpp"
  text="$(<"$source")"
  printf '#include "%s"\n#include "machine/kernel.h"\n' "$source" >"$unit"
  while [[ "$text" =~ $kernel(.*) ]]; do
    echo "CHARLSTM_KERNEL(${BASH_REMATCH[4]}, ${BASH_REMATCH[2]:-0})" >>"$unit"
    text="${BASH_REMATCH[5]}"
  done
  start compile "$compiler" "${kernel_flags[@]}" "${flags[@]}" -c "$unit" -o "$objects/kernel_$name.o"
done
finish

# All but the compiler's.
"$compiler" -shared -Wl,-soname,libcharlstm-sim.so -Wl,-z,defs -Wl,-Bsymbolic -o "$out/libcharlstm-sim.so" \
  "$objects"/[!n]*.o "$objects"/nccl_*.o -pthread -lrt -ldl

# A library under NVIDIA's name: its soname, its shim, then what else the compiler needs.
objects_of=("$out/libcharlstm-sim.so")
shim() {
  local name="$1" source="$2"
  shift 2
  start "$compiler" "${flags[@]}" -O2 -shared "-Wl,-soname,$name" -Wl,-z,defs '-Wl,-rpath,$ORIGIN' "$@" \
    -o "$out/$name" "$here/$source" "${objects_of[@]}"
}
# NVIDIA gives the symbols of these a version, which is the soname.
versioned() {
  printf '%s { global: cu*; nvrtc*; charlstm_*; local: *; };\n' "$1" >"$objects/$1.map"
  shim "$@" "-Wl,--version-script=$objects/$1.map"
}
shim libcuda.so.1 driver/shim.cpp
versioned libcublas.so.13 cublas/shim.cpp -DCHARLSTM_CUBLAS_VERSION=130002
versioned libcublas.so.12 cublas/shim.cpp -DCHARLSTM_CUBLAS_VERSION=120600
versioned libcudnn.so.9 cudnn/shim.cpp
shim libnccl.so.2 nccl/shim.cpp
# To be preloaded: NCCL opens NVML by the soname, and has what bears it already.
start "$compiler" "${flags[@]}" -O2 -shared -Wl,-soname,libnvidia-ml.so.1 -Wl,-z,defs -o "$out/libcharlstm-runtime.so" \
  "$here"/runtime/*.cpp
# The compiler stands by itself.
objects_of=("$objects"/nvrtc_*.o -ldl)
versioned libnvrtc.so.13 nvrtc/compiler.cpp "${run_time[@]}" -DCHARLSTM_NVRTC_MAJOR=13
versioned libnvrtc.so.12 nvrtc/compiler.cpp "${run_time[@]}" -DCHARLSTM_NVRTC_MAJOR=12
finish

if [ "$test" = yes ]; then
  mkdir "$objects/selftest"
  for source in "$here"/selftest/*.cpp; do
    start compile "$compiler" -O1 "${flags[@]}" "-DCHARLSTM_TRIALS=\"$here/selftest/trials\"" -c "$source" \
      -o "$objects/selftest/$(basename "$source" .cpp).o"
  done
  finish
  # The numbers of PTX are tested by themselves, since the library does not show them.
  "$compiler" '-Wl,-rpath,$ORIGIN' -o "$out/selftest" "$objects"/selftest/*.o \
    "$objects"/ptx_{types,formats,rounding,conversions,quick,products}.o "$out/libcuda.so.1" \
    "$out/libcublas.so.13" "$out/libcudnn.so.9" "$out/libnccl.so.2" "$out/libcharlstm-sim.so" -pthread -ldl
fi
rm -rf "$objects"

if [ "$test" = yes ]; then
  "$out/selftest"
fi
