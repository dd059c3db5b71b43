package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Launches with attributes, functions of the host's between them, and what fits on a GPU at a time. */
@Needs(Need.SIMULATED_GPU)
@Tag("outside")
class LaunchKindsTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final String CAPABILITY = "CHARLSTM_SIM_CAPABILITY";
    private static final String ADD = "add(int* values, int amount, int n)";
    /** All blocks wait for one another between two passes over the elements. */
    private static final String PASSES = """
            #include <cooperative_groups.h>
            namespace cg = cooperative_groups;
            extern "C" __global__ void passes(int* a, int* b, int n) {
                cg::grid_group grid = cg::this_grid();
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) a[i] = 2 * i;
                grid.sync();
                if (i < n) b[i] = a[n - 1 - i];
                grid.sync();
                if (i < n) a[i] = b[(i + 1) % n];
            }
            extern "C" __global__ void forgets(int* a, int* b, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) a[i] = 2 * i;
                if (i < n) b[i] = a[n - 1 - i];
            }
            """;

    @TempDir
    private Path folder;

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
        SimulatedGpu.set(CAPABILITY, null);
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private CudaModule compiled(Cuda gpu, String text) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("text.cu"), text);
        Path ptx = folder.resolve("text.ptx");
        assertEquals(0, new ProcessBuilder(Installed.named("nvcc").toString(), "-ptx", "-arch=compute_90", "-o",
                ptx.toString(), source.toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
        return gpu.load(ptx);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    @Needs(Need.NVCC)
    void blocksOfACooperativeLaunchWaitForOneAnother(String binding) throws IOException, InterruptedException {
        try (Cuda gpu = Gpus.open(binding); CudaModule module = compiled(gpu, PASSES)) {
            CudaKernel kernel = module.kernel("passes");
            int blocks = kernel.blocksAtOnce(64, 0);
            assertEquals(128, blocks);
            for (int count : new int[] {1, 3, 7}) {
                int n = 64 * count - 5;
                try (CudaBuffer a = gpu.allocate(CudaType.INT32, n); CudaBuffer b = gpu.allocate(CudaType.INT32, n)) {
                    Grid grid = Grid.covering(n, 64).cooperative();
                    kernel.launch(grid, a, b, n);
                    int[] right = IntStream.range(0, n).map(i -> 2 * (n - 1 - (i + 1) % n)).toArray();
                    assertArrayEquals(right, a.toInts());
                    a.zero();
                    try (CudaGraph graph = gpu.record(() -> kernel.launch(grid, a, b, n))) {
                        graph.launch();
                        graph.launch();
                    }
                    assertArrayEquals(right, a.toInts());
                }
            }
        }
        assertEquals(0, SimulatedGpu.live());
    }

    /** Without the attribute the groups' barrier stops the kernel, as on a card. */
    @Test
    @Needs(Need.NVCC)
    void withoutTheAttributeTheGridHasNoBarrier() throws IOException, InterruptedException {
        Cuda gpu = Gpus.open("panama");
        CudaModule module = compiled(gpu, PASSES);
        CudaBuffer a = gpu.allocate(CudaType.INT32, 64);
        CudaKernel kernel = module.kernel("passes");
        CudaException failure = assertThrows(CudaException.class, () -> kernel.launch(Grid.of(2, 32), a, a, 64));
        assertTrue(failure.getMessage().contains("trap"), failure.getMessage());
        gpu.close();
    }

    @Test
    @Needs(Need.NVCC)
    void aForgottenBarrierOfTheGridIsARace() throws IOException, InterruptedException {
        Cuda gpu = Gpus.open("panama");
        CudaModule module = compiled(gpu, PASSES);
        CudaBuffer a = gpu.allocate(CudaType.INT32, 64);
        CudaBuffer b = gpu.allocate(CudaType.INT32, 64);
        CudaKernel kernel = module.kernel("forgets");
        CudaException failure = assertThrows(CudaException.class,
                () -> kernel.launch(Grid.of(2, 32).cooperative(), a, b, 64));
        assertTrue(failure.getMessage().contains("race"), failure.getMessage());
        gpu.close();
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aLaunchHasAPriorityOfItsOwnAndMayBeginEarly(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaStream usual = gpu.newStream(0);
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            CudaKernel add = module.kernel(ADD);
            gpu.synchronize();
            gpu.on(usual, () -> {
                add.launch(Grid.of(1, 3), values, 1, 3);
                assertEquals(0, SimulatedGpu.priority("kernel add"));
                add.launch(Grid.of(1, 3).priority(-3), values, 1, 3);
                assertEquals(-3, SimulatedGpu.priority("kernel add"));
                add.launch(Grid.of(1, 3).priority(-99).early().cooperative(), values, 1, 3);
                assertEquals(gpu.greatestPriority(), SimulatedGpu.priority("kernel add"));
                add.launch(Grid.of(4, 1).cluster(2, 1, 1).early().priority(-1), values, 1, 3);
                assertEquals(-1, SimulatedGpu.priority("kernel add"));
                usual.synchronize();
            });
            assertArrayEquals(new int[] {5, 6, 7}, values.toInts());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void functionsOfTheHostRunInTheirTurn(String binding) {
        List<String> said = new ArrayList<>();
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred");
                CudaBuffer values = gpu.memory().managed(CudaType.INT32, 1)) {
            gpu.synchronize();
            var host = values.segment();
            values.fill(1);
            gpu.callHost(() -> said.add("one " + host.get(java.lang.foreign.ValueLayout.JAVA_INT, 0)));
            values.fill(2);
            gpu.callHost(() -> said.add("two " + host.get(java.lang.foreign.ValueLayout.JAVA_INT, 0)));
            assertEquals(List.of(), said);
            gpu.synchronize();
            assertEquals(List.of("one 1", "two 2"), said);
            try (CudaGraph graph = gpu.record(() -> gpu.callHost(() -> said.add("graph")))) {
                graph.launch();
                graph.launch();
                gpu.synchronize();
            }
            assertEquals(List.of("one 1", "two 2", "graph", "graph"), said);
        }
        assertEquals(0, SimulatedGpu.live());
    }

    /** A graph that was closed still runs where it was launched before; its functions are kept no longer than that. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aRecordedFunctionLivesAsLongAsItsGraph(String binding) {
        List<String> said = new ArrayList<>();
        int before = HostFunctions.kept();
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred"); CudaBuffer values = gpu.ints(1)) {
            CudaGraph inner = gpu.record(() -> gpu.callHost(() -> said.add("inner")));
            CudaGraph outer = gpu.record(() -> {
                inner.launch();
                inner.launch();
            });
            inner.launch();
            inner.close();
            outer.launch();
            assertFalse(outer.update(() -> gpu.callHost(() -> said.add("anew"))));
            outer.launch();
            outer.close();
            assertEquals(before + 2, HostFunctions.kept());
            gpu.synchronize();
            assertEquals(List.of("inner", "inner", "inner", "anew"), said);
            assertEquals(before, HostFunctions.kept());
            assertThrows(AssertionError.class, () -> gpu.record(() -> {
                gpu.callHost(() -> said.add("never"));
                throw new AssertionError();
            }));
            try (CudaGraph other = gpu.record(() -> values.fill(1))) {
                assertThrows(AssertionError.class, () -> other.update(() -> {
                    gpu.callHost(() -> said.add("never"));
                    throw new AssertionError();
                }));
            }
            assertEquals(before, HostFunctions.kept());
        }
    }

    /** Whoever waits first learns of it: no result of the work behind it passes for good. */
    @ParameterizedTest
    @MethodSource("bindings")
    void everyWaitThrowsWhatAFunctionHasThrown(String binding) {
        try (Cuda gpu = Gpus.open(binding, STREAMS, "deferred");
                CudaEvent event = gpu.newEvent();
                CudaBuffer values = gpu.floats(1)) {
            gpu.synchronize();
            for (Runnable wait : List.<Runnable>of(gpu::synchronize, event::synchronize, values::toFloats,
                    () -> values.write(new float[1]), () -> awaitBy(event::hasPassed),
                    () -> awaitBy(gpu.stream()::isDone))) {
                gpu.callHost(() -> {
                    throw new IllegalArgumentException("no");
                });
                event.record();
                assertEquals("a function that callHost() enqueued has failed: no",
                        assertThrows(IllegalStateException.class, wait::run).getMessage());
                gpu.synchronize();
            }
        }
    }

    private static void awaitBy(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void clustersAreCounted(String binding) {
        try (Cuda gpu = Gpus.open(binding); CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn())) {
            CudaKernel add = module.kernel(ADD);
            assertEquals(128, add.blocksAtOnce(64, 0));
            assertEquals(4, add.blocksAtOnce(64, 200 << 10));
            assertEquals(32, add.clustersAtOnce(Grid.of(8, 64).cluster(4, 1, 1)));
            assertEquals(1, add.clustersAtOnce(Grid.of(8, 64).cluster(4, 1, 1).shared(200 << 10)));
            assertEquals(8, add.mostBlocksOfCluster(Grid.of(8, 64)));
            assertEquals(4, add.mostBlocksOfCluster(Grid.of(8, 64).cluster(2, 1, 1).shared(200 << 10)));
            Grid ofLarger = Grid.of(32, 64).cluster(16, 1, 1);
            assertThrows(CudaException.class, () -> add.clustersAtOnce(ofLarger));
            add.allowLargerClusters();
            assertEquals(8, add.clustersAtOnce(ofLarger));
            assertEquals(16, add.mostBlocksOfCluster(ofLarger));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void anOlderCardHasNoClusters(String binding) {
        try (Cuda gpu = Gpus.open(binding, CAPABILITY, "750");
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn())) {
            CudaKernel add = module.kernel(ADD);
            String line = "clusters need compute capability 9.0, and GPU 0 has 7.5";
            assertEquals(line, assertThrows(CharlstmException.class,
                    () -> add.clustersAtOnce(Grid.of(2, 1).cluster(2, 1, 1))).getMessage());
            assertEquals(line, assertThrows(CharlstmException.class,
                    () -> add.mostBlocksOfCluster(Grid.of(2, 1))).getMessage());
            assertEquals(line, assertThrows(CharlstmException.class, add::allowLargerClusters).getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void everyMistakeIsToldInALine(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            CudaKernel add = module.kernel(ADD);
            String within = "a function that callHost() enqueued has failed: GPU 0 was used within a function that "
                    + "callHost() runs, where the driver takes no calls; use it after a wait for the stream";
            List<Mistake<Cuda>> mistakes = List.of(
                    Mistake.argument("a cooperative launch of too many blocks",
                            _ -> add.launch(Grid.of(129, 64).cooperative(), values, 1, 3),
                            "a cooperative launch of add in 129 blocks of 64 threads; GPU 0 runs 128 of them at a "
                                    + "time, as blocksAtOnce() of the kernel says"),
                    Mistake.argument("a cooperative launch of too much shared memory",
                            _ -> add.launch(Grid.of(5, 64).shared(200 << 10).cooperative(), values, 1, 3),
                            "a cooperative launch of add in 5 blocks of 64 threads; GPU 0 runs 4 of them at a time, as "
                                    + "blocksAtOnce() of the kernel says"),
                    Mistake.argument("clusters of a grid without", _ -> add.clustersAtOnce(Grid.of(2, 1)),
                            "clusters of add in a grid that asks for none; give grid.cluster(2, 1, 1) or another size"),
                    Mistake.argument("shared memory that no block has",
                            _ -> add.mostBlocksOfCluster(Grid.of(1, 1).shared(1 << 20)),
                            "a launch of add with 1048576 bytes of dynamic shared memory; a block of it can have at "
                                    + "most 232448"),
                    Mistake.state("a function that uses the GPU", cuda -> {
                        cuda.callHost(() -> values.fill(1));
                        cuda.synchronize();
                    }, within),
                    Mistake.state("a function that waits for the GPU", cuda -> {
                        cuda.callHost(cuda::synchronize);
                        cuda.synchronize();
                    }, within),
                    Mistake.state("a function that closes something", cuda -> {
                        CudaBuffer buffer = cuda.ints(1);
                        cuda.callHost(buffer::close);
                        try {
                            cuda.synchronize();
                        } finally {
                            buffer.close();
                        }
                    }, within),
                    Mistake.state("a function that uses another GPU", cuda -> {
                        try (Cuda other = Gpus.open(binding); CudaBuffer theirs = other.ints(1)) {
                            cuda.callHost(theirs::toInts);
                            cuda.synchronize();
                        }
                    }, within),
                    Mistake.state("a function that opens a GPU", cuda -> {
                        cuda.callHost(() -> Gpus.open(binding).close());
                        cuda.synchronize();
                    }, within),
                    Mistake.state("a function that opens a GPU by its options", cuda -> {
                        cuda.callHost(() -> Cuda.open(CudaOptions.SIMULATED).close());
                        cuda.synchronize();
                    }, within),
                    Mistake.state("a function that closes its GPU", cuda -> {
                        cuda.callHost(cuda::close);
                        cuda.synchronize();
                    }, within),
                    Mistake.state("a function that throws", cuda -> {
                        cuda.callHost(() -> {
                            throw new IllegalArgumentException("no");
                        });
                        cuda.synchronize();
                    }, "a function that callHost() enqueued has failed: no"),
                    Mistake.state("a function of a graph that throws", cuda -> {
                        try (CudaGraph graph = cuda.record(() -> cuda.callHost(() -> {
                            throw new IllegalArgumentException("no");
                        }))) {
                            graph.launch();
                            cuda.synchronize();
                        }
                    }, "a function that callHost() enqueued has failed: no"),
                    Mistake.state("a function beside a recording", cuda -> {
                        try (CudaStream side = cuda.newStream(0)) {
                            cuda.record(() -> cuda.on(side, () -> cuda.callHost(() -> {})));
                        }
                    }, "work on a stream that takes no part in the recording would run at once; let the stream wait "
                            + "first for an event that was recorded within: stream.waitFor(event)"));
            Mistake.assertAllTold(mistakes, gpu, () -> {
                values.fill(2);
                add.launch(Grid.of(1, 3), values, 1, 3);
                assertArrayEquals(new int[] {3, 3, 3}, values.toInts());
            });
        }
        assertEquals(0, SimulatedGpu.live());
    }
}
