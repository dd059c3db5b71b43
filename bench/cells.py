#!/usr/bin/env python3
"""Compares the recurrent cells on a text: cells.py TEXT [--stream]

Two comparisons, each of lstm, gru, rnn and rnn-relu for several seeds, with the last tenth of the text for validation:
models of as many units, trained for as many seconds; and models of about as many parameters, trained for as many
epochs. Seconds are of training alone, from metrics.jsonl, on the machine as it is: only a quiet one counts. Prints a
table of medians; --out keeps all runs as JSON. Captions take one recurrent layer and the lab's dense layers, padded
batches of similar length, Adam; --stream takes running text as char-rnn does. Needs only the built charlstm.
"""
import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CELLS = ["lstm", "gru", "rnn", "rnn-relu"]
GATES = {"lstm": 4, "gru": 3, "rnn": 1, "rnn-relu": 1}
# A GRU has two biases a gate.
BIASES = {"lstm": 1, "gru": 2, "rnn": 1, "rnn-relu": 1}
ALIKE = ["--optimizer", "adam", "--learning-rate", "0.003", "--clip-norm", "1", "--validation-split", "0.1"]
CAPTIONS = ["--padding", "bucket", "--batch-size", "32", *ALIKE]
STREAM = ["--format", "stream", "--batch-size", "50", "--dense", "0", *ALIKE]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("text")
parser.add_argument("--stream", action="store_true", help="the text is running text, learned as by char-rnn")
parser.add_argument("--charlstm", default=os.path.join(HERE, "..", "charlstm"), help="the command to run")
parser.add_argument("--units", type=int, default=128, help="of the LSTM, and of all in the same seconds")
parser.add_argument("--seconds", type=float, default=30)
parser.add_argument("--epochs", type=int, default=8, help="of models of as many parameters")
parser.add_argument("--seeds", type=int, default=3, metavar="N", help="1 to N")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--out", metavar="FILE")
given = parser.parse_args()
OPTIONS = STREAM if given.stream else CAPTIONS


def epochs_of(run):
    """The lines of a run's metrics so far; the last one may be half written."""
    try:
        with open(os.path.join(run, "metrics.jsonl"), encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]
    except FileNotFoundError:
        return []


def trained(cell, units, seed, seconds=None, epochs=None):
    """Trains until the seconds are over or the epochs done; gives the epochs within both."""
    out = os.path.join(folder, "run")
    shutil.rmtree(out, ignore_errors=True)
    line = [given.charlstm, "train", given.text, *OPTIONS, "--cell", cell, "--hidden", str(units), "--seed", str(seed),
            "--device", "cpu", "--threads", str(given.threads), "--epochs", str(epochs or 10000), "--out", out]
    with open(os.path.join(folder, "output"), "w", encoding="utf-8") as output:
        process = subprocess.Popen(line, stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            time.sleep(0.2)
            if seconds is not None and sum(epoch["seconds"] for epoch in epochs_of(out)) > seconds:
                # The run stops after the step that it is in.
                with open(os.path.join(out, ".stop"), "w", encoding="utf-8"):
                    process.wait()
    with open(os.path.join(folder, "output"), encoding="utf-8") as output:
        said = output.read().strip().splitlines()[-1]
    diverged = "training diverged" in said
    if process.returncode not in (0, 130) and not diverged:
        sys.exit(f"{' '.join(line)}: {said}")
    with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
        described = json.load(file)
    kept, spent = [], 0
    for epoch in epochs_of(out):
        spent += epoch["seconds"]
        if seconds is not None and spent > seconds:
            break
        kept.append(epoch)
    if not kept and not diverged:
        sys.exit(f"no epoch of {cell} within {seconds:g} s; give more --seconds")
    losses = [round(epoch.get("val_real_loss", epoch["val_loss"]), 4) for epoch in kept]
    return {"cell": cell, "units": units, "parameters": described["config"]["parameters"], "seed": seed,
            "epochs": len(kept), "seconds": round(sum(epoch["seconds"] for epoch in kept), 3),
            "val_loss": None if diverged else losses[-1], "losses": losses}, described


def parameters(cell, units, symbols):
    dense = 0 if given.stream else 128
    last = dense or units
    return (GATES[cell] * units * (symbols + units + BIASES[cell]) + (dense and dense * (units + 1))
            + symbols * (last + 1))


def of_parameters(cell, wanted, symbols):
    return min(range(1, 8 * given.units), key=lambda units: abs(parameters(cell, units, symbols) - wanted))


def table(title, runs):
    print(f"\n{title}\n\n| cell | units | parameters | epochs | seconds | validation loss | bits a character |")
    print("|---|---|---|---|---|---|---|")
    for cell in CELLS:
        its = [run for run in runs if run["cell"] == cell]
        if any(run["val_loss"] is None for run in its):
            print(f"| `{cell}` | {its[0]['units']} | {its[0]['parameters']:,} | | | diverged | |", flush=True)
            continue
        losses = sorted(run["val_loss"] for run in its)
        loss = statistics.median(losses)
        print(f"| `{cell}` | {its[0]['units']} | {its[0]['parameters']:,} | "
              f"{statistics.median(run['epochs'] for run in its):g} | "
              f"{statistics.median(run['seconds'] for run in its):.1f} | "
              f"{loss:.3f} [{losses[0]:.3f}, {losses[-1]:.3f}] | {loss / math.log(2):.3f} |", flush=True)


with tempfile.TemporaryDirectory() as folder:
    first, described = trained("lstm", 1, 1, epochs=1)
    symbols = described["config"]["symbols"]
    same_seconds, same_size = [], []
    for seed in range(1, given.seeds + 1):
        for cell in CELLS:
            same_seconds.append(trained(cell, given.units, seed, seconds=given.seconds)[0])
            print(same_seconds[-1], file=sys.stderr, flush=True)
        for cell in CELLS:
            units = of_parameters(cell, parameters("lstm", given.units, symbols), symbols)
            same_size.append(trained(cell, units, seed, epochs=given.epochs)[0])
            print(same_size[-1], file=sys.stderr, flush=True)

table(f"{given.units} units, {given.seconds:g} seconds", same_seconds)
table(f"about as many parameters, {given.epochs} epochs", same_size)
if given.out:
    record = {"started": described["started"], "text": described["text"], "machine": described["machine"],
              "options": OPTIONS, "threads": given.threads, "same_seconds": same_seconds, "same_size": same_size}
    with open(given.out, "w", encoding="utf-8") as file:
        # A line a run.
        file.write(json.dumps(record).replace('[{"cell"', '[\n{"cell"').replace('}, {"cell"', '},\n{"cell"') + "\n")
