#!/usr/bin/env bash
# Compiles the kernels to fat binaries of machine code, without PTX: kernels/build.sh OUT_DIR LOG_DIR [ARCHITECTURE]
# For all architectures, or for one, such as 90, which takes a fifth of the time.
# OUT_DIR gets <kernel>.fatbin and toolkit.properties. LOG_DIR gets what ptxas said, the figures in resources.txt, the
# PTX as sm_<architecture>/<kernel>.ptx, which tests run on the simulated GPU, and machine code by itself for some, as
# <kernel>.sm_<architecture>.cubin. What is made of the same text by the same nvcc is not made again. Without nvcc
# nothing is made.
# kernels/build.sh --ledger takes the figures over into kernels/resources.txt, and what the machine code's loops hold
# into kernels/machine-code.txt, to which tests hold them. For that it needs a JDK.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
wanted=(75 80 90 100 120)
# Those whose machine code is kept by itself, for the ledger.
decoded=(80 90 120)
ledger=no
if [ $# -eq 1 ] && [ "$1" = --ledger ]; then
  ledger=yes
  jdk="$(. "$here/../charlstm" && find_jdk && echo "$jdk")"
  set -- "$here/../target/operations/classes/org/charlstm/kernels" "$here/../target/kernels"
elif [ $# -ne 2 ] && { [ $# -ne 3 ] || [[ "$3" != all && ! "$3" =~ ^[0-9]+$ ]]; }; then
  echo "usage: kernels/build.sh OUT_DIR LOG_DIR [ARCHITECTURE], or kernels/build.sh --ledger" >&2
  exit 2
fi
newest=${wanted[-1]}
[ "${3:-all}" = all ] || wanted=("$3")
mkdir -p "$1" "$2"
out="$(cd "$1" && pwd)"
logs="$(cd "$2" && pwd)"
shopt -s nullglob
# The build starts one before it compiles Java, and another that waits for it.
exec 8>"$logs/lock"
! command -v flock >/dev/null || flock 8

# Code of CUDA 12 runs under that version's drivers and later ones, but code of CUDA 13 not under those of 12: so a
# toolkit of CUDA 12 goes before what is on the PATH, if it knows the newest architecture.
nvcc=nvcc
for found in "${CHARLSTM_TOOLKITS:-/usr/local}"/cuda-12*/bin/nvcc; do
  # One that cannot be run is none.
  known=" $("$found" --list-gpu-code 2>/dev/null | tr '\n' ' ') " || continue
  [[ "$known" != *" sm_$newest "* ]] || nvcc="$found"
done

# nvcc leaves the reading of includes to the host's compiler.
for tool in "$nvcc" "${NVCC_CCBIN:-gcc}"; do
  if ! command -v "$tool" >/dev/null; then
    rm -f "$out"/*.fatbin "$out/toolkit.properties" "$logs"/*.{key,cubin} "$logs"/sm_*/*.ptx "$logs/resources.txt"
    message="charlstm kernels: no $tool on the PATH"
    [ $ledger = no ] || { echo "$message, so there are no figures" >&2; exit 1; }
    echo "$message: the jar gets no fat binaries"
    exit 0
  fi
done

version="$("$nvcc" --version)"
[[ "$version" =~ release\ ([0-9]+)\.([0-9]+),\ (V[0-9.]+) ]] || { echo "nvcc has no version: $version" >&2; exit 1; }
cuda=$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] * 10))
version="${BASH_REMATCH[3]}"
known=" $("$nvcc" --list-gpu-code | tr '\n' ' ') "
architectures=()
# Only device code is made, so a host compiler that is newer than nvcc does no harm.
flags=(-fatbin -I"$here" -Werror all-warnings -Xptxas -v -allow-unsupported-compiler)
for architecture in "${wanted[@]}"; do
  if [[ "$known" == *" sm_$architecture "* ]]; then
    architectures+=("$architecture")
    flags+=(-gencode "arch=compute_$architecture,code=sm_$architecture")
  fi
done

# Counts in a text of PTX: instructions, 64-bit divisions (each becomes a subroutine of about a hundred instructions),
# accesses to global memory, and those among them that move several elements.
count() {
  local line instructions=0 divisions=0 accesses=0 vectors=0
  while IFS= read -r line; do
    [[ "$line" =~ ^$'\t'(@!?%p[0-9]+ )?[a-z] ]] || continue
    instructions=$((instructions + 1))
    [[ ! "$line" =~ (div|rem)\.[su]64 ]] || divisions=$((divisions + 1))
    [[ "$line" =~ (ld|st)\.global ]] || continue
    accesses=$((accesses + 1))
    [[ ! "$line" =~ \.v[24]\. ]] || vectors=$((vectors + 1))
  done <"$1"
  echo "$instructions $divisions $accesses $vectors"
}

