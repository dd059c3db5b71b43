"""The same work in PyTorch, where some python3 has one for the device."""
import json

from . import host
from .processes import Failure, run
from .record import figures
from .torch_python import python_with_torch


class Peer:
    """PyTorch, on the captions as charlstm encodes them."""

    def __init__(self, bench):
        self.bench, self.python, self.why = bench, None, None
        # A rehearsal is of the script, too; its figures mean nothing.
        self.device = "cpu" if bench.simulated() else "cuda"

    def prepare(self):
        self.why = "the stage pytorch was not ok"
        try:
            python, answer = python_with_torch(self.device, self.bench.limit)
        except Failure as e:
            if e.status == "skipped":
                self.why = str(e)
            raise
        captions, encoded = self.bench.work / "captions.txt", self.bench.work / "encoded.json"
        text = self.bench.charlstm("captions", "--count", self.bench.sizes.captions).require().out
        captions.write_text(text, encoding="utf-8")
        encoded.write_text(self.bench.charlstm("encode", captions, "--json").require().out, encoding="utf-8")
        self.python = python
        return {"python": str(python), **answer}

    def train(self, precision, hidden=None, layers=1, epochs=None):
        if self.python is None and self.why is None:
            # An earlier call has that stage's result, or it was left out.
            self.prepare()
        if self.python is None:
            raise Failure(self.why, "skipped")
        sizes, work = self.bench.sizes, self.bench.work
        said = json.loads(run([str(self.python), str(host.ROOT / "bench" / "pytorch_gpu.py"), work / "captions.txt",
                               work / "encoded.json", "--device", self.device, "--precision", precision, "--epochs",
                               str(epochs or sizes.epochs), "--seconds", str(self.bench.limit / 2), "--batch-size",
                               str(sizes.batch), "--hidden", str(hidden or sizes.hidden), "--layers", str(layers)],
                              self.bench.limit).require().out)
        return {**figures(said["seconds"], said["losses"], said["characters"]), "torch": said["torch"],
                "cudnn": said["cudnn"], "device": said["device"], "graph": said["graph"], "lstm": said["lstm"]}
