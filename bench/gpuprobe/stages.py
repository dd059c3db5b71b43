"""What is asked, stage by stage: lists of cases, each a name and a function that answers with a dictionary.

The simulated GPU is as slow as a CPU, so that passes run there on few steps and sequences; sizes are asked for in full.
"""
import hashlib
import statistics
import time
from ctypes import c_int

from . import liberties, products
from .gpu import NAN_WORD
from .libraries import Refused, mapped
from .lstm import ALGORITHMS, BIASES, DYNAMIC, LINEAR, Lstm, MATHS, TYPES

CAPABILITY_MAJOR, CAPABILITY_MINOR = 75, 76
LAB = (173, 128, 38, 128)
# The input padded to a width that the static persistent kernels may want.
PADDED = (173, 128, 128, 128)
# Steps, sequences, inputs, units.
SHAPES = [LAB, (173, 16, 38, 128), (1, 5, 38, 128), (40, 16, 38, 32), (173, 128, 40, 128), PADDED,
          (173, 128, 38, 512)]
SMALL = [(4, 3, 5, 6), (4, 3, 32, 32), (4, 3, 128, 128)]
WIDTHS = [(38, 128), (40, 128), (128, 128), (37, 37), (32, 32)]
BATCHES = [1, 2, 3, 5, 8, 16, 31, 32, 33, 64, 127, 128, 129, 256]
# Of a longer tensor so many values are recorded, evenly spaced.
RECORDED = 32


def text(*shape):
    return "x".join(map(str, shape))


def cut(gpu, shape):
    return (min(shape[0], 2), min(shape[1], 2), *shape[2:]) if gpu.simulated else shape


