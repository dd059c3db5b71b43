"""An LSTM of cuDNN's with its descriptors, memory and passes; what a stage wants otherwise, it changes in `at`."""
from array import array
from ctypes import byref, c_int, c_uint64

from .gpu import NAN_WORD, numbers
from .libraries import Refused

ALGORITHMS = {"standard": 0, "persist_static": 1, "persist_static_small_h": 3, "persist_dynamic": 2}
DYNAMIC = "persist_dynamic"
TYPES = {"float": 0, "half": 2, "bf16": 9}
MATHS = {"fma": 3, "default": 0, "tensor": 1}
# The persistent algorithms take no other.
BIASES = {"double": 2}
LINEAR = 8
LSTM, ONE_WAY, LINEAR_INPUT, FLOAT, TIME_MAJOR_UNPACKED = 2, 0, 0, 0, 0
ADD, SET = 0, 1


class Lstm:
    """Dynamic persistent kernels are built for the batch, or for another number of sequences, or not (0)."""

    def __init__(self, scope, algorithm, steps, batch, inputs, units, layers=1, bias="double", math="fma",
                 kind="float", padded=1, built_for=None):
        self.gpu, self.scope, self.api = scope.gpu, scope, scope.gpu.cudnn()
        self.steps, self.batch, self.inputs, self.units, self.layers = steps, batch, inputs, units, layers
        self.type, self.width = TYPES[kind], 4 if kind == "float" else 2
        api = self.api
        self.rnn = scope.own(api.cudnnCreateRNNDescriptor, api.cudnnDestroyRNNDescriptor)
        api.cudnnSetRNNDescriptor_v8(self.rnn, ALGORITHMS[algorithm], LSTM, BIASES[bias], ONE_WAY, LINEAR_INPUT,
                                     self.type, FLOAT, MATHS[math], inputs, units, units, layers, api.dropout, padded)
        if algorithm == DYNAMIC and built_for != 0:
            api.cudnnBuildRNNDynamic(api.handle, self.rnn, built_for or batch)
        self.bytes = self.gpu.ask(c_uint64, lambda out: api.cudnnGetRNNWeightSpaceSize(api.handle, self.rnn, out))

    def sequence(self, columns, batch=None, steps=None):
        batch, steps = batch or self.batch, steps or self.steps
        made = self.scope.own(self.api.cudnnCreateRNNDataDescriptor, self.api.cudnnDestroyRNNDataDescriptor)
        lengths = (c_int * batch)(*[steps] * batch)
        self.api.cudnnSetRNNDataDescriptor(made, self.type, TIME_MAJOR_UNPACKED, steps, batch, columns, lengths, None)
        return made

    def tensor(self):
        return self.scope.own(self.api.cudnnCreateTensorDescriptor, self.api.cudnnDestroyTensorDescriptor)

    def spaces(self, training, x):
        work, reserve = c_uint64(), c_uint64()
        self.api.cudnnGetRNNTempSpaceSizes(self.api.handle, self.rnn, int(training), x, byref(work), byref(reserve))
        return work.value, reserve.value

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

    def fill_weights(self, zero=()):
        """Numbers into every part but those that are to be zero."""
        image = array("f", bytes(self.bytes // 4 * 4))
        for name, seed, start, count in self.parts():
            if name not in zero:
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
        self.api.cudnnRNNBackwardData_v8(self.api.handle, self.rnn, lengths, self.y, y, dy, self.x, dx, self.state,
                                         hx, dhy, dhx, self.state, cx, dcy, dcx, self.bytes, weights, *self._space())

    def backward_weights(self, mode=ADD, lengths=0):
        x, hx, y, gradients = self._of("x", "hx", "y", "gradients")
        self.api.cudnnRNNBackwardWeights_v8(self.api.handle, self.rnn, mode, lengths, self.x, x, self.state, hx,
                                            self.y, y, self.bytes, gradients, *self._space())

    def train(self):
        self.gpu.fill(self.at["gradients"], self.bytes, 0)
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
