package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pinned memory that an operation of Java is reading into stays where it is, whoever closes it. */
@Needs(Need.SIMULATED_GPU)
@Tag("outside")
class HeldMemoryTest {
    private static final String HELD = "pinned memory for 2 elements of int is in use by another thread or by an "
            + "operation such as the read of a channel; wait until that is done, and close it again";

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    /** A read of a pipe into pinned memory, which waits until something is written. */
    private static final class PendingRead implements AutoCloseable {
        private final Pipe pipe = Pipe.open();
        private final CompletableFuture<Integer> read = new CompletableFuture<>();

        PendingRead(HostBuffer into) throws IOException, InterruptedException {
            ByteBuffer bytes = into.segment().asByteBuffer();
            Thread reader = new Thread(() -> {
                try {
                    read.complete(pipe.source().read(bytes));
                } catch (IOException | RuntimeException e) {
                    read.completeExceptionally(e);
                }
            }, "reader");
            reader.start();
            // Within the system's call, with the memory's address.
            while (stackOf(reader).stream().noneMatch("read0"::equals)) {
                assertFalse(read.isDone());
                Thread.sleep(1);
            }
        }

        private static List<String> stackOf(Thread thread) {
            return List.of(thread.getStackTrace()).stream().map(StackTraceElement::getMethodName).toList();
        }

        int written(int... bytes) throws IOException {
            byte[] values = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                values[i] = (byte) bytes[i];
            }
            pipe.sink().write(ByteBuffer.wrap(values));
            return read.join();
        }

        @Override
        public void close() throws IOException {
            pipe.sink().close();
            read.handle((_, _) -> 0).join();
            pipe.source().close();
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void closingWaitsForTheReader(String binding) throws IOException, InterruptedException {
        try (Cuda gpu = open(binding)) {
            HostBuffer host = gpu.pinned(CudaType.INT32, 2);
            long live = SimulatedGpu.live();
            try (PendingRead pending = new PendingRead(host)) {
                assertEquals(HELD, assertThrows(IllegalStateException.class, host::close).getMessage());
                assertTrue(host.isOpen());
                assertEquals(live, SimulatedGpu.live());
                assertEquals(8, pending.written(1, 0, 0, 0, 2, 0, 0, 0));
            }
            assertArrayEquals(new int[] {1, 2}, host.segment().toArray(ValueLayout.JAVA_INT));
            host.close();
            assertFalse(host.isOpen());
            assertEquals(live - 1, SimulatedGpu.live());
        }
    }

    /** Not with its GPU either, which would free all that it has; a buffer that nobody uses goes first. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aGpuStaysOpenForTheReader(String binding) throws IOException, InterruptedException {
        Gpus.open().close();
        long before = SimulatedGpu.live();
        Cuda gpu = open(binding);
        HostBuffer unused = gpu.pinned(CudaType.INT32, 1);
        HostBuffer host = gpu.pinned(CudaType.INT32, 2);
        CudaBuffer buffer = gpu.allocate(CudaType.INT32, 2);
        try (PendingRead pending = new PendingRead(host)) {
            assertEquals("GPU 0 stays open, since " + HELD,
                    assertThrows(IllegalStateException.class, gpu::close).getMessage());
            assertTrue(gpu.isOpen() && host.isOpen());
            assertEquals("pinned memory for 1 elements of int was used after GPU 0 was to be closed",
                    assertThrows(IllegalStateException.class, unused::segment).getMessage());
            assertEquals(8, pending.written(3, 0, 0, 0, 4, 0, 0, 0));
        }
        buffer.writeAsync(host);
        assertArrayEquals(new int[] {3, 4}, buffer.toInts());
        gpu.close();
        assertFalse(gpu.isOpen() || host.isOpen() || unused.isOpen());
        assertEquals(before, SimulatedGpu.live());
    }
}
