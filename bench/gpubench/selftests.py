"""Reads charlstm selftest --json: a line for each check as it ends, and one at the end."""
import json

from .processes import Failure


def read(text):
    """The checks that are told, also of a run that was cut off, which has no "passed"; None if there are none."""
    checks, end = [], {}
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            # The last one, of a run that was cut off.
            continue
        if isinstance(said, dict) and "check" in said:
            checks.append({"name": said.pop("check"), **said})
        elif isinstance(said, dict):
            end.update(said)
    return {**end, "checks": checks} if checks or end else None


def cut_off(said):
    """Whether a run said only a part of what it had to: it hung, something ended it, or a check broke the GPU."""
    return said is None or "passed" not in said or said.get("not_run", 0) > 0


def refused(said, algorithm):
    """Of one that did not pass: that cuDNN has no such LSTM of some size, unless anything else is wrong, too."""
    failures = [check.get("message", "") for check in said["checks"] if not check["passed"]]
    if failures and all(f"cuDNN has no {algorithm} LSTM" in message for message in failures):
        return Failure(failures[0], "refused", said)
    return None
