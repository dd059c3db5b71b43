package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory and streams that another library has, in the same context. */
@Needs(Need.SIMULATED_GPU)
class ForeignMemoryTest {
    private static final String ADD = "add(int* values, int amount, int n)";
    private static final Grid ONE = Grid.of(1, 3);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void bothWorkOnTheSameMemoryAndItsOwnerFreesIt(String binding) {
        try (Cuda gpu = Gpus.open(binding); CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn())) {
            long memory = RawDriver.allocated(64);
            CudaBuffer buffer = CudaBuffer.of(gpu, memory + 4, CudaType.INT32, 3);
            assertEquals(memory + 4, buffer.pointer());
            buffer.write(new int[] {1, 2, 3});
            module.kernel(ADD).launch(ONE, buffer, 10, 3);
            assertArrayEquals(new int[] {11, 12, 13}, buffer.toInts());
            assertArrayEquals(new int[] {12, 13}, CudaBuffer.of(gpu, memory + 8, CudaType.INT32, 2).toInts());
            assertEquals(0, gpu.memory().used());
            buffer.close();
            assertFalse(buffer.isOpen());
            // Still there, and its owner's to free.
            RawDriver.free(memory);
        }
        assertEquals(0, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void memoryOfAPoolAndOwnBuffersAreTakenToo(String binding) {
        try (Cuda gpu = Gpus.open(binding); CudaBuffer pooled = gpu.memory().pooled(CudaType.INT32, 4)) {
            CudaBuffer same = CudaBuffer.of(gpu, pooled.pointer(), CudaType.INT64, 2);
            same.fill(7L);
            assertArrayEquals(new int[] {7, 0, 7, 0}, pooled.toInts());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void workGoesIntoAStreamOfAnotherAndLeavesItThere(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            gpu.synchronize();
            long handle = RawDriver.made("cuStreamCreate", 1);
            try (CudaStream theirs = gpu.adopt(handle);
                    CudaBuffer a = gpu.floats(2);
                    CudaBuffer c = gpu.floats(0)) {
                assertEquals(handle, theirs.handle());
                gpu.on(theirs, () -> {
                    module.kernel(ADD).launch(ONE, values, 10, 3);
                    gpu.blas().multiply(1, 1, 1, a, a, c);
                });
                RawDriver.call("cuStreamSynchronize", handle);
                assertTrue(theirs.isDone());
                assertArrayEquals(new float[] {4}, c.toFloats());
            }
            assertArrayEquals(new int[] {11, 12, 13}, values.toInts());
            RawDriver.call("cuStreamSynchronize", handle);
            RawDriver.call("cuStreamDestroy_v2", handle);
            try (CudaStream standard = gpu.adopt(0)) {
                gpu.on(standard, () -> values.fill(5));
                standard.synchronize();
            }
            assertArrayEquals(new int[] {5, 5, 5}, values.toInts());
        }
        assertEquals(0, SimulatedGpu.live());
    }

    /** On the same thread, which then is in its context until it takes the GPU over anew. */
    @ParameterizedTest
    @MethodSource("bindings")
    void anotherLibraryMayChangeTheContextOfTheThread(String binding) {
        try (Cuda gpu = Gpus.open(binding)) {
            long context = RawDriver.made("cuCtxCreate_v2", 0, 0);
            gpu.takeOver();
            try (CudaBuffer more = gpu.ints(2)) {
                // It is of the primary context, or this would be refused.
                assertArrayEquals(new int[] {2}, CudaBuffer.of(gpu, more.pointer(), CudaType.INT32, 1).toInts());
            }
            RawDriver.call("cuCtxDestroy_v2", context);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void everyMistakeIsToldInALine(String binding) {
        try (Cuda gpu = Gpus.open(binding); CudaBuffer own = gpu.ints(1, 2, 3, 4)) {
            long freed = RawDriver.allocated(64);
            RawDriver.free(freed);
            long destroyed = RawDriver.made("cuStreamCreate", 1);
            RawDriver.call("cuStreamDestroy_v2", destroyed);
            long[] other = RawDriver.ofAnotherContext();
            String notMemory = "address 0xA is not memory of a GPU; give the address of what was allocated on one and "
                    + "is not freed";
            String primary = " of another context than the primary one of GPU 0; have its library use that, by "
                    + "cuDevicePrimaryCtxRetain";
            long address = own.pointer();
            List<Mistake<Cuda>> mistakes = List.of(
                    Mistake.argument("no address", cuda -> CudaBuffer.of(cuda, 0, CudaType.INT32, 1),
                            notMemory.replace("0xA", "0x0")),
                    Mistake.argument("freed memory", cuda -> CudaBuffer.of(cuda, freed, CudaType.INT32, 1), notMemory),
                    Mistake.argument("the host's memory", cuda -> CudaBuffer.of(cuda, 0x7000_0000L, CudaType.INT32, 1),
                            notMemory),
                    Mistake.argument("half an element", cuda -> CudaBuffer.of(cuda, address + 2, CudaType.INT32, 1),
                            "address 0xA is no multiple of 4, where elements of int lie"),
                    Mistake.range("beyond its end", cuda -> CudaBuffer.of(cuda, address + 8, CudaType.INT32, 3),
                            "12 bytes from address 0xA on, in memory that has 8 from there on"),
                    Mistake.argument("no elements", cuda -> CudaBuffer.of(cuda, address, CudaType.INT32, 0),
                            "a buffer of 0 elements of int; it needs at least 1"),
                    Mistake.argument("more than can be counted",
                            cuda -> CudaBuffer.of(cuda, address, CudaType.FLOAT64, Long.MAX_VALUE / 4),
                            "a buffer of 2305843009213693951 elements of double; its bytes cannot be counted"),
                    Mistake.argument("memory of another context",
                            cuda -> CudaBuffer.of(cuda, other[0], CudaType.INT32, 1),
                            "address 0xA is memory" + primary),
                    Mistake.state("after it was closed", cuda -> {
                        CudaBuffer buffer = CudaBuffer.of(cuda, address, CudaType.INT32, 1);
                        buffer.close();
                        buffer.fill(1);
                    }, "a buffer of 1 elements of int was used after it was closed"),
                    Mistake.state("a graph on what was closed", cuda -> {
                        CudaBuffer buffer = CudaBuffer.of(cuda, address, CudaType.INT32, 1);
                        try (CudaGraph graph = cuda.record(() -> buffer.fill(1))) {
                            buffer.close();
                            graph.launch();
                        }
                    }, "a graph was launched after a buffer of 1 elements of int was closed, which it uses; close that "
                            + "after the graph"),
                    Mistake.state("the host's view", cuda -> CudaBuffer.of(cuda, address, CudaType.INT32, 1).segment(),
                            "a buffer of 1 elements of int is memory that the host does not reach; copy it by read and "
                                    + "write, or take managed() memory"),
                    Mistake.argument("no stream", cuda -> cuda.adopt(0x1234567890L),
                            "0xA is no stream; give the handle of one that is not destroyed"),
                    Mistake.argument("a destroyed stream", cuda -> cuda.adopt(destroyed),
                            "0xA is no stream; give the handle of one that is not destroyed"),
                    Mistake.argument("a stream of another context", cuda -> cuda.adopt(other[1]),
                            "0xA is a stream" + primary),
                    Mistake.state("a stream after it was closed", cuda -> {
                        CudaStream stream = cuda.adopt(0);
                        stream.close();
                        cuda.on(stream, () -> own.fill(1));
                    }, "an adopted stream was used after it was closed"),
                    Mistake.state("a stream that takes no part in a recording", cuda -> {
                        try (CudaStream stream = cuda.adopt(0)) {
                            cuda.record(() -> cuda.on(stream, () -> own.fill(1)));
                        }
                    }, "work on a stream that takes no part in the recording would run at once; let the stream wait "
                            + "first for an event that was recorded within: stream.waitFor(event)"));
            Mistake.assertAllTold(mistakes, gpu, () -> {
                own.fill(2);
                assertArrayEquals(new int[] {2, 2, 2, 2}, own.toInts());
            });
            RawDriver.free(other[0]);
            RawDriver.call("cuStreamDestroy_v2", other[1]);
            RawDriver.call("cuCtxDestroy_v2", other[2]);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aClosedGpuTakesNone(String binding) {
        Cuda gpu = Gpus.open(binding);
        gpu.close();
        assertEquals("GPU 0 was used after it was closed",
                assertThrows(IllegalStateException.class, () -> CudaBuffer.of(gpu, 16, CudaType.INT32, 1))
                        .getMessage());
        assertEquals("GPU 0 was used after it was closed",
                assertThrows(IllegalStateException.class, () -> gpu.adopt(0)).getMessage());
    }
}
