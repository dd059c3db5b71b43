#!/usr/bin/env bash
# Prints the names of instructions that the interpreter of PTX knows and that FILE, made by CHARLSTM_SIM_COVERAGE,
# does not have: native/coverage.sh FILE
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
comm -23 <(sed -nE '/^const Known/,/nullptr/p' "$here"/ptx/{,*/}*.cpp | grep -oE '\{"[a-z0-9_]+"' | tr -d '{"' | sort -u) \
  <(cut -d. -f1 "$1" | sort -u)
