#!/usr/bin/env bash
# Epoch times of charlstm and PyTorch on the same captions, in turn: epochs.sh CAPTIONS.txt [ROUNDS [EPOCHS [THREADS]]]
# Prints each one's epochs, then the medians over all epochs but the first of each run, and their ratio.
# PyTorch is that of PYTHON, or of the first python3 on the PATH that has it.
set -euo pipefail
if [ $# -eq 0 ] || [ "$1" = -h ] || [ "$1" = --help ]; then
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
  exit $(($# == 0 ? 2 : 0))
fi
captions=$1 rounds=${2:-3} epochs=${3:-4} threads=${4:-2}
here=$(cd "$(dirname "$0")" && pwd)
if ! [ "$epochs" -ge 2 ]; then
  echo "epochs.sh: EPOCHS must be at least 2: the first of each run does not count" >&2
  exit 2
fi
python=$("$here/gpubench/torch_python.py") || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for _ in $(seq "$rounds"); do
  "$here/../charlstm" train "$captions" --epochs "$epochs" --threads "$threads" --out "$work/run" --force |
    grep '^epoch' | tee -a "$work/charlstm"
  "$python" "$here/pytorch_epochs.py" "$captions" "$epochs" "$threads" |
    grep -E '^(PyTorch|epoch)' | tee -a "$work/pytorch"
done

median() {
  grep '^epoch' "$1" | grep -v '^epoch 1/' | sed 's/.*  \([0-9.]*\) s.*/\1/' | sort -n |
    awk '{ v[NR] = $1 }
      END { printf "%.2f [%.2f, %.2f]", (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2, v[1], v[NR] }'
}
ours=$(median "$work/charlstm")
theirs=$(median "$work/pytorch")
echo "seconds per epoch, median [min, max]: charlstm $ours, PyTorch $theirs"
echo "ratio of medians: $(awk -v a="${ours%% *}" -v b="${theirs%% *}" 'BEGIN { printf "%.2f", a / b }')"
