"""The stages, in their order, and how long each may take."""
import json
import re
import sys
import tempfile
import time
from pathlib import Path

from . import host, peer
from .processes import Failure, run as run_program
from .record import figures

# All stages together end within eight minutes.
WHOLE_SECONDS = 470
PRECISIONS = ["float32", "tf32", "bf16"]
# PyTorch's alone: what its LSTM is quickest in, to be set beside charlstm's bf16.
PEER_PRECISION = "fp16"
# cuDNN's, of which every card has the first.
ALGORITHMS = ["standard", "persist-static", "persist-dynamic", "persist-static-small-h"]
# charlstm's own kernels, and in bf16, on tensor cores, where several parts of the time steps may pay.
OWN = ["plain", "fused"]
OWN_BF16 = ["fused", "cluster"]
CLUSTERS_FROM = 9.0
PARTS = [1, 2, 4]
PROBE_SECONDS = 45


class Sizes:
    """How much work a run is: the lab's, or little enough for a rehearsal on the simulated GPU."""

    def __init__(self, quick):
        self.captions, self.batch, self.hidden = (10, 8, 16) if quick else (10000, 128, 128)
        self.epochs, self.epochs_without_graph = (2, 1) if quick else (10, 3)
        # The simulated GPU takes long for each, so it has one, which is unlike the default in all.
        self.selftests = {"bf16": "standard"} if quick else dict.fromkeys(PRECISIONS, "auto")
        self.algorithms = [] if quick else [*OWN, *ALGORITHMS]
        # One number is enough to rehearse, and the simulated GPU takes long for a cluster.
        self.own_bf16, self.parts = (["fused"], [2]) if quick else (OWN_BF16, PARTS)
        # Sentences, and symbols of each: enough to outlast the first steps by far.
        self.samples = {1: 60, 64: 10, 1000: 2} if quick else {1: 10000, 64: 2000, 1000: 500}


