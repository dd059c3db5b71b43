# Shared by build.sh and kernels.sh: the compiler, its flags, and objects that are kept.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
compiler="${CXX:-g++}"
shopt -s nullglob

# No contraction to fused multiply-adds: the bits must not depend on which CPU this is. The caller's flags come last.
base_flags=(-std=c++17 -fPIC -fvisibility=hidden -ffp-contract=off)
flags=("${base_flags[@]}" -Wall -Wextra -include "$here/api/older_glibc.h" -I"$here" ${CXXFLAGS:-})
code_flags=(-O1 -fno-exceptions -fsanitize=thread -fno-strict-aliasing)
# Of kernels, and what their code is made with: that of another build does not fit.
headers=("$here"/language/*.h)
build=
if command -v "$compiler" >/dev/null; then
  build="$(cat "${headers[@]}" <(echo "${base_flags[*]} ${code_flags[*]}") | cksum | tr ' ' -)"
fi

# Objects are kept by what they are made of: compiler, flags, and the text with the headers that it had when it was
# compiled last. What is the same is not compiled again, here or in another folder. What no build asked for in a week
# goes.
kept="$here/../target/objects"
mkdir -p "$kept"
! command -v find >/dev/null || find "$kept" -type f -mtime +7 -delete
version="$("$compiler" --version 2>/dev/null)" || true
sum() {
  local sum
  sum="$(sha256sum)"
  echo "${sum%% *}"
}
made_of() {
  echo "$kept/$({ echo "$1" && cat "${@:2}" </dev/null || true; } 2>/dev/null | sum).o"
}
# compile FLAGS... -c SOURCE -o OBJECT
compile() {
  local options=("${@:1:$#-4}") source="${*: -3:1}" object="${*: -1}" known made copy used
  known="$kept/$({ printf '%s\n' "$version" "$compiler" "${options[@]}" && cat "$source"; } | sum)"
  # First it names the object and the source.
  [ ! -f "$known.d" ] || read -d '' -a used <"$known.d" || true
  made="$(made_of "$known" "${used[@]:2}")"
  if [ -n "${used:-}" ] && [ -f "$made" ]; then
    touch "$known.d" "$made"
  else
    copy="$(mktemp "$kept/XXXXXX")"
    "$compiler" "${options[@]}" -MMD -MF "$copy.d" -c "$source" -o "$copy" || { rm -f "$copy" "$copy.d"; return 1; }
    read -d '' -a used <"$copy.d" || true
    made="$(made_of "$known" "${used[@]:2}")"
    mv "$copy.d" "$known.d"
    mv "$copy" "$made"
  fi
  cp "$made" "$object"
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

require_compiler() {
  if ! command -v "$compiler" >/dev/null; then
    rm -rf "$@"
    echo "charlstm sim: no C++ compiler '$compiler': the simulated GPU is not built" >&2
    exit 3
  fi
}
