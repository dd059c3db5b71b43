package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory of the pool and managed memory, copies of rows and between GPUs, on a GPU that runs nothing before a wait. */
@Needs(Need.SIMULATED_GPU)
class MemoryKindsTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final String DRIVER = "CHARLSTM_SIM_DRIVER";
    private static final String OVERLAP = "a copy between memory that overlaps, whose result nobody promises; copy by "
            + "way of another buffer";
    private static final String ADD = "add(int* values, int amount, int n)";

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
        SimulatedGpu.set(DRIVER, null);
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void memoryOfThePoolComesAndGoesInTheOrderOfAStream(String binding) {
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred"); CudaBuffer result = gpu.allocate(CudaType.INT32, 3)) {
            gpu.memory().keepPooled(1 << 20);
            CudaBuffer values = gpu.memory().pooled(CudaType.INT32, 3);
            assertEquals(Map.of("pool", 12L, "buffers", 12L), gpu.memory().byPurpose());
            values.fill(4);
            result.copyFrom(values);
            // Not before the copy has run.
            values.close();
            assertEquals(Map.of("buffers", 12L), gpu.memory().byPurpose());
            assertArrayEquals(new int[] {4, 4, 4}, result.toInts());
            assertThrows(IllegalStateException.class, values::pointer);
        }
        assertEquals(0, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void memoryOfThePoolIsGivenBackInTheCurrentStream(String binding) {
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred"); CudaStream side = gpu.newStream(0)) {
            CudaBuffer values = gpu.memory().pooled(CudaType.INT32, 3);
            values.fill(4);
            // The other stream frees what this one has not filled yet, as no event orders them.
            gpu.on(side, values::close);
            side.synchronize();
            CudaException failure = assertThrows(CudaException.class, gpu::synchronize);
            assertTrue(failure.getMessage().contains("freed before it ran"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void theHostReachesManagedMemory(String binding) {
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred");
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn())) {
            CudaBuffer values = gpu.memory().managed(CudaType.INT32, 4);
            MemorySegment host = values.segment();
            assertEquals(16, host.byteSize());
            for (int i = 0; i < 4; i++) {
                host.setAtIndex(ValueLayout.JAVA_INT, i, i);
            }
            module.kernel(ADD).launch(Grid.of(1, 4), values, 10, 4);
            assertEquals(0, host.getAtIndex(ValueLayout.JAVA_INT, 0));
            assertEquals(12, values.view(2, 1).segment().get(ValueLayout.JAVA_INT, 0));
            assertArrayEquals(new int[] {10, 11, 12, 13}, values.toInts());
            values.close();
            assertThrows(IllegalStateException.class, () -> host.get(ValueLayout.JAVA_INT, 0));
        }
        assertEquals(0, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void rowsAreCopiedWithoutWhatLiesBetween(String binding) {
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred");
                CudaBuffer matrix = gpu.ints(IntStream.range(0, 20).toArray());
                CudaBuffer padded = gpu.allocate(CudaType.INT32, 12);
                HostBuffer pinned = gpu.pinned(CudaType.INT32, 4)) {
            // Columns 1 and 2 of rows 1 and 2 of 4 rows of 5.
            CudaRows part = new CudaRows(matrix, 6, 2, 2, 5);
            new CudaRows(padded, 1, 2, 2, 4).copyFrom(part);
            assertArrayEquals(new int[] {0, 6, 7, 0, 0, 11, 12, 0, 0, 0, 0, 0}, padded.toInts());
            // Beside each other, and between each other's rows.
            new CudaRows(padded, 8, 1, 2, 2).copyFrom(new CudaRows(padded, 10, 1, 2, 2));
            new CudaRows(padded, 0, 3, 1, 4).copyFrom(new CudaRows(padded, 3, 3, 1, 4));
            padded.view(8, 2).copyFrom(padded.view(10, 2));
            part.readAsync(pinned);
            gpu.synchronize();
            assertArrayEquals(new int[] {6, 7, 11, 12}, pinned.segment().toArray(ValueLayout.JAVA_INT));
            MemorySegment.copy(new int[] {1, 2, 3, 4}, 0, pinned.segment(), ValueLayout.JAVA_INT, 0, 4);
            new CudaRows(padded, 8, 2, 2, 2).writeAsync(pinned);
            assertArrayEquals(new int[] {0, 6, 7, 0, 0, 11, 12, 0, 1, 2, 3, 4}, padded.toInts());
            try (CudaGraph graph = gpu.record(() -> new CudaRows(padded, 0, 4, 1, 3).copyFrom(
                    new CudaRows(matrix, 4, 4, 1, 5)))) {
                graph.launch();
                assertArrayEquals(new int[] {4, 6, 7, 9, 0, 11, 14, 0, 1, 19, 3, 4}, padded.toInts());
            }
        }
        assertEquals(0, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void copiesBetweenGpusAreInTheOrderOfBoth(String binding) {
        try (Cuda one = Gpus.open(binding, STREAMS, "deferred");
                Cuda two = Gpus.open(binding);
                CudaBuffer from = one.allocate(CudaType.INT32, 2);
                CudaBuffer to = two.allocate(CudaType.INT32, 3)) {
            from.fill(6);
            two.memory().copyAcross(from, to);
            from.fill(7);
            assertArrayEquals(new int[] {6, 6, 0}, to.toInts());
            assertArrayEquals(new int[] {7, 7}, from.toInts());
            // The simulated driver has one GPU, which is no other to itself.
            assertFalse(one.memory().reaches(two));
        }
        assertEquals(0, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aDriverWithoutAPoolIsSaid(String binding) {
        try (Cuda gpu = Gpus.open(binding, DRIVER, "11010")) {
            assertEquals("GPU 0 with this driver has no pool of memory; take allocate() instead",
                    assertThrows(CharlstmException.class, () -> gpu.memory().pooled(CudaType.INT32, 1)).getMessage());
            assertThrows(CharlstmException.class, () -> gpu.memory().keepPooled(1));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void tooLittleMemoryIsSaidAndNothingIsLost(String binding) {
        try (Cuda gpu = Gpus.open(binding)) {
            for (boolean pool : new boolean[] {true, false}) {
                CudaException failure = assertThrows(CudaException.class, () -> {
                    if (pool) {
                        gpu.memory().pooled(CudaType.FLOAT64, 1L << 31);
                    } else {
                        gpu.memory().managed(CudaType.FLOAT64, 1L << 31);
                    }
                });
                assertTrue(failure.outOfMemory(), failure.getMessage());
                assertTrue(failure.getMessage().contains(pool ? "MiB for pool do not fit beside the 0 KiB"
                        : "MiB for managed memory do not fit beside the 0 KiB"), failure.getMessage());
            }
            assertEquals(0, gpu.memory().used());
        }
        assertEquals(0, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void everyMistakeIsToldInALine(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                Cuda other = Gpus.open(binding);
                CudaBuffer own = gpu.ints(1, 2, 3, 4, 5, 6);
                CudaBuffer theirs = other.ints(1, 2);
                HostBuffer pinned = gpu.pinned(CudaType.INT32, 3);
                HostBuffer floats = gpu.pinned(CudaType.FLOAT32, 4);
                CudaBuffer pooled = gpu.memory().pooled(CudaType.INT32, 1);
                CudaBuffer managed = gpu.memory().managed(CudaType.INT32, 1)) {
            CudaRows rows = new CudaRows(own, 0, 2, 2, 3);
            String waited =
                    "a copy that is waited for cannot be recorded; make it before or after, or copy from and to "
                            + "pinned memory by writeAsync and readAsync";
            List<Mistake<Cuda>> mistakes = List.of(
                    Mistake.argument("no elements of the pool", cuda -> cuda.memory().pooled(CudaType.INT32, 0),
                            "a buffer of 0 elements of int; it needs at least 1"),
                    Mistake.argument("no managed elements", cuda -> cuda.memory().managed(CudaType.INT32, -1),
                            "a buffer of -1 elements of int; it needs at least 1"),
                    Mistake.argument("less than nothing kept", cuda -> cuda.memory().keepPooled(-1),
                            "a pool that keeps -1 bytes; give 0 or more"),
                    Mistake.state("memory of the pool in a recording",
                            cuda -> cuda.record(() -> cuda.memory().pooled(CudaType.INT32, 1)),
                            "memory cannot be taken from the pool while work is recorded; take it before"),
                    Mistake.state("an end of memory of the pool in a recording", cuda -> cuda.record(pooled::close),
                            "a buffer of 1 elements of int of the pool was closed while work was recorded; close it "
                                    + "after that"),
                    Mistake.state("memory of the pool after it was closed", cuda -> {
                        CudaBuffer buffer = cuda.memory().pooled(CudaType.INT32, 1);
                        buffer.close();
                        buffer.fill(1);
                    }, "a buffer of 1 elements of int was used after it was closed"),
                    Mistake.state("a graph of closed memory of the pool", cuda -> {
                        CudaBuffer buffer = cuda.memory().pooled(CudaType.INT32, 1);
                        try (CudaGraph graph = cuda.record(() -> buffer.fill(1))) {
                            buffer.close();
                            graph.launch();
                        }
                    }, "a graph was launched after a buffer of 1 elements of int was closed, which it uses; close that "
                            + "after the graph"),
                    Mistake.state("the host's view of other memory", cuda -> own.view(1, 2).segment(),
                            "a view of 2 elements of int is memory that the host does not reach; copy it by read and "
                                    + "write, or take managed() memory"),
                    Mistake.state("the host's view in a recording", cuda -> cuda.record(managed::segment), waited),
                    Mistake.state("the host's view of what is closed", cuda -> {
                        CudaBuffer buffer = cuda.memory().managed(CudaType.INT32, 1);
                        buffer.close();
                        buffer.segment();
                    }, "a buffer of 1 elements of int was used after it was closed"),
                    Mistake.argument("no rows", _ -> new CudaRows(own, 0, 0, 1, 1),
                            "0 rows of 1 elements that begin 1 apart; there must be 1 or more of each, and no row may "
                                    + "lie in another"),
                    Mistake.argument("rows in each other", _ -> new CudaRows(own, 0, 2, 3, 2),
                            "2 rows of 3 elements that begin 2 apart; there must be 1 or more of each, and no row may "
                                    + "lie in another"),
                    Mistake.argument("rows too far apart", _ -> new CudaRows(own, 0, 1, 1, 1L << 40),
                            "rows of int that begin 1099511627776 apart; it can be 536870911 at most"),
                    Mistake.range("rows beyond the end", _ -> new CudaRows(own, 2, 2, 2, 3),
                            "2 rows of 2 elements, 3 apart, from element 2 on, in a buffer of 6 of int"),
                    Mistake.range("columns beyond the end", _ -> new CudaRows(own, 0, 1, 7, 7),
                            "1 rows of 7 elements, 7 apart, from element 0 on, in a buffer of 6 of int"),
                    Mistake.range("rows before the beginning", _ -> new CudaRows(own, -1, 1, 1, 1),
                            "1 rows of 1 elements, 1 apart, from element -1 on, in a buffer of 6 of int"),
                    Mistake.argument("rows onto themselves", _ -> rows.copyFrom(rows), OVERLAP),
                    Mistake.argument("rows that share one element",
                            _ -> new CudaRows(own, 0, 2, 2, 4).copyFrom(new CudaRows(own, 1, 2, 2, 2)), OVERLAP),
                    Mistake.argument("rows that begin in the last of others",
                            _ -> new CudaRows(own, 4, 1, 2, 2).copyFrom(new CudaRows(own, 3, 1, 2, 2)), OVERLAP),
                    Mistake.argument("memory of the same GPU opened a second time, which is the same",
                            cuda -> cuda.memory().copyAcross(theirs,
                                    CudaBuffer.of(cuda, theirs.pointer(), CudaType.INT32, 2)),
                            OVERLAP),
                    Mistake.argument("rows of another shape", _ -> rows.copyFrom(new CudaRows(own, 0, 1, 2, 2)),
                            "2 rows of 2 elements of int do not take 1 rows of 2 of int"),
                    Mistake.argument("rows of another type",
                            _ -> rows.copyFrom(new CudaRows(own.as(CudaType.FLOAT32), 0, 2, 2, 2)),
                            "2 rows of 2 elements of int do not take 2 rows of 2 of float32"),
                    Mistake.argument("rows of another GPU",
                            _ -> new CudaRows(own, 0, 1, 2, 2).copyFrom(new CudaRows(theirs, 0, 1, 2, 2)),
                            "a buffer of 2 elements of int is of GPU 0, and was used on GPU 0 opened a second time; "
                                    + "use what was made by one Cuda together"),
                    Mistake.argument("pinned memory of another size", _ -> rows.writeAsync(pinned),
                            "2 rows of 2 elements of int do not take pinned memory for 3 elements of int"),
                    Mistake.argument("pinned memory of another type", _ -> rows.readAsync(floats),
                            "2 rows of 2 elements of int do not take pinned memory for 4 elements of float32"),
                    Mistake.argument("too little room on the other GPU",
                            cuda -> cuda.memory().copyAcross(theirs, own.view(0, 1)),
                            "a view of 1 elements of int does not hold all of a buffer of 2 elements of int"),
                    Mistake.argument("another type on the other GPU",
                            cuda -> cuda.memory().copyAcross(theirs, own.as(CudaType.FLOAT32)),
                            "a view of 6 elements of float32 does not hold all of a buffer of 2 elements of int"),
                    Mistake.argument("the wrong GPU's memory", _ -> other.memory().copyAcross(theirs, own),
                            "a buffer of 6 elements of int is of GPU 0, and was used on GPU 0 opened a second time; "
                                    + "use what was made by one Cuda together"),
                    Mistake.state("a copy between GPUs in a recording",
                            cuda -> cuda.record(() -> cuda.memory().copyAcross(theirs, own)),
                            "a copy between two GPUs cannot be recorded; make it before or after"));
            Mistake.assertAllTold(mistakes, gpu, () -> {
                own.fill(2);
                pooled.copyFrom(own.view(0, 1));
                assertArrayEquals(new int[] {2}, pooled.toInts());
            });
        }
        assertEquals(0, SimulatedGpu.live());
    }
}
