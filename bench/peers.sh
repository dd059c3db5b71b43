#!/usr/bin/env bash
# charlstm and its peers on a CPU, in turn on the same encoded captions: bench/peers.sh TEXT [ROUNDS [EPOCHS [THREADS]]]
# bench/README.md says how to install the peers; -h lists the options. Another python3 than the first with PyTorch:
# PYTHON=...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../charlstm
source "$here/../charlstm"
set -e
find_jdk
export JAVA_HOME=$jdk
exec python3 "$(dirname "${BASH_SOURCE[0]}")/peers_bench.py" "$@"
