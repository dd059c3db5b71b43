"""What is asked, stage by stage: lists of cases, each a name and a function that answers with a dictionary.

Passes are cut on the simulated GPU; what is only asked for, sizes say, is asked for in full.
"""
import hashlib
import os
from ctypes import c_int

from . import clusters, lstm_variations, products, timing
from .gpu import NAN_WORD, TOLERANCE, worst
from .libraries import Refused, WORKSPACES, mapped
from .lstm import (ALGORITHMS, DYNAMIC, LAB, LAB_OF_160, LINEAR, Lstm, MOST_STEPS, MOST_UNITS, PRECISIONS, SMALL_H,
                   STANDARD, STATIC, WAYS, cut, fits, text)

CAPABILITY_MAJOR, CAPABILITY_MINOR = 75, 76
# Shapes that the engine runs (steps, sequences, inputs, units): the lab, a small batch, sampling, few units, many.
SHAPES = [LAB, (173, 16, 38, 128), (1, 5, 38, 128), (40, 16, 38, 32), LAB_OF_160, (173, 128, 38, 512)]
SMALL = [(4, 3, 5, 6), (4, 3, 32, 32), (4, 3, 38, 128), (4, 3, 38, 160)]
WIDTHS = [(38, 128), (38, 160), (37, 37), (32, 32)]
BATCHES = [1, 2, 3, 5, 8, 16, 31, 32, 33, 64, 127, 128, 129, 256]
# Of a longer tensor so many values are recorded, evenly spaced.
RECORDED = 32


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
        return {"version": ".".join(map(str, parts)), "files": mapped("libcublas"),
                "workspaces": os.environ[WORKSPACES]}

    def cudnn(_):
        return {**gpu.cudnn().build, "files": mapped("libcudnn")}
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
    def case(algorithm, precision, layers, inputs, units):
        def ask(scope):
            sizes, options = (2, 3, inputs, units), {"layers": layers, "precision": precision}
            answer = layout(scope, algorithm, *sizes, **options, built_for=0)
            try:
                answer["as_standard"] = layout(scope, STANDARD, *sizes, **options) == answer
            except Refused:
                answer["as_standard"] = None
            return answer
        return f"{algorithm}/{precision}/{text(layers, inputs, units)}", ask
    return [case(algorithm, "float32", layers, *widths) for algorithm in ALGORITHMS for layers in (1, 2)
            for widths in WIDTHS] + [case(algorithm, "bf16", 1, *WIDTHS[0]) for algorithm in ALGORITHMS]


def numbers(_):
    def trained(scope, way, shape, states):
        lstm = Lstm(scope, way, *shape).prepare(states=states)
        lstm.train()
        return lstm.results()

    standard = {}

    def case(way, shape, states):
        def ask(scope):
            if (shape, states) not in standard:
                standard[shape, states] = trained(scope, STANDARD, shape, states)
            results = trained(scope, way, shape, states)
            differences = {name: worst(results[name], values) / max(1, *map(abs, values))
                           for name, values in standard[shape, states].items()}
            return {"right": all(difference <= TOLERANCE for difference in differences.values()),
                    "differences": differences,
                    "values": {name: recorded(values) for name, values in results.items()}}
        return f"{way}/{text(*shape)}/{'states' if states else 'null'}", ask
    return [case(way, shape, states) for way in WAYS for shape in SMALL for states in (True, False)]


def statuses(gpu):
    def case(way, precision, shape):
        def ask(scope):
            lstm = Lstm(scope, way, *cut(gpu, shape), precision=precision).prepare(states=False, values=False)
            lstm.train()
            gpu.synchronise()
            return {"weights": lstm.bytes, **lstm.sizes}
        return f"{way}/{precision}/{text(*shape)}", ask

    def limit(algorithm, word, shape):
        """No pass runs, for over so many steps it takes long."""
        def ask(scope):
            lstm = Lstm(scope, algorithm, *shape)
            return {"sizes": lstm.spaces(True, lstm.sequence(shape[2]))}
        return f"{algorithm}/float32/{word}/{text(*shape)}", ask
    limits = []
    for word, more in (("most", 0), ("beyond", 1)):
        limits += [limit(STANDARD, word, (MOST_STEPS + more, 2, 5, 6)),
                   *[limit(way, word, (4, 2, 5, MOST_UNITS[way] + more)) for way in (STATIC, SMALL_H)]]
    plain = [case(way, precision, shape) for precision in PRECISIONS for way in WAYS if way != DYNAMIC
             for shape in (SHAPES if precision == "float32" else (LAB, LAB_OF_160)) if fits(way, shape)]
    # Each of these is compiled when it is built, which takes long.
    dynamic = [case(DYNAMIC, "float32", shape) for shape in SHAPES] + [
        case(DYNAMIC, precision, LAB) for precision in PRECISIONS if precision != "float32"]
    return limits + plain + dynamic


def spaces(_):
    def case(algorithm, precision, training, batches):
        def ask(scope):
            lstm = Lstm(scope, algorithm, *LAB, precision=precision)
            sizes = [lstm.spaces(training, lstm.sequence(LAB[2], batch)) for batch in batches]
            return {"sizes": dict(zip(map(str, batches), sizes)), "monotonic": all(
                small <= large for a, b in zip(sizes, sizes[1:]) for small, large in zip(a, b))}
        return f"{algorithm}/{precision}/{'training' if training else 'inference'}", ask
    return [case(algorithm, precision, training, [LAB[1]] if algorithm == DYNAMIC else BATCHES)
            for algorithm in ALGORITHMS for precision in ("float32", "tf32") for training in (True, False)]


def repeats(gpu):
    def case(way):
        def ask(scope):
            lstm = Lstm(scope, way, *cut(gpu, LAB)).prepare()
            prints = []
            for _ in range(2):
                gpu.fill(lstm.at["work"], lstm.sizes["work"], NAN_WORD)
                lstm.train()
                prints.append({name: hashlib.sha256(values.tobytes()).hexdigest()[:16]
                               for name, values in lstm.results().items()})
            return {"right": prints[0] == prints[1], "bits": prints[0],
                    "differ": [name for name in prints[0] if prints[0][name] != prints[1][name]]}
        return f"{way}/{text(*LAB)}", ask
    return products.repeats(gpu) + [case(way) for way in WAYS]


# The most wanted first, and the part of the time in all that each may take, besides what those before it have left.
STAGES = {"hardware": (hardware, 0.08), "layouts": (layouts, 0.08), "numbers": (numbers, 0.14),
          "products": (products.cases, 0.07), "liberties": (lstm_variations.cases, 0.15), "repeats": (repeats, 0.1),
          "statuses": (statuses, 0.15), "spaces": (spaces, 0.05), "clusters": (clusters.cases, 0.03),
          "timing": (timing.cases, 0.15)}