class Bench:
    """What the stages share: the record, the sizes, a folder for runs, and the time that is left."""

    def __init__(self, record, work):
        self.record, self.work, self.device = record, Path(work), record.content["device"]
        self.sizes = Sizes(record.content["quick"])
        self.end = time.monotonic() + WHOLE_SECONDS
        self.limit = 0.0
        # Why there is no device, once doctor has found that there is none.
        self.missing = None
        self.peer = peer.Peer(self)

    def charlstm(self, *arguments, environment=None):
        return run_program([str(host.LAUNCHER), *map(str, arguments)], self.limit, environment)

    def probe(self):
        path = self.work / "probe.json"
        outcome = run_program([sys.executable, str(host.ROOT / "bench" / "probe.py"), "--out", str(path), "--seconds",
                               str(PROBE_SECONDS)], self.limit, host.simulated() if self.simulated() else None)
        said = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        failure = outcome.failure(said)
        if failure:
            raise failure
        return said

    def simulated(self):
        return self.device == "cudasim"

    def doctor(self):
        said = json.loads(self.charlstm("doctor", "--json").require().out)
        device = next(device for device in said["devices"] if device["name"] == self.device)
        self.record.content["hardware"]["libraries"] = {found["subject"]: found["text"]
                                                        for found in device["findings"]}
        if not device["here"]:
            self.missing = device["why_not"]
            raise Failure(device["why_not"], result=said)
        return said

    def selftest(self, precision, algorithm):
        self.require(algorithm)
        outcome = self.charlstm("selftest", "--device", self.device, "--json", "--precision", precision,
                                "--rnn-algo" if algorithm in ALGORITHMS else "--rnn-engine", algorithm)
        try:
            said = json.loads(outcome.out)
        except ValueError:
            said = None
        failure = outcome.failure(said)
        if failure and said and algorithm in ALGORITHMS[1:]:
            raise refused(said, algorithm) or failure
        if failure:
            raise failure
        if said is None:
            raise Failure("selftest printed no JSON: " + outcome.out[:200])
        return said

    def train(self, name, epochs, *more, environment=None):
        folder = self.work / name
        sizes = self.sizes
        outcome = self.charlstm("train", "--device", self.device, "--epochs", epochs, "--max-samples", sizes.captions,
                                "--batch-size", sizes.batch, "--hidden", sizes.hidden, "--dense", sizes.hidden,
                                "--out", folder, *more, environment=environment)
        result = self.trained(folder, outcome)
        failure = outcome.failure(result)
        if failure:
            raise failure
        if not result:
            raise Failure(f"train wrote no figures into {folder}")
        return result

    @staticmethod
    def trained(folder, outcome):
        """The figures of a run, also of one that did not end."""
        metrics = folder / "metrics.jsonl"
        if not metrics.exists() or not metrics.stat().st_size:
            return None
        epochs = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
        described = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        result = figures([epoch["seconds"] for epoch in epochs], [epoch["loss"] for epoch in epochs],
                         epochs[0]["chars_per_second"] * epochs[0]["seconds"])
        result.update(process_seconds=outcome.seconds, device=described["device"], config=described["config"],
                      options=described["options"])
        return result

    def train_by_jcuda(self):
        """The lab in float32 through the other binding; where it cannot be had that is no failure."""
        said = json.loads(self.charlstm("doctor", "--json", "--cuda-binding", "jcuda").require().out)
        device = next(device for device in said["devices"] if device["name"] == self.device)
        jcuda = next((found for found in device["findings"] if found["subject"] == "jcuda"), None)
        if not jcuda or not jcuda["present"]:
            raise Failure(jcuda["text"] if jcuda else "doctor did not say whether JCuda serves", "skipped")
        return self.train("train-jcuda", self.sizes.epochs_without_graph, "--cuda-binding", "jcuda")

    def sample(self, count, length):
        """Every sentence goes on past its end, so that the number of symbols is known."""
        model = self.work / "train-float32"
        if not self.record.result("train-float32"):
            raise Failure("train-float32 left no model", "skipped")
        outcome = self.charlstm("sample", model, "--device", self.device, "--count", count, "--past-end",
                                "--max-length", length, "--time").require()
        if len(outcome.out.splitlines()) != count:
            raise Failure(f"{len(outcome.out.splitlines())} sentences, not {count}")
        # The tool's own clock: it leaves out the start of the process and the loading of the model.
        said = re.search(r"^(\d+) characters in ([0-9.]+) s", outcome.err, re.MULTILINE)
        if not said or int(said[1]) != count * length or not float(said[2]) > 0:
            raise Failure(f"no time for {count * length} characters in {outcome.err!r}")
        return {"sentences": count, "symbols": count * length, "process_seconds": outcome.seconds,
                "seconds": float(said[2]), "chars_per_second": count * length / float(said[2])}

    def tested(self, precision, algorithm):
        name = f"selftest-{precision}" + ("" if algorithm == "auto" else f"-{algorithm}")
        return name, 90, lambda: self.selftest(precision, algorithm)

    def all(self):
        """Name, seconds and work of each, what can best be spared last. charlstm and PyTorch take turns, so that a warm
        card is warm for both.
        """
        yield "probe", PROBE_SECONDS + 25, self.probe
        yield "doctor", 30, self.doctor
        # First, should the machine be taken away early.
        yield from self.on_tensor_cores()
        for precision, algorithm in self.sizes.selftests.items():
            yield self.tested(precision, algorithm)
        yield "pytorch", 60, self.peer.prepare
        for precision in PRECISIONS:
            # Nothing is said of float32, the default: the other options must not hide its figures.
            asked = [] if precision == "float32" else ["--precision", precision]
            yield f"train-{precision}", 60, lambda p=precision, a=asked: self.train(
                f"train-{p}", self.sizes.epochs, *a)
            yield f"pytorch-{precision}", 60, lambda p=precision: self.peer.train(p)
        yield f"pytorch-{PEER_PRECISION}", 60, lambda: self.peer.train(PEER_PRECISION)
        yield "train-no-graph", 45, lambda: self.train("train-no-graph", self.sizes.epochs_without_graph, "--no-graph")
        yield "train-pedantic", 45, lambda: self.train("train-pedantic", self.sizes.epochs_without_graph,
                                                       environment={"CHARLSTM_CUBLAS_MATH": "pedantic"})
        for own in OWN:
            yield f"train-{own}", 45, lambda o=own: self.train(f"train-{o}", self.sizes.epochs_without_graph,
                                                               "--rnn-engine", o)
        yield "train-jcuda", 45, self.train_by_jcuda
        for count, length in self.sizes.samples.items():
            yield f"sample-{count}", 30, lambda c=count, n=length: self.sample(c, n)
        for algorithm in self.sizes.algorithms:
            yield self.tested("float32", algorithm)

    def on_tensor_cores(self):
        """charlstm's own kernels in bf16: whether they are right, with the number of parts that a race takes, with each
        by itself, and with nothing beside the time steps.
        """
        for own in self.sizes.own_bf16:
            if self.sizes.algorithms:
                yield self.tested("bf16", own)
            yield self.in_bf16(own)
            for parts in self.sizes.parts:
                yield self.in_bf16(own, f"-parts-{parts}", environment={"CHARLSTM_LSTM_PARTS": str(parts)})
        if self.sizes.algorithms:
            yield self.in_bf16("fused", "-in-order", "--no-overlap")

    def in_bf16(self, own, more="", *asked, environment=None):
        name = f"train-{own}-bf16{more}"

        def train():
            self.require(own)
            return self.train(name, self.sizes.epochs_without_graph, "--rnn-engine", own, "--precision", "bf16", *asked,
                              environment=environment)
        return name, 45, train

    def require(self, own):
        """Clusters of blocks are not on every card."""
        gpus = self.record.content["hardware"]["gpus"]
        capability = gpus[0]["compute_cap"] if own == "cluster" and isinstance(gpus, list) and gpus else None
        if capability and float(capability) < CLUSTERS_FROM:
            raise Failure(f"clusters of blocks need compute capability {CLUSTERS_FROM}, and this GPU has {capability}",
                          "skipped")


