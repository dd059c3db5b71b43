#!/usr/bin/env python3
"""Searches for settings that reach the lab's validation loss in the fewest seconds: recipe.py CAPTIONS.txt

The last tenth of the captions is for validation. First the lab's own settings are trained for ten epochs; their loss a
real character, which no padding flatters, is the target. Then each combination of the grid is trained
once, those of the least work first, and left out where a candidate of as much work has already reached the target in
half of the time. The best are trained again, --rounds times with other seeds, each beside the lab's settings. Seconds
are of training alone, from the lines of metrics.jsonl: of what the processor computes from cold, without the start of
the JVM. Prints a table; --out keeps all of it as JSON. Needs only the built charlstm; only a quiet machine counts.
"""
import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = ["--epochs", "10"]
GRID = {
    "--optimizer": ["adam"],
    "--schedule": ["cosine"],
    "--warm-up": ["20"],
    "--clip-norm": ["1"],
    "--padding": ["bucket"],
    "--epochs": ["1", "2"],
    "--batch-size": ["16", "32"],
    "--learning-rate": ["0.005", "0.01", "0.02"],
    "--hidden": ["64", "96", "128"],
}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("captions")
parser.add_argument("--charlstm", default=os.path.join(HERE, "..", "charlstm"), help="the command to run")
parser.add_argument("--grid", metavar="FILE", help="JSON: a list of values for each option, in place of the built-in")
parser.add_argument("--target", type=float, help="a loss a real character to reach in place of the lab's")
parser.add_argument("--best", type=int, default=3, help="how many are trained again")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--out", metavar="FILE")
given = parser.parse_args()


def tool(*line):
    run = subprocess.run([given.charlstm, *line], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{' '.join(line)}: {run.stderr.strip()}")
    return run.stdout


def trained(options, seed):
    """Seconds of each epoch, of the whole command, and the validation loss."""
    out = os.path.join(folder, "run")
    shutil.rmtree(out, ignore_errors=True)
    began = time.monotonic()
    tool("train", learned, "--device", "cpu", "--threads", str(given.threads), "--seed", str(seed), "--out", out,
         *options)
    wall = time.monotonic() - began
    with open(os.path.join(out, "metrics.jsonl"), encoding="utf-8") as lines:
        epochs = [json.loads(line)["seconds"] for line in lines]
    measured = json.loads(tool("eval", out, validation, "--device", "cpu", "--last", "--json"))
    return {"options": options, "seed": seed, "seconds": sum(epochs), "epochs": epochs, "wall": wall,
            "loss": measured["real_loss"], "bits_per_character": measured["bits_per_character"]}


def read_grid(path):
    """Each option's values as a command line has them; JSON may have numbers for them."""
    def refuse(why):
        sys.exit(f"recipe.py: {path}: {why}; it is as in {{\"--hidden\": [64, 128], \"--optimizer\": [\"adam\"]}}")

    try:
        with open(path, encoding="utf-8") as file:
            grid = json.load(file)
    except (OSError, ValueError) as e:
        sys.exit(f"recipe.py: {path}: {e}")
    if not isinstance(grid, dict):
        refuse("no object of options")
    for option, values in grid.items():
        if not option.startswith("--") or not isinstance(values, list) or not values:
            refuse(f"{option} has no list of values")
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                refuse(f"{option} has {json.dumps(value)}, which is neither a number nor a string")
    return {option: [str(value) for value in values] for option, values in grid.items()}


def work(choice):
    """Grows as the time of training does on any machine."""
    return float(choice.get("--epochs", 10)) * int(choice.get("--hidden", "128").split(",")[0]) ** 1.5


def line_of(choice):
    """An option without a value has an empty one."""
    return [part for pair in choice.items() for part in pair if part != ""]


def told(run, note=""):
    print(f"{run['loss']:8.4f} {run['seconds']:8.2f} s {run['wall']:8.2f} s  {' '.join(run['options'])} {note}",
          flush=True)
    return run


grid = read_grid(given.grid) if given.grid else GRID
try:
    choices = sorted((dict(zip(grid, values)) for values in itertools.product(*grid.values())), key=work)
except ValueError as e:
    sys.exit(f"recipe.py: {given.grid}: --epochs or --hidden: {e}")
with tempfile.TemporaryDirectory() as folder:
    with open(given.captions, encoding="utf-8") as text:
        captions = text.readlines()
    learned, validation = os.path.join(folder, "learned.txt"), os.path.join(folder, "validation.txt")
    for name, lines in [(learned, captions[:-(len(captions) // 10)]), (validation, captions[-(len(captions) // 10):])]:
        with open(name, "w", encoding="utf-8") as file:
            file.writelines(lines)
    print("    loss  training   command  settings")
    lab = told(trained(LAB, 1), "(the lab's)")
    target = given.target or lab["loss"]
    tried, reached = [], []
    for choice in choices:
        if any(work(choice) > 2 * other for other in reached):
            continue
        tried.append(told(trained(line_of(choice), 1)))
        if tried[-1]["loss"] <= target:
            reached.append(work(choice))
    winners = sorted((run for run in tried if run["loss"] <= target), key=lambda run: run["seconds"])[:given.best]
    print(f"\n{given.rounds} rounds of the lab's settings and the best")
    again = [[told(trained(options, seed)) for options in [LAB, *(winner["options"] for winner in winners)]]
             for seed in range(1, given.rounds + 1)]

print("\n| settings | validation loss a character | bits a character | seconds of training | of the command "
      "| times as fast |")
print("|---|---|---|---|---|---|")
rows = []
for column in zip(*again):
    middle = {key: statistics.median(run[key] for run in column)
              for key in ["loss", "bits_per_character", "seconds", "wall"]}
    ratios = [rounds[0]["seconds"] / run["seconds"] for rounds, run in zip(again, column)]
    rows.append({"options": column[0]["options"], **middle, "times": statistics.median(ratios),
                 "times_from": min(ratios), "times_to": max(ratios)})
    print(f"| `{' '.join(column[0]['options'])}` | {middle['loss']:.4f} | {middle['bits_per_character']:.3f} | "
          f"{middle['seconds']:.1f} | {middle['wall']:.1f} | {rows[-1]['times']:.1f} "
          f"[{min(ratios):.1f}, {max(ratios):.1f}] |")
if given.out:
    with open(given.out, "w", encoding="utf-8") as file:
        json.dump({"target": target, "lab": lab, "tried": tried, "rounds": again, "table": rows}, file, indent=1)
