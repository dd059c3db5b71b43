"""The stages, in their order, and how long each may take."""
import tempfile
import time
from fnmatch import fnmatchcase
from typing import Callable, NamedTuple

from . import kernels
from .processes import Failure
from .sampler import Sampler
from .work import ALGORITHMS, PROBE_SECONDS, Bench

# Of charlstm beside PyTorch, the first two pairs apart.
PRECISIONS = ["float32", "tf32", "bf16"]
# PyTorch's alone: what its LSTM is quickest in, to be set beside charlstm's bf16.
PEER_PRECISION = "fp16"
# charlstm's own kernels, and in bf16, on tensor cores, where several parts of the time steps may pay.
OWN = ["plain", "fused"]
OWN_BF16 = ["fused", "cluster"]
PARTS = [1, 2, 4]


class Sizes:
    """How much work a run is: the lab's, or little enough for a rehearsal on the simulated GPU."""

    def __init__(self, quick):
        self.captions, self.batch, self.hidden = (10, 4, 16) if quick else (10000, 128, 128)
        # Of the first a third at most do not count: 40 and more do.
        self.epochs, self.epochs_without_graph = (2, 1) if quick else (120, 60)
        self.epochs_of_sweep, self.epochs_before_kernels = (1, 1) if quick else (30, 20)
        # The simulated GPU takes long for each, so it has one, which is unlike the default in all.
        self.checks = ["--only", "LSTM backward,head as one,graph against eager"] if quick else []
        self.first_selftests = {"bf16": "standard"} if quick else {"float32": "auto"}
        self.later_selftests = {} if quick else {"tf32": "auto", "bf16": "auto"}
        self.algorithms = [] if quick else [*OWN, *ALGORITHMS]
        # One number is enough to rehearse, and the simulated GPU takes long for a cluster.
        self.own_bf16, self.parts = (["fused"], [2]) if quick else (OWN_BF16, PARTS)
        self.timed_kernels = [("bf16", "fused")] if quick else [
            ("bf16", "cluster"), ("bf16", "fused"), ("float32", "fused"), ("float32", "plain"), ("float32", "cudnn")]
        # Units and layers, beside PyTorch and by each engine.
        self.networks = [(8, 2)] if quick else [(256, 1), (512, 1), (128, 2), (256, 2)]
        self.engines_of_networks = ["fused"] if quick else ["cluster", "cudnn", "plain"]
        # Units and captions of a batch.
        self.sweep = [(8, 4)] if quick else [(64, 128), (128, 64), (128, 248)]
        self.units_of_waves = [16] if quick else [128, 256, 512]
        # Sentences, and symbols of each: enough to outlast the first steps by far.
        self.samples = {1: 60, 64: 10, 1000: 2} if quick else {1: 10000, 64: 2000, 1000: 500}
        self.sanitized = [("memcheck", "bf16", "fused")] if quick else [
            ("memcheck", "bf16", "cluster"), ("racecheck", "bf16", "cluster"), ("memcheck", "bf16", "fused"),
            ("racecheck", "bf16", "fused"), ("memcheck", "float32", "plain"), ("memcheck", "float32", "fused"),
            ("racecheck", "float32", "fused")]


class Stage(NamedTuple):
    """A name, the seconds that it may take, its work, and whether the card's clock is worth recording beside it."""

    name: str
    seconds: float
    do: Callable
    timed: bool = False


def all_stages(bench):
    """The stages that answer most come first. charlstm and PyTorch take turns, so that a warm card is warm for both."""
    sizes = bench.sizes
    yield Stage("doctor", 30, bench.doctor)
    for precision, algorithm in sizes.first_selftests.items():
        yield tested(bench, precision, algorithm)
    if sizes.algorithms:
        for own in sizes.own_bf16:
            yield tested(bench, "bf16", own)
    yield Stage("pytorch", 60, bench.peer.prepare)
    yield from beside_pytorch(bench, "bf16")
    yield peer(bench, PEER_PRECISION)
    yield from beside_pytorch(bench, "float32")
    yield Stage("waves", 60, bench.waves)
    yield Stage("sends", 30, bench.sends, True)
    for units, layers in sizes.networks:
        yield from network(bench, units, layers)
    for precision, way in sizes.timed_kernels:
        yield Stage(f"kernels-{precision}-{way}", 60, lambda p=precision, w=way: bench.kernels(p, w), True)
    yield from on_tensor_cores(bench)
    for count, length in sizes.samples.items():
        yield Stage(f"sample-{count}", 45, lambda c=count, n=length: bench.sample(c, n), True)
    for hidden, batch in sizes.sweep:
        name = f"sweep-hidden-{hidden}-batch-{batch}"
        yield Stage(name, 60, lambda n=name, h=hidden, b=batch: bench.train(
            n, sizes.epochs_of_sweep, "--precision", "bf16", sizes=(b, h)), True)
    yield Stage("probe", PROBE_SECONDS + 25, bench.probe)
    for precision, algorithm in sizes.later_selftests.items():
        yield tested(bench, precision, algorithm)
    yield from beside_pytorch(bench, "tf32")
    yield from otherwise(bench)
    for algorithm in sizes.algorithms:
        yield tested(bench, "float32", algorithm)
    yield Stage("kernels-ncu", 90, lambda: bench.ncu("auto" if sizes.algorithms else "fused"))
    for checker, precision, way in sizes.sanitized:
        yield Stage(f"sanitize-{checker}-{precision}-{way}", 240,
                    lambda c=checker, p=precision, w=way: bench.sanitize(c, p, w))


def tested(bench, precision, algorithm):
    name = f"selftest-{precision}" + ("" if algorithm == "auto" else f"-{algorithm}")
    return Stage(name, 90, lambda: bench.selftest(precision, algorithm))


