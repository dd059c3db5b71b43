#!/usr/bin/env bash
# Builds the simulated GPU: native/build.sh [--sanitize] [--test] OUT_DIR [FILE...]
# It has no kernels; native/kernels.sh compiles some for it. With --test it also builds and runs the self-test on its
# own trial kernels, or of it what some files of native/selftest have, as in: --test OUT_DIR driver cublas
# With --sanitize it has AddressSanitizer and UndefinedBehaviorSanitizer, and so must each program that opens it; the
# first report ends the program.
set -euo pipefail
shopt -s globstar
. "$(dirname "${BASH_SOURCE[0]}")/compile.sh"
test=no
sanitizers=()
while [[ "${1:-}" = --* ]]; do
  case "$1" in
    --test) test=yes ;;
    # A program may pass any number where an enum stands: that is answered, and no fault of the simulator's.
    --sanitize) sanitizers=(-fsanitize=address,undefined -fno-sanitize=enum -fno-sanitize-recover=all) ;;
    *) set -- && break ;;
  esac
  shift
done
if [ $# -lt 1 ] || { [ $# -gt 1 ] && [ $test = no ]; }; then
  echo "usage: native/build.sh [--sanitize] [--test] OUT_DIR [FILE...]" >&2
  exit 2
fi
tested=("${@:2}")
set -- "$1"
require_compiler "$1"/lib*.so* "$1/kernels"
mkdir -p "$1"
out="$(cd "$1" && pwd)"
objects="$out/objects"
rm -rf "$objects"
mkdir -p "$objects"

[ ${#sanitizers[@]} = 0 ] || flags+=("${sanitizers[@]}" -O1 -fno-omit-frame-pointer -g1)
link() {
  "$compiler" "${sanitizers[@]}" "$@"
}

# The files of a room are compiled as one, which takes a third of the time: no two of them may give the same name to
# things of their own. In ptx they do, so that room is several units. unit NAME "FLAGS" SOURCE...
unit() {
  local name="$1" options="$2"
  shift 2
  printf '#include "%s"\n' "${@#"$here"/}" >"$objects/$name.cpp"
  start compile $options "${flags[@]}" "-DCHARLSTM_BUILD=\"$build\"" -c "$objects/$name.cpp" -o "$objects/$name.o"
}
# The sources of a room but those named, in sources; with a third argument those of its folders too.
all_but() {
  local source
  sources=()
  for source in "$here/$1"/*.cpp ${3:+"$here/$1"/*/*.cpp}; do
    [[ " $2 " == *" $(basename "$source" .cpp) "* ]] || sources+=("$source")
  done
}
# Code that runs for each instruction of a thread has -O3: -O2 makes it a twentieth slower, -O1 more. The numbers of
# PTX are a unit because the self-test has them by themselves.
declare -A ptx=([floats]="clusters copies floats matrices memory moves warps wmma"
  [integers]="atomics bits integers special_registers textures" [halves]="comparisons control halves videos"
  [numbers]="conversions products quick rounding types" [run]="body checks instructions run")
for part in "${!ptx[@]}"; do
  sources=()
  for name in ${ptx[$part]}; do
    sources+=("$here"/ptx/**/"$name.cpp")
  done
  unit "ptx_$part" -O3 "${sources[@]}"
done
all_but ptx "${ptx[*]}" folders
unit ptx_texts -O1 "${sources[@]}"
for room in machine machine/order memory clocks arithmetic; do
  unit "${room//\//_}" -O3 "$here/$room"/*.cpp
done
for room in calls images streams driver cublas cudnn nccl nvrtc; do
  all_but $room "shim lt_shim compiler"
  unit $room -O1 "${sources[@]}"
done
# CUDA's runtime, of two versions.
for major in 13 12; do
  unit nvcudart$major "-O1 -DCHARLSTM_CUDART=$major" "$here"/runtime/*.cpp
done

# NVIDIA's own headers, where they are, hold the functions of the shim and of the runtime to their types, and
# api/cuda_subset.h to its values.
nvcc="$(readlink -f "$(command -v nvcc || echo /none)")"
for folder in "${CUDA_HOME:-/usr/local/cuda}" "${nvcc%/*/*}" /usr/local/cuda-*; do
  if grep -qs 'define CUDA_VERSION 13' "$folder/include/cuda.h"; then
    {
      echo '#include "api/like_nvidias.h"'
      sed -nE '/_NUM_|<</!s/^ *(enum \{ )?(CU[A-Z0-9_]+) = [0-9].*/SAME(\2)/p' "$here"/api/{cuda_subset,texture_types}.h
    } >"$objects/like_nvidias.inc"
    nvidias="-O0 -Werror -isystem $folder/include -DCHARLSTM_CUDA_H=<cuda.h>"
    unit checked_values "$nvidias" "$objects/like_nvidias.inc"
    unit checked_shim "$nvidias" "$here/driver/shim.cpp"
    if grep -q 'define CUDART_VERSION *13' "$folder/include/cuda_runtime_api.h" 2>/dev/null; then
      all_but runtime absent
      unit checked_runtime "$nvidias -DCHARLSTM_CUDA_RUNTIME_H=<cuda_runtime_api.h> -DCHARLSTM_CUDART=13" "${sources[@]}"
    fi
    break
  fi
done
finish

# All but the compiler's.
rm -f "$objects"/checked_*.o
link -shared -Wl,-soname,libcharlstm-sim.so -Wl,-z,defs -Wl,-Bsymbolic -o "$out/libcharlstm-sim.so" \
  "$objects"/[!n]*.o "$objects/nccl.o" -pthread -lrt -ldl

# The functions of a list in names, as an object: here they are weak, and those that are simulated come first.
listed() {
  { cat "$here/names/absent.s" && sed -nE 's/^(cu\w+) = (\w+)$/older \1, \2/p; s/^\w+$/absent &/p' "$1"; } |
    "$compiler" -x assembler -c - -o "$2"
}
# A library under NVIDIA's name: its soname, its shim, the macros of that, then what else the linker needs. NVIDIA gives
# the symbols of most a version, which is the soname.
shim() {
  local name="$1" source="$2" macros="$3" list="$here/names/${1%%.*}.txt"
  shift 3
  if [ -f "$list" ]; then
    listed "$list" "$objects/$name.absent.o"
    set -- "$objects/$name.absent.o" "$@"
  fi
  compile -O1 "${flags[@]}" $macros -c "$here/$source" -o "$objects/$name.o"
  printf '%s { global: cu*; nvrtc*; charlstm_*; local: *; };\n' "$name" >"$objects/$name.map"
  [ "$name" = libcuda.so.1 ] || [ "$name" = libnccl.so.2 ] || set -- "$@" "-Wl,--version-script=$objects/$name.map"
  link -shared "-Wl,-soname,$name" -Wl,-z,defs '-Wl,-rpath,$ORIGIN' -o "$out/$name" "$objects/$name.o" "$@"
}
simulator="$out/libcharlstm-sim.so"
start shim libcuda.so.1 driver/shim.cpp "" "$simulator" -ldl
start shim libcublas.so.13 cublas/shim.cpp -DCHARLSTM_CUBLAS_VERSION=130002 "$simulator"
start shim libcublas.so.12 cublas/shim.cpp -DCHARLSTM_CUBLAS_VERSION=120600 "$simulator"
start shim libcublasLt.so.13 cublas/lt_shim.cpp -DCHARLSTM_CUBLAS_VERSION=130002 "$simulator"
start shim libcublasLt.so.12 cublas/lt_shim.cpp -DCHARLSTM_CUBLAS_VERSION=120600 "$simulator"
start shim libcudnn.so.9 cudnn/shim.cpp "" "$simulator"
start shim libnccl.so.2 nccl/shim.cpp "" "$simulator"
# The compiler stands by itself.
start shim libnvrtc.so.13 nvrtc/compiler.cpp -DCHARLSTM_NVRTC_MAJOR=13 "$objects/nvrtc.o" -ldl
start shim libnvrtc.so.12 nvrtc/compiler.cpp -DCHARLSTM_NVRTC_MAJOR=12 "$objects/nvrtc.o" -ldl
# To be preloaded: NCCL opens NVML by the soname, and has what bears it already.
start link "${flags[@]}" -O2 -shared -Wl,-soname,libnvidia-ml.so.1 -Wl,-z,defs -o "$out/libcharlstm-runtime.so" \
  "$here"/runtime/for_nccl/*.cpp

# CUDA's runtime finds the driver when it runs. Linked into a program it is that of CUDA 13.
listed "$here/names/libcudart.txt" "$objects/absent_runtime.o"
for major in 13 12; do
  printf 'libcudart.so.%s { global: cuda*; __cuda*; local: *; };\n' $major >"$objects/nvcudart$major.map"
  start link -shared -Wl,-soname,libcudart.so.$major -Wl,-z,defs '-Wl,-rpath,$ORIGIN' \
    "-Wl,--version-script=$objects/nvcudart$major.map" -o "$out/libcudart.so.$major" "$objects/nvcudart$major.o" \
    "$objects/absent_runtime.o" -ldl
done
finish
# Names without a number, which hashcat, numba and linkers open.
ln -sf libcuda.so.1 "$out/libcuda.so"
ln -sf libnvrtc.so.13 "$out/libnvrtc.so"
rm -f "$out/libcudart_static.a"
ar rc "$out/libcudart_static.a" "$objects/nvcudart13.o" "$objects/absent_runtime.o"

if [ "$test" = yes ]; then
  mkdir "$objects/selftest"
  some=()
  [ ${#tested[@]} = 0 ] || some=(-DCHARLSTM_SOME_PARTS)
  for source in "$here"/selftest/**/*.cpp; do
    name="$(basename "$source" .cpp)"
    # Files without a part help others.
    [ ${#tested[@]} = 0 ] || [[ " ${tested[*]} " == *" $name "* ]] || ! grep -q '^void test_' "$source" || continue
    start compile -O1 "${flags[@]}" "${some[@]}" "-DCHARLSTM_TRIALS=\"$here/selftest/trials\"" -c "$source" \
      -o "$objects/selftest/$name.o"
  done
  finish
  # The numbers of PTX are tested by themselves, since the library does not show them.
  link '-Wl,-rpath,$ORIGIN' -o "$out/selftest" "$objects"/selftest/*.o \
    "$objects/ptx_numbers.o" "$out/libcuda.so.1" \
    "$out/libcublas.so.13" "$out/libcublasLt.so.13" "$out/libcudnn.so.9" "$out/libnccl.so.2" "$out/libcudart.so.13" "$out/libcharlstm-sim.so" \
    -pthread -ldl
  "$here/kernels.sh" "$here/selftest/trials" "$out" "$out/kernels/trials.so"
fi
rm -rf "$objects"

if [ "$test" = yes ]; then
  if [ ${#sanitizers[@]} -gt 0 ]; then
    # dlopen() of a sanitizer does not look beside the program. The simulated GPU keeps much to the process's end, and
    # handles SIGSEGV itself.
    export LD_LIBRARY_PATH="$out${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export ASAN_OPTIONS="detect_leaks=0:handle_segv=0:log_path=$out/report" UBSAN_OPTIONS="print_stacktrace=1:log_path=$out/report"
    trap 'cat "$out"/report.* 2>/dev/null' EXIT
  fi
  "$out/selftest"
  [ ${#tested[@]} = 0 ] || exit 0
  # Where the driver comes first, device memory lies right behind the shared memory of blocks.
  "$out/selftest" driver cooperative
fi
