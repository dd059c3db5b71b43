"""How each kind of stage does its work."""
import glob
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

from . import host, kernels, peer, selftests
from .processes import GRACE_SECONDS, Failure, run as run_program
from .record import figures

# cuDNN's, of which every card has the first.
ALGORITHMS = ["standard", "persist-static", "persist-dynamic", "persist-static-small-h"]
CLUSTERS_FROM = 9.0
PROBE_SECONDS = 45
# With fewer, a training that was stopped says nothing of a speed.
FEWEST_EPOCHS = 6
TOOLS = "/usr/local/cuda*/bin"
FOUND_BY_SANITIZER = 99
# ncu where a user may not read the card's counters.
NOT_ALLOWED = "ERR_NVGPUCTRPERM"


class Bench:
    """Shared by the stages: the record, the sizes, a folder for runs, and the time that is left."""

    def __init__(self, record, device, sizes, work, seconds):
        self.record, self.device, self.sizes, self.work = record, device, sizes, Path(work)
        self.end = time.monotonic() + seconds
        self.limit = 0.0
        # Why there is no device, once doctor has found that there is none.
        self.missing = None
        self.peer = peer.Peer(self)

    def simulated(self):
        return self.device == "cudasim"

    def charlstm(self, *arguments, environment=None, seconds=None, under=()):
        return run_program([*under, str(host.LAUNCHER), *map(str, arguments)], seconds or self.limit, environment)

    def probe(self):
        path = self.work / "probe.json"
        outcome = run_program([sys.executable, str(host.ROOT / "bench" / "probe.py"), "--out", str(path), "--seconds",
                               str(PROBE_SECONDS)], self.limit, host.simulated() if self.simulated() else None)
        said = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        failure = outcome.failure(said)
        if failure:
            raise failure
        return said

    def sends(self):
        """The probe's stage of clusters alone."""
        answers = self.work / "sends"
        run_program([sys.executable, str(host.ROOT / "bench" / "probe.py"), "--stage", "clusters", "--answers",
                     str(answers), "--skip", "0", "--seconds", str(self.limit)], self.limit,
                    host.simulated() if self.simulated() else None).require()
        lines = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
        found = {name: said[0] for name, *said in lines if said}
        missing = next((said["missing"] for said in found.values() if "missing" in said), None)
        if missing:
            raise Failure(missing, "skipped")
        refused = next((said for said in found.values() if "refused" in said), None)
        if refused:
            raise Failure(str(refused["refused"]), result=found)
        return found

    def doctor(self):
        said = json.loads(self.charlstm("doctor", "--json").require().out)
        device = next(device for device in said["devices"] if device["name"] == self.device)
        self.record.content["hardware"]["libraries"] = {found["subject"]: found["text"]
                                                        for found in device["findings"]}
        self.record.content["hardware"]["missing"] = [found["subject"] for found in device["findings"]
                                                      if not found["present"]]
        if not device["here"]:
            self.missing = device["why_not"]
            raise Failure(device["why_not"], result=said)
        return said

    def require(self, way):
        """Clusters of blocks are not on every card, and cuDNN not on every machine."""
        hardware = self.record.content["hardware"]
        gpus = hardware["gpus"]
        capability = gpus[0].get("compute_cap") if way == "cluster" and isinstance(gpus, list) and gpus else None
        if capability and float(capability) < CLUSTERS_FROM:
            raise Failure(f"clusters of blocks need compute capability {CLUSTERS_FROM}, and this GPU has {capability}",
                          "skipped")
        if way in ("cudnn", *ALGORITHMS) and "cuDNN" in hardware.get("missing", []):
            raise Failure(f"no cuDNN: {hardware['libraries']['cuDNN']}", "skipped")

    def left_out(self):
        """For what chooses by itself: engines whose selftest hung or was ended by a fault, beside those that the caller
        leaves out.
        """
        stages = self.record.content["stages"]
        broken = {engine for engine in ("plain", "fused", "cluster") for name, entry in stages.items()
                  if name.startswith("selftest-") and name.endswith("-" + engine)
                  and entry["status"] in ("timeout", "failed") and selftests.cut_off(entry.get("result"))}
        asked = [name for name in os.environ.get("CHARLSTM_WITHOUT", "").split(",") if name]
        # Something has to be left, and plain is what auto holds the others to.
        return sorted({*asked, *broken} - ({"plain"} - set(asked)))

    def selftest(self, precision, algorithm):
        self.require(algorithm)
        outcome = self.charlstm("selftest", "--device", self.device, "--json", "--precision", precision,
                                *self.sizes.checks, *engine(algorithm), environment=self.environment(algorithm))
        said = selftests.read(outcome.out)
        failure = outcome.failure(said)
        if failure and said and algorithm in ALGORITHMS[1:] and not selftests.cut_off(said):
            raise selftests.refused(said, algorithm) or failure
        if failure and selftests.cut_off(said) and said and said["checks"]:
            raise Failure(f"{failure}; {len(said['checks'])} checks had ended, the last {said['checks'][-1]['name']}",
                          failure.status, said, failure.exit_code)
        if failure:
            raise failure
        if said is None:
            raise Failure("selftest printed no JSON: " + outcome.out[:200])
        return said

    def environment(self, way, more=None):
        without = self.left_out() if way == "auto" else []
        return {**(more or {}), **({"CHARLSTM_WITHOUT": ",".join(without)} if without else {})}

    def train(self, name, epochs, *more, way="auto", environment=None, sizes=None):
        """Trains the lab's model; a slow card is stopped before its time is up, and counts with the epochs it did."""
        self.require(way)
        folder = self.work / name
        batch, hidden = sizes or (self.sizes.batch, self.sizes.hidden)
        variables = self.environment(way, environment)
        outcome = self.charlstm("train", "--device", self.device, "--epochs", epochs, "--max-samples",
                                self.sizes.captions, "--batch-size", batch, "--hidden", hidden, "--dense", hidden,
                                "--out", folder, *([] if way == "auto" else engine(way)), *more,
                                environment=variables, seconds=max(1.0, self.limit - 2 * GRACE_SECONDS))
        result = trained(folder, outcome)
        if result and variables:
            result["environment"] = variables
        failure = outcome.failure(result)
        if outcome.stopped_in_order() and result and len(result["seconds"]) >= FEWEST_EPOCHS:
            result["stopped"] = f"after {len(result['seconds'])} of {epochs} epochs"
        elif failure:
            raise failure
        if not result:
            raise Failure(f"train wrote no figures into {folder}")
        return result

    def without_early(self, name, parts):
        """The same training with ordinary launches, whose losses must be the same to the bit."""
        with_early = self.record.content["stages"].get(name, {})
        way = name.split("-")[1]
        result = self.train(f"{name}-early-off", self.sizes.epochs_without_graph, "--precision", "bf16", way=way,
                            environment={"CHARLSTM_LSTM_PARTS": str(parts), "CHARLSTM_EARLY": "off"})
        if with_early.get("status") == "ok":
            pairs = list(zip(with_early["result"]["losses"], result["losses"]))
            result["epochs_compared"] = len(pairs)
            different = [number for number, (one, other) in enumerate(pairs, 1) if one != other]
            if different:
                early, ordinary = pairs[different[0] - 1]
                raise Failure(f"the loss of epoch {different[0]} is {ordinary} and with early launches {early}",
                              result=result)
        return result

    def waves(self):
        """How many sequences run at once by the largest engine in bf16, as the driver says for each number of units."""
        way = self.sizes.own_bf16[-1]
        self.require(way)
        folder = self.work / "waves"
        self.charlstm("bench", "--devices", self.device, "--precision", "bf16", "--rnn-engine", way, "--batch-sizes", 8,
                      "--hidden", ",".join(map(str, self.sizes.units_of_waves)), "--max-samples", 8, "--epochs", 1,
                      "--repeat", 1, "--warm-up", 0, "--out", folder).require()
        rows = json.loads((folder / "results.json").read_text(encoding="utf-8"))["rows"]
        return {"engine": way, "sequences": {str(row["configuration"]["hidden"]): row["wave_batch"] for row in rows}}

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
        if not (model / "model.safetensors").exists():
            # An earlier call trained it; what the weights are does not matter here.
            model = self.work / "sampled"
            if not (model / "model.safetensors").exists():
                self.train("sampled", 1)
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

    def kernels(self, precision, way):
        """Events around each launch of a step that runs call by call, nothing beside the time steps."""
        name = f"kernels-{precision}-{way}"
        result = self.train(name, self.sizes.epochs_before_kernels, "--precision", precision, "--no-overlap", way=way,
                            environment={"CHARLSTM_KERNEL_TIMES": "1"})
        described = json.loads((self.work / name / "run.json").read_text(encoding="utf-8"))
        if not described.get("operations"):
            raise Failure("train ended before it timed a step's operations", result=result)
        gpus = self.record.content["hardware"]["gpus"]
        capability = gpus[0].get("compute_cap") if isinstance(gpus, list) and gpus else None
        return {"kernels": kernels.rows(described["operations"], described["config"]["steps"], capability),
                "steps": described["config"]["steps"], "precision": precision, "device": result["device"],
                "epoch_seconds": result["median_seconds"]}

    def ncu(self, way):
        """The same step by NVIDIA's profiler, where it is there and may read the card's counters."""
        ncu = tool("ncu")
        outcome = self.charlstm(
            "train", "--device", self.device, "--epochs", 1, "--max-samples", 3 * self.sizes.batch, "--batch-size",
            self.sizes.batch, "--hidden", self.sizes.hidden, "--dense", self.sizes.hidden, "--precision", "bf16",
            "--no-graph", "--no-overlap", *engine(way), "--out", self.work / "ncu",
            under=[ncu, "--csv", "--target-processes", "all", "--clock-control", "none", "--metrics",
                   ",".join(kernels.METRICS)])
        if NOT_ALLOWED in outcome.out + outcome.err:
            raise Failure(f"{NOT_ALLOWED}: only root may read this card's counters", "skipped")
        found = kernels.by_ncu(outcome.out)
        failure = outcome.failure({"kernels": found} if found else None)
        if failure:
            raise failure
        if not found:
            raise Failure("ncu named no kernel: " + outcome.out[-200:])
        return {"kernels": found}

    def sanitize(self, checker, precision, way):
        """NVIDIA's checker of memory or of races over the self-test of charlstm's own kernels."""
        self.require(way)
        outcome = self.charlstm("selftest", "--device", self.device, "--json", "--precision", precision,
                                *self.sizes.checks, *engine(way),
                                under=[tool("compute-sanitizer"), "--tool", checker, "--target-processes", "all",
                                       "--error-exitcode", str(FOUND_BY_SANITIZER)])
        said = [line for line in (outcome.out + outcome.err).splitlines() if line.startswith("=========")]
        result = {"selftest": selftests.read(outcome.out), "sanitizer": said[:40]}
        failure = outcome.failure(result)
        if failure and outcome.code == FOUND_BY_SANITIZER:
            raise Failure(next((line.strip("= ") for line in said if line.strip("= ").split(":")[0] in
                                ("Error", "ERROR", "Invalid") or "hazard" in line or "Invalid" in line),
                               said[-1].strip("= ") if said else f"{checker} found something"), "failed", result,
                          outcome.code)
        if failure:
            raise failure
        return result


def engine(way):
    return [] if way == "auto" else ["--rnn-algo" if way in ALGORITHMS else "--rnn-engine", way]


def tool(name):
    """A program of the CUDA toolkit."""
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"{TOOLS}/{name}"), reverse=True)), None)
    if not found:
        raise Failure(f"{name} is neither on the PATH nor in {TOOLS}", "skipped")
    return found


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
