#!/usr/bin/env python3
"""Records as JSON what a machine's cuBLAS and cuDNN do: probe.py --out FILE, or probe.py --compare RECORD OTHER

Wants Python 3.9 and a GPU's driver, cuBLAS of CUDA 12 or 13 and cuDNN 9, wherever charlstm finds them.
The record is written after every stage. --compare holds the answers of another device to a record, as the tests hold
those of the simulated GPU, and fails (status 1) if one that the engine relies on differs. gpuprobe/ says what is asked.
"""
import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from gpuprobe import compare, runner  # noqa: E402 (nothing is to be left in the folder of the sources)

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
what = parser.add_mutually_exclusive_group(required=True)
what.add_argument("--out", metavar="FILE", help="where the record goes")
what.add_argument("--compare", nargs=2, metavar=("RECORD", "OTHER"), help="the record first")
what.add_argument("--stage", help=argparse.SUPPRESS)
parser.add_argument("--seconds", type=float, default=60, help="after so long nothing more is asked (default: 60)")
parser.add_argument("--answers", help=argparse.SUPPRESS)
parser.add_argument("--skip", type=int, help=argparse.SUPPRESS)
given = parser.parse_args()
for file in given.compare or []:
    if not Path(file).is_file():
        parser.error(f"--compare: there is no file {file}")
if given.out and not Path(given.out).absolute().parent.is_dir():
    parser.error(f"--out: there is no folder {Path(given.out).absolute().parent}")
if given.stage:
    runner.child(given.stage, given.answers, given.skip, given.seconds)
else:
    good = compare.compare(*given.compare) if given.compare else runner.run(given.out, given.seconds)
    sys.exit(0 if good else 1)