def refused(said, algorithm):
    """Of a selftest that did not pass: that cuDNN has no such LSTM of some size, unless anything else is wrong, too."""
    failures = [check.get("message", "") for check in said["checks"] if not check["passed"]]
    if failures and all(f"cuDNN has no {algorithm} LSTM" in message for message in failures):
        return Failure(failures[0], "refused", said)
    return None


def run(record):
    """Runs all, or all up to the one that finds no device; returns why there is none, or None."""
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(record, work)
        stages = list(bench.all())
        record.announce([name for name, _, _ in stages])
        for name, seconds, do in stages:
            start = time.monotonic()
            bench.limit = min(seconds, bench.end - start)
            entry = outcome(do) if bench.limit > 1 else {"status": "skipped", "message": "out of time"}
            entry = {"status": entry.pop("status"), "seconds": round(time.monotonic() - start, 3), **entry}
            record.put(name, entry)
            print(f"{name}: {entry['status']}, {entry['seconds']:.1f} s"
                  + (f": {entry['message']}" if "message" in entry else ""), flush=True)
            if bench.missing:
                break
        return bench.missing


def outcome(do):
    """A stage's entry in the record. Whatever goes wrong in one, the others are to run."""
    try:
        return {"status": "ok", "result": do()}
    except Failure as e:
        entry = {"status": e.status, "message": str(e)}
        if e.exit_code is not None:
            entry["exit_code"] = e.exit_code
        if e.result is not None:
            entry["result"] = e.result
        return entry
    except Exception as e:  # pylint: disable=broad-except
        return {"status": "failed", "message": f"{type(e).__name__}: {e}"}
