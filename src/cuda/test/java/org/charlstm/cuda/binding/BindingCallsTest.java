package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.binding.Cublas.Product;
import org.charlstm.cuda.jcuda.JcudaBinding;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls of the driver and cuBLAS that own programs make, through each binding, on the simulated GPU. */
@Needs({Need.SIMULATED_GPU, Need.JCUDA})
class BindingCallsTest {
    static List<CudaBinding> bindings() {
        return List.of(new PanamaBinding(), new JcudaBinding());
    }

    private record Opened(CudaDriver driver, Cublas cublas, long stream, Arena arena) {
        MemorySegment floats(float... values) {
            return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
        }

        MemorySegment image() {
            return arena.allocateFrom(SimulatedGpu.image("name none.cu\n"));
        }

        long onDevice(MemorySegment values) {
            long pointer = driver.allocate(values.byteSize());
            driver.copyToDevice(pointer, values, stream);
            driver.synchronize(stream);
            return pointer;
        }

        int[] ints(long pointer, int count) {
            return read(pointer, 4L * count).toArray(ValueLayout.JAVA_INT);
        }

        MemorySegment read(long pointer, long bytes) {
            MemorySegment values = arena.allocate(bytes, 8);
            driver.copyToHost(values, pointer, stream);
            driver.synchronize(stream);
            return values;
        }
    }

    private static void with(CudaBinding binding, Consumer<Opened> test) {
        LibrarySearch search = new LibrarySearch(Optional.of(Path.of(System.getenv("CHARLSTM_LIBCUDA")).getParent()));
        CudaDriver driver = binding.driver(search);
        int device = driver.device(0);
        driver.makeCurrent(driver.retainContext(device));
        try (Arena arena = Arena.ofConfined()) {
            long stream = driver.createStream(0);
            test.accept(new Opened(driver, binding.cublas(search, List.of(12)), stream, arena));
            driver.destroyStream(stream);
        } finally {
            driver.releaseContext(device);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void memoryIsPinnedAndFilled(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long host = driver.allocateHost(16);
            assertNotEquals(0, host);
            long words = driver.allocate(32);
            driver.fill(words, 7, 8, gpu.stream);
            driver.fillEach(words, 8, -1, 3, gpu.stream);
            driver.fillShorts(words + 4, (short) 0xbeef, 1, gpu.stream);
            assertArrayEquals(new int[] {-1, 0xbeef, -1, 7, -1, 7, 7, 7}, gpu.ints(words, 8));
            long copy = driver.allocate(8);
            driver.copy(copy, words, 8, gpu.stream);
            assertArrayEquals(new int[] {-1, 0xbeef}, gpu.ints(copy, 2));
            driver.freeHost(host);
            driver.free(copy);
            driver.free(words);
        });
    }

