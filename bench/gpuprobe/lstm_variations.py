"""What a caller may do with cuDNN's LSTM besides the plain run of its passes: is it accepted, is the result right?

In a record this stage is called liberties.
"""
from array import array

from .gpu import NAN_WORD, ONE_WORD, TOLERANCE, worst
from .lstm import ALGORITHMS, DYNAMIC, LINEAR, MIXED, Lstm, SET

SHAPE = (4, 3, 32, 32)
FORWARD = ["y", "hy", "cy"]
GRADIENTS = [f"dw{i}" for i in range(LINEAR)] + [f"db{i}" for i in range(LINEAR // 2)]

# The results of the plain run, by the way in which it went.
plain_results = {}


def unchanged(names):
    """What a run has to give, as a factor of the plain run's results and what is added to them."""
    return dict.fromkeys(names, (1, 0))


def null_dx(lstm):
    lstm.at["dx"] = 0
    lstm.train()


def new_state_in_place(lstm):
    """The state after the last step over that before the first; no backward pass can follow."""
    lstm.at["hy"], lstm.at["cy"] = lstm.at["hx"], lstm.at["cx"]
    lstm.forward()
    return unchanged(FORWARD)


def workspace_spoilt_between_passes(lstm):
    for run in (lstm.spoil, lstm.forward, lstm.spoil, lstm.backward_data, lstm.spoil, lstm.backward_weights):
        run()


def gradients_set_over_nan(lstm):
    lstm.gpu.fill(lstm.at["gradients"], lstm.bytes, NAN_WORD)
    lstm.forward()
    lstm.backward_data()
    lstm.backward_weights(SET)


def gradients_added_to_ones(lstm):
    lstm.gpu.fill(lstm.at["gradients"], lstm.bytes, ONE_WORD)
    lstm.forward()
    lstm.backward_data()
    lstm.backward_weights()
    return {name: (1, 1) for name in GRADIENTS}


def weights_twice(lstm):
    lstm.train()
    lstm.backward_weights()
    return {name: (2, 0) for name in GRADIENTS}


def data_twice(lstm):
    lstm.forward()
    lstm.backward_data()
    lstm.backward_data()
    lstm.backward_weights()


def weights_before_data(lstm):
    lstm.forward()
    lstm.backward_weights()
    lstm.backward_data()


def inference_without_reserve(lstm):
    lstm.sizes["work"], _ = lstm.spaces(False, lstm.x)
    lstm.sizes["reserve"] = lstm.at["reserve"] = 0
    lstm.at["work"] = lstm.scope.filled(lstm.sizes["work"])
    lstm.forward(training=False)
    return unchanged(FORWARD)


def lengths_on_the_device(lstm):
    lengths = lstm.scope.upload(array("i", [lstm.steps] * lstm.batch))
    lstm.forward(lengths=lengths)
    lstm.backward_data(lengths=lengths)
    lstm.backward_weights(lengths=lengths)


def spaces_larger_than_asked(lstm):
    for name in ("work", "reserve"):
        lstm.sizes[name] += 4096
        lstm.at[name] = lstm.scope.filled(lstm.sizes[name])
    lstm.train()


def no_workspace(lstm):
    lstm.sizes["work"] = lstm.at["work"] = 0
    lstm.train()


def replayed_graph(lstm):
    """Recorded once and run twice, as the engine does; after a plain run, for loading code may not be recorded."""
    lstm.train()
    lstm.gpu.synchronise()
    for name in ("y", "dx", "gradients"):
        size = lstm.bytes if name == "gradients" else 4 * lstm.counts[name]
        lstm.gpu.fill(lstm.at[name], size, NAN_WORD)
    lstm.gpu.replayed(lstm.train, 2)


def plain(lstm):
    lstm.train()


RUNS = [null_dx, new_state_in_place, workspace_spoilt_between_passes, gradients_set_over_nan,
        gradients_added_to_ones, inference_without_reserve, lengths_on_the_device, spaces_larger_than_asked,
        replayed_graph, data_twice, weights_twice, weights_before_data, no_workspace]


def judged(scope, run, way, **options):
    """Runs the LSTM otherwise than plainly, on memory of its own, and compares what both give."""
    if way not in plain_results:
        reference = Lstm(scope, way, *SHAPE).prepare()
        reference.train()
        plain_results[way] = reference.results()
    lstm = Lstm(scope, way, *SHAPE, **options).prepare()
    change = run(lstm)
    results, expected = lstm.results(), plain_results[way]
    differences = {name: worst(results[name], [factor * value + shift for value in expected[name]])
                   for name, (factor, shift) in (change or unchanged(expected.keys() & results.keys())).items()}
    return {"right": all(difference <= TOLERANCE for difference in differences.values()),
            "differences": dict(sorted(differences.items()))}


def sizes_before_it_is_built(scope):
    lstm = Lstm(scope, DYNAMIC, *SHAPE, built_for=0)
    return {"sizes": lstm.spaces(True, lstm.sequence(SHAPE[2]))}


def cases(_):
    def case(run, way, name=None, **options):
        return f"{way}/{name or run.__name__}", lambda scope: judged(scope, run, way, **options)
    many = [entry for algorithm in ALGORITHMS if algorithm != DYNAMIC for entry in (
        case(plain, algorithm, "no_padded_io", padded=0), *[case(run, algorithm) for run in RUNS])]
    # What the engine does and hardly more, for a dynamic kernel is compiled each time.
    few = [case(run, way) for way in (MIXED, DYNAMIC) for run in (replayed_graph, workspace_spoilt_between_passes)]
    return many + few + [(f"{DYNAMIC}/{sizes_before_it_is_built.__name__}", sizes_before_it_is_built),
                         case(plain, DYNAMIC, "never_built", built_for=0),
                         case(plain, DYNAMIC, "built_for_another_batch", built_for=SHAPE[1] + 1)]
