#!/usr/bin/env bash
# Tries and times charlstm on a GPU, PyTorch in turn with it; the same line again goes on where time ran out:
# gpu.sh [--device cuda|cudasim] [--out FILE.json] [--only NAME] [--skip NAME] [--minutes M] [--force] [--quick]
# docs/gpu.md says what the file holds.
command -v python3 >/dev/null || { echo "gpu.sh: needs python3, 3.9 or newer" >&2; exit 1; }
exec python3 "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/gpu_bench.py" "$@"
