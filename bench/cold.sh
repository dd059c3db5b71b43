#!/usr/bin/env bash
# CPU and elapsed seconds of each command from its process's start: bench/cold.sh [--runs N] [--busy N] [OTHER]
# OTHER is the folder of another clone, whose commands run in turn with those of this one; the last column is by how much
# this one's CPU seconds are fewer. --runs N (default: 5) takes medians of N runs, --busy N starts as many busy processes
# beside. --small takes the smallest sizes, to try the script. Both clones are built before the first command is timed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  printf 'cold.sh: %s\n' "$1" >&2
  exit 2
}

runs=5 busy=0 other='' captions=100 characters=100000 size=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
    --runs) runs=${2:-}; shift ;;
    --busy) busy=${2:-}; shift ;;
    --small) captions=8 characters=640 size=(--hidden 8 --dense 8) ;;
    -*) fail "unknown option '$1'; -h lists them" ;;
    *) other=$1 ;;
  esac
  [ $# -gt 0 ] && shift || fail 'an option lacks its number'
done
[[ $runs =~ ^[1-9][0-9]*$ && $busy =~ ^[0-9]+$ ]] || fail '--runs and --busy want a number'
[ -z "$other" ] || [ -x "$other/charlstm" ] || fail "$other has no charlstm; name the folder of a clone"

work=$(mktemp -d)
beside=()
trap '[ ${#beside[@]} = 0 ] || kill "${beside[@]}"; rm -rf "$work"' EXIT

# The model learns the built-in captions, with the build that may be older: the other reads its files.
"${other:-$here}/charlstm" captions --count "$captions" >"$work/captions.txt"
"${other:-$here}/charlstm" train "$work/captions.txt" --device cpu --epochs 1 ${size[@]+"${size[@]}"} --out "$work/model" \
  >/dev/null 2>&1
"$here/charlstm" --version >/dev/null
for ((number = 0; number < busy; number++)); do
  while :; do :; done &
  beside+=($!)
done

names=() lines=()
# A command: its name in the table and its arguments.
add() {
  names+=("$1")
  shift
  lines+=("$(printf '%q ' "$@")")
}
add --version --version
add --help --help
add show show "$work/model"
add top top "$work/model" --device cpu
add 'sample, five sentences' sample "$work/model" --device cpu
add "sample, $characters characters" sample "$work/model" --device cpu --past-end --count 1 --max-length "$characters"
add 'the same of 64 streams' sample "$work/model" --device cpu --past-end --count 64 \
  --max-length $((characters / 64))
add "eval, $captions captions" eval "$work/model" "$work/captions.txt" --device cpu
add "train, $captions captions, one epoch" train "$work/captions.txt" --device cpu --epochs 1 \
  ${size[@]+"${size[@]}"} --force --out "$work/run"

# Prints the CPU and elapsed seconds of a command line of a clone.
timed() {
  local TIMEFORMAT='%U %S %R' user system elapsed
  read -r user system elapsed < <({ time eval "\"\$1/charlstm\" $2" >/dev/null 2>"$work/said" </dev/null; } 2>&1 ||
    { cat "$work/said" >&2; echo failed; })
  [ "$user" != failed ] && [ -n "$elapsed" ] || fail "it failed: charlstm $2"
  awk "BEGIN { printf \"%.3f %.3f\n\", $user + $system, $elapsed }"
}

# The median of column $1 of standard input.
median() {
  awk -v column="$1" '{ print $column }' | sort -n | awk '{ all[NR] = $1 } END { print (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2 }'
}

printf '| command | CPU seconds | elapsed |%s\n' "${other:+ CPU seconds of the other | elapsed | CPU seconds fewer by |}"
printf '|---|---|---|%s\n' "${other:+---|---|---|}"
for at in "${!names[@]}"; do
  : >"$work/this"
  : >"$work/other"
  for ((run = 0; run < runs; run++)); do
    [ -z "$other" ] || timed "$other" "${lines[at]}" >>"$work/other"
    timed "$here" "${lines[at]}" >>"$work/this"
  done
  cpu=$(median 1 <"$work/this")
  printf '| %s | %.2f | %.2f |' "${names[at]}" "$cpu" "$(median 2 <"$work/this")"
  [ -z "$other" ] || awk "BEGIN { cpu = $(median 1 <"$work/other"); printf \" %.2f | %.2f | %.0f %% |\", cpu, \
    $(median 2 <"$work/other"), 100 * (1 - $cpu / cpu) }"
  printf '\n'
done
