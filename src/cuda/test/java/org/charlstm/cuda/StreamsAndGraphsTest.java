package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The order of work on several streams, on a GPU that runs nothing before somebody waits, and recorded work. */
@Needs(Need.SIMULATED_GPU)
class StreamsAndGraphsTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final String DRIVER = "CHARLSTM_SIM_DRIVER";
    private static final String ADD = "add(int*, int, int)";

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static Cuda open(String binding, String streams) {
        Gpus.open().close();
        SimulatedGpu.set(STREAMS, streams);
        return Gpus.open(binding);
    }

    /** Of a module that ends with the GPU, as {@link LeakTest} has it, without a word here. */
    private static CudaKernel add(Cuda gpu) {
        CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
        gpu.remove(module);
        gpu.own(module::close);
        return module.kernel(ADD);
    }

    /** Without the event the second stream would read what the first has not written yet. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aStreamWaitsForAnothersEvent(String binding) {
        try (Cuda gpu = open(binding, "deferred");
                CudaStream other = gpu.newStream(0);
                CudaEvent written = gpu.newEvent(false);
                CudaBuffer a = gpu.allocate(CudaType.INT32, 2);
                CudaBuffer b = gpu.allocate(CudaType.INT32, 2);
                CudaBuffer c = gpu.allocate(CudaType.INT32, 2)) {
            gpu.synchronize();
            a.fill(7);
            gpu.on(other, () -> {
                assertSame(other, gpu.stream());
                b.copyFrom(a);
                assertArrayEquals(new int[] {0, 0}, b.toInts());
            });
            assertNotEquals(other, gpu.stream());
            written.record();
            other.waitFor(written);
            a.fill(8);
            gpu.on(other, () -> {
                c.copyFrom(a);
                assertArrayEquals(new int[] {7, 7}, c.toInts());
            });
            assertArrayEquals(new int[] {8, 8}, a.toInts());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void theStreamBeforeComesBackAfterAFailureAndInside(String binding) {
        try (Cuda gpu = open(binding, "eager");
                CudaStream one = gpu.newStream(0);
                CudaStream two = gpu.newStream(gpu.greatestPriority())) {
            CudaStream first = gpu.stream();
            gpu.on(one, () -> {
                gpu.on(two, () -> assertSame(two, gpu.stream()));
                assertSame(one, gpu.stream());
            });
            assertThrows(AssertionError.class, () -> gpu.on(one, () -> {
                throw new AssertionError();
            }));
            assertSame(first, gpu.stream());
            assertTrue(gpu.greatestPriority() < 0);
            gpu.newStream(1000).close();
            gpu.newStream(-1000).close();
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void whetherWorkIsDoneIsKnownWithoutWaiting(String binding) {
        try (Cuda gpu = open(binding, "deferred");
                CudaStream idle = gpu.newStream(0);
                CudaEvent event = gpu.newEvent();
                CudaBuffer a = gpu.allocate(CudaType.INT32, 1)) {
            gpu.synchronize();
            assertTrue(gpu.stream().isDone());
            assertTrue(event.hasPassed(), "an event without a mark");
            a.fill(1);
            event.record();
            assertFalse(gpu.stream().isDone());
            assertTrue(idle.isDone());
            a.fill(2);
            assertFalse(event.hasPassed());
            event.synchronize();
            assertTrue(event.hasPassed());
            assertFalse(gpu.stream().isDone(), "the second fill comes after the event");
            event.record();
            assertFalse(event.hasPassed(), "the mark before is forgotten");
            gpu.stream().synchronize();
            assertTrue(gpu.stream().isDone() && event.hasPassed());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void timesAreThoseOfTheWorkBetweenTheMarks(String binding) {
        try (Cuda gpu = open(binding, "eager");
                CudaEvent start = gpu.newEvent();
                CudaEvent end = gpu.newEvent();
                CudaStopwatch watch = gpu.newStopwatch();
                CudaBuffer a = gpu.allocate(CudaType.INT32, 1 << 16)) {
            long before = System.nanoTime();
            start.record();
            watch.mark();
            a.fill(1);
            watch.mark();
            a.fill(2);
            watch.mark();
            end.record();
            end.synchronize();
            double seconds = end.secondsSince(start);
            double all = 1e-9 * (System.nanoTime() - before);
            assertTrue(seconds > 0 && seconds <= all, seconds + " of " + all);
            assertEquals(-seconds, start.secondsSince(end));
            double[] laps = watch.laps();
            assertEquals(2, laps.length);
            assertTrue(laps[0] > 0 && laps[1] > 0 && laps[0] + laps[1] <= seconds + 1e-6, laps[0] + " " + laps[1]);
            assertEquals(0, watch.laps().length);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void recordedWorkRunsWhenItIsLaunchedAndWhereItIsLaunched(String binding) {
        try (Cuda gpu = open(binding, "deferred");
                CudaStream other = gpu.newStream(0);
                CudaBuffer values = gpu.ints(1, 2)) {
            CudaKernel add = add(gpu);
            try (CudaGraph graph = gpu.record(() -> {
                add.launch(Grid.of(1, 2), values, 10, 2);
                add.launch(Grid.of(1, 2), values, 100, 1);
            })) {
                assertArrayEquals(new int[] {1, 2}, values.toInts());
                graph.launch();
                assertArrayEquals(new int[] {111, 12}, values.toInts());
                graph.launch();
                gpu.synchronize();
                gpu.on(other, graph::launch);
                assertFalse(other.isDone());
                gpu.on(other, () -> assertArrayEquals(new int[] {331, 32}, values.toInts()));
            }
        }
    }

    /** A prepared launch may be set anew after it was recorded: the graph keeps what it was recorded with. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aGraphKeepsTheArgumentsThatItWasRecordedWith(String binding) {
        try (Cuda gpu = open(binding, "eager"); CudaBuffer values = gpu.ints(0)) {
            KernelLaunch launch = add(gpu).prepare(Grid.of(1, 1), values, 1, 1);
            try (CudaGraph graph = gpu.record(launch::launch)) {
                launch.set(1, 50);
                graph.launch();
                assertArrayEquals(new int[] {1}, values.toInts());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void anUpdateChangesArgumentsInPlaceOrMakesTheGraphAnew(String binding) {
        try (Cuda gpu = open(binding, "eager");
                CudaBuffer values = gpu.ints(0, 0);
                CudaBuffer other = gpu.ints(0, 0)) {
            CudaKernel add = add(gpu);
            try (CudaGraph graph = gpu.record(() -> add.launch(Grid.of(1, 2), values, 1, 2))) {
                long made = SimulatedGpu.count(Counter.GRAPHS_INSTANTIATED);
                assertTrue(graph.update(() -> add.launch(Grid.of(2, 1), other, 5, 1)));
                graph.launch();
                assertArrayEquals(new int[] {0, 0}, values.toInts());
                assertArrayEquals(new int[] {5, 0}, other.toInts());
                assertEquals(made, SimulatedGpu.count(Counter.GRAPHS_INSTANTIATED));
                assertFalse(graph.update(() -> {
                    add.launch(Grid.of(1, 2), values, 1, 2);
                    add.launch(Grid.of(1, 2), values, 2, 2);
                }));
                assertEquals(made + 1, SimulatedGpu.count(Counter.GRAPHS_INSTANTIATED));
                graph.launch();
                assertFalse(graph.update(() -> values.view(0, 1).fill(9)), "another kind of work");
                graph.launch();
                assertArrayEquals(new int[] {9, 3}, values.toInts());
                assertArrayEquals(new int[] {5, 0}, other.toInts());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aFailureInsideARecordingLeavesTheStreamUsable(String binding) {
        try (Cuda gpu = open(binding, "eager"); Arena arena = Arena.ofConfined(); CudaBuffer values = gpu.ints(0)) {
            CudaKernel add = add(gpu);
            long live = SimulatedGpu.live();
            for (Throwable failure : List.of(new IllegalStateException("mine"), new AssertionError("mine"))) {
                assertSame(failure, assertThrows(failure.getClass(), () -> gpu.record(() -> {
                    add.launch(Grid.of(1, 1), values, 1, 1);
                    sneak(failure);
                })));
                assertEquals(0, failure.getSuppressed().length);
            }
            try (CudaGraph graph = gpu.record(() -> add.launch(Grid.of(1, 1), values, 1, 1))) {
                assertThrows(AssertionError.class, () -> graph.update(() -> sneak(new AssertionError())));
                assertThrows(IllegalStateException.class, () -> graph.update(values::toInts));
                assertThrows(IllegalStateException.class,
                        () -> graph.update(() -> values.write(arena.allocateFrom(ValueLayout.JAVA_INT, 5))));
                CudaException refused = assertThrows(CudaException.class, () -> graph.update(gpu::synchronize));
                assertTrue(refused.getMessage().contains("cannot be recorded; make it before"), refused.getMessage());
                graph.launch();
            }
            assertEquals(live, SimulatedGpu.live());
            add.launch(Grid.of(1, 1), values, 1, 1);
            assertArrayEquals(new int[] {2}, values.toInts());
        }
    }

    private static void sneak(Throwable failure) {
        switch (failure) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalArgumentException(failure);
        }
    }

    /** Work on two streams in one graph: fork by an event, join by another. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aRecordingMayForkAndJoin(String binding) {
        try (Cuda gpu = open(binding, "eager");
                CudaStream side = gpu.newStream(0);
                CudaEvent forked = gpu.newEvent(false);
                CudaEvent joined = gpu.newEvent(false);
                CudaBuffer a = gpu.ints(0);
                CudaBuffer b = gpu.ints(0);
                CudaBuffer sum = gpu.ints(0, 0)) {
            CudaKernel add = add(gpu);
            try (CudaGraph graph = gpu.record(() -> {
                add.launch(Grid.of(1, 1), a, 1, 1);
                forked.record();
                side.waitFor(forked);
                gpu.on(side, () -> {
                    add.launch(Grid.of(1, 1), b, 2, 1);
                    joined.record();
                });
                sum.copyFrom(a);
                gpu.stream().waitFor(joined);
                sum.view(1, 1).copyFrom(b);
            })) {
                graph.launch();
                graph.launch();
                assertArrayEquals(new int[] {2, 4}, sum.toInts());
            }
        }
    }

    /** Each says what to do, and the GPU works after it. */
    @ParameterizedTest
    @MethodSource("bindings")
    void wrongRecordingsSayWhatToDo(String binding) {
        try (Cuda gpu = open(binding, "eager");
                CudaStream side = gpu.newStream(0);
                CudaEvent before = gpu.newEvent(false);
                CudaEvent within = gpu.newEvent(false);
                CudaBuffer a = gpu.ints(0)) {
            assertRemedy("(CUDA_ERROR_ILLEGAL_STATE); record() within record() of the same stream is one such: record "
                    + "both as one", () -> gpu.record(() -> gpu.record(() -> a.fill(1))));
            gpu.on(side, before::record);
            assertRemedy("(CUDA_ERROR_STREAM_CAPTURE_ISOLATION); recorded work cannot wait for an event of work before "
                    + "the recording, nor the other way round: wait before the recording, or record the event within "
                    + "it", () -> gpu.record(() -> gpu.stream().waitFor(before)));
            assertRemedy("(CUDA_ERROR_CAPTURED_EVENT); the event marks work that was recorded and has not run: record "
                    + "it again outside of the recording", () -> {
                        gpu.record(() -> {
                            a.fill(2);
                            within.record();
                        }).close();
                        within.synchronize();
                    });
            a.fill(3);
            assertArrayEquals(new int[] {3}, a.toInts());
        }
    }

    private static void assertRemedy(String end, Executable action) {
        Throwable thrown = assertThrows(CudaException.class, action);
        assertTrue(thrown.getMessage().endsWith(end), thrown::getMessage);
    }

    /** Those of the first stream that run now; a recorded launch runs later and has no time here. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aStopwatchMarksLaunchesUntilItIsClosed(String binding) {
        List<String> told = new ArrayList<>();
        try (Cuda gpu = open(binding, "eager");
                CudaStream other = gpu.newStream(0);
                CudaBuffer a = gpu.allocate(CudaType.INT32, 1)) {
            CudaKernel kernel = add(gpu);
            Runnable launch = () -> kernel.launch(Grid.of(1, 1), a, 1, 1);
            launch.run();
            try (CudaStopwatch stopwatch = gpu.newStopwatch()) {
                stopwatch.markLaunches(told::add);
                launch.run();
                gpu.on(other, launch);
                gpu.record(launch).close();
                launch.run();
                assertEquals(List.of("", "add", "", "add"), told);
                assertEquals(3, stopwatch.laps().length);
            }
            launch.run();
            assertEquals(4, told.size());
        }
    }

    /** Work beside that of the first stream must not hold it up in a graph either. CUDA 11.6 cannot do that. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aKernelOfAGraphKeepsThePriorityOfTheStreamThatRecordedIt(String binding) {
        assertEquals(0, priorityOfSideWork(binding, null));
        assertEquals(0, priorityOfSideWork(binding, "11070"));
        assertEquals(-5, priorityOfSideWork(binding, "11060"));
    }

    private static int priorityOfSideWork(String binding, String driver) {
        Gpus.open().close();
        SimulatedGpu.set(DRIVER, driver);
        try (Cuda gpu = Gpus.open(binding);
                CudaStream side = gpu.newStream(0);
                CudaEvent forked = gpu.newEvent(false);
                CudaEvent joined = gpu.newEvent(false);
                CudaBuffer a = gpu.ints(0);
                CudaBuffer b = gpu.ints(0)) {
            CudaKernel add = add(gpu);
            try (CudaGraph graph = gpu.record(() -> {
                forked.record();
                side.waitFor(forked);
                gpu.on(side, () -> {
                    add.launch(Grid.of(1, 1), b, 2, 1);
                    joined.record();
                });
                add.launch(Grid.of(1, 1), a, 1, 1);
                gpu.stream().waitFor(joined);
            })) {
                graph.launch();
                gpu.synchronize();
                return SimulatedGpu.priority("kernel add");
            }
        } finally {
            SimulatedGpu.set(DRIVER, null);
        }
    }
}
