#!/usr/bin/env bash
# Compiles all .cu files of a folder, and of the folders in it, as C++ to one library of kernels, for a simulated GPU that native/build.sh built:
# native/kernels.sh KERNELS_DIR SIMULATED_GPU OUT_FILE
# The simulator finds libraries in SIMULATED_GPU/kernels/NAME.so; CHARLSTM_SIM_KERNELS names another folder.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/compile.sh"
if [ $# -ne 3 ]; then
  echo "usage: native/kernels.sh KERNELS_DIR SIMULATED_GPU OUT_FILE" >&2
  exit 2
fi
require_compiler "$3"
for needed in "$1" "$2/libcharlstm-sim.so"; do
  [ -e "$needed" ] || { echo "charlstm sim: there is no $needed" >&2; exit 1; }
done
kernels="$(cd "$1" && pwd)"
mkdir -p "$(dirname "$3")"
objects="$(mktemp -d)"
trap 'rm -rf "$objects"' EXIT

space='[[:space:]]'
kernel="extern$space+\"C\"$space+__global__$space+void$space+"
kernel+="(CLUSTER_OF\(([^)]*)\)$space+)?(__launch_bounds__\([^)]*\)$space+)?([A-Za-z0-9_]+)$space*\("
# Each file in a unit of its own that also lists the kernels it finds in it.
shopt -s nullglob
for source in "$kernels"/{,*/}*.cu; do
  name="$(basename "$source" .cu)"
  unit="$objects/$name.cpp"
  text="$(<"$source")"
  printf '#include "%s"\n#include "language/kernel.h"\n' "$source" >"$unit"
  while [[ "$text" =~ $kernel(.*) ]]; do
    echo "CHARLSTM_KERNEL(${BASH_REMATCH[4]}, ${BASH_REMATCH[2]:-0})" >>"$unit"
    text="${BASH_REMATCH[5]}"
  done
  start compile -x c++ "${code_flags[@]}" -Wno-unknown-pragmas -Wno-sign-compare -Wno-unused-variable \
    -include "$here/language/cuda_on_cpu.h" -I"$kernels" -I"$here/.." "${flags[@]}" -c "$unit" -o "$objects/$name.o"
done
# The texts that it stands for, for the simulated NVRTC.
{
  printf '#include "language/kernel.h"\nstatic const sim::KnownText TEXTS[] = {\n'
  for source in "$kernels"/{,*/}*.{cu,h}; do
    sum="$(cksum <"$source")"
    echo "{${sum% *}u, ${sum#* }},"
  done
  echo "}; CHARLSTM_KERNEL_LIBRARY(\"$build\", TEXTS)"
} >"$objects/library-texts.cpp"
start compile -O1 "${flags[@]}" -c "$objects/library-texts.cpp" -o "$objects/library-texts.o"
finish
# A process may have the old one loaded.
"$compiler" -shared -Wl,-z,defs -Wl,-Bsymbolic -o "$3.new" "$objects"/*.o "$2/libcharlstm-sim.so"
mv "$3.new" "$3"
