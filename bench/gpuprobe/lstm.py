"""An LSTM of cuDNN's with its descriptors, memory and passes; what a stage wants otherwise, it changes in `at`."""
from array import array
from ctypes import byref, c_int, c_uint64

from .gpu import NAN_WORD, numbers
from .libraries import Refused

STANDARD, STATIC, SMALL_H, DYNAMIC = "standard", "persist_static", "persist_static_small_h", "persist_dynamic"
MIXED = "small_h_then_standard"
# The algorithms forward and backward; where they differ, over one reserve space. The one that is compiled comes last.
WAYS = {STANDARD: (0, 0), STATIC: (1, 1), SMALL_H: (3, 3), MIXED: (3, 0), DYNAMIC: (2, 2)}
ALGORITHMS = [way for way, (forward, backward) in WAYS.items() if forward == backward]
# What 9.1.0 takes at most.
MOST_STEPS = 65535
MOST_UNITS = {STATIC: 1536, SMALL_H: 192, MIXED: 192}
FLOAT, BF16 = 0, 9
DEFAULT, TENSOR, FMA = 0, 1, 3
# The type and the math that the engine asks for; bf16 in the second way where the first is refused.
PRECISIONS = {"float32": (FLOAT, FMA), "tf32": (FLOAT, DEFAULT), "bf16": (BF16, DEFAULT), "bf16_tensor": (BF16, TENSOR)}
LINEAR = 8
LSTM, TWO_BIASES, ONE_WAY, LINEAR_INPUT, TIME_MAJOR_UNPACKED = 2, 2, 0, 0, 0
ADD, SET = 0, 1
# Steps, sequences, inputs, units.
LAB = (173, 128, 38, 128)
# More units than the small algorithm may go backward over.
LAB_OF_160 = (*LAB[:3], 160)


def text(*shape):
    return "x".join(map(str, shape))


def cut(gpu, shape):
    """The simulated GPU is as slow as a CPU, so that passes run there on few steps and sequences."""
    return (min(shape[0], 2), min(shape[1], 2), *shape[2:]) if gpu.simulated else shape


def fits(way, shape):
    """Whether it takes so many units."""
    return shape[3] <= MOST_UNITS.get(way, shape[3])


