"""The same work in PyTorch, where some python3 has one for the device."""
import json
import os
from pathlib import Path

from . import host
from .processes import Failure, run
from .record import figures

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


class Peer:
    """PyTorch, on the captions as charlstm encodes them."""

    def __init__(self, bench):
        self.bench, self.python = bench, None
        # A rehearsal is of the script, too; its figures mean nothing.
        self.device = "cpu" if bench.simulated() else "cuda"

    def prepare(self):
        python, answer = self.find()
        captions, encoded = self.bench.work / "captions.txt", self.bench.work / "encoded.json"
        text = self.bench.charlstm("captions", "--count", self.bench.sizes.captions).require().out
        captions.write_text(text, encoding="utf-8")
        encoded.write_text(self.bench.charlstm("encode", captions, "--json").require().out, encoding="utf-8")
        self.python = python
        return {"python": str(python), **answer}

    def find(self):
        whys = []
        for python in pythons():
            try:
                return python, json.loads(run([str(python), "-c", ASK, self.device], self.bench.limit).require().out)
            except Failure as e:
                whys.append(f"{python}: {e}")
        raise Failure(f"no PyTorch with {self.device}: " + "; ".join(whys), "skipped")

    def train(self, precision):
        if self.python is None:
            raise Failure("the stage pytorch was not ok", "skipped")
        sizes, work = self.bench.sizes, self.bench.work
        said = json.loads(run([str(self.python), str(host.ROOT / "bench" / "pytorch_gpu.py"), work / "captions.txt",
                               work / "encoded.json", "--device", self.device, "--precision", precision, "--epochs",
                               str(sizes.epochs), "--batch-size", str(sizes.batch), "--hidden", str(sizes.hidden)],
                              self.bench.limit).require().out)
        return {**figures(said["seconds"], said["losses"], said["characters"]), "torch": said["torch"],
                "cudnn": said["cudnn"], "device": said["device"], "graph": said["graph"], "lstm": said["lstm"]}
