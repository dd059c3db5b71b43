#!/usr/bin/env python3
"""Tries and times charlstm on a GPU, stage by stage, PyTorch in turn with it, and records all as one JSON file.

A stage that fails or takes too long is recorded, and the others still run; where doctor finds no GPU, none does. The
exit status is 0 if none failed.
"""
import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from gpubench import processes, record, stages, table  # noqa: E402 (nothing is to be left in the folder of the sources)

parser = argparse.ArgumentParser(prog="gpu.sh", description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--device", choices=["cuda", "cudasim"], default="cuda", help="default: cuda")
parser.add_argument("--out", metavar="FILE", default="gpu.json", help="the record (default: gpu.json)")
parser.add_argument("--quick", action="store_true", help="a rehearsal: small sizes, no figures worth keeping")
given = parser.parse_args()
if not Path(given.out).absolute().parent.is_dir():
    parser.error(f"--out: there is no folder {Path(given.out).absolute().parent}")
try:
    written = record.Record(given.out, given.device, given.quick)
except processes.Failure as e:
    sys.exit(f"gpu.sh: charlstm cannot be started: {e}")
missing = stages.run(written)
if missing:
    sys.exit(f"gpu.sh: no {given.device} here, so that there is nothing to try: {missing}"
             + ("" if given.device == "cudasim" else "; a rehearsal needs no GPU: gpu.sh --quick --device cudasim"))
print("\n".join(table.lines(written.content)))
print(f"recorded in {given.out}")
sys.exit(1 if written.failed() else 0)
