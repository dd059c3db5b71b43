#!/usr/bin/env bash
# Builds the simulated GPU: native/build.sh [--test] OUT_DIR
# It has no kernels; native/kernels.sh compiles some for it. With --test it also builds and runs the self-test on its
# own trial kernels.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/compile.sh"
test=no
if [ "${1:-}" = --test ]; then
  test=yes
  shift
fi
if [ $# -ne 1 ]; then
  echo "usage: native/build.sh [--test] OUT_DIR" >&2
  exit 2
fi
require_compiler "$1"/lib*.so* "$1/kernels"
mkdir -p "$1"
out="$(cd "$1" && pwd)"
objects="$out/objects"
rm -rf "$objects"
mkdir -p "$objects"

for source in "$here"/{memory,clocks,machine,machine/order,ptx,calls,images,streams,driver,arithmetic,cublas,cudnn,nccl,nvrtc}/*.cpp
do
  name="${source#"$here"/}"
  level=-O2
  macros=()
  case "$name" in
    */*shim.cpp | nvrtc/compiler.cpp) continue ;;
    images/kernel_libraries.cpp) macros=("-DCHARLSTM_BUILD=\"$build\"") ;;
    arithmetic/* | memory/* | clocks/* | machine/* | ptx/*) level=-O3 ;;
  esac
  object="${name%.cpp}"
  start compile "$level" "${flags[@]}" "${macros[@]}" -c "$source" -o "$objects/${object//\//_}.o"
done

# NVIDIA's own header, where it is, holds the shim's functions to their types, and api/cuda_subset.h to its values.
nvcc="$(readlink -f "$(command -v nvcc || echo /none)")"
for folder in "${CUDA_HOME:-/usr/local/cuda}" "${nvcc%/*/*}" /usr/local/cuda-*; do
  if grep -qs 'define CUDA_VERSION 13' "$folder/include/cuda.h"; then
    {
      echo '#include "api/like_nvidias.h"'
      sed -nE '/_NUM_|<</!s/^ *(enum \{ )?(CU[A-Z0-9_]+) = [0-9].*/SAME(\2)/p' "$here"/api/{cuda_subset,texture_types}.h
    } >"$objects/like_nvidias.cpp"
    for source in "$objects/like_nvidias.cpp" "$here/driver/shim.cpp"; do
      start compile -O0 -Werror "${flags[@]}" -isystem "$folder/include" '-DCHARLSTM_CUDA_H=<cuda.h>' -c "$source" \
        -o "$objects/$(basename "$source").checked"
    done
    # The runtime is written against the header of CUDA 13.
    ! grep -q 'define CUDART_VERSION *13' "$folder/include/cuda_runtime_api.h" 2>/dev/null ||
      for source in "$here"/runtime/[!a]*.cpp; do
        start compile -O0 -Werror "${flags[@]}" -isystem "$folder/include" '-DCHARLSTM_CUDA_H=<cuda.h>' \
          '-DCHARLSTM_CUDA_RUNTIME_H=<cuda_runtime_api.h>' -DCHARLSTM_CUDART=13 -c "$source" \
          -o "$objects/$(basename "$source").checked"
      done
    break
  fi
done
finish

# All but the compiler's.
"$compiler" -shared -Wl,-soname,libcharlstm-sim.so -Wl,-z,defs -Wl,-Bsymbolic -o "$out/libcharlstm-sim.so" \
  "$objects"/[!n]*.o "$objects"/nccl_*.o -pthread -lrt -ldl