    /** A copy from either would read memory of somebody else's. */
    @ParameterizedTest
    @MethodSource("bindings")
    void memoryOnTheHeapOrFreedIsRefused(CudaBinding binding) {
        with(binding, gpu -> {
            long memory = gpu.driver.allocate(4);
            MemorySegment freed;
            try (Arena arena = Arena.ofConfined()) {
                freed = arena.allocate(4);
            }
            assertThrows(IllegalStateException.class, () -> gpu.driver.copyToDevice(memory, freed, gpu.stream));
            MemorySegment onHeap = MemorySegment.ofArray(new int[1]);
            assertThrows(IllegalArgumentException.class, () -> gpu.driver.copyToHost(onHeap, memory, gpu.stream));
            gpu.driver.free(memory);
        });
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void queriesAnswerWhetherWorkIsDone(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            CudaDriver.PriorityRange range = driver.priorities();
            assertTrue(range.greatest() < range.least(), range.toString());
            long event = driver.createEvent(CudaDriver.DISABLE_TIMING);
            long other = driver.createStream(range.greatest());
            driver.recordEvent(event, gpu.stream);
            driver.waitFor(other, event);
            driver.synchronize(other);
            assertTrue(driver.passed(event));
            assertTrue(driver.done(other));
            assertThrows(CudaException.class, () -> driver.done(event));
            driver.destroyStream(other);
            driver.destroyEvent(event);
        });
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void functionsTellOfThemselvesAndRun(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long module = driver.loadModule(gpu.image());
            long add = driver.function(module, "add");
            assertArrayEquals(new int[] {8, 4, 4}, driver.parameterSizes(add));
            driver.setFunctionAttribute(add, CudaDriver.MAX_DYNAMIC_SHARED, 65_536);
            assertEquals(65_536, driver.functionAttribute(CudaDriver.MAX_DYNAMIC_SHARED, add));
            assertTrue(driver.activeBlocks(add, 128, 0) > 0);
            assertTrue(driver.activeBlocks(add, 128, 60_000) < driver.activeBlocks(add, 128, 0));
            CudaDriver.Occupancy best = driver.bestBlock(add, 0);
            assertTrue(best.threads() >= 32 && best.blocks() > 0, best.toString());

            long values = gpu.onDevice(gpu.arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4));
            MemorySegment arguments = LaunchArguments.of(gpu.arena, "pii", values, 10, 4);
            driver.launch(add, Grid.of(4, 1), gpu.stream, arguments);
            driver.launch(add, Grid.of(4, 1).cluster(2, 1, 1), gpu.stream, arguments);
            assertArrayEquals(new int[] {21, 22, 23, 24}, gpu.ints(values, 4));
            driver.free(values);
            driver.unloadModule(module);
        });
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aGraphTakesOtherArgumentsButNotOtherOperations(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long memory = driver.allocate(8);
            long executable = instantiated(driver, recorded(gpu, () -> driver.fill(memory, 1, 2, gpu.stream)));
            long changed = recorded(gpu, () -> driver.fill(memory, 5, 2, gpu.stream));
            long longer = recorded(gpu, () -> {
                driver.fill(memory, 6, 2, gpu.stream);
                driver.fill(memory, 7, 2, gpu.stream);
            });
            assertTrue(driver.update(executable, changed));
            assertFalse(driver.update(executable, longer));
            driver.launchGraph(executable, gpu.stream);
            assertArrayEquals(new int[] {5, 5}, gpu.ints(memory, 2));
            driver.destroyGraph(changed);
            driver.destroyGraph(longer);
            driver.destroyExecutable(executable);
            driver.free(memory);
        });
    }

    private static long recorded(Opened gpu, Runnable operations) {
        gpu.driver.beginCapture(gpu.stream);
        operations.run();
        return gpu.driver.endCapture(gpu.stream);
    }

    private static long instantiated(CudaDriver driver, long graph) {
        long executable = driver.instantiate(graph);
        driver.destroyGraph(graph);
        return executable;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void productsAreScaledAndAddedInEveryType(CudaBinding binding) {
        with(binding, gpu -> {
            long handle = gpu.cublas.create();
            gpu.cublas.setStream(handle, gpu.stream);
            long workspace = gpu.driver.allocate(1 << 20);
            gpu.cublas.setWorkspace(handle, workspace, 1 << 20);
            // Column-major (2,2): alpha A B + beta C.
            long a = gpu.onDevice(gpu.floats(1, 3, 2, 4, 1, 0, 0, 1));
            long b = gpu.onDevice(gpu.floats(1, 0, 0, 1, 5, 7, 6, 8));
            long c = gpu.onDevice(gpu.floats(10, 20, 30, 40, 1, 2, 3, 4));
            Product one = new Product(Cublas.AS_IS, Cublas.AS_IS, 2, 2, 2, 2, 2, 2, CudaType.FLOAT32,
                    CudaType.FLOAT32);
            gpu.cublas.multiply(handle, one, 2, a, b, 0.5, c);
            assertArrayEquals(new float[] {7, 16, 19, 28, 1, 2, 3, 4},
                    gpu.read(c, 32).toArray(ValueLayout.JAVA_FLOAT));
            gpu.cublas.multiply(handle, new Product(Cublas.AS_IS, Cublas.AS_IS, 2, 2, 2, 2, 2, 2, CudaType.FLOAT32,
                    CudaType.FLOAT32, 2, 4, 4, 4), 1, a, b, 1, c);
            assertArrayEquals(new float[] {8, 19, 21, 32, 6, 9, 9, 12},
                    gpu.read(c, 32).toArray(ValueLayout.JAVA_FLOAT));

            long wide = gpu.onDevice(gpu.arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 1e-9, 1, 3, 0));
            gpu.cublas.multiply(handle, new Product(Cublas.AS_IS, Cublas.AS_IS, 1, 1, 1, 1, 1, 1, CudaType.FLOAT64,
                    CudaType.FLOAT64), 2, wide, wide + 8, 1, wide + 16);
            assertEquals(3 + 2e-9, gpu.read(wide + 16, 8).get(ValueLayout.JAVA_DOUBLE, 0), 1e-15);

            MemorySegment halves = gpu.arena.allocate(16);
            for (int i = 0; i < 4; i++) {
                halves.setAtIndex(ValueLayout.JAVA_SHORT, i, CudaType.BFLOAT16.bits(i + 1));
            }
            long half = gpu.onDevice(halves);
            gpu.cublas.multiply(handle, new Product(Cublas.TRANSPOSED, Cublas.AS_IS, 1, 1, 2, 2, 2, 1,
                    CudaType.BFLOAT16, CudaType.FLOAT32), 1, half, half + 4, 0, c);
            assertEquals(11, gpu.read(c, 4).get(ValueLayout.JAVA_FLOAT, 0));
            for (long pointer : new long[] {a, b, c, wide, half, workspace}) {
                gpu.driver.free(pointer);
            }
            gpu.cublas.destroy(handle);
        });
    }

    /** Once the JVM has compiled them. */
    @ParameterizedTest
    @MethodSource("bindings")
    void frequentCallsAllocateNothing(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long module = driver.loadModule(gpu.image());
            long add = driver.function(module, "add");
            long values = gpu.onDevice(gpu.arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2));
            MemorySegment arguments = LaunchArguments.of(gpu.arena, "pii", values, 0, 1);
            MemorySegment host = gpu.arena.allocate(8, 8);
            Grid grid = Grid.of(1, 1);
            long event = driver.createEvent(CudaDriver.DISABLE_TIMING);
            long executable = instantiated(driver, recorded(gpu, () -> driver.fill(values, 1, 2, gpu.stream)));
            long handle = gpu.cublas.create();
            gpu.cublas.setStream(handle, gpu.stream);
            long workspace = driver.allocate(1 << 20);
            gpu.cublas.setWorkspace(handle, workspace, 1 << 20);
            Product product = new Product(Cublas.AS_IS, Cublas.AS_IS, 1, 1, 1, 1, 1, 1, CudaType.FLOAT32,
                    CudaType.FLOAT32);
            long matrices = gpu.onDevice(gpu.floats(1, 2, 3));
            long least = leastAllocated(() -> {
                driver.copyToDevice(values, host, gpu.stream);
                driver.fill(values, 3, 1, gpu.stream);
                driver.fillShorts(values, (short) 3, 1, gpu.stream);
                driver.fillEach(values, 4, 3, 2, gpu.stream);
                driver.launch(add, grid, gpu.stream, arguments);
                driver.launchGraph(executable, gpu.stream);
                driver.copy(values, values + 4, 4, gpu.stream);
                gpu.cublas.multiply(handle, product, 2, matrices, matrices + 4, 0, matrices + 8);
                driver.recordEvent(event, gpu.stream);
                driver.waitFor(gpu.stream, event);
                driver.copyToHost(host, values, gpu.stream);
                driver.synchronize(gpu.stream);
            });
            assertEquals(0, least);
            gpu.cublas.destroy(handle);
            driver.destroyExecutable(executable);
            driver.destroyEvent(event);
            driver.unloadModule(module);
            for (long pointer : new long[] {values, workspace, matrices}) {
                driver.free(pointer);
            }
        });
    }

    /** Bytes that a round of calls allocates in this thread, on average over many, when that is least. */
    private static long leastAllocated(Runnable calls) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 100 && least > 0; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                calls.run();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / 1000);
        }
        return least;
    }
}
