#!/usr/bin/env python3
"""Trains the lab's model and samples from it in charlstm and in its peers on a CPU, round by round, each in turn on the
same encoded captions, and prints medians with ratios. A peer that is missing is skipped and the table says why.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from gpubench import host  # noqa: E402 (nothing is to be left in the folder of the sources)
from gpubench.processes import Failure, run  # noqa: E402
from gpubench.record import laid_out  # noqa: E402
from gpubench.torch_python import python_with_torch  # noqa: E402
from peers import table  # noqa: E402

BENCH = host.ROOT / "bench"
STREAMS, FEWER = 64, 8


def options():
    parser = argparse.ArgumentParser(prog="peers.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="captions, one a line")
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument("epochs", type=int, nargs="?", default=4, help="in a round; its first does not count")
    parser.add_argument("threads", type=int, nargs="?", default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", metavar="FILE", help="write the results there as JSON, for compare.py")
    parser.add_argument("--only", metavar="NAMES", help=f"some of {','.join(PEERS)}; default: all")
    parser.add_argument("--cell", choices=["lstm", "gru", "rnn", "rnn-relu"], default="lstm",
                        help="only charlstm and PyTorch have others than the LSTM")
    parser.add_argument("--hidden", type=int, default=128, help="of the recurrent and of the middle layer")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--max-samples", type=int, metavar="N", help="take the first N captions")
    parser.add_argument("--sample", type=int, default=100_000, metavar="N",
                        help="symbols that one stream draws; each of 64 draws an eighth (default: %(default)s)")
    parser.add_argument("--limit", type=int, default=7200, metavar="SECONDS", help="for a peer's round")
    given = parser.parse_args()
    given.names = given.only.split(",") if given.only else list(PEERS)
    unknown = [name for name in given.names if name not in PEERS]
    if unknown:
        parser.error(f"--only: there is no {unknown[0]}")
    if min(given.rounds, given.threads, given.hidden, given.batch_size, given.limit) < 1 or given.epochs < 2:
        parser.error("numbers must be at least 1, EPOCHS at least 2: the first of each round does not count")
    if given.sample < FEWER:
        parser.error(f"--sample must be at least {FEWER}")
    if given.out and not Path(given.out).absolute().parent.is_dir():
        parser.error(f"--out: there is no folder {Path(given.out).absolute().parent}")
    return given


class Work:
    """What every peer gets: the settings, the captions, and the rows that charlstm made of them."""

    def __init__(self, given, folder):
        self.given, self.folder, self.rows = given, folder, folder / "rows"
        self.least = ["--max-samples", str(given.max_samples)] if given.max_samples else []
        said = json.loads(self.charlstm("encode", given.text, "--json", *self.least).out)
        self.shape = said["shape"]
        self.write_rows(said)

    def charlstm(self, *arguments):
        return run([str(host.LAUNCHER), *map(str, arguments)], self.given.limit).require()

    def write_rows(self, said):
        """N, T and V, then N rows of start, characters, and ends, T + 1 symbols each, in charlstm's numbers."""
        ids, (count, steps, symbols) = said["map"], said["shape"]
        with open(self.given.text, encoding="utf-8") as file:
            captions = [line for line in file.read().splitlines() if line.strip()][:self.given.max_samples]
        rows = [[ids["<start>"], *(ids[c] for c in text), *[ids["<end>"]] * (steps - len(text))] for text in captions]
        first = rows[said["caption"]]
        if (len(rows), first[:-1], first[1:]) != (count, [ids[name] for name in said["input"]],
                                                  [ids[name] for name in said["target"]]):
            raise Failure("these are not the captions that charlstm encoded")
        lines = [[count, steps, symbols], *rows]
        self.rows.write_text("".join(" ".join(map(str, line)) + "\n" for line in lines), encoding="utf-8")

    def answer(self, command, environment=None):
        """The JSON object that a peer prints last."""
        environment = {"OMP_NUM_THREADS": str(self.given.threads), **(environment or {})}
        return json.loads(run(list(map(str, command)), self.given.limit, environment).require().out.splitlines()[-1])


