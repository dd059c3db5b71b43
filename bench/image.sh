#!/usr/bin/env bash
# Makes a folder that runs charlstm on a Linux machine without Java, and an archive of it:
# image.sh [--with-sim] [--jar FILE] [OUT]
# OUT (default: target/charlstm-image) becomes the folder, OUT.tar.gz the archive. --jar takes a jar with lib/ beside
# it; without, the sources are built if they have changed. --with-sim adds the simulated GPU, from native/ beside the
# jar, or in target/, if it is there. Fails if folder or archive are larger than they may be. Says on standard error what
# it does: nvcc alone takes minutes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
unpacked_limit=64000000
packed_limit=36000000
# The modules of charlstm (management for run.json, unsupported for signals), of JCuda (logging) and of the other
# libraries. jdeps also names java.compiler and java.sql, for classes of picocli and Gson that are never loaded here, and
# java.desktop, which draws a report's charts as pictures: the page itself does not need them.
modules=java.base,java.logging,java.management,jdk.httpserver,jdk.management,jdk.unsupported,jdk.incubator.vector

# shellcheck source=../charlstm
source "$root/charlstm"
set -e
fail() {
  printf 'image.sh: %s\n' "$1" >&2
  exit 1
}

say() {
  printf 'image.sh: %s\n' "$1" >&2
}

# Every half minute, for the build itself tells only a terminal; from then on, how many kernels nvcc has compiled.
say_how_far() {
  while sleep 30 </dev/null >/dev/null 2>&1; do
    say "still building: $SECONDS s, $(find "$target" -name '*.fatbin' -newer "$1" | wc -l) kernels compiled of \
$(find "$root/kernels" -name '*.cu' | wc -l)"
  done
}

# A machine that has an image has neither nvcc nor, often, NVRTC.
makes_kernels() {
  { command -v nvcc || compgen -G "${CHARLSTM_TOOLKITS:-/usr/local}/cuda-12*/bin/nvcc"; } >/dev/null
}

# The C library that the programs and libraries in some folders ask for: the names of its versions stand in them as text.
libc_of() {
  local files newest
  mapfile -d '' files < <(find "$@" -type f \( -name '*.so*' -o -name java \) -print0)
  newest=$(grep -aohE 'GLIBC_2\.[0-9]+' "${files[@]}" | sort -uV | tail -n 1) || :
  if [ -n "$newest" ]; then
    printf 'glibc %s' "${newest#GLIBC_}"
  else
    ! grep -aq 'libc\.musl-' "${files[@]}" || printf musl
  fi
}

# Of the JDKs that any_jdk goes through, keeps the one whose JVM asks for the oldest glibc.
keep_oldest() {
  local libc
  [ -x "$jdk/bin/jlink" ] && libc=$(libc_of "$jdk/lib/server" "$jdk/bin/java") && [[ $libc == glibc* ]] || return 1
  [ -n "$kept" ] && at_least "${libc#* }" "${kept_libc#* }" || { kept=$jdk kept_libc=$libc; }
  return 1
}

with_sim=no given_jar= out=$root/target/charlstm-image
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
    --with-sim) with_sim=yes ;;
    --jar) given_jar=${2:?image.sh: --jar wants a file}; shift ;;
    -*) fail "unknown option '$1'" ;;
    *) out=$1 ;;
  esac
  shift
done
[ ! -e "$out" ] || [ -f "$out/image.json" ] || fail "$out is there and no image; name another folder"

# A JDK that the user names is taken as it is.
kept=
{ [ -n "${JAVA_HOME:-}" ] && fits "$JAVA_HOME"; } || any_jdk keep_oldest || :
[ -z "$kept" ] || export JAVA_HOME=$kept
find_jdk
[ -x "$jdk/bin/jlink" ] || fail "$jdk has no jlink; a whole JDK $least has it"
if [ -n "$given_jar" ]; then
  jar=$given_jar
  native=$(dirname "$jar")/native
else
  kernels=
  ! makes_kernels || kernels=', the kernels for several GPUs too, which takes minutes'
  say "building charlstm if its sources have changed$kernels"
  begun=$(mktemp)
  say_how_far "$begun" &
  teller=$!
  trap 'kill $teller 2>/dev/null || :; rm -f "$begun"' EXIT
  build_if_needed
  kill $teller
  wait $teller 2>/dev/null || :
  rm -f "$begun"
  jar=$place/charlstm.jar
  native=$target/native
fi
[ -f "$jar" ] || fail "$jar is missing"

mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
image=$work/$(basename "$out")
mkdir "$image"

# The debug symbols of native code take objcopy to strip; without it they stay, in JDKs that have any.
strip=(--strip-java-debug-attributes)
if command -v objcopy >/dev/null; then
  strip=(--strip-debug)
fi
say "making a Java of what charlstm needs from $jdk"
"$jdk/bin/jlink" --add-modules "$modules" "${strip[@]}" --no-header-files --no-man-pages --compress zip-9 \
  --output "$image/runtime" >"$work/jlink" 2>&1 || { cat "$work/jlink" >&2; fail "jlink failed"; }
"$jdk/bin/jdeps" --multi-release "$least" --ignore-missing-deps --module-path "$(dirname "$jar")/lib" -s "$jar" \
  "$(dirname "$jar")"/lib/charlstm-kernels-*.jar \
  >"$work/jdeps" 2>&1 || { cat "$work/jdeps" >&2; fail "jdeps failed"; }
