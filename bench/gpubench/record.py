"""The record of one or more calls: one JSON object, written anew after every stage."""
import json
import os
import statistics
import time
from pathlib import Path

from . import host
from .processes import Failure

FORMAT = 2
# Results that a later call does not ask for again.
SETTLED = ("ok", "refused")
# Deeper than this an object or array stands on one line, so that a file is readable and its lines are not endless.
DEPTH = 6


def laid_out(value, depth=0):
    """JSON with a line for each member down to some depth."""
    if depth >= DEPTH or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    pad = "  " * depth
    members = (f"{pad}  {json.dumps(key)}: {laid_out(part, depth + 1)}" for key, part in value.items())
    return "{\n" + ",\n".join(members) + f"\n{pad}}}"


# Seconds of work in which the clock of a card that was idle rises.
SETTLE_SECONDS = 1.0
RULE = (f"the epochs of the first {SETTLE_SECONDS:.0f} s do not count, at least the first and at most a third of all; "
        "one alone counts")


def left_out(seconds):
    """How many epochs at the front do not count, as RULE says."""
    passed, count = 0.0, 0
    while count < len(seconds) // 3 and passed < SETTLE_SECONDS:
        passed += seconds[count]
        count += 1
    return max(count, 1) if len(seconds) > 1 else 0


def figures(seconds, losses, characters):
    """Those of the epochs that count."""
    first = left_out(seconds)
    counted = seconds[first:]
    median = statistics.median(counted)
    return {"median_seconds": median, "chars_per_second": characters / median, "last_loss": losses[-1],
            "epochs_left_out": first, "epochs_counted": len(counted), "least_seconds": min(counted),
            "most_seconds": max(counted), "seconds": seconds, "losses": losses}


class Record:
    """Grows stage by stage; content is what the file holds. A file of the same device, version and sizes is gone on
    with; one of anything else is refused, unless force begins it anew.
    """

    def __init__(self, path, device, quick, sizes, version, force=False):
        self.path = Path(path)
        self.content = {"format": FORMAT, "started": now(), "calls": [], "device": device, "quick": quick,
                        "sizes": json.loads(json.dumps(vars(sizes))), "counting": RULE, "charlstm": version,
                        "hardware": host.hardware(), "stages": {}}
        if self.path.exists() and not force:
            self.go_on()
        self.content["calls"].append(now())

    def go_on(self):
        """With the stages of the file."""
        advice = "; name another file with --out, or write over it with --force"
        try:
            old = json.loads(self.path.read_text(encoding="utf-8"))
            kept, before, here = old["stages"], identity(old), identity(self.content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Failure(f"{self.path} is no record that this version can go on with{advice}") from None
        for what, was in before.items():
            if was != here[what]:
                raise Failure(f"{self.path} is of another {what}, {shown(was)} and not {shown(here[what])}{advice}")
        self.content = {**self.content, "started": old["started"], "calls": old["calls"], "stages": kept}
        # What doctor found is not asked for again.
        for found in ("libraries", "missing"):
            if found in old["hardware"]:
                self.content["hardware"][found] = old["hardware"][found]

    def settled(self, name):
        """Whether an earlier call has a stage's result."""
        return self.content["stages"].get(name, {}).get("status") in SETTLED

    def announce(self, names):
        """Names all stages in their order, so that a record that ends early says what it lacks."""
        kept = self.content["stages"]
        self.content["stages"] = {name: kept.get(name, {"status": "not run"}) for name in names}
        self.write()

    def put(self, name, entry):
        self.content["stages"][name] = entry
        self.write()

    def result(self, name):
        """What a stage found, or an empty object."""
        return self.content["stages"].get(name, {}).get("result") or {}

    def failed(self, names):
        """Those that went wrong. A stage that was not run did not."""
        return [name for name in names
                if self.content["stages"][name]["status"] not in (*SETTLED, "skipped", "not run")]

    def write(self):
        """In full or not at all: the old file stays until the new one is whole."""
        part = self.path.with_name(self.path.name + ".part")
        with open(part, "w", encoding="utf-8") as out:
            out.write(laid_out(self.content) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, self.path)


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def identity(content):
    """Results stand in one record if they share these, by the words for each."""
    gpus = content["hardware"]["gpus"]
    cards = [f"{gpu['name']}, driver {gpu['driver_version']}" for gpu in gpus] if isinstance(gpus, list) else []
    return {"format": content["format"], "device": content["device"], "size (--quick or not)": content["quick"],
            "amount of work": content["sizes"], "build of charlstm": content["charlstm"], "GPU or driver": cards}


def shown(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
