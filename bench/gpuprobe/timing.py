"""Milliseconds of what the engine chooses among, side by side. On the simulated GPU they mean nothing."""
import statistics
import time

from . import products
from .libraries import Refused
from .lstm import DYNAMIC, LAB, LAB_OF_160, Lstm, PRECISIONS, WAYS, cut, fits, text

WARM_UP_SECONDS = 0.05
RUNS = 7
# A product alone takes hardly longer than its launch.
IN_A_ROW = 20
MODES = {"default": products.DEFAULT, "pedantic": products.PEDANTIC}


def medians(gpu, works):
    """By the host's clock around a wait for the stream: of seven runs, in turn with the others'.

    The turns before them load code and then bring a card that idled up to speed.
    """
    def timed(work):
        start = time.perf_counter()
        work()
        gpu.synchronise()
        return 1e3 * (time.perf_counter() - start)

    def turn():
        return [timed(work) for work in works.values()]
    turn()
    warm = time.perf_counter() + WARM_UP_SECONDS
    while time.perf_counter() < warm:
        turn()
    return dict(zip(works, map(statistics.median, zip(*[turn() for _ in range(RUNS)]))))


def passes(lstm):
    """What is added to is zeroed before, as in a step."""
    def backward_weights():
        lstm.zero_gradients()
        lstm.backward_weights()
    return {"forward": lstm.forward, "backward_data": lstm.backward_data, "backward_weights": backward_weights}


def lstms(gpu, precision, shape):
    """All ways that the engine may take, those that run taking turns."""
    def ask(scope):
        answer, works = {}, {}
        for way in WAYS:
            # Each dynamic kernel is compiled, which takes long.
            if not fits(way, shape) or (way == DYNAMIC and precision != "float32"):
                continue
            try:
                lstm = Lstm(scope, way, *cut(gpu, shape), precision=precision).prepare(
                    states=False, values=precision in ("float32", "tf32"))
                lstm.train()
                gpu.synchronise()
            except Refused as e:
                answer[way] = {"refused": e.answer}
                continue
            answer[way] = {}
            works.update({(way, name): work for name, work in passes(lstm).items()})
        for (way, name), milliseconds in medians(gpu, works).items():
            answer[way][name] = milliseconds
        return answer
    return f"lstm/{precision}/{text(*shape)}", ask


def sgemm(gpu, turns, sizes):
    def ask(scope):
        def row(multiplication):
            for _ in range(IN_A_ROW):
                multiplication.run()
        works = {}
        for mode, math in MODES.items():
            multiplication = products.Multiplication(scope, products.cut(gpu, sizes), turns, math=math)
            works[mode] = lambda one=multiplication: row(one)
        return {mode: milliseconds / IN_A_ROW for mode, milliseconds in medians(gpu, works).items()}
    return products.name(turns, sizes), ask


def cases(gpu):
    return [lstms(gpu, "float32", LAB), lstms(gpu, "float32", LAB_OF_160),
            *[sgemm(gpu, turns, sizes) for turns, sizes in products.OF_LAB],
            *[lstms(gpu, precision, LAB) for precision in PRECISIONS if precision != "float32"]]
