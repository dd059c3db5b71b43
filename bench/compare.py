#!/usr/bin/env python3
"""Two results files of peers.sh side by side: compare.py A.json B.json. A ratio says how many times as fast B is.

Refuses files whose processor, threads or sizes differ, for their figures say nothing of each other.
"""
import argparse
import json
import statistics
import sys

sys.dont_write_bytecode = True

from peers import table  # noqa: E402 (nothing is to be left in the folder of the sources)

FORM = "{:<16} {:<26} {:>30} {:>30} {:>8}"
# The figures depend on these; the number of rounds only changes how sure they are.
SAME = ["threads", "shape", "hidden", "batch_size", "sample"]


def load(path):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    if not isinstance(content, dict) or content.get("format") != 1 or "peers" not in content:
        raise ValueError("not a results file of peers.sh")
    return content


def differences(a, b):
    """What keeps the two from being compared."""
    pairs = [("processor", a["hardware"]["processor"], b["hardware"]["processor"])]
    pairs += [(name, a["settings"][name], b["settings"][name]) for name in SAME]
    # Files of before there was a choice are of the LSTM.
    pairs.append(("cell", *(content["settings"].get("cell", "lstm") for content in (a, b))))
    return [f"{name}: {one} and {other}" for name, one, other in pairs if one != other]


def rows(a, b):
    """What is measured in both, each by its name, values and format, and whether less is better."""
    for name, entry in a["peers"].items():
        other = b["peers"].get(name, {})
        if "rounds" not in entry or "rounds" not in other:
            continue
        yield name, "s an epoch", table.seconds(entry), table.seconds(other), ".3f", True
        for streams in table.STREAMS:
            yield (name, f"characters/s, {streams} stream{'' if streams == '1' else 's'}", table.rates(entry, streams),
                   table.rates(other, streams), ",.0f", False)


def commit(content):
    version = content["charlstm"]
    return f"{version.get('commit') or version['version']}{' with changes' if version.get('changed') else ''}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a", metavar="A.json")
    parser.add_argument("b", metavar="B.json")
    parser.add_argument("--force", action="store_true", help="compare them all the same")
    given = parser.parse_args()
    contents = []
    for path in (given.a, given.b):
        try:
            contents.append(load(path))
        except (OSError, ValueError) as e:
            sys.exit(f"compare.py: {path}: {e}")
    a, b = contents
    different = differences(a, b)
    if different and not given.force:
        sys.exit("compare.py: these differ, compare them with --force: " + "; ".join(different))
    for line in different:
        print(f"differs: {line}")
    print(f"A: {given.a}, {a['started']}, charlstm {commit(a)}")
    print(f"B: {given.b}, {b['started']}, charlstm {commit(b)}")
    print(FORM.format("", "median [min, max]", "A", "B", "ratio"))
    for name, what, one, other, form, less in rows(a, b):
        above, below = (one, other) if less else (other, one)
        print(FORM.format(name, what, table.spread(one, form), table.spread(other, form),
                          f"{statistics.median(above) / statistics.median(below):.2f}"))


main()
