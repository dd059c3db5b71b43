#!/usr/bin/env python3
"""Tries and times charlstm on a GPU, stage by stage, PyTorch in turn with it, and records all as one JSON file.

A stage that fails or takes too long is recorded, and the others still run; where doctor finds no GPU, none does. A call
ends within its minutes, and the same command again goes on: a stage whose result is in the record is not run again. The
exit status is 0 if none failed.
"""
import argparse
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

from gpubench import host, processes, record, stages, table  # noqa: E402 (leaves nothing in the sources)


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


begun = time.monotonic()
parser = argparse.ArgumentParser(prog="gpu.sh", description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--device", choices=["cuda", "cudasim"], default="cuda", help="default: cuda")
parser.add_argument("--out", metavar="FILE", default="gpu.json", help="the record (default: gpu.json)")
parser.add_argument("--quick", action="store_true", help="a rehearsal: small sizes, no figures worth keeping")
parser.add_argument("--only", metavar="NAME", type=names, action="extend", default=[],
                    help="run these stages alone: names or patterns such as 'selftest-*', parted by commas; repeatable")
parser.add_argument("--skip", metavar="NAME", type=names, action="extend", default=[],
                    help="leave these out, named alike")
parser.add_argument("--minutes", metavar="M", type=float, default=8,
                    help="what this call may take; no stage begins that could take longer (default: 8)")
parser.add_argument("--force", action="store_true", help="write over a record instead of going on with it")
given = parser.parse_args()
if not Path(given.out).absolute().parent.is_dir():
    parser.error(f"--out: there is no folder {Path(given.out).absolute().parent}")
if not 0 < given.minutes < float("inf"):
    parser.error("--minutes: more than 0")
sizes = stages.Sizes(given.quick)
try:
    asked = stages.chosen(given.device, sizes, given.only, given.skip)
except processes.Failure as e:
    parser.error(str(e))
try:
    version = host.version()
except processes.Failure as e:
    sys.exit(f"gpu.sh: charlstm cannot be started: {e}")
try:
    written = record.Record(given.out, given.device, given.quick, sizes, version, given.force)
except processes.Failure as e:
    sys.exit(f"gpu.sh: {e}")
# What has passed is the building of a checkout.
missing, left = stages.run(written, sizes, 60 * given.minutes - (time.monotonic() - begun), asked)
if missing:
    sys.exit(f"gpu.sh: no {given.device} here, so that there is nothing to try: {missing}"
             + ("" if given.device == "cudasim" else "; a rehearsal needs no GPU: gpu.sh --quick --device cudasim"))
print("\n".join(table.lines(written.content)))
print(f"recorded in {given.out}")
failed = written.failed(asked)
if failed:
    print(f"not as it should be: {', '.join(failed)}")
if left:
    print(f"out of time before {len(left)} stages; the same command goes on with them: {', '.join(left)}")
sys.exit(1 if failed else 0)