def peer(bench, precision):
    return Stage(f"pytorch-{precision}", 75, lambda: bench.peer.train(precision), True)


def beside_pytorch(bench, precision):
    # Nothing is said of float32, the default: the other options must not hide its figures.
    asked = [] if precision == "float32" else ["--precision", precision]
    yield Stage(f"train-{precision}", 75, lambda: bench.train(f"train-{precision}", bench.sizes.epochs, *asked), True)
    yield peer(bench, precision)


def network(bench, units, layers):
    """A network of another size beside PyTorch, then in bf16 by each engine, and its layers one after the other."""
    size = f"units-{units}" + ("" if layers == 1 else f"-layers-{layers}")

    def stage(name, *asked, way="auto"):
        return Stage(name, 60, lambda: bench.train(
            name, bench.sizes.epochs_of_sweep, "--layers", layers, *asked, way=way,
            sizes=(bench.sizes.batch, units)), True)

    def peer_of(precision):
        return Stage(f"pytorch-{size}-{precision}", 60, lambda: bench.peer.train(
            precision, units, layers, bench.sizes.epochs_of_sweep), True)
    yield stage(f"train-{size}-bf16", "--precision", "bf16")
    yield peer_of("bf16")
    yield peer_of(PEER_PRECISION)
    yield stage(f"train-{size}-float32")
    yield peer_of("float32")
    for own in bench.sizes.engines_of_networks:
        yield stage(f"train-{size}-bf16-{own}", "--precision", "bf16", way=own)
    if layers > 1:
        yield stage(f"train-{size}-bf16-in-order", "--precision", "bf16", "--no-overlap")


def on_tensor_cores(bench):
    """charlstm's own kernels in bf16: with the number of parts that a race takes, with each by itself, the last of them
    also without early launches, and with nothing beside the time steps.
    """
    def in_bf16(own, more="", *asked, environment=None):
        name = f"train-{own}-bf16{more}"
        epochs = bench.sizes.epochs_without_graph
        return Stage(name, 45, lambda: bench.train(name, epochs, "--precision", "bf16", *asked, way=own,
                                                   environment=environment), True)
    for own in bench.sizes.own_bf16:
        yield in_bf16(own)
        for parts in bench.sizes.parts:
            yield in_bf16(own, f"-parts-{parts}", environment={"CHARLSTM_LSTM_PARTS": str(parts)})
    for parts in bench.sizes.parts:
        name = f"train-{bench.sizes.own_bf16[-1]}-bf16-parts-{parts}"
        yield Stage(f"{name}-early-off", 45, lambda n=name, p=parts: bench.without_early(n, p), True)
    if bench.sizes.algorithms:
        yield in_bf16("fused", "-in-order", "--no-overlap")


def otherwise(bench):
    """The lab in float32 in ways that nobody would choose for speed."""
    epochs = bench.sizes.epochs_without_graph
    yield Stage("train-no-graph", 45, lambda: bench.train("train-no-graph", epochs, "--no-graph"), True)
    yield Stage("train-pedantic", 45, lambda: bench.train("train-pedantic", epochs, environment={
        "CHARLSTM_CUBLAS_MATH": "pedantic"}), True)
    for own in OWN:
        yield Stage(f"train-{own}", 45, lambda o=own: bench.train(f"train-{o}", epochs, way=o), True)
    yield Stage("train-jcuda", 45, bench.train_by_jcuda, True)


def chosen(device, sizes, only, skip):
    """The names that patterns leave. One that no name fits is a Failure, which lists them."""
    names = [stage.name for stage in all_stages(Bench(None, device, sizes, "", 0))]
    for pattern in (*only, *skip):
        if not any(fnmatchcase(name, pattern) for name in names):
            raise Failure(f"no stage is called {pattern!r}; the stages are " + ", ".join(names))
    return [name for name in names if (not only or any(fnmatchcase(name, each) for each in only))
            and not any(fnmatchcase(name, each) for each in skip)]


def run(record, sizes, seconds, names):
    """Runs those of these names whose result the record lacks, or those up to the one that finds no device. Returns why
    there is none, or None, and which ones are left for another call.
    """
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(record, record.content["device"], sizes, work, seconds)
        stages = list(all_stages(bench))
        record.announce([stage.name for stage in stages])
        wanted = [stage for stage in stages if stage.name in names and not record.settled(stage.name)]
        if len(wanted) < len(names):
            print(f"of an earlier call: {len(names) - len(wanted)} of {len(names)} stages", flush=True)
        left = []
        for stage in wanted:
            start = time.monotonic()
            # The first begins however little time there is, so that every call does something.
            if stage.seconds > bench.end - start and stage is not wanted[0]:
                left.append(stage.name)
                continue
            bench.limit = max(1.0, min(stage.seconds, bench.end - start))
            entry = outcome(stage)
            entry = {"status": entry.pop("status"), "seconds": round(time.monotonic() - start, 3), **entry}
            record.put(stage.name, entry)
            print(f"{stage.name}: {entry['status']}, {entry['seconds']:.1f} s"
                  + (f": {entry['message']}" if "message" in entry else ""), flush=True)
            if bench.missing:
                break
        return bench.missing, left


def outcome(stage):
    """A stage's entry in the record. Whatever goes wrong in one, the others are to run."""
    with Sampler(stage.timed) as sampler:
        entry = attempt(stage.do)
    card = sampler.said()
    if card:
        entry["card"] = card
        if entry["status"] == "ok" and stage.name.startswith("kernels-") and "clock_mhz" in card:
            # Idle, the clock is lower.
            kernels.by_clock(entry["result"]["kernels"], card["clock_mhz"]["max"])
    return entry


def attempt(do):
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
