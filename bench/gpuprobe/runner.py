"""Runs stages in processes of their own, so that a crash, or an error that sticks to a context, is one more answer."""
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time

from .gpu import Gpu, Scope
from .libraries import Missing, Refused
from .stages import STAGES

# A case that takes longer is stuck; the alarm ends the process even within a library's call.
CASE_SECONDS = 20
RESTARTS = 25


def plain(value):
    """For JSON, which knows no NaN: such figures become words, which no comparison takes for equal to anything."""
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def answer(gpu, ask):
    """A case's answer, and whether its context can go on."""
    try:
        with Scope(gpu) as scope:
            try:
                said = ask(scope)
            except Refused as e:
                said = {"refused": e.answer}
            # What was refused may have begun: nothing is freed under it.
            gpu.synchronise()
    except Refused as e:
        return {"refused": e.answer, **said, "context_lost": e.answer}, False
    except Missing as e:
        return {"missing": str(e)}, True
    return said, True


def child(stage, path, skip, seconds):
    """Answers the cases of a stage but the first so many, a line before and a line after each."""
    end = time.monotonic() + seconds
    with open(path, "a", encoding="utf-8") as lines:
        def tell(*line):
            lines.write(json.dumps(plain(line), allow_nan=False) + "\n")
            lines.flush()
        signal.alarm(CASE_SECONDS)
        gpu = Gpu()
        for name, ask in STAGES[stage][0](gpu)[skip:]:
            if time.monotonic() > end:
                tell(name, {"skipped": "out of time"})
                continue
            tell(name)
            signal.alarm(CASE_SECONDS)
            said, goes_on = answer(gpu, ask)
            signal.alarm(0)
            tell(name, said)
            if not goes_on:
                break
        else:
            tell("")
    # At once: what libraries do when a process ends is not asked for, and may take long in a context that has failed.
    os._exit(0)


def run_stage(stage, end):
    """The answers of all cases; after a process that ended early another goes on behind the case that ended it."""
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        path, errors = os.path.join(folder, "answers"), os.path.join(folder, "errors")
        for _ in range(RESTARTS):
            left = max(0.0, end - time.monotonic())
            open(path, "w", encoding="utf-8").close()
            with open(errors, "w", encoding="utf-8") as said:
                code = subprocess.run([sys.executable, sys.argv[0], "--stage", stage, "--answers", path, "--skip",
                                       str(len(answers)), "--seconds", str(left)], stdout=said, stderr=said,
                                      check=False).returncode
            with open(path, encoding="utf-8") as lines, open(errors, encoding="utf-8", errors="replace") as said:
                if merged(answers, [json.loads(line) for line in lines], ending(code), said.read().splitlines()[-3:]):
                    break
    return answers


def merged(answers, lines, ended, said):
    """Takes over what a process told. Is the stage at its end?"""
    if not lines:
        answers["process"] = {"crashed": ended, "said": said}
        return True
    for name, *rest in lines:
        if name:
            answers[name] = rest[0] if rest else {"crashed": ended, "said": said}
    last = answers.get(lines[-1][0], {})
    if "context_lost" in last:
        last["said"] = said
    return lines[-1][0] == ""


def ending(code):
    return f"exit status {code}" if code >= 0 else f"signal {-code} ({signal.Signals(-code).name})"


def write(path, record):
    """A line a case, for whoever reads it and for git; in full or not at all."""
    def stage(answers):
        lines = [f"    {json.dumps(name)}: {json.dumps(said, allow_nan=False)}" for name, said in answers.items()]
        return "{\n" + ",\n".join(lines) + "\n  }"
    parts = [f"  {json.dumps(name)}: {stage(part) if isinstance(part, dict) else json.dumps(part)}"
             for name, part in record.items()]
    with open(path + ".part", "w", encoding="utf-8") as out:
        out.write("{\n" + ",\n".join(parts) + "\n}\n")
    os.replace(path + ".part", path)


def run(path, seconds):
    """Writes a record; false if there is no GPU to ask."""
    record, end = {"format": 1}, time.monotonic()
    for stage, (_, part) in STAGES.items():
        start, end = time.monotonic(), end + part * seconds
        record[stage] = run_stage(stage, end)
        if "process" in record["hardware"]:
            print(*record["hardware"]["process"]["said"][-1:], file=sys.stderr)
            return False
        write(path, record)
        print(f"{stage}: {len(record[stage])} answers in {time.monotonic() - start:.1f} s", flush=True)
    return True
