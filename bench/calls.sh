#!/usr/bin/env bash
# The host's time and allocations for single calls, as a program writes them itself with Panama and through each binding,
# and for a step of training through each binding: bench/calls.sh [JMH OPTION]...
# On libraries that do nothing, so that what is left is the host's time; with CHARLSTM_LIBCUDA, CHARLSTM_LIBCUBLAS and
# CHARLSTM_LIBCUDNN set, single calls on the simulated GPU or a real one. They lie in one folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${CHARLSTM_LIBCUDA:-}" ]; then
  null=$here/../target/nullgpu
  "$here/nullgpu/build.sh" "$null"
  export CHARLSTM_LIBCUDA=$null/libcuda.so.1 CHARLSTM_LIBCUBLAS=$null/libcublas.so.12
  export CHARLSTM_LIBCUDNN=$null/libcudnn.so.9
fi
exec "$here/jmh.sh" --main CallCost "$@"
