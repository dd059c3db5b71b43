"""What is tried, and what it runs on."""
import hashlib
import json
import os
import platform
from pathlib import Path

from .processes import Failure, run

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "charlstm"
BUILD_SECONDS = 600
ASKED = ["name", "driver_version", "memory.total", "compute_cap", "clocks.max.sm", "power.limit"]


def version():
    """The image's own file, or what git says of the checkout, which is built now if it has to be."""
    image = ROOT / "image.json"
    if image.exists():
        return json.loads(image.read_text(encoding="utf-8"))
    said = run([str(LAUNCHER), "--version"], BUILD_SECONDS).require().out.split()[-1]
    try:
        commit = run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], 10).require().out.strip()
        difference = run(["git", "-C", str(ROOT), "diff", "HEAD"], 10).require().out
        found = {"version": said, "commit": commit, "changed": bool(difference)}
        # Two runs on one commit are of the same sources only if they differ from it alike.
        return {**found, "difference": hashlib.sha256(difference.encode()).hexdigest()[:12]} if difference else found
    except Failure as e:
        return {"version": said, "commit": None, "why": str(e)}


def gpus():
    """Each GPU as nvidia-smi describes it."""
    try:
        said = run(["nvidia-smi", "--query-gpu=" + ",".join(ASKED), "--format=csv,noheader"], 20).require().out
    except Failure as e:
        return {"missing": f"nvidia-smi: {e}"}
    return [dict(zip(ASKED, (part.strip() for part in line.split(",")))) for line in said.splitlines()]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
                    platform.machine())


def hardware():
    """CUDA's, cuBLAS' and cuDNN's versions follow when doctor has found them."""
    return {"gpus": gpus(), "processor": processor(), "processors": len(os.sched_getaffinity(0)),
            "system": platform.platform(), "python": platform.python_version()}


def simulated():
    """For what knows nothing of --device: settings that point to the simulated GPU's libraries."""
    image = ROOT / "image.json"
    beside = ROOT / "native" if image.exists() else ROOT / "target" / "native"
    folder = Path(os.environ.get("CHARLSTM_SIM") or beside)
    return {"CHARLSTM_LIBCUDA": str(folder / "libcuda.so.1"), "CHARLSTM_LIBCUBLAS": str(folder / "libcublas.so.13"),
            "CHARLSTM_LIBCUDNN": str(folder / "libcudnn.so.9"), "CHARLSTM_LIBNVRTC": str(folder / "libnvrtc.so.13")}
