#!/usr/bin/env bash
# The host's time for a step through each binding: bench/bindings.sh [JMH OPTION]...
# The libraries do nothing, so no GPU is needed, and what is left is the host's time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
null=$here/../target/nullgpu
"$here/nullgpu/build.sh" "$null"
export CHARLSTM_LIBCUDA=$null/libcuda.so.1 CHARLSTM_LIBCUBLAS=$null/libcublas.so.12
export CHARLSTM_LIBCUDNN=$null/libcudnn.so.9
exec "$here/jmh.sh" BindingCost "$@"