def recorded(values):
    step = max(1, len(values) // RECORDED) | 1
    return list(values[::step])


def hardware(gpu):
    def device(_):
        return {"name": gpu.name, "simulated": gpu.simulated, "driver": gpu.version,
                "capability": [gpu.attribute(CAPABILITY_MAJOR), gpu.attribute(CAPABILITY_MINOR)]}

    def cublas(_):
        api = gpu.cublas()
        parts = [gpu.ask(c_int, lambda out, part=part: api.cublasGetProperty(part, out)) for part in range(3)]
        return {"version": ".".join(map(str, parts)), "files": mapped("libcublas")}

    def cudnn(_):
        return {"version": gpu.cudnn().version(), "files": mapped("libcudnn")}
    return [("device", device), ("cublas", cublas), ("cudnn", cudnn)]


def layout(scope, *arguments, **options):
    """The weight space, and of each linear map its matrix and its bias: offset or null, dimensions."""
    lstm = Lstm(scope, *arguments, **options)
    base = scope.filled(lstm.bytes)

    def offset(address):
        return address - base if address else None
    places = [lstm.place(layer, linear, base) for layer in range(lstm.layers) for linear in range(LINEAR)]
    return {"bytes": lstm.bytes, "places": [[offset(matrix), matrix_dims, offset(bias), bias_dims]
                                            for matrix, matrix_dims, bias, bias_dims in places]}


def layouts(_):
    def case(algorithm, kind, bias, layers, inputs, units):
        def ask(scope):
            sizes, options = (2, 3, inputs, units), {"layers": layers, "kind": kind, "bias": bias}
            answer = layout(scope, algorithm, *sizes, **options, built_for=0)
            try:
                answer["as_standard"] = layout(scope, "standard", *sizes, **options) == answer
            except Refused:
                answer["as_standard"] = None
            return answer
        return f"{algorithm}/{kind}/{bias}/{layers}x{inputs}x{units}", ask
    many = [case(algorithm, "float", bias, layers, *widths) for algorithm in ALGORITHMS for bias in BIASES
            for layers in (1, 2) for widths in WIDTHS]
    return many + [case(algorithm, kind, bias, 1, *widths) for algorithm in ALGORITHMS for kind in ("half", "bf16")
                   for bias in BIASES for widths in ((40, 128), (128, 128))]


def numbers(_):
    def case(algorithm, shape, states):
        def ask(scope):
            lstm = Lstm(scope, algorithm, *shape).prepare(states=states)
            lstm.train()
            return {"values": {name: recorded(values) for name, values in lstm.results().items()}}
        return f"{algorithm}/{text(*shape)}/{'states' if states else 'null'}", ask
    return [case(algorithm, shape, states) for algorithm in ALGORITHMS for shape in SMALL for states in (True, False)]


def statuses(gpu):
    def case(algorithm, kind, math, shape):
        def ask(scope):
            lstm = Lstm(scope, algorithm, *cut(gpu, shape), math=math, kind=kind).prepare(states=False, values=False)
            lstm.train()
            gpu.synchronise()
            return {"weights": lstm.bytes, **lstm.sizes}
        return f"{algorithm}/{kind}/{math}/{text(*shape)}", ask
    plain = [case(algorithm, kind, math, shape) for kind in TYPES for math in MATHS
             for algorithm in ALGORITHMS if algorithm != DYNAMIC for shape in SHAPES]
    # Each of these is compiled when it is built, which takes long.
    dynamic = [case(DYNAMIC, "float", "fma", shape) for shape in SHAPES] + [
        case(DYNAMIC, kind, math, LAB) for kind, math in (("float", "default"), ("float", "tensor"),
                                                          ("half", "tensor"), ("bf16", "tensor"))]
    return plain + dynamic


def spaces(_):
    def case(algorithm, math, training, batches):
        def ask(scope):
            lstm = Lstm(scope, algorithm, *PADDED, math=math)
            sizes = [lstm.spaces(training, lstm.sequence(PADDED[2], batch)) for batch in batches]
            return {"sizes": dict(zip(map(str, batches), sizes)), "monotonic": all(
                small <= large for a, b in zip(sizes, sizes[1:]) for small, large in zip(a, b))}
        return f"{algorithm}/{math}/{'training' if training else 'inference'}", ask
    return [case(algorithm, math, training, [128] if algorithm == DYNAMIC else BATCHES) for algorithm in ALGORITHMS
            for math in ("fma", "tensor") for training in (True, False)]


def repeats(gpu):
    def case(algorithm, shape):
        def ask(scope):
            lstm = Lstm(scope, algorithm, *cut(gpu, shape)).prepare()
            prints = []
            for _ in range(2):
                gpu.fill(lstm.at["work"], lstm.sizes["work"], NAN_WORD)
                lstm.train()
                prints.append({name: hashlib.sha256(values.tobytes()).hexdigest()[:16]
                               for name, values in lstm.results().items()})
            return {"right": prints[0] == prints[1], "bits": prints[0],
                    "differ": [name for name in prints[0] if prints[0][name] != prints[1][name]]}
        return f"{algorithm}/{text(*shape)}", ask
    return products.repeats(gpu) + [case(algorithm, shape) for algorithm in ALGORITHMS for shape in (LAB, PADDED)]


def timing(gpu):
    """Milliseconds, medians of seven after two that load code, by the host's clock around a wait for the stream."""
    if gpu.simulated:
        return [("all", lambda _: {"skipped": "the simulated GPU has no speed worth measuring"})]

    def timed(work):
        start = time.perf_counter()
        work()
        gpu.synchronise()
        return 1e3 * (time.perf_counter() - start)

    def case(algorithm, kind, math, inputs):
        def ask(scope):
            lstm = Lstm(scope, algorithm, *LAB[:2], inputs, LAB[3], math=math, kind=kind)
            lstm.prepare(states=False, values=kind == "float")
            passes = {"forward": lstm.forward, "backward_data": lstm.backward_data,
                      "backward_weights": lstm.backward_weights}
            runs = []
            for _ in range(9):
                gpu.fill(lstm.at["gradients"], lstm.bytes, 0)
                gpu.synchronise()
                runs.append([timed(work) for work in passes.values()])
            return dict(zip(passes, map(statistics.median, zip(*runs[2:]))))
        return f"{algorithm}/{kind}/{math}/{text(*LAB[:2], inputs, LAB[3])}", ask
    widths = (38, 40, 128)
    plain = [algorithm for algorithm in ALGORITHMS if algorithm != DYNAMIC]
    return [case(algorithm, "float", math, inputs) for inputs in widths for math in MATHS for algorithm in plain] + [
        case(algorithm, kind, "tensor", inputs) for kind in ("half", "bf16") for inputs in widths[1:]
        for algorithm in plain] + [case(DYNAMIC, "float", "fma", inputs) for inputs in widths]


# The most wanted first, and the part of the time in all that each may take, besides what those before it have left.
STAGES = {"hardware": (hardware, 0.08), "layouts": (layouts, 0.08), "numbers": (numbers, 0.14),
          "products": (products.cases, 0.07), "liberties": (liberties.cases, 0.15), "repeats": (repeats, 0.1),
          "statuses": (statuses, 0.2), "spaces": (spaces, 0.05), "timing": (timing, 0.13)}
