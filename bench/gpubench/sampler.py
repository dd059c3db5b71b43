"""The state of the card, by nvidia-smi, while something runs on it."""
import os
import statistics
import subprocess
import threading

from .processes import end

ASKED = {"clocks.sm": "clock_mhz", "temperature.gpu": "temperature_c", "power.draw": "power_w"}
MILLISECONDS = 500


class Sampler:
    """Asks twice a second in a thread of its own; says nothing where there is no nvidia-smi."""

    def __init__(self, wanted=True):
        self.wanted = wanted
        self.rows, self.process, self.thread = [], None, None

    def __enter__(self):
        if not self.wanted:
            return self
        # The first that charlstm sees.
        card = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0] or "0"
        try:
            self.process = subprocess.Popen(
                ["nvidia-smi", "-i", card, "--query-gpu=" + ",".join(ASKED), "--format=csv,noheader", "-lms",
                 str(MILLISECONDS)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True)
        except OSError:
            return self
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        return self

    def read(self):
        for line in self.process.stdout:
            values = [number(part) for part in line.decode(errors="replace").split(",")]
            if len(values) == len(ASKED):
                self.rows.append(values)

    def __exit__(self, *_):
        if self.process:
            end(self.process)
            self.thread.join(1)

    def said(self):
        """The least, the median and the most of each; None where nothing was said."""
        found = {}
        for name, values in zip(ASKED.values(), zip(*list(self.rows))):
            known = [value for value in values if value is not None]
            if known:
                found[name] = {"min": min(known), "median": statistics.median(known), "max": max(known)}
        return {"samples": len(self.rows), **found} if found else None


def number(text):
    """The number at the front of "1980 MHz"; None of "[N/A]"."""
    try:
        return float(text.split()[0])
    except (IndexError, ValueError):
        return None
