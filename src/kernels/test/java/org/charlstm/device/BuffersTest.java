package org.charlstm.device;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.cuda.Precision;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values go into a device's buffers and come out as they were, from arrays and from segments of every kind. */
class BuffersTest {
    private static final float[] SPECIAL = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE, Float.MAX_VALUE, 0.1f, -1f / 3};

    static Stream<String> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all());
    }

    private static float[] floats(int count) {
        float[] values = new float[count];
        double[] drawn = random(count, count, 3);
        for (int i = 0; i < count; i++) {
            values[i] = i < SPECIAL.length ? SPECIAL[i] : (float) drawn[i];
        }
        return values;
    }

    /** Of so many bytes: in the heap, also where no float begins, and outside of it. */
    private static List<MemorySegment> segments(Arena arena, long bytes) {
        return List.of(MemorySegment.ofArray(new float[(int) bytes / 4]),
                MemorySegment.ofArray(new byte[(int) bytes + 3]).asSlice(1, bytes), arena.allocate(bytes, 8),
                arena.allocate(bytes + 3, 8).asSlice(3, bytes));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void floatsSurvive(String name) {
        try (Device device = TestDevices.open(name);
                Memory memory = device.memory();
                Arena arena =
                        Arena.ofConfined()) {
            for (int[] shape : new int[][] {{1, 1}, {3, 5}, {37, 19}, {2, 128}, {129, 1}}) {
                float[] values = floats(shape[0] * shape[1]);
                double[] wanted = new double[values.length];
                for (int i = 0; i < values.length; i++) {
                    wanted[i] = values[i];
                }
                Matrix matrix = memory.matrix(shape[0], shape[1]);
                matrix.write(values);
                assertArrayEquals(values, matrix.readFloats());
                assertArrayEquals(wanted, matrix.read());
                for (MemorySegment from : segments(arena, 4L * values.length)) {
                    MemorySegment.copy(values, 0, from, JAVA_FLOAT_UNALIGNED, 0, values.length);
                    Matrix other = memory.matrix(shape[0], shape[1]);
                    other.write(from.asReadOnly());
                    assertArrayEquals(wanted, other.read());
                    from.fill((byte) 7);
                    other.read(from);
                    assertArrayEquals(values, from.toArray(JAVA_FLOAT_UNALIGNED));
                }
            }
        }
    }

    /** A flat buffer, and a matrix with rows that a device may pad: what is changed is seen, the rest stays. */
    @ParameterizedTest
    @MethodSource("devices")
    void theHostChangesValues(String name) {
        try (Device device = TestDevices.open(name); Memory memory = device.memory()) {
            for (Matrix matrix : List.of(memory.flat(6), memory.matrix(2, 3))) {
                matrix.write(new float[] {1, 2, 3, 4, 5, 6});
                matrix.change(values -> {
                    assertEquals(24, values.byteSize());
                    values.setAtIndex(JAVA_FLOAT, 4, 2 * values.getAtIndex(JAVA_FLOAT, 4));
                });
                assertArrayEquals(new float[] {1, 2, 3, 4, 10, 6}, matrix.readFloats());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void vectorsSurvive(String name) {
        int[] whole = {1, -1, 0, Integer.MIN_VALUE, Integer.MAX_VALUE};
        double[] reals = {0, -0.0, Double.NaN, Double.MIN_VALUE, Double.NEGATIVE_INFINITY};
        try (Device device = TestDevices.open(name);
                Memory memory = device.memory();
                Arena arena =
                        Arena.ofConfined()) {
            for (MemorySegment segment : segments(arena, 4L * whole.length)) {
                Ints ints = memory.ints(whole.length);
                MemorySegment.copy(whole, 0, segment, JAVA_INT_UNALIGNED, 0, whole.length);
                ints.write(segment.asReadOnly());
                assertArrayEquals(whole, ints.read());
                segment.fill((byte) 7);
                ints.read(segment);
                assertArrayEquals(whole, segment.toArray(JAVA_INT_UNALIGNED));
            }
            for (MemorySegment segment : segments(arena, 8L * reals.length)) {
                Doubles doubles = memory.doubles(reals.length);
                MemorySegment.copy(reals, 0, segment, JAVA_DOUBLE_UNALIGNED, 0, reals.length);
                doubles.write(segment.asReadOnly());
                assertArrayEquals(reals, doubles.read());
                segment.fill((byte) 7);
                doubles.read(segment);
                assertArrayEquals(reals, segment.toArray(JAVA_DOUBLE_UNALIGNED));
            }
        }
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anotherLengthIsRefused(String name) {
        try (Device device = TestDevices.open(name);
                Memory memory = device.memory();
                Arena arena =
                        Arena.ofConfined()) {
            Matrix matrix = memory.matrix(2, 3);
            refused("5 values for a matrix of 2 x 3; it takes 6", () -> matrix.write(new float[5]));
            refused("7 values for a matrix of 2 x 3; it takes 6", () -> matrix.write(new double[7]));
            for (long bytes : new long[] {20, 23, 28}) {
                String message = "a segment of " + bytes + " bytes for a matrix of 2 x 3; in float32 it takes 24";
                refused(message, () -> matrix.write(arena.allocate(bytes)));
                refused(message, () -> matrix.read(arena.allocate(bytes)));
            }
            Ints ints = memory.ints(2);
            refused("a segment of 12 bytes for a vector of 2; it takes 8", () -> ints.write(arena.allocate(12)));
            refused("a segment of 4 bytes for a vector of 2; it takes 8", () -> ints.read(arena.allocate(4)));
            Doubles doubles = memory.doubles(2);
            refused("a segment of 12 bytes for a vector of 2; it takes 16", () -> doubles.write(arena.allocate(12)));
            refused("a segment of 4 bytes for a vector of 2; it takes 16", () -> doubles.read(arena.allocate(4)));
            for (MemorySegment memoryOfBoth : segments(arena, 24)) {
                assertThrows(IllegalArgumentException.class, () -> matrix.read(memoryOfBoth.asReadOnly()));
            }
            assertThrows(IllegalArgumentException.class, () -> ints.read(arena.allocate(8).asReadOnly()));
            assertThrows(IllegalArgumentException.class, () -> doubles.read(arena.allocate(16).asReadOnly()));
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aBufferOfNothingIsRefused(String name) {
        try (Device device = TestDevices.open(name); Memory memory = device.memory()) {
            refused("a matrix of 0 x 3; each must be at least 1", () -> memory.matrix(0, 3));
            refused("a matrix of 3 x -1; each must be at least 1", () -> memory.matrix(3, -1));
            refused("a matrix of 1 x 0; each must be at least 1", () -> memory.flat(0));
            refused("a vector of 0 elements; it must have at least 1", () -> memory.ints(0));
            refused("a vector of -1 elements; it must have at least 1", () -> memory.doubles(-1));
        }
    }

    /** To nearest, ties to even. */
    @ParameterizedTest
    @Needs(Need.GPU)
    @MethodSource("org.charlstm.device.TestDevices#gpus")
    void bfloat16Rounds(String name) {
        float[] given = {1 + 0x1p-8f, 1 + 0x1p-8f + 0x1p-20f, 1 + 3 * 0x1p-8f, -1 - 0x1p-9f, Float.MAX_VALUE,
            Float.NaN, Float.NEGATIVE_INFINITY};
        float[] rounded = {1, 1 + 0x1p-7f, 1 + 0x1p-6f, -1, Float.POSITIVE_INFINITY, Float.NaN,
            Float.NEGATIVE_INFINITY};
        try (Device device = TestDevices.open(name, DeviceOptions.DEFAULT.withPrecision(Precision.BF16));
                Memory memory = device.memory();
                Arena arena = Arena.ofConfined()) {
            Matrix matrix = memory.matrix(1, given.length);
            matrix.write(given);
            assertArrayEquals(rounded, matrix.readFloats());
            for (MemorySegment segment : segments(arena, 4L * given.length)) {
                MemorySegment.copy(given, 0, segment, JAVA_FLOAT_UNALIGNED, 0, given.length);
                matrix.write(new float[given.length]);
                matrix.write(segment);
                matrix.read(segment);
                assertArrayEquals(rounded, segment.toArray(JAVA_FLOAT_UNALIGNED));
            }
            matrix.change(values -> values.setAtIndex(JAVA_FLOAT, 0, 2 + 0x1p-9f));
            assertEquals(2, matrix.readFloats()[0]);
            Matrix flat = memory.flat(given.length);
            flat.write(given);
            assertArrayEquals(given, flat.readFloats());
        }
    }
}
