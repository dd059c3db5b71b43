#!/usr/bin/env python3
"""Finds a python3 that has PyTorch, in PYTHON or on the PATH. By itself it prints the one for the processor."""
import json
import os
import sys
from importlib import util
from pathlib import Path

if not __package__:
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gpubench.processes import Failure, run  # noqa: E402 (found from here, also as a program of its own)

START_SECONDS = 120
ON_DEBIAN = "Debian: apt install python3-torch libopenblas0-openmp"

# Says what it is; on a GPU it has to have one.
ASK = """import json, sys, torch
if sys.argv[1] == "cuda":
    torch.zeros(1, device="cuda")
print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(),
    "device": torch.cuda.get_device_name() if sys.argv[1] == "cuda" else "cpu"}))"""


def pythons():
    """Each python3 on the PATH once. A link out of a virtual environment is not what it points to."""
    found = {}
    for folder in os.get_exec_path():
        file = Path(folder, "python3")
        if os.access(file, os.X_OK):
            found.setdefault(Path(folder).resolve(), file)
    return list(found.values())


def python_with_torch(device="cpu", limit=START_SECONDS):
    """The first that has it for a device, and what it says of itself."""
    whys = []
    for python in [os.environ["PYTHON"]] if os.environ.get("PYTHON") else pythons():
        try:
            return str(python), json.loads(run([str(python), "-c", ASK, device], limit).require().out)
        except Failure as e:
            whys.append(f"{python}: {e}")
    advice = f" ({ON_DEBIAN})" if device == "cpu" else ""
    raise Failure(f"no python3 has PyTorch with {device}{advice}: " + "; ".join(whys), "skipped")


def go_on_with_torch(name):
    """Starts this program again in a python3 that has PyTorch, where the one that runs it has none."""
    if util.find_spec("torch") is None:
        try:
            python, _ = python_with_torch()
        except Failure as e:
            sys.exit(f"{name}: {e}")
        os.execv(python, [python, *sys.argv])


if __name__ == "__main__":
    try:
        print(python_with_torch()[0])
    except Failure as e:
        sys.exit(str(e))