compile() {
  local source="$1" name="$2" key="$3" kept="$logs/$2.kept" architecture of
  rm -rf "$logs/$name.key" "$logs/$name".sm_*.cubin "$logs"/sm_*/"$name.ptx" "$out/$name.fatbin" "$kept"
  mkdir "$kept"
  if ! "$nvcc" "${flags[@]}" --keep --keep-dir "$kept" -o "$logs/$name.fatbin" "$source" >"$logs/$name.log" 2>&1
  then
    cat "$logs/$name.log" >&2
    rm -r "$kept"
    return 1
  fi
  for architecture in "${architectures[@]}"; do
    # nvcc names the architecture where there are several.
    of="$kept/$name.compute_$architecture"
    [ ${#architectures[@]} -gt 1 ] || of="$kept/$name"
    echo "PTX for sm_$architecture: $(count "$of.ptx")" >>"$logs/$name.log"
    mkdir -p "$logs/sm_$architecture"
    mv -f "$of.ptx" "$logs/sm_$architecture/$name.ptx"
    [[ " ${decoded[*]} " != *" $architecture "* ]] || mv -f "$of.cubin" "$logs/$name.sm_$architecture.cubin"
  done
  rm -r "$kept"
  mv -f "$logs/$name.fatbin" "$out/$name.fatbin"
  echo "$key" >"$logs/$name.key"
}

# By their names, whatever their folders.
declare -A folders
for source in "$here"/*/*.cu; do
  name="$(basename "$source" .cu)"
  [ -z "${folders[$name]:-}" ] || { echo "charlstm kernels: two files are named $name.cu" >&2; exit 1; }
  folders[$name]="$(dirname "$source")"
done
mapfile -t names < <(printf '%s\n' "${!folders[@]}" | LC_ALL=C sort)

for made in "$out"/*.fatbin "$logs"/*.cubin "$logs"/sm_*/*.ptx; do
  name="$(basename "$made")"
  [ -n "${folders[${name%%.*}]:-}" ] || rm -f "$made"
done

# Two at a time. One that fails does not hide what is wrong with the others.
pending=0
failed=no
for name in "${names[@]}"; do
  source="${folders[$name]}/$name.cu"
  key="$(cat "$source" "$here"/*.h "${BASH_SOURCE[0]}" <(echo "$version" "${flags[@]:2}") | sha256sum)"
  if [ -f "$out/$name.fatbin" ] && [ -f "$logs/$name.log" ] && [ -f "$logs/$name.key" ] &&
    [ "$(<"$logs/$name.key")" = "$key" ]; then
    continue
  fi
  compile "$source" "$name" "$key" &
  pending=$((pending + 1))
  if [ $pending -ge 2 ]; then
    wait -n || failed=yes
    pending=$((pending - 1))
  fi
done
while [ $pending -gt 0 ]; do
  wait -n || failed=yes
  pending=$((pending - 1))
done
[ $failed = no ] || exit 1
printf 'cuda=%s\narchitectures=%s\n' "$cuda" "${architectures[*]}" >"$out/toolkit.properties"

# A row for each kernel and architecture. Functions that were not inlined have properties of their own, which are not
# the kernel's.
figures() {
  local name line entry architecture function shared stack stores loads
  local -A used
  local frame='([0-9]+) bytes stack frame, ([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads'
  echo "# What each kernel uses of a GPU, as ptxas says, and what its PTX holds, all paths together and loops as far as"
  echo "# they are unrolled; kernels/build.sh --ledger writes it."
  echo "# nvcc $version"
  echo "# kernel architecture registers shared stack spill-stores spill-loads (bytes, but for registers)"
  echo "#   instructions 64-bit-divisions accesses-to-global-memory accesses-of-several-elements"
  for name in "${names[@]}"; do
    while IFS= read -r line; do
      if [[ "$line" =~ Compiling\ entry\ function\ \'(.*)\'\ for\ \'sm_([0-9]+)\' ]]; then
        entry="${BASH_REMATCH[1]}" architecture="${BASH_REMATCH[2]}"
      elif [[ "$line" =~ Function\ properties\ for\ (.*) ]]; then
        function="${BASH_REMATCH[1]}"
      elif [[ "$line" =~ $frame ]]; then
        [ "$function" = "$entry" ] || continue
        stack="${BASH_REMATCH[1]}" stores="${BASH_REMATCH[2]}" loads="${BASH_REMATCH[3]}"
      elif [[ "$line" =~ Used\ ([0-9]+)\ registers ]]; then
        used[$architecture]="${BASH_REMATCH[1]}" shared=0
        [[ ! "$line" =~ ([0-9]+)\ bytes\ smem ]] || shared="${BASH_REMATCH[1]}"
        used[$architecture]+=" $shared $stack $stores $loads"
      elif [[ "$line" =~ ^PTX\ for\ sm_([0-9]+):\ (.*) ]]; then
        echo "$entry ${BASH_REMATCH[1]} ${used[${BASH_REMATCH[1]}]} ${BASH_REMATCH[2]}"
      fi
    done <"$logs/$name.log"
  done
}
figures >"$logs/resources.txt"
rows=$((${#names[@]} * ${#architectures[@]}))
if [ "$(grep -vc '^#' "$logs/resources.txt")" -ne $rows ]; then
  echo "charlstm kernels: ptxas did not give $rows rows of figures; see $logs" >&2
  exit 1
fi
if [ $ledger = yes ]; then
  "$jdk/bin/java" "$here/../src/kernels/test/java/org/charlstm/cuda/machinecode/Ledger.java" "$logs" \
    >"$logs/machine-code.txt"
  cp "$logs/resources.txt" "$logs/machine-code.txt" "$here"
fi
