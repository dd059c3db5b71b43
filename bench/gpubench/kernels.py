"""Times of kernels, beside the cycles of docs/kernel-model.md."""
import csv
import re
import statistics

from . import host

MODEL = host.ROOT / "docs" / "kernel-model.md"
METRICS = ["gpu__time_duration.sum", "sm__cycles_elapsed.max"]
# What ncu may count in.
MICROSECONDS = {"ns": 1e-3, "nsecond": 1e-3, "us": 1.0, "usecond": 1.0, "ms": 1e3, "msecond": 1e3, "s": 1e6}


def model(capability):
    """Modelled cycles of a time step by kernel, for the machine code that a GPU of this capability runs."""
    if capability is None or not MODEL.exists():
        return {}
    found, column = {}, None
    for line in MODEL.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if any(re.fullmatch(r"sm_\d+", cell) for cell in cells):
            # Machine code runs on the same major version.
            column = next((i for i, cell in enumerate(cells)
                           if cell.startswith("sm_") and int(cell[3:]) // 10 == int(float(capability))), None)
        elif column is not None and len(cells) > column and cells[0].startswith("lstm_"):
            cycles = re.sub(r"\D", "", cells[column].split()[0]) if cells[column] else ""
            if cycles:
                found[re.split(r"\W", cells[0])[0]] = int(cycles)
        elif not cells:
            column = None
    return found


def rows(operations, steps, capability):
    """Of the operations of a step, each kernel as "operation: kernel" and what is left, as of cuBLAS or cuDNN."""
    cycles = model(capability)
    result = []
    for each in operations:
        operation, _, kernel = each["name"].partition(": ")
        row = {"operation": operation, "kernel": kernel or None, "microseconds": round(1e6 * each["seconds"], 2)}
        if kernel in cycles:
            row.update(nanoseconds_a_step=round(1e9 * each["seconds"] / steps, 1), model_cycles_a_step=cycles[kernel])
        result.append(row)
    return result


def by_clock(found, clock):
    """The same with the cycles of a time step, by the clock that nvidia-smi saw in the stage."""
    for row in found:
        if "nanoseconds_a_step" in row:
            row["cycles_a_step"] = round(1e-3 * row["nanoseconds_a_step"] * clock)
    return found


def by_ncu(text):
    """Medians over the launches of each kernel in what ncu --csv prints, among the lines of the program itself."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith('"ID"')), None)
    if start is None:
        return []
    found = {}
    for row in csv.DictReader(line for line in lines[start:] if line.startswith('"')):
        try:
            value = float(row["Metric Value"].replace(",", ""))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        metric = row["Metric Name"]
        if metric == METRICS[0]:
            value *= MICROSECONDS.get(row["Metric Unit"], 1.0)
        found.setdefault(row["Kernel Name"].split("(")[0], {}).setdefault(metric, []).append(value)
    return [{"kernel": name, "launches": len(values[METRICS[0]]),
             "microseconds": round(statistics.median(values[METRICS[0]]), 3),
             "cycles": round(statistics.median(values[METRICS[1]])) if METRICS[1] in values else None}
            for name, values in found.items() if METRICS[0] in values]
