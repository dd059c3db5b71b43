package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One thread uses a GPU at a time; every other is refused, and spoils nothing. */
@Needs(Need.SIMULATED_GPU)
@Tag("outside")
class ThreadsTest {
    private static final String ADD = "add(int* values, int amount, int n)";
    private static final String REFUSED = "GPU 0 is used by thread '%s', and thread '%s' called; it has to call "
            + "takeOver() first, when the other has called handOver() or has ended";
    private static final int LAUNCHES = 200;

    private final ExecutorService other = Executors.newSingleThreadExecutor(work -> new Thread(work, "the other"));

    @AfterEach
    void end() {
        other.shutdownNow();
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    private <T> T there(Callable<T> work) throws ExecutionException, InterruptedException {
        return other.submit(work).get();
    }

    private String refusedThere(Runnable work) throws ExecutionException, InterruptedException {
        return there(() -> assertThrows(IllegalStateException.class, work::run).getMessage());
    }

    /** Also from taking over what the other has not handed over. */
    @ParameterizedTest
    @MethodSource("bindings")
    void anotherThreadIsRefusedUntilItIsHandedTheGpu(String binding) throws ExecutionException, InterruptedException {
        String main = Thread.currentThread().getName();
        try (Cuda gpu = open(binding); CudaStream side = gpu.newStream(0); CudaBuffer buffer = gpu.ints(1)) {
            CudaStream first = gpu.stream();
            for (Runnable call : List.<Runnable>of(buffer::toInts, buffer::close, gpu::close, gpu::properties,
                    gpu::takeOver, gpu::handOver, () -> gpu.on(side, () -> fail("it must not run")))) {
                assertEquals(REFUSED.formatted(main, "the other"), refusedThere(call));
            }
            assertSame(first, gpu.stream());
            gpu.handOver();
            assertEquals("GPU 0 was handed over, and thread '" + main + "' called; it has to call takeOver() first",
                    assertThrows(IllegalStateException.class, buffer::toInts).getMessage());
            there(() -> {
                gpu.takeOver();
                buffer.fill(5);
                return null;
            });
            assertEquals(REFUSED.formatted("the other", main),
                    assertThrows(IllegalStateException.class, gpu::takeOver).getMessage());
            there(() -> {
                gpu.handOver();
                return null;
            });
            gpu.takeOver();
            assertArrayEquals(new int[] {5}, buffer.toInts());
        }
    }

    /** Nothing goes to the GPU behind the back of the thread that has it, by any object that was made before. */
    @ParameterizedTest
    @MethodSource("bindings")
    void anotherThreadIsRefusedByAllThatAGpuGives(String binding) throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3);
                CudaBuffer matrix = gpu.floats(1, 2, 3, 4);
                CudaBuffer product = gpu.floats(0, 0, 0, 0);
                HostBuffer host = gpu.pinned(CudaType.INT32, 3);
                CudaEvent event = gpu.newEvent();
                CudaStopwatch watch = gpu.newStopwatch();
                CudaStream side = gpu.newStream(0)) {
            CudaKernel add = module.kernel(ADD);
            KernelLaunch prepared = add.prepare(Grid.of(1, 3), values, 1, 3);
            prepared.launch();
            CudaBlas blas = gpu.blas();
            blas.multiply(2, 2, 2, matrix, matrix, product);
            try (CudaGraph graph = gpu.record(prepared::launch)) {
                for (Runnable call : List.<Runnable>of(() -> add.launch(Grid.of(1, 3), values, 1, 3), prepared::launch,
                        graph::launch, graph::close, () -> module.kernel(ADD), module::close, () -> values.fill(1),
                        values.view(1, 1)::toInts, () -> values.view(1, 1), () -> values.as(CudaType.INT8),
                        values::segment, () -> add.prepare(Grid.of(1, 3)), () -> prepared.grid(Grid.of(1, 1)),
                        () -> prepared.set(1, 5), () -> prepared.set(0, values.pointer()),
                        () -> gpu.limitWaits(Duration.ofSeconds(1), () -> ""),
                        () -> values.writeAsync(host), host::close, event::record,
                        event::synchronize, watch::mark, side::synchronize, () -> side.waitFor(event), side::close,
                        () -> blas.multiply(2, 2, 2, matrix, matrix, product), () -> gpu.record(() -> fail("")),
                        () -> gpu.floats(1), gpu::newStopwatch, gpu::synchronize, gpu::blas)) {
                    String refused = refusedThere(call);
                    assertTrue(refused.startsWith("GPU 0 is used by thread "), refused);
                }
            }
            prepared.launch();
            assertArrayEquals(new int[] {3, 4, 5}, values.toInts());
        }
    }

    /** No call to the GPU answers these. */
    @Test
    void anyThreadMayAskForWhatTheLibraryKnows() throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(Gpus.BINDINGS.getFirst());
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            CudaKernel add = module.kernel(ADD);
            assertEquals(
                    List.of(CudaType.INT32, 3L, 12L, true, "a buffer of 3 elements of int", ADD, "kernels", true, 0),
                    there(() -> List.of(values.type(), values.count(), values.bytes(), values.isOpen(),
                            values.toString(), add.signature().toString(), module.name(), gpu.isOpen(),
                            gpu.number())));
            assertEquals(gpu.memory().used(), there(gpu.memory()::used));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aThreadThatHasEndedHasLeftTheGpu(String binding) throws InterruptedException {
        AtomicReference<Cuda> opened = new AtomicReference<>();
        Thread opener = new Thread(() -> opened.set(open(binding)));
        opener.start();
        opener.join();
        try (Cuda gpu = opened.get()) {
            gpu.takeOver();
            gpu.ints(1).close();
            gpu.handOver();
        }
        assertFalse(opened.get().isOpen());
        assertThrows(IllegalStateException.class, opened.get()::takeOver);
    }

    /** The next thread would find another current stream. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aGpuIsNotHandedOverInTheMiddle(String binding) {
        try (Cuda gpu = open(binding); CudaStream side = gpu.newStream(0)) {
            for (Runnable call : List.<Runnable>of(() -> gpu.on(side, gpu::handOver),
                    () -> gpu.record(gpu::handOver))) {
                assertEquals("GPU 0 cannot be handed over within on() or record(); hand it over after that",
                        assertThrows(IllegalStateException.class, call::run).getMessage());
            }
            gpu.handOver();
            gpu.takeOver();
        }
    }

    @Test
    void aVirtualThreadIsRefused() throws InterruptedException {
        String refused = "thread 'v' is virtual, and work on a GPU is bound to a thread of the system; use a platform "
                + "thread";
        AtomicInteger refusals = new AtomicInteger();
        try (Cuda gpu = open(Gpus.BINDINGS.getFirst())) {
            gpu.handOver();
            Thread.ofVirtual().name("v").start(() -> {
                for (Runnable call : List.<Runnable>of(gpu::takeOver, () -> gpu.newStream(0),
                        () -> gpu.exclusively(() -> fail("it must not run")), () -> open(Gpus.BINDINGS.getFirst()))) {
                    assertEquals(refused, assertThrows(IllegalStateException.class, call::run).getMessage());
                    refusals.incrementAndGet();
                }
            }).join();
        }
        assertEquals(4, refusals.get());
    }

    /** Runs steps of one kernel in two threads at once, each on a buffer of its own, until one has made all of its. */
    private int[] racing(IntConsumer mine, IntConsumer its) throws ExecutionException, InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        AtomicInteger left = new AtomicInteger(2);
        Future<Integer> there = other.submit(() -> run(its, both, left));
        int here = run(mine, both, left);
        return new int[] {here, there.get()};
    }

    /** How many steps were refused, of at least so many. */
    private static int run(IntConsumer step, CountDownLatch both, AtomicInteger left) throws InterruptedException {
        both.countDown();
        assertTrue(both.await(1, TimeUnit.MINUTES));
        int refused = 0;
        for (int i = 0; i < LAUNCHES || left.get() > 1; i++) {
            try {
                step.accept(i);
            } catch (IllegalStateException e) {
                assertTrue(e.getMessage().matches("GPU 0 (is used by|was handed over).*takeOver\\(\\) first.*"),
                        e.getMessage());
                refused++;
            }
            if (i == LAUNCHES - 1) {
                left.decrementAndGet();
            }
        }
        return refused;
    }

    private static void add(CudaKernel kernel, CudaBuffer values, int amount, int n) {
        int[] before = values.toInts();
        kernel.launch(Grid.of(1, n), values, amount, n);
        int[] after = values.toInts();
        for (int i = 0; i < n; i++) {
            assertEquals(before[i] + amount, after[i]);
        }
    }

    /** A launch that is refused has not touched the arguments of the one that is under way. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aThreadThatIsRefusedSpoilsNoLaunch(String binding) throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer mine = gpu.ints(1, 2, 3);
                CudaBuffer its = gpu.ints(0, 0, 0, 0)) {
            CudaKernel add = module.kernel(ADD);
            int[] refused = racing(i -> add(add, mine, i, 3), i -> add.launch(Grid.of(1, 4), its, -i, 4));
            assertEquals(0, refused[0]);
            assertTrue(refused[1] >= LAUNCHES);
            assertArrayEquals(new int[4], its.toInts());
        }
    }

    /** Without a lock of their own: who comes while the other has it is refused, and no result is wrong. */
    @ParameterizedTest
    @MethodSource("bindings")
    void threadsThatTakeTheGpuFromEachOtherAreRefusedAndNeverWrong(String binding)
            throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer mine = gpu.ints(1, 2, 3);
                CudaBuffer its = gpu.ints(4, 5, 6, 7)) {
            CudaKernel add = module.kernel(ADD);
            gpu.handOver();
            racing(i -> inTurn(gpu, () -> add(add, mine, i, 3)), i -> inTurn(gpu, () -> add(add, its, -i, 4)));
            gpu.takeOver();
        }
    }

    private static void inTurn(Cuda gpu, Runnable work) {
        gpu.takeOver();
        try {
            work.run();
        } finally {
            gpu.handOver();
        }
    }

    /** By a lock of the program. */
    @ParameterizedTest
    @MethodSource("bindings")
    void threadsThatTakeTurnsAreNeverRefused(String binding) throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer mine = gpu.ints(1, 2, 3);
                CudaBuffer its = gpu.ints(4, 5, 6, 7)) {
            CudaKernel add = module.kernel(ADD);
            gpu.handOver();
            Object lock = new Object();
            assertArrayEquals(new int[2], racing(i -> {
                synchronized (lock) {
                    inTurn(gpu, () -> add(add, mine, i, 3));
                }
            }, i -> {
                synchronized (lock) {
                    inTurn(gpu, () -> add(add, its, -i, 4));
                }
            }));
            gpu.takeOver();
        }
    }

    /** By the library's; the work of one may call work of its own. */
    @ParameterizedTest
    @MethodSource("bindings")
    void threadsThatWorkExclusivelyAreNeverRefused(String binding) throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer mine = gpu.ints(1, 2, 3);
                CudaBuffer its = gpu.ints(4, 5, 6, 7)) {
            CudaKernel add = module.kernel(ADD);
            // The thread that has it keeps it.
            gpu.exclusively(() -> add(add, mine, 1, 3));
            add(add, mine, 1, 3);
            assertTrue(
                    refusedThere(() -> gpu.exclusively(() -> fail("it must not run"))).startsWith("GPU 0 is used by "));
            gpu.handOver();
            assertArrayEquals(new int[2], racing(i -> gpu.exclusively(() -> add(add, mine, i, 3)),
                    i -> gpu.exclusively(() -> gpu.exclusively(() -> add(add, its, -i, 4)))));
            IllegalStateException failure = new IllegalStateException("of the work");
            assertSame(failure, assertThrows(IllegalStateException.class, () -> gpu.exclusively(() -> {
                throw failure;
            })));
            assertThrows(IllegalStateException.class, mine::toInts);
            gpu.takeOver();
        }
    }

    /** A thread that is at work keeps others out, who wait for so long, or until they are interrupted. */
    @Test
    void aWaitForATurnEnds() throws ExecutionException, InterruptedException {
        try (Cuda gpu = open(Gpus.BINDINGS.getFirst())) {
            gpu.handOver();
            gpu.exclusively(() -> {
                for (Duration most : List.of(Duration.ZERO, Duration.ofMillis(1))) {
                    String late = thrownThere(TimeoutException.class,
                            () -> gpu.exclusively(most, () -> fail("it must not run")));
                    assertTrue(late.endsWith(" waited " + most.toMillis()
                            + " ms for GPU 0, and other threads are at work on it"), late);
                }
                for (Executable wait : List.<Executable>of(() -> gpu.exclusively(() -> fail("it must not run")),
                        () -> gpu.exclusively(Duration.ofDays(1), () -> fail("it must not run")))) {
                    String cancelled = thrownThere(CancellationException.class, () -> {
                        Thread.currentThread().interrupt();
                        try {
                            wait.execute();
                        } finally {
                            assertTrue(Thread.interrupted(), "still interrupted");
                        }
                    });
                    assertTrue(cancelled.endsWith(" was interrupted before its turn at GPU 0; its work did not run"),
                            cancelled);
                }
                assertEquals("the time is PT-1S; it must be 0 or more", assertThrows(IllegalArgumentException.class,
                        () -> gpu.exclusively(Duration.ofSeconds(-1), () -> fail("it must not run"))).getMessage());
            });
            there(() -> {
                gpu.exclusively(Duration.ofDays(365_000), gpu::synchronize);
                return null;
            });
        }
    }

    private <T extends Throwable> String thrownThere(Class<T> type, Executable call) {
        try {
            return there(() -> assertThrows(type, call).getMessage());
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void exclusiveWorkMayCloseTheGpu() throws ExecutionException, InterruptedException {
        Cuda gpu = open(Gpus.BINDINGS.getFirst());
        gpu.handOver();
        there(() -> {
            gpu.exclusively(gpu::close);
            return null;
        });
        assertFalse(gpu.isOpen());
        assertThrows(IllegalStateException.class, () -> gpu.exclusively(() -> fail("it must not run")));
    }

    /** At the same time, each with a GPU of its own. */
    @ParameterizedTest
    @MethodSource("bindings")
    void eachThreadWithACudaOfItsOwnComputesBesideTheOther(String binding)
            throws ExecutionException, InterruptedException {
        Future<?> there = other.submit(() -> alone(binding));
        alone(binding);
        there.get();
    }

    private static void alone(String binding) {
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            CudaKernel add = module.kernel(ADD);
            for (int i = 0; i < LAUNCHES; i++) {
                add(add, values, i, 3);
            }
        }
    }
}
