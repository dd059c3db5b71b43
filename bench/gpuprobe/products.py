"""What cuBLAS' sgemm gives, and what it accepts."""
import hashlib
from ctypes import byref, c_float
from itertools import product

from .gpu import NAN_WORD, TOLERANCE, WORKSPACE, numbers, worst
from .lstm import LAB

AS_IS, TRANSPOSED = 0, 1
DEFAULT, TENSOR_OP, PEDANTIC, TF32 = 0, 1, 2, 3
SMALL = (5, 4, 3)
RECORDED = 8
ROWS = LAB[0] * LAB[1]
# Of the lab's two dense layers, forward and of their weights' and inputs' gradients.
OF_LAB = [((AS_IS, AS_IS), (128, ROWS, 128)), ((AS_IS, AS_IS), (38, ROWS, 128)),
          ((AS_IS, TRANSPOSED), (128, 128, ROWS)), ((TRANSPOSED, AS_IS), (128, ROWS, 38))]


class Multiplication:
    """C = op(A) op(B), column-major; what a case wants otherwise, it changes."""

    def __init__(self, scope, sizes, turns=(AS_IS, AS_IS), workspace=True, math=DEFAULT):
        gpu, self.api = scope.gpu, scope.gpu.cublas()
        self.scope, self.gpu, self.sizes, self.turns = scope, gpu, sizes, turns
        m, n, k = sizes
        self.handle = scope.own(self.api.cublasCreate_v2, self.api.cublasDestroy_v2)
        self.api.cublasSetStream_v2(self.handle, gpu.stream)
        if workspace:
            self.api.cublasSetWorkspace_v2(self.handle, scope.filled(WORKSPACE), WORKSPACE)
        self.api.cublasSetMathMode(self.handle, math)
        self.leading = [k if turns[0] else m, n if turns[1] else k, m]
        self.values = numbers(7, m * k), numbers(8, k * n)
        self.a, self.b = map(scope.upload, self.values)
        self.c = scope.filled(4 * m * n, NAN_WORD)

    def run(self):
        m, n, k = self.sizes
        lda, ldb, ldc = self.leading
        one, zero = c_float(1), c_float(0)
        self.api.cublasSgemm_v2(self.handle, *self.turns, m, n, k, byref(one), self.a, lda, self.b, ldb, byref(zero),
                                self.c, ldc)

    def result(self):
        self.gpu.synchronise()
        return self.gpu.floats(self.c, self.sizes[0] * self.sizes[1])

    def expected(self):
        m, n, k = self.sizes
        a, b = self.values
        down_a, across_a = (self.leading[0], 1) if self.turns[0] else (1, self.leading[0])
        down_b, across_b = (self.leading[1], 1) if self.turns[1] else (1, self.leading[1])
        return [sum(a[i * down_a + l * across_a] * b[l * down_b + j * across_b] for l in range(k))
                for j in range(n) for i in range(m)]

    def judged(self):
        difference = worst(self.result(), self.expected())
        return {"right": difference <= TOLERANCE, "difference": difference}


def name(turns, sizes):
    return f"sgemm/{''.join('NT'[turn] for turn in turns)}/{'x'.join(map(str, sizes))}"


def cut(gpu, sizes):
    """The simulated GPU is slow."""
    return [min(size, 32) for size in sizes] if gpu.simulated else sizes


def cases(_):
    def values(sizes, turns):
        def ask(scope):
            multiplication = Multiplication(scope, sizes, turns)
            multiplication.run()
            step = 1 if sizes == SMALL else RECORDED | 1
            return {**multiplication.judged(), "values": {"c": list(multiplication.result()[::step])}}
        return name(turns, sizes), ask

    def run(multiplication):
        multiplication.run()

    def accepted(what, act=run, **options):
        def ask(scope):
            multiplication = Multiplication(scope, SMALL, **options)
            act(multiplication)
            return multiplication.judged()
        return f"sgemm/{what}", ask

    def lda_too_small(multiplication):
        multiplication.leading[0] -= 1
        multiplication.run()

    def nothing_to_do(multiplication):
        multiplication.sizes = (0, *SMALL[1:])
        multiplication.run()

    def replayed(multiplication):
        # The first run loads code, which may not happen while a graph is recorded.
        multiplication.run()
        multiplication.gpu.replayed(multiplication.run, 2)

    def workspace_of(offset, size):
        def act(multiplication):
            space = multiplication.scope.filled(2 * WORKSPACE)
            multiplication.api.cublasSetWorkspace_v2(multiplication.handle, space + offset if size else 0, size)
            multiplication.run()
        return act

    def stream_again(multiplication):
        multiplication.api.cublasSetStream_v2(multiplication.handle, multiplication.gpu.stream)
        multiplication.run()
    maths = [accepted(f"math_{mode}", math=number)
             for mode, number in (("pedantic", PEDANTIC), ("tensor_op", TENSOR_OP), ("tf32", TF32))]
    return [values(sizes, turns) for sizes in (SMALL, (33, 17, 29))
            for turns in product((AS_IS, TRANSPOSED), repeat=2)] + maths + [
        accepted("no_workspace", workspace=False), accepted("stream_set_after_workspace", stream_again),
        accepted("replayed_graph", replayed), accepted("replayed_graph_no_workspace", replayed, workspace=False),
        accepted("workspace_misaligned", workspace_of(16, WORKSPACE)), accepted("workspace_none", workspace_of(0, 0)),
        accepted("lda_too_small", lda_too_small), accepted("nothing_to_do", nothing_to_do)]


def repeats(gpu):
    """The lab's products, twice each."""
    def case(turns, sizes):
        def ask(scope):
            multiplication = Multiplication(scope, cut(gpu, sizes), turns)
            prints = []
            for _ in range(2):
                multiplication.run()
                prints.append(hashlib.sha256(multiplication.result().tobytes()).hexdigest()[:16])
            return {"right": prints[0] == prints[1], "bits": prints[0]}
        return name(turns, sizes), ask
    return [case(turns, sizes) for turns, sizes in OF_LAB]
