package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies in several pieces, and copies that the host does not wait for, also where work runs as late as it can. */
@Needs(Need.SIMULATED_GPU)
class CopiesTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final int PIECE = 1 << 20;

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
    }

    static List<Arguments> ways() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of("eager", "deferred")
                .map(streams -> Arguments.of(binding, streams))).toList();
    }

    private static Cuda open(String binding, String streams) {
        Gpus.open().close();
        SimulatedGpu.set(STREAMS, streams);
        return Gpus.open(binding);
    }

    private static float[] pattern(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i * 31L % 251) - 100;
        }
        return values;
    }

    /** No element is lost, doubled or moved where pieces meet. */
    @ParameterizedTest
    @MethodSource("ways")
    void everySizeAroundAPieceArrivesWhole(String binding, String streams) {
        try (Cuda gpu = open(binding, streams)) {
            for (int bytes : new int[] {PIECE - 8, PIECE, PIECE + 8, 2 * PIECE + PIECE / 2}) {
                for (CudaType type : List.of(CudaType.FLOAT32, CudaType.BFLOAT16)) {
                    float[] values = pattern(bytes / type.bytes());
                    try (CudaBuffer buffer = gpu.uninitialised(type, values.length, "copies")) {
                        buffer.write(values);
                        assertArrayEquals(values, buffer.toFloats(), type + " of " + bytes);
                    }
                }
                long[] bits = new long[bytes / 8];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = i * 0x9E3779B97F4A7C15L;
                }
                try (CudaBuffer buffer = gpu.uninitialised(CudaType.FLOAT64, bits.length, "copies")) {
                    buffer.write(MemorySegment.ofArray(bits));
                    long[] back = new long[bits.length];
                    buffer.read(MemorySegment.ofArray(back));
                    assertArrayEquals(bits, back);
                }
            }
        }
    }

    /** In the other order of bytes, from and to the middle of a buffer, and pieces that others' copies used before. */
    @ParameterizedTest
    @MethodSource("ways")
    void piecesServeManyCopiesOneAfterTheOther(String binding, String streams) {
        int count = PIECE / 4 + 5;
        FloatBuffer swapped = ByteBuffer.allocateDirect(4 * count).order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
        try (Cuda gpu = open(binding, streams);
                CudaStream other = gpu.newStream(0);
                CudaBuffer buffer = gpu.uninitialised(CudaType.FLOAT32, count, "copies");
                CudaBuffer second = gpu.uninitialised(CudaType.FLOAT32, count, "copies")) {
            float[] values = pattern(count);
            swapped.put(0, values);
            buffer.write(swapped);
            gpu.on(other, () -> {
                second.fill(1);
                second.write(3, values, 0, count - 3);
            });
            swapped.put(0, new float[count]).rewind();
            buffer.read(swapped);
            float[] back = new float[count];
            swapped.get(0, back);
            assertArrayEquals(values, back);
            gpu.on(other, () -> second.read(back));
            assertEquals(1, back[2]);
            assertEquals(values[0], back[3]);
            assertEquals(values[count - 4], back[count - 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void pinnedMemoryIsWrittenWhenTheStreamHasComeToIt(String binding, String streams) {
        try (Cuda gpu = open(binding, streams);
                HostBuffer from = gpu.pinned(CudaType.INT32, 3);
                HostBuffer into = gpu.pinned(CudaType.INT32, 3);
                CudaBuffer buffer = gpu.allocate(CudaType.INT32, 3);
                CudaEvent done = gpu.newEvent(false);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn())) {
            gpu.synchronize();
            from.segment().copyFrom(MemorySegment.ofArray(new int[] {1, 2, 3}));
            buffer.writeAsync(from);
            module.kernel("add(int*, int, int)").launch(Grid.covering(3, 32), buffer, 10, 3);
            buffer.readAsync(into);
            MemorySegment values = into.segment();
            done.record();
            if (streams.equals("deferred")) {
                assertNotEquals(11, values.getAtIndex(ValueLayout.JAVA_INT, 0));
                assertFalse(gpu.stream().isDone());
            }
            done.synchronize();
            assertTrue(done.hasPassed());
            assertArrayEquals(new int[] {11, 12, 13}, values.toArray(ValueLayout.JAVA_INT));
        }
    }

    /** A copy that fails half-way leaves the pieces usable. */
    @ParameterizedTest
    @MethodSource("ways")
    void aCopyThatFailsLeavesTheNextOnesRight(String binding, String streams) {
        float[] values = pattern(PIECE);
        try (Cuda gpu = open(binding, streams);
                CudaBuffer buffer = gpu.uninitialised(CudaType.FLOAT32, PIECE, "copies")) {
            buffer.write(values);
            MemorySegment readOnly = MemorySegment.ofArray(new float[PIECE]).asReadOnly();
            assertThrows(IllegalArgumentException.class, () -> buffer.read(readOnly));
            assertArrayEquals(values, buffer.toFloats());
        }
    }
}
