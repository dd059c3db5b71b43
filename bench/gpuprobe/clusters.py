"""How many bytes a cycle a multiprocessor sends to another block of its cluster, by kernels that do little else.

In each round each warp of a block sends to the next block, in one of three ways, and the block waits for as many bytes
as it sends. Rounds with more sends take longer by what the sends take: the rest of a round is the same.
"""
import statistics
from array import array
from ctypes import addressof, c_uint32, c_uint64

from .libraries import Missing

CAPABILITY_MAJOR, FIRST_WITH_CLUSTERS = 75, 9
BLOCKS, WARPS, LANES = 4, 4, 32
ROUNDS = {True: 3, False: 2000}
# So many sends of a warp in a round.
FEW, MANY = 2, 10
RUNS = 5
# By lane, warp and send where it goes, and the bytes of each lane: the kernels forward send whole pieces of 128 bytes,
# and those backward 16 bytes a lane. Rows of 272 bytes break a send into 8 pieces of 16.
WAYS = {"pieces": (4, "mad.lo.u32 %place, %warp, 128, 0; mad.lo.u32 %place, %lane, 4, %place;", 512),
        "rows": (4, "shr.u32 %place, %lane, 2; mul.lo.u32 %place, %place, 272; and.b32 %step, %lane, 3; "
                    "mad.lo.u32 %place, %step, 4, %place; mad.lo.u32 %place, %warp, 16, %place;", 2176),
        "wide": (16, "mad.lo.u32 %place, %warp, 512, 0; mad.lo.u32 %place, %lane, 16, %place;", 2048)}


def ptx(way, sends):
    size, place, apart = WAYS[way]
    form, values = ("b32", "%lane") if size == 4 else ("v4.b32", "{%lane, %lane, %lane, %lane}")
    stores = "\n".join(f"""    add.u32 %step, %to, {i * apart};
    st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.{form} [%step], {values}, [%theirs];"""
                       for i in range(sends))
    return f""".version 8.1
.target sm_90
.address_size 64
.visible .entry send(.param .u64 cycles, .param .u32 rounds)
    .reqntid {WARPS * LANES}, 1, 1 .reqnctapercluster {BLOCKS}, 1, 1
{{
    .reg .pred %first, %ended, %goes_on;
    .reg .u32 %thread, %lane, %warp, %place, %step, %to, %theirs, %mine, %next, %left, %parity, %block;
    .reg .u64 %begun, %taken, %out;
    .shared .align 16 .b8 received[{sends * apart}];
    .shared .align 8 .b64 arrived;
    mov.u32 %thread, %tid.x;
    and.b32 %lane, %thread, {LANES - 1};
    shr.u32 %warp, %thread, 5;
    {place}
    mov.u32 %next, %cluster_ctarank;
    add.u32 %next, %next, 1;
    and.b32 %next, %next, {BLOCKS - 1};
    mov.u32 %mine, arrived;
    mapa.shared::cluster.u32 %theirs, %mine, %next;
    mov.u32 %to, received;
    mapa.shared::cluster.u32 %to, %to, %next;
    add.u32 %to, %to, %place;
    setp.eq.u32 %first, %thread, 0;
    @%first mbarrier.init.shared::cta.b64 [%mine], 1;
    @%first fence.mbarrier_init.release.cluster;
    ld.param.u32 %left, [rounds];
    mov.u32 %parity, 0;
    mov.u64 %begun, %clock64;
round:
    barrier.cluster.arrive.release.aligned;
    barrier.cluster.wait.acquire.aligned;
{stores}
    @%first mbarrier.arrive.expect_tx.shared::cta.b64 _, [%mine], {sends * WARPS * LANES * size};
waits:
    mbarrier.try_wait.parity.shared::cta.b64 %ended, [%mine], %parity;
    @!%ended bra waits;
    xor.b32 %parity, %parity, 1;
    sub.u32 %left, %left, 1;
    setp.ne.u32 %goes_on, %left, 0;
    @%goes_on bra round;
    mov.u64 %taken, %clock64;
    sub.u64 %taken, %taken, %begun;
    ld.param.u64 %out, [cycles];
    mov.u32 %block, %ctaid.x;
    mul.wide.u32 %begun, %block, 8;
    add.u64 %out, %out, %begun;
    @%first st.global.u64 [%out], %taken;
    barrier.cluster.arrive.release.aligned;
    barrier.cluster.wait.acquire.aligned;
    ret;
}}
"""


def cycles_a_round(scope, way, sends):
    """The median of some runs, each the slowest block's."""
    gpu, driver = scope.gpu, scope.gpu.driver
    module = scope.own(lambda out: driver.cuModuleLoadData(out, ptx(way, sends).encode()), driver.cuModuleUnload)
    kernel = gpu.ask(c_uint64, driver.cuModuleGetFunction, module, b"send")
    out, rounds = c_uint64(scope.filled(8 * BLOCKS)), c_uint32(ROUNDS[gpu.simulated])
    arguments = (c_uint64 * 2)(addressof(out), addressof(rounds))

    def run():
        driver.cuLaunchKernel(kernel, BLOCKS, 1, 1, WARPS * LANES, 1, 1, 0, gpu.stream, arguments, None)
        return max(array("Q", gpu.read(out.value, 8 * BLOCKS))) / rounds.value
    run()
    return statistics.median(run() for _ in range(RUNS))


def cases(gpu):
    def case(way):
        def ask(scope):
            if gpu.attribute(CAPABILITY_MAJOR) < FIRST_WITH_CLUSTERS:
                raise Missing("clusters need a card of capability 9.0 or newer")
            few, many = (cycles_a_round(scope, way, sends) for sends in (FEW, MANY))
            sent = (MANY - FEW) * WARPS * LANES * WAYS[way][0]
            return {"cycles": [few, many], "bytes_a_cycle": sent / (many - few) if many > few else None}
        return way, ask
    return [case(way) for way in WAYS]
