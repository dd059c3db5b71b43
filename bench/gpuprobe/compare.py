"""Holds the answers of another device, the simulated GPU, to a record of hardware.

The rule: hardware accepts and gets right all that the other accepts and gets right, and figures agree. The other may
refuse a call that hardware accepts, unless the engine falls back on its algorithm; it may not get it wrong. The status
of a refusal and the places of weights may differ, but each weight has its place. Types, math modes, sizes and times
that the engine does not rely on are not compared.
"""
import json
import math

from .stages import STAGES

ABSOLUTE, RELATIVE = 1e-5, 1e-5
BASIC = "standard/"
# Too large a size; the engine never asks for it.
BEYOND = "/beyond/"


def compared(stage, name):
    """Whether a claim of the engine's stands behind a case."""
    if stage in ("spaces", "clusters", "timing", "hardware"):
        return False
    if stage in ("statuses", "layouts"):
        return "/float32/" in name
    return "/math_" not in name and (stage != "repeats" or name.startswith((BASIC, "sgemm/")))


def works(answer):
    return not {"refused", "crashed", "missing", "skipped"} & answer.keys() and answer.get("right", True) is True


def near(got, expected):
    """False for NaN, and for infinity, which would make the tolerance infinite."""
    got, expected = float(got), float(expected)
    return math.isfinite(expected) and abs(got - expected) <= ABSOLUTE + RELATIVE * abs(expected)


def wrong_values(hardware, other):
    for name, expected in hardware.items():
        got = other.get(name, [])
        if len(got) != len(expected) or not expected:
            yield f"{name}: {len(got)} values, but hardware has {len(expected)}"
        for i, (a, b) in enumerate(zip(got, expected)):
            if not near(a, b):
                yield f"{name}[{i}]: {a}, but hardware has {b}"
                break
    if other.keys() - hardware.keys():
        yield f"only the other has {', '.join(sorted(other.keys() - hardware.keys()))}"


def elements(dims):
    count = 1
    for dim in dims:
        count *= dim
    return count


def misplaced(answer):
    """Parts that leave the weight space, do not lie on a float, or share bytes."""
    ends = 0
    parts = sorted((offset, 4 * elements(dims)) for place in answer["places"]
                   for offset, dims in (place[:2], place[2:]) if offset is not None)
    for offset, size in parts:
        if offset < ends or offset % 4 or offset + size > answer["bytes"]:
            return f"a part of {size} bytes at {offset} of {answer['bytes']}"
        ends = offset + size
    return None


def wrong_layout(hardware, other):
    for who, answer in (("hardware", hardware), ("the other", other)):
        if misplaced(answer):
            yield f"{who}: {misplaced(answer)}"
    if len(hardware["places"]) != len(other["places"]):
        yield f"{len(other['places'])} places, but hardware has {len(hardware['places'])}"
    for i, (expected, got) in enumerate(zip(hardware["places"], other["places"])):
        there = [place[part] for place in (expected, got) for part in (0, 2)]
        if [part is None for part in there[:2]] != [part is None for part in there[2:]]:
            yield f"place {i}: {got}, but hardware has {expected}"
        elif got[1] != expected[1] or (got[2] is not None and got[3] != expected[3]):
            yield f"place {i}: dimensions {got}, but hardware has {expected}"


def differences(stage, name, hardware, other):
    """(fails, what) for everything to be said of one case."""
    if "crashed" in other or "skipped" in other or "missing" in other:
        yield True, f"{other}"
    elif "skipped" in hardware or "missing" in hardware:
        yield False, f"hardware was not asked: {hardware}"
    elif works(other) and not works(hardware):
        yield True, f"accepted, but hardware answered {hardware}"
    elif works(hardware) and not works(other):
        yield "values" in other or has_to_work(stage, name, hardware), f"hardware accepts it; here {other}"
    elif works(hardware):
        if "values" in hardware:
            yield from ((True, wrong) for wrong in wrong_values(hardware["values"], other["values"]))
        if "places" in hardware:
            yield from ((True, wrong) for wrong in wrong_layout(hardware, other))
    elif hardware.get("refused", {}).get("status") != other.get("refused", {}).get("status"):
        yield False, f"hardware answers {hardware}; here {other}"


def has_to_work(stage, name, hardware):
    """Whether the engine cannot do without it. What it never does, the simulated GPU refuses on purpose."""
    return name.startswith((BASIC, "sgemm/")) and stage != "liberties" and BEYOND not in name and (
        stage != "products" or "values" in hardware)


def read(path):
    """The probe's record, by itself or within that of bench/gpu.sh."""
    with open(path, encoding="utf-8") as file:
        record = json.load(file)
    return record["stages"]["probe"].get("result", {}) if "stages" in record else record


def compare(hardware_path, other_path):
    """Prints what differs; true if nothing does that matters."""
    hardware, other = read(hardware_path), read(other_path)
    findings, counts = [], {}
    if hardware.get("hardware", {}).get("device", {}).get("simulated") is not False:
        findings.append((True, "hardware/device", f"no record of hardware: {hardware_path}"))
    for stage in STAGES:
        here, there = hardware.get(stage, {}), other.get(stage, {})
        if not there:
            findings.append((True, stage, "missing"))
        for name in filter(lambda name: compared(stage, name), there):
            if name not in here:
                findings.append((False, f"{stage}/{name}", "not in the record"))
                continue
            counts[stage] = counts.get(stage, 0) + (works(here[name]) and works(there[name]))
            findings += [(fails, f"{stage}/{name}", what)
                         for fails, what in differences(stage, name, here[name], there[name])]
        findings += [(True, f"{stage}/{name}", "not asked here") for name in here
                     if compared(stage, name) and name not in there]
        if compared(stage, BASIC + "float32/") and not counts.get(stage):
            findings.append((True, stage, "nothing in it works on both: there is nothing to compare"))
    for fails, where, what in findings:
        print(f"{'FAIL' if fails else 'note'} {where}: {what}"[:400])
    print("compared: " + ", ".join(f"{count} of {stage}" for stage, count in counts.items()))
    return not any(fails for fails, _, _ in findings)
