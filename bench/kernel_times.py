#!/usr/bin/env python3
"""Fills the last column of kernels/README.md from a record of bench/gpu.sh: kernel_times.py RECORD [--table FILE]

A row gets the time of a step that its kernels took together, in the precision that it names, else in float32, in the
first stage that timed all of them; one whose kernels stand in other rows too stays as it is.
"""
import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRECISIONS = ["float32", "bf16"]


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []


def named(cell, kernels):
    """The kernels that the first cell of a row names, but for alternatives in brackets."""
    return [word for word in re.findall(r"\w+", re.sub(r"\(.*?\)", "", cell)) if word in kernels]


def took(stages, precision, kernels):
    """Microseconds of these in the first stage of a precision that has them all."""
    for name, stage in stages.items():
        rows = ((stage.get("result") or {}).get("kernels") or []) if name.startswith(f"kernels-{precision}-") else []
        found = {}
        for row in rows:
            if row["kernel"]:
                found[row["kernel"]] = found.get(row["kernel"], 0.0) + row["microseconds"]
        if stage.get("status") == "ok" and all(kernel in found for kernel in kernels):
            return sum(found[kernel] for kernel in kernels)
    return None


def filled(lines, stages):
    """The lines of the table with what a card said."""
    kernels = {file.stem for file in (ROOT / "kernels").rglob("*.cu")}
    everywhere = [kernel for line in lines if cells(line) for kernel in set(named(cells(line)[0], kernels))]
    for line in lines:
        row = cells(line)
        asked = named(row[0], kernels) if row else []
        if asked and all(everywhere.count(kernel) == 1 for kernel in asked):
            precision = next((each for each in PRECISIONS if each in row[0]), None)
            times = [took(stages, each, asked) for each in ([precision] if precision else PRECISIONS)]
            said = next((time for time in times if time is not None), None)
            if said is not None:
                line = re.sub(r"\|[^|]*\|\s*$", f"| {said:.1f} us |\n", line)
        yield line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record")
    parser.add_argument("--table", metavar="FILE", default=str(ROOT / "kernels" / "README.md"),
                        help="the page (default: kernels/README.md)")
    given = parser.parse_args()
    try:
        record = json.loads(Path(given.record).read_text(encoding="utf-8"))
        stages = record["stages"]
        before = Path(given.table).read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, ValueError, KeyError, TypeError) as e:
        sys.exit(f"kernel_times.py: no record of bench/gpu.sh, or no page: {type(e).__name__}: {e}")
    if record["device"] != "cuda":
        sys.exit(f"kernel_times.py: {given.record} is of {record['device']}, and no card")
    after = list(filled(before, stages))
    Path(given.table).write_text("".join(after), encoding="utf-8")
    changed = sum(one != other for one, other in zip(before, after))
    print(f"{changed} rows of {given.table} say now what {shown(record)} said")


def shown(record):
    gpus = record["hardware"]["gpus"]
    return gpus[0]["name"] if isinstance(gpus, list) and gpus else "a card without a name"


main()