class Lstm:
    """Dynamic persistent kernels are built for the batch, or for another number of sequences, or not (0)."""

    def __init__(self, scope, way, steps, batch, inputs, units, layers=1, precision="float32", padded=1,
                 built_for=None):
        self.gpu, self.scope, self.api = scope.gpu, scope, scope.gpu.cudnn()
        self.steps, self.batch, self.inputs, self.units, self.layers = steps, batch, inputs, units, layers
        self.type, self.math = PRECISIONS[precision]
        self.width = 4 if self.type == FLOAT else 2
        forward, backward = WAYS[way]
        self.rnn = self._network(forward, padded)
        self.back = self.rnn if backward == forward else self._network(backward, padded)
        if way == DYNAMIC and built_for != 0:
            self.api.cudnnBuildRNNDynamic(self.api.handle, self.rnn, built_for or batch)
        self.bytes = self.gpu.ask(c_uint64, lambda out: self.api.cudnnGetRNNWeightSpaceSize(
            self.api.handle, self.rnn, out))

    def _network(self, algorithm, padded):
        made = self.scope.own(self.api.cudnnCreateRNNDescriptor, self.api.cudnnDestroyRNNDescriptor)
        self.api.cudnnSetRNNDescriptor_v8(made, algorithm, LSTM, TWO_BIASES, ONE_WAY, LINEAR_INPUT, self.type, FLOAT,
                                          self.math, self.inputs, self.units, self.units, self.layers,
                                          self.api.dropout, padded)
        return made

    def sequence(self, columns, batch=None, steps=None):
        batch, steps = batch or self.batch, steps or self.steps
        made = self.scope.own(self.api.cudnnCreateRNNDataDescriptor, self.api.cudnnDestroyRNNDataDescriptor)
        lengths = (c_int * batch)(*[steps] * batch)
        self.api.cudnnSetRNNDataDescriptor(made, self.type, TIME_MAJOR_UNPACKED, steps, batch, columns, lengths, None)
        return made

    def tensor(self):
        return self.scope.own(self.api.cudnnCreateTensorDescriptor, self.api.cudnnDestroyTensorDescriptor)

    def spaces(self, training, x):
        """Bytes of work and reserve space that are enough for both directions."""
        sizes = []
        for rnn in (self.rnn, self.back):
            work, reserve = c_uint64(), c_uint64()
            self.api.cudnnGetRNNTempSpaceSizes(self.api.handle, rnn, int(training), x, byref(work), byref(reserve))
            sizes.append((work.value, reserve.value))
        return list(map(max, *sizes))

    def place(self, layer, linear, base):
        """Addresses and dimensions of a matrix and its bias: 0 and whatever the descriptor says if there is none."""
        matrix, bias = c_uint64(), c_uint64()
        shapes = self.tensor(), self.tensor()
        self.api.cudnnGetRNNWeightParams(self.api.handle, self.rnn, layer, self.bytes, base, linear, shapes[0],
                                         byref(matrix), shapes[1], byref(bias))
        return matrix.value, self._dims(shapes[0]), bias.value, self._dims(shapes[1])

    def _dims(self, tensor):
        kind, count, dims, strides = c_int(), c_int(), (c_int * 8)(), (c_int * 8)()
        try:
            self.api.cudnnGetTensorNdDescriptor(tensor, 8, byref(kind), byref(count), dims, strides)
        except Refused as e:
            return e.answer["name"]
        return list(dims[:count.value])

    def prepare(self, states=True, values=True):
        """Memory for all arguments: zeros without values, null for all states without states, as the engine starts."""
        rows, state = self.steps * self.batch, self.layers * self.batch * self.units
        self.counts = {"x": rows * self.inputs, "y": rows * self.units, "dy": rows * self.units,
                       "dx": rows * self.inputs}
        state_names = ["hx", "cx", "dhy", "dcy", "hy", "cy", "dhx", "dcx"]
        self.counts.update({name: state if states else 0 for name in state_names})
        given = {"x": 1, "dy": 2, "hx": 3, "cx": 4, "dhy": 5, "dcy": 6} if values else {}
        self.at = {name: self.scope.upload(numbers(given[name], count)) if name in given and count
                   else self.scope.filled(count * self.width) for name, count in self.counts.items()}
        self.x, self.y, self.state = self.sequence(self.inputs), self.sequence(self.units), self.tensor()
        dims, strides = (self.layers, self.batch, self.units), (self.batch * self.units, self.units, 1)
        self.api.cudnnSetTensorNdDescriptor(self.state, self.type, 3, (c_int * 3)(*dims), (c_int * 3)(*strides))
        self.sizes = dict(zip(("work", "reserve"), self.spaces(True, self.x)))
        for name, size in {"weights": self.bytes, "gradients": self.bytes, **self.sizes}.items():
            self.at[name] = self.scope.filled(size)
        if values:
            self.fill_weights()
        return self

    def parts(self):
        """Each matrix and bias of the only layer: its name, its seed, its offset in elements, how many it has."""
        base = self.at["weights"]
        for linear in range(LINEAR):
            matrix, _, bias, _ = self.place(0, linear, base)
            columns = self.inputs if linear < LINEAR // 2 else self.units
            yield f"w{linear}", 100 + linear, (matrix - base) // 4, self.units * columns
            if bias:
                yield f"b{linear}", 200 + linear, (bias - base) // 4, self.units

    def fill_weights(self):
        image = array("f", bytes(self.bytes // 4 * 4))
        for name, seed, start, count in self.parts():
            image[start:start + count] = numbers(seed, count)
        self.gpu.write(self.at["weights"], image.tobytes())

    def spoil(self):
        self.gpu.fill(self.at["work"], self.sizes["work"], NAN_WORD)

    def _of(self, *names):
        return [self.at[name] for name in names]

    def _space(self):
        return self.sizes["work"], self.at["work"], self.sizes["reserve"], self.at["reserve"]

    def forward(self, training=True, lengths=0):
        x, y, hx, hy, cx, cy, weights = self._of("x", "y", "hx", "hy", "cx", "cy", "weights")
        self.api.cudnnRNNForward(self.api.handle, self.rnn, int(training), lengths, self.x, x, self.y, y, self.state,
                                 hx, hy, self.state, cx, cy, self.bytes, weights, *self._space())

    def backward_data(self, lengths=0):
        y, dy, dx, hx, dhy, dhx = self._of("y", "dy", "dx", "hx", "dhy", "dhx")
        cx, dcy, dcx, weights = self._of("cx", "dcy", "dcx", "weights")
        self.api.cudnnRNNBackwardData_v8(self.api.handle, self.back, lengths, self.y, y, dy, self.x, dx, self.state,
                                         hx, dhy, dhx, self.state, cx, dcy, dcx, self.bytes, weights, *self._space())

    def backward_weights(self, mode=ADD, lengths=0):
        x, hx, y, gradients = self._of("x", "hx", "y", "gradients")
        self.api.cudnnRNNBackwardWeights_v8(self.api.handle, self.back, mode, lengths, self.x, x, self.state, hx,
                                            self.y, y, self.bytes, gradients, *self._space())

    def zero_gradients(self):
        self.gpu.fill(self.at["gradients"], self.bytes, 0)

    def train(self):
        self.zero_gradients()
        self.forward()
        self.backward_data()
        self.backward_weights()

    def results(self):
        """What the passes wrote, all of it; the gradients of the weights by linear map: dw0 to dw7, db0 to db7."""
        self.gpu.synchronise()
        got = {name: self.gpu.floats(self.at[name], self.counts[name])
               for name in ("y", "hy", "cy", "dx", "dhx", "dcx") if self.at[name]}
        gradients = self.gpu.floats(self.at["gradients"], self.bytes // 4)
        for name, _, start, count in self.parts():
            got["d" + name] = gradients[start:start + count]
        return got
