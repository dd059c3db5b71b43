"""One GPU: its primary context, one stream, memory, and the handles of cuBLAS and cuDNN; and the numbers fed to it."""
import ctypes
from array import array
from ctypes import byref, c_int, c_uint64

from . import libraries
from .libraries import Refused

SIMULATED = "charlstm simulated GPU"
NAN_WORD = 0x7FC00000
ONE_WORD = 0x3F800000
WORKSPACE = 32 << 20
# How far what worst() finds may be from zero.
TOLERANCE = 1e-5
# A prime, so that what is repeated does not repeat along a dimension of any tensor here.
PERIOD = 65521


def numbers(seed, count):
    """count float32 from -0.5 to below 0.5, exact multiples of 2^-15, the same on every machine.

    s <- (1103515245 s + 12345) mod 2^31, starting from the seed; each s gives (floor(s / 2^16) - 2^14) / 2^15. After
    65521 of them the sequence starts again, for the sake of time.
    """
    values, s = array("f"), seed
    for _ in range(min(count, PERIOD)):
        s = (1103515245 * s + 12345) % (1 << 31)
        values.append(((s >> 16) - (1 << 14)) / (1 << 15))
    return (values * (count // PERIOD + 1))[:count]


def worst(got, expected):
    """The largest difference; NaN if there is one anywhere, which max() would lose."""
    if len(got) != len(expected):
        return float("nan")
    differences = [abs(a - b) for a, b in zip(got, expected)]
    return float("nan") if any(d != d for d in differences) else max(differences, default=0.0)


class Scope:
    """Memory and descriptors of one case, given back at its end."""

    def __init__(self, gpu):
        self.gpu = gpu
        self.cleanups = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for cleanup, handle in reversed(self.cleanups):
            try:
                cleanup(handle)
            except Refused:
                # In a context that has failed nothing can be given back; the answer says so already.
                continue

    def own(self, create, destroy):
        handle = c_uint64()
        create(byref(handle))
        self.cleanups.append((destroy, handle.value))
        return handle.value

    def filled(self, size, word=0):
        """Device memory, or null for 0 bytes; never unwritten, for the simulated GPU does not read what is."""
        if size == 0:
            return 0
        whole = -(-size // 4) * 4
        driver = self.gpu.driver
        pointer = self.own(lambda out: driver.cuMemAlloc_v2(out, whole), driver.cuMemFree_v2)
        self.gpu.fill(pointer, whole, word)
        return pointer

    def upload(self, values):
        pointer = self.filled(len(values) * values.itemsize)
        self.gpu.write(pointer, values.tobytes())
        return pointer


class Gpu:
    def __init__(self):
        self.driver = libraries.driver()
        self.driver.cuInit(0)
        self.device = self.ask(c_int, self.driver.cuDeviceGet, 0)
        context = self.ask(c_uint64, self.driver.cuDevicePrimaryCtxRetain, self.device)
        self.driver.cuCtxSetCurrent(context)
        self.stream = self.ask(c_uint64, self.driver.cuStreamCreateWithPriority, 1, 0)
        text = ctypes.create_string_buffer(256)
        self.driver.cuDeviceGetName(text, 256, self.device)
        self.name = text.value.decode()
        self.simulated = self.name == SIMULATED
        self.version = self.ask(c_int, self.driver.cuDriverGetVersion)
        self._cublas = self._cudnn = None

    @staticmethod
    def ask(kind, call, *arguments):
        """The answer of a call that writes it through its first argument."""
        value = kind()
        call(byref(value), *arguments)
        return value.value

    def attribute(self, number):
        return self.ask(c_int, self.driver.cuDeviceGetAttribute, number, self.device)

    def synchronise(self):
        self.driver.cuStreamSynchronize(self.stream)

    def fill(self, pointer, size, word):
        self.driver.cuMemsetD32Async(pointer, word, size // 4, self.stream)

    def write(self, pointer, data):
        self.driver.cuMemcpyHtoDAsync_v2(pointer, data, len(data), self.stream)
        self.synchronise()

    def read(self, pointer, size):
        data = ctypes.create_string_buffer(size)
        self.driver.cuMemcpyDtoHAsync_v2(data, pointer, size, self.stream)
        self.synchronise()
        return data.raw

    def floats(self, pointer, count):
        return array("f", self.read(pointer, 4 * count))

    def replayed(self, work, times):
        """Records work in a graph, as the engine does, and runs it so many times."""
        thread_local = 1
        self.driver.cuStreamBeginCapture_v2(self.stream, thread_local)
        try:
            work()
        except Refused:
            try:
                self._recorded()
            except Refused:
                # The first refusal is the answer; this one follows from it.
                pass
            raise
        graph = self._recorded()
        executable = self.ask(c_uint64, self.driver.cuGraphInstantiateWithFlags, graph, 0)
        self.driver.cuGraphDestroy(graph)
        for _ in range(times):
            self.driver.cuGraphLaunch(executable, self.stream)
        self.synchronise()
        self.driver.cuGraphExecDestroy(executable)

    def _recorded(self):
        return self.ask(c_uint64, lambda out: self.driver.cuStreamEndCapture(self.stream, out))

    def cublas(self):
        """cuBLAS; the handles are the caller's."""
        if self._cublas is None:
            self._cublas = libraries.cublas(self.version)
        return self._cublas

    def cudnn(self):
        """cuDNN with a handle and a dropout descriptor."""
        if self._cudnn is None:
            api = libraries.cudnn()
            api.handle = self.ask(c_uint64, api.cudnnCreate)
            api.cudnnSetStream(api.handle, self.stream)
            api.dropout = self.ask(c_uint64, api.cudnnCreateDropoutDescriptor)
            api.cudnnSetDropoutDescriptor(api.dropout, api.handle, 0.0, 0, 0, 0)
            self._cudnn = api
        return self._cudnn