needed=$(sed -n 's/^.* -> \(java\.\|jdk\.\)/\1/p' "$work/jdeps")
for module in $needed; do
  case ,$modules,java.desktop, in
    *,"$module",*) ;;
    *) fail "charlstm needs $module; add it to the modules of bench/image.sh" ;;
  esac
done

libc=$(libc_of "$image/runtime")
too_old=
for linux in 'RHEL 8=2.28' 'RHEL 9=2.34' 'Ubuntu 22.04=2.35' 'Debian 12=2.36'; do
  [[ $libc != glibc* ]] || at_least "${linux#*=}" "${libc#* }" || too_old+=${too_old:+, }${linux%=*}
done
say "this Java needs ${libc:-a C library that it does not name} or newer"
[ -z "$too_old" ] ||
  say "so it does not run on $too_old; for these JAVA_HOME can name a JDK that asks for less, such as one of Temurin's"

say "adding charlstm and its libraries"
cp "$jar" "$image/charlstm.jar"
cp -r "$(dirname "$jar")/lib" "$image/lib"
# JCuda's compiler of PTX, which nothing here calls, is a third of the archive.
for natives in "$image"/lib/jcuda-natives-*.jar; do
  [ -f "$natives" ] || continue
  mkdir "$work/natives"
  (cd "$work/natives" && "$jdk/bin/jar" -xf "$natives" && rm -f lib/libJNvPTXCompiler-*)
  "$jdk/bin/jar" --create --file "$natives" --date=2026-01-01T00:00:00Z -C "$work/natives" lib
  rm -rf "$work/natives"
done
# The simulated GPU of an image, if it has one, lies in its folder native.
for simulated in "$image"/lib/charlstm-cudasim-*.jar; do
  [ -f "$simulated" ] || continue
  mkdir "$work/simulated"
  (cd "$work/simulated" && "$jdk/bin/jar" -xf "$simulated")
  "$jdk/bin/jar" --create --file "$simulated" --date=2026-01-01T00:00:00Z -C "$work/simulated" module-info.class \
    -C "$work/simulated" org -C "$work/simulated" META-INF/services
  rm -rf "$work/simulated"
done
cp "$root/charlstm" "$root/LICENSE" "$image"
sed -i "s/^needs_libc=$/needs_libc='$libc'/" "$image/charlstm"
mkdir "$image/bench"
cp -r "$root"/bench/{gpu.sh,gpu_bench.py,gpubench,probe.py,gpuprobe,pytorch_gpu.py} "$image/bench"
# Beside whose cycles the bench writes times.
mkdir "$image/docs"
cp "$root/docs/kernel-model.md" "$image/docs"
find "$image/bench" -name __pycache__ -exec rm -rf {} +
if [ $with_sim = yes ]; then
  say "adding the simulated GPU"
  if [ -f "$native/libcudnn.so.9" ]; then
    cp -r "$native" "$image/native"
  else
    bash "$root/native/build.sh" "$image/native"
    bash "$root/native/kernels.sh" "$root/kernels" "$image/native" "$image/native/kernels/charlstm.so"
  fi
fi

# What the records of runs name.
commit=$(git -C "$root" rev-parse HEAD 2>/dev/null) || commit=
changed=$(git -C "$root" status --porcelain --untracked-files=no 2>/dev/null) || changed=
version=$("$image/charlstm" --version)
kernels='none, the host needs NVRTC'
built=$(readlink -f "$(dirname "$jar")"/lib/charlstm-kernels-*.jar)
if kernels_in=$("$jdk/bin/jar" --list --file "$built" | grep -c '\.fatbin$'); then
  (cd "$work" && "$jdk/bin/jar" --extract --file "$built" org/charlstm/kernels/toolkit.properties)
  cuda=$(sed -n 's/^cuda=\(.*\)...$/\1/p' "$work/org/charlstm/kernels/toolkit.properties")
  # The first drivers of these versions, as NVIDIA's release notes have them.
  case $cuda in
    12) driver=' (525)' ;;
    13) driver=' (580)' ;;
    *) driver= ;;
  esac
  kernels="$kernels_in fat binaries of CUDA $cuda, which need a GPU driver of CUDA $cuda$driver or newer"
fi
printf '{"version": "%s", "commit": "%s", "changed": %s, "java": "%s", "libc": "%s", "kernels": "%s"}\n' \
  "${version##* }" "$commit" \
  "$([ -n "$changed" ] && echo true || echo false)" \
  "$(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"/\1/p' "$jdk/release")" "$libc" "$kernels" >"$image/image.json"

say "packing"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+w,go+rX --mtime=2026-01-01 -cf - \
  "$(basename "$out")" | gzip -n >"$work/archive"
unpacked=$(du -sb "$image" | cut -f 1)
packed=$(stat -c %s "$work/archive")
printf 'unpacked %s bytes of at most %s, packed %s of at most %s; kernels: %s\n' "$unpacked" $unpacked_limit "$packed" \
  $packed_limit "$kernels"
[ "$unpacked" -le $unpacked_limit ] && [ "$packed" -le $packed_limit ] || fail "the image is larger than it may be"
rm -rf "$out"
mv "$image" "$out"
mv "$work/archive" "$out.tar.gz"
printf '%s\n%s\n' "$out" "$out.tar.gz"