def charlstm(work):
    given, folder = work.given, work.folder / "run"
    on = ["--device", "cpu", "--threads", given.threads]
    work.charlstm("train", given.text, *on, *work.least, "--epochs", given.epochs, "--cell", given.cell, "--hidden",
                  given.hidden, "--dense", given.hidden, "--batch-size", given.batch_size, "--out", folder, "--force")
    epochs = [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    machine = json.loads((folder / "run.json").read_text(encoding="utf-8"))["machine"]

    def sampled(streams, length):
        said = work.charlstm("sample", folder, *on, "--time", "--past-end", "--count", streams, "--max-length", length)
        return float(said.err.split()[-2])

    return {"version": f"charlstm {machine['charlstm']}, Java {machine['java']}",
            "seconds": [epoch["seconds"] for epoch in epochs], "losses": [epoch["loss"] for epoch in epochs],
            "sampling": {"1": sampled(1, given.sample), str(STREAMS): sampled(STREAMS, given.sample // FEWER)}}


def pytorch(precision):
    def peer(work):
        given = work.given
        return work.answer([python_with_torch()[0], BENCH / "pytorch_epochs.py", work.rows, given.epochs, given.threads,
                            "--precision", precision, "--cell", given.cell, "--hidden", given.hidden,
                            "--batch-size", given.batch_size, "--sample", given.sample])
    return peer


def djl(work):
    """The peer of peers/pom.xml, where that has been built."""
    given, folder = work.given, host.ROOT / "target" / "peers" / "djl"
    if given.cell != "lstm":
        raise Failure(f"its program here has no cell {given.cell}")
    if not (folder / "classpath").exists():
        raise Failure("not built: mvn -f bench/peers/pom.xml package")
    path = f"{folder / 'classes'}:{(folder / 'classpath').read_text().strip()}"
    flags = ["--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true",
             f"-Dai.djl.pytorch.num_threads={given.threads}"]
    return work.answer([Path(os.environ["JAVA_HOME"], "bin", "java"), *flags, "-cp", path, "Djl", work.rows,
                        given.epochs, given.threads, given.hidden, given.batch_size, given.sample],
                       {"OMP_NUM_THREADS": str(given.threads), "OPT_OUT_TRACKING": "true"})


PEERS = {"charlstm": charlstm, "pytorch": pytorch("float32"), "pytorch-bf16": pytorch("bf16"), "djl": djl}


def measure(name, work, entry):
    """One more round of a peer, unless it has failed before."""
    if "skipped" in entry:
        return
    try:
        said = PEERS[name](work)
    except (Failure, ValueError, IndexError, OSError) as e:
        # Its earlier rounds would be fewer than the others have.
        entry.clear()
        entry["skipped"] = str(e) or repr(e)
        print(f"{name}: skipped: {entry['skipped']}", file=sys.stderr)
        return
    entry["version"] = said.pop("version")
    entry.setdefault("rounds", []).append(said)
    print(f"{name}: " + ", ".join(f"{second:.2f}" for second in said["seconds"]) + " s, " + ", ".join(
        f"{rate:,.0f} characters/s in {streams}" for streams, rate in said["sampling"].items()), file=sys.stderr)


def main():
    given = options()
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    entries = {name: {} for name in given.names}
    with tempfile.TemporaryDirectory() as folder:
        version = host.version()
        work = Work(given, Path(folder))
        for _ in range(given.rounds):
            for name in given.names:
                measure(name, work, entries[name])
    for entry in entries.values():
        if "rounds" in entry:
            entry["median_seconds"] = statistics.median(table.seconds(entry))
    hardware = {key: value for key, value in host.hardware().items() if key != "gpus"}
    content = {"format": 1, "started": started, "charlstm": version, "hardware": hardware, "settings": {
        "threads": given.threads, "rounds": given.rounds, "epochs": given.epochs, "shape": work.shape,
        "cell": given.cell, "hidden": given.hidden, "batch_size": given.batch_size, "sample": given.sample},
        "peers": entries}
    if given.out:
        Path(given.out).write_text(laid_out(content) + "\n", encoding="utf-8")
    print("\n".join(table.lines(content)))


if __name__ == "__main__":
    try:
        main()
    except (Failure, OSError) as e:
        sys.exit(f"peers.sh: {e}")