# A library under NVIDIA's name: its soname, its shim, the macros of that, then what else the linker needs. NVIDIA gives
# the symbols of most a version, which is the soname.
shim() {
  local name="$1" source="$2" macros="$3"
  shift 3
  compile -O2 "${flags[@]}" $macros -c "$here/$source" -o "$objects/$name.o"
  printf '%s { global: cu*; nvrtc*; charlstm_*; local: *; };\n' "$name" >"$objects/$name.map"
  [ "$name" = libcuda.so.1 ] || [ "$name" = libnccl.so.2 ] || set -- "$@" "-Wl,--version-script=$objects/$name.map"
  "$compiler" -shared "-Wl,-soname,$name" -Wl,-z,defs '-Wl,-rpath,$ORIGIN' -o "$out/$name" "$objects/$name.o" "$@"
}
simulator="$out/libcharlstm-sim.so"
start shim libcuda.so.1 driver/shim.cpp "" "$simulator"
start shim libcublas.so.13 cublas/shim.cpp -DCHARLSTM_CUBLAS_VERSION=130002 "$simulator"
start shim libcublas.so.12 cublas/shim.cpp -DCHARLSTM_CUBLAS_VERSION=120600 "$simulator"
start shim libcublasLt.so.13 cublas/lt_shim.cpp -DCHARLSTM_CUBLAS_VERSION=130002 "$simulator"
start shim libcublasLt.so.12 cublas/lt_shim.cpp -DCHARLSTM_CUBLAS_VERSION=120600 "$simulator"
start shim libcudnn.so.9 cudnn/shim.cpp "" "$simulator"
start shim libnccl.so.2 nccl/shim.cpp "" "$simulator"
# The compiler stands by itself.
start shim libnvrtc.so.13 nvrtc/compiler.cpp -DCHARLSTM_NVRTC_MAJOR=13 "$objects"/nvrtc_*.o -ldl
start shim libnvrtc.so.12 nvrtc/compiler.cpp -DCHARLSTM_NVRTC_MAJOR=12 "$objects"/nvrtc_*.o -ldl
# To be preloaded: NCCL opens NVML by the soname, and has what bears it already.
start "$compiler" "${flags[@]}" -O2 -shared -Wl,-soname,libnvidia-ml.so.1 -Wl,-z,defs -o "$out/libcharlstm-runtime.so" \
  "$here"/runtime/for_nccl/*.cpp

# CUDA's runtime finds the driver when it runs. Linked into a program it is that of CUDA 13.
for major in 13 12; do
  mkdir "$objects/cudart$major"
  for source in "$here"/runtime/*.cpp; do
    start compile -O2 "${flags[@]}" "-DCHARLSTM_CUDART=$major" -c "$source" \
      -o "$objects/cudart$major/$(basename "$source" .cpp).o"
  done
  finish
  printf 'libcudart.so.%s { global: cuda*; __cuda*; local: *; };\n' $major >"$objects/cudart$major/map"
  "$compiler" -shared -Wl,-soname,libcudart.so.$major -Wl,-z,defs '-Wl,-rpath,$ORIGIN' \
    "-Wl,--version-script=$objects/cudart$major/map" -o "$out/libcudart.so.$major" "$objects/cudart$major"/*.o -ldl
done
rm -f "$out/libcudart_static.a"
ar rc "$out/libcudart_static.a" "$objects"/cudart13/*.o

if [ "$test" = yes ]; then
  mkdir "$objects/selftest"
  for source in "$here"/selftest/*.cpp; do
    start compile -O1 "${flags[@]}" "-DCHARLSTM_TRIALS=\"$here/selftest/trials\"" -c "$source" \
      -o "$objects/selftest/$(basename "$source" .cpp).o"
  done
  finish
  # The numbers of PTX are tested by themselves, since the library does not show them.
  "$compiler" '-Wl,-rpath,$ORIGIN' -o "$out/selftest" "$objects"/selftest/*.o \
    "$objects"/ptx_{types,rounding,conversions,quick,products}.o "$out/libcuda.so.1" \
    "$out/libcublas.so.13" "$out/libcublasLt.so.13" "$out/libcudnn.so.9" "$out/libnccl.so.2" "$out/libcudart.so.13" "$out/libcharlstm-sim.so" \
    -pthread -ldl
  "$here/kernels.sh" "$here/selftest/trials" "$out" "$out/kernels/trials.so"
fi
rm -rf "$objects"

if [ "$test" = yes ]; then
  "$out/selftest"
  # Where the driver comes first, device memory lies right behind the shared memory of blocks.
  "$out/selftest" driver cooperative
  # As where there is no switch of stacks in assembly.
  CHARLSTM_SIM_SWITCH=ucontext "$out/selftest" kernels faults_of_memory faults_of_order shuffles copies clusters \
    cluster_faults ordered ptx_barriers ptx_clusters ptx_spins
fi
