"""The record of a run: one JSON object, written anew after every stage."""
import json
import os
import statistics
import time
from pathlib import Path

from . import host

# Deeper than this an object or array stands on one line, so that a file is readable and its lines are not endless.
DEPTH = 6


def laid_out(value, depth=0):
    """JSON with a line for each member down to some depth."""
    if depth >= DEPTH or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    pad = "  " * depth
    members = (f"{pad}  {json.dumps(key)}: {laid_out(part, depth + 1)}" for key, part in value.items())
    return "{\n" + ",\n".join(members) + f"\n{pad}}}"


def figures(seconds, losses, characters):
    """The first epoch warms up and does not count, unless there is no other."""
    counted = seconds[1:] or seconds
    median = statistics.median(counted)
    return {"median_seconds": median, "chars_per_second": characters / median, "last_loss": losses[-1],
            "seconds": seconds, "losses": losses}


class Record:
    """Grows stage by stage; content is what the file holds."""

    def __init__(self, path, device, quick):
        self.path = Path(path)
        self.content = {"format": 1, "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "device": device,
                        "quick": quick, "charlstm": host.version(), "hardware": host.hardware(), "stages": {}}

    def announce(self, names):
        """Names all stages, so that a record that ends early says what it lacks."""
        self.content["stages"] = {name: {"status": "not run"} for name in names}
        self.write()

    def put(self, name, entry):
        self.content["stages"][name] = entry
        self.write()

    def result(self, name):
        """What a stage found, or an empty object."""
        return self.content["stages"].get(name, {}).get("result") or {}

    def failed(self):
        return any(entry["status"] not in ("ok", "refused", "skipped") for entry in self.content["stages"].values())

    def write(self):
        """In full or not at all: the old file stays until the new one is whole."""
        part = self.path.with_name(self.path.name + ".part")
        with open(part, "w", encoding="utf-8") as out:
            out.write(laid_out(self.content) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, self.path)
