package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.binding.Cublas.Product;
import org.charlstm.cuda.binding.CudaDriver.ParameterPlace;
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
            long pointer = driver.cuMemAlloc_v2(values.byteSize());
            driver.copyToDevice(pointer, values, stream);
            driver.cuStreamSynchronize(stream);
            return pointer;
        }

        int[] ints(long pointer, int count) {
            return read(pointer, 4L * count).toArray(ValueLayout.JAVA_INT);
        }

        MemorySegment read(long pointer, long bytes) {
            MemorySegment values = arena.allocate(bytes, 8);
            driver.copyToHost(values, pointer, stream);
            driver.cuStreamSynchronize(stream);
            return values;
        }
    }

    private static void with(CudaBinding binding, Consumer<Opened> test) {
        LibrarySearch search = new LibrarySearch(Optional.of(Path.of(System.getenv("CHARLSTM_LIBCUDA")).getParent()));
        CudaDriver driver = binding.driver(search);
        int device = driver.cuDeviceGet(0);
        driver.cuCtxSetCurrent(driver.cuDevicePrimaryCtxRetain(device));
        try (Arena arena = Arena.ofConfined()) {
            long stream = driver.cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, 0);
            test.accept(new Opened(driver, binding.cublas(search, List.of(12)), stream, arena));
            driver.cuStreamDestroy_v2(stream);
        } finally {
            driver.cuDevicePrimaryCtxRelease_v2(device);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void memoryIsPinnedAndFilled(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long host = driver.cuMemHostAlloc(16, CudaDriver.PORTABLE);
            assertNotEquals(0, host);
            long words = driver.cuMemAlloc_v2(32);
            driver.cuMemsetD32Async(words, 7, 8, gpu.stream);
            driver.cuMemsetD2D32Async(words, 8, -1, 1, 3, gpu.stream);
            driver.cuMemsetD16Async(words + 4, (short) 0xbeef, 1, gpu.stream);
            assertArrayEquals(new int[] {-1, 0xbeef, -1, 7, -1, 7, 7, 7}, gpu.ints(words, 8));
            long copy = driver.cuMemAlloc_v2(8);
            driver.cuMemcpyDtoDAsync_v2(copy, words, 8, gpu.stream);
            assertArrayEquals(new int[] {-1, 0xbeef}, gpu.ints(copy, 2));
            driver.cuMemFreeHost(host);
            driver.cuMemFree_v2(copy);
            driver.cuMemFree_v2(words);
        });
    }

    /** A copy from either would read memory of somebody else's. */
    @ParameterizedTest
    @MethodSource("bindings")
    void memoryOnTheHeapOrFreedIsRefused(CudaBinding binding) {
        with(binding, gpu -> {
            long memory = gpu.driver.cuMemAlloc_v2(4);
            MemorySegment freed;
            try (Arena arena = Arena.ofConfined()) {
                freed = arena.allocate(4);
            }
            assertThrows(IllegalStateException.class, () -> gpu.driver.copyToDevice(memory, freed, gpu.stream));
            MemorySegment onHeap = MemorySegment.ofArray(new int[1]);
            assertThrows(IllegalArgumentException.class, () -> gpu.driver.copyToHost(onHeap, memory, gpu.stream));
            gpu.driver.cuMemFree_v2(memory);
        });
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void queriesAnswerWhetherWorkIsDone(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            CudaDriver.PriorityRange range = driver.priorities();
            assertTrue(range.greatest() < range.least(), range.toString());
            long event = driver.cuEventCreate(CudaDriver.DISABLE_TIMING);
            long other = driver.cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, range.greatest());
            driver.cuEventRecord(event, gpu.stream);
            driver.cuStreamWaitEvent(other, event, 0);
            driver.cuStreamSynchronize(other);
            assertTrue(driver.passed(event));
            assertTrue(driver.done(other));
            assertThrows(CudaException.class, () -> driver.done(event));
            driver.cuStreamDestroy_v2(other);
            driver.cuEventDestroy_v2(event);
        });
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void functionsTellOfThemselvesAndRun(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long module = driver.cuModuleLoadData(gpu.image());
            long add = driver.cuModuleGetFunction(module, "add");
            assertEquals(List.of(new ParameterPlace(0, 8), new ParameterPlace(8, 4), new ParameterPlace(12, 4)),
                    driver.parameters(add));
            driver.cuFuncSetAttribute(add, CudaDriver.MAX_DYNAMIC_SHARED, 65_536);
            assertEquals(65_536, driver.cuFuncGetAttribute(CudaDriver.MAX_DYNAMIC_SHARED, add));
            assertTrue(driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(add, 128, 0) > 0);
            assertTrue(driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(add, 128, 60_000) < driver
                    .cuOccupancyMaxActiveBlocksPerMultiprocessor(add, 128, 0));
            CudaDriver.Occupancy best = driver.bestBlock(add, 0);
            assertTrue(best.threads() >= 32 && best.blocks() > 0, best.toString());

            long values = gpu.onDevice(gpu.arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4));
            MemorySegment arguments = LaunchArguments.of(gpu.arena, "pii", values, 10, 4);
            driver.launch(add, Grid.of(4, 1), gpu.stream, arguments);
            driver.launch(add, Grid.of(4, 1).cluster(2, 1, 1), gpu.stream, arguments);
            assertArrayEquals(new int[] {21, 22, 23, 24}, gpu.ints(values, 4));
            driver.cuMemFree_v2(values);
            driver.cuModuleUnload(module);
        });
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aGraphTakesOtherArgumentsButNotOtherOperations(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long memory = driver.cuMemAlloc_v2(8);
            long executable =
                    instantiated(driver, recorded(gpu, () -> driver.cuMemsetD32Async(memory, 1, 2, gpu.stream)));
            long changed = recorded(gpu, () -> driver.cuMemsetD32Async(memory, 5, 2, gpu.stream));
            long longer = recorded(gpu, () -> {
                driver.cuMemsetD32Async(memory, 6, 2, gpu.stream);
                driver.cuMemsetD32Async(memory, 7, 2, gpu.stream);
            });
            assertTrue(driver.update(executable, changed));
            assertFalse(driver.update(executable, longer));
            driver.cuGraphLaunch(executable, gpu.stream);
            assertArrayEquals(new int[] {5, 5}, gpu.ints(memory, 2));
            driver.cuGraphDestroy(changed);
            driver.cuGraphDestroy(longer);
            driver.cuGraphExecDestroy(executable);
            driver.cuMemFree_v2(memory);
        });
    }

    private static long recorded(Opened gpu, Runnable operations) {
        gpu.driver.cuStreamBeginCapture_v2(gpu.stream, CudaDriver.CAPTURE_THREAD_LOCAL);
        operations.run();
        return gpu.driver.endCapture(gpu.stream);
    }

    private static long instantiated(CudaDriver driver, long graph) {
        long executable = driver.cuGraphInstantiateWithFlags(graph, 0);
        driver.cuGraphDestroy(graph);
        return executable;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void productsAreScaledAndAddedInEveryType(CudaBinding binding) {
        with(binding, gpu -> {
            long handle = gpu.cublas.cublasCreate_v2();
            gpu.cublas.cublasSetStream_v2(handle, gpu.stream);
            long workspace = gpu.driver.cuMemAlloc_v2(1 << 20);
            gpu.cublas.cublasSetWorkspace_v2(handle, workspace, 1 << 20);
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
                gpu.driver.cuMemFree_v2(pointer);
            }
            gpu.cublas.cublasDestroy_v2(handle);
        });
    }

    /** Once the JVM has compiled them. */
    @ParameterizedTest
    @MethodSource("bindings")
    void frequentCallsAllocateNothing(CudaBinding binding) {
        with(binding, gpu -> {
            CudaDriver driver = gpu.driver;
            long module = driver.cuModuleLoadData(gpu.image());
            long add = driver.cuModuleGetFunction(module, "add");
            long values = gpu.onDevice(gpu.arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2));
            MemorySegment arguments = LaunchArguments.of(gpu.arena, "pii", values, 0, 1);
            MemorySegment host = gpu.arena.allocate(8, 8);
            Grid grid = Grid.of(1, 1);
            long event = driver.cuEventCreate(CudaDriver.DISABLE_TIMING);
            long executable =
                    instantiated(driver, recorded(gpu, () -> driver.cuMemsetD32Async(values, 1, 2, gpu.stream)));
            long handle = gpu.cublas.cublasCreate_v2();
            gpu.cublas.cublasSetStream_v2(handle, gpu.stream);
            long workspace = driver.cuMemAlloc_v2(1 << 20);
            gpu.cublas.cublasSetWorkspace_v2(handle, workspace, 1 << 20);
            Product product = new Product(Cublas.AS_IS, Cublas.AS_IS, 1, 1, 1, 1, 1, 1, CudaType.FLOAT32,
                    CudaType.FLOAT32);
            long matrices = gpu.onDevice(gpu.floats(1, 2, 3));
            long least = leastAllocated(() -> {
                driver.copyToDevice(values, host, gpu.stream);
                driver.cuMemsetD32Async(values, 3, 1, gpu.stream);
                driver.cuMemsetD16Async(values, (short) 3, 1, gpu.stream);
                driver.cuMemsetD2D32Async(values, 4, 3, 1, 2, gpu.stream);
                driver.launch(add, grid, gpu.stream, arguments);
                driver.cuGraphLaunch(executable, gpu.stream);
                driver.cuMemcpyDtoDAsync_v2(values, values + 4, 4, gpu.stream);
                gpu.cublas.multiply(handle, product, 2, matrices, matrices + 4, 0, matrices + 8);
                driver.cuEventRecord(event, gpu.stream);
                driver.cuStreamWaitEvent(gpu.stream, event, 0);
                driver.copyToHost(host, values, gpu.stream);
                driver.cuStreamSynchronize(gpu.stream);
            });
            assertEquals(0, least);
            gpu.cublas.cublasDestroy_v2(handle);
            driver.cuGraphExecDestroy(executable);
            driver.cuEventDestroy_v2(event);
            driver.cuModuleUnload(module);
            for (long pointer : new long[] {values, workspace, matrices}) {
                driver.cuMemFree_v2(pointer);
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
