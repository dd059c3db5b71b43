package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Buffers of each type, there and back by each kind of host memory, and views of them. */
@Needs(Need.SIMULATED_GPU)
class BufferTest {
    private static final List<CudaType> REALS = List.of(CudaType.FLOAT32, CudaType.BFLOAT16, CudaType.FLOAT16);
    private static final float[] VALUES = {0, -0f, 1, -1.5f, 0.1f, 1 / 3f, 3.1415927f, 65504, 65519.996f, 65520, -7e4f,
        1e-5f, 6e-8f, 2.98e-8f, 3e-8f, -5.9e-8f, 1e-40f, Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE,
        3.3895e38f, 3.4e38f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1 + 0x1p-11f, 1 + 0x3p-11f,
        1 + 0x1p-8f, 1 + 0x3p-8f, 1 + 0x1p-8f + 0x1p-20f};

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    /** The value of bits, by the definition of the type; the first beyond the largest stands for infinity. */
    private static double valueOf(CudaType type, int bits) {
        int fraction = type == CudaType.FLOAT16 ? 10 : 7;
        int bias = type == CudaType.FLOAT16 ? 15 : 127;
        int exponent = (bits & 0x7fff) >> fraction;
        int significand = bits & (1 << fraction) - 1;
        return exponent == 0 ? Math.scalb((double) significand, 1 - bias - fraction)
                : Math.scalb((double) (significand + (1 << fraction)), exponent - bias - fraction);
    }

    /** The nearest that the type has, ties to even, found by looking at all of them. */
    private static float rounded(CudaType type, float value) {
        if (type == CudaType.FLOAT32 || Float.isNaN(value) || Float.isInfinite(value)) {
            return value;
        }
        int infinity = type == CudaType.FLOAT16 ? 0x7c00 : 0x7f80;
        int best = 0;
        double nearest = Double.POSITIVE_INFINITY;
        for (int bits = 0; bits <= infinity; bits++) {
            double distance = Math.abs(Math.abs((double) value) - valueOf(type, bits));
            if (distance < nearest || (distance == nearest && bits % 2 == 0)) {
                nearest = distance;
                best = bits;
            }
        }
        return Math.copySign(best == infinity ? Float.POSITIVE_INFINITY : (float) valueOf(type, best), value);
    }

    private static float[] rounded(CudaType type, float... values) {
        float[] all = new float[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = rounded(type, values[i]);
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void realsComeBackRoundedToTheType(String binding) {
        try (Cuda gpu = open(binding)) {
            for (CudaType type : REALS) {
                try (CudaBuffer buffer = gpu.allocate(type, VALUES.length)) {
                    buffer.write(VALUES);
                    assertArrayEquals(rounded(type, VALUES), buffer.toFloats(), type::toString);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void arraysOfEachTypeComeBackAsTheyWere(String binding) {
        double[] doubles = {0.1, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE};
        int[] ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 7};
        short[] bits = {0, 1, (short) 0x8000, 0x7c01, (short) 0xffff};
        long[] longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 7};
        byte[] bytes = {0, -1, Byte.MIN_VALUE, Byte.MAX_VALUE, 7};
        try (Cuda gpu = open(binding);
                CudaBuffer ofDoubles = gpu.doubles(doubles);
                CudaBuffer ofInts = gpu.ints(ints);
                CudaBuffer ofLongs = gpu.longs(longs);
                CudaBuffer ofShorts = gpu.shorts(bits);
                CudaBuffer ofBytes = gpu.bytes(bytes);
                CudaBuffer half = gpu.allocate(CudaType.FLOAT16, bits.length);
                CudaBuffer bf16 = gpu.allocate(CudaType.BFLOAT16, bits.length + 1)) {
            assertArrayEquals(doubles, ofDoubles.toDoubles());
            assertArrayEquals(ints, ofInts.toInts());
            assertArrayEquals(longs, ofLongs.toLongs());
            assertArrayEquals(bits, ofShorts.toShorts());
            assertArrayEquals(bytes, ofBytes.toBytes());
            assertArrayEquals(new long[] {0, -1}, ofLongs.view(0, 2).toLongs());
            assertEquals(List.of(40L, 10L, 5L), List.of(ofLongs.bytes(), ofShorts.bytes(), ofBytes.bytes()));
            for (CudaBuffer buffer : List.of(half, bf16)) {
                buffer.write(bits);
                short[] back = new short[(int) buffer.count()];
                buffer.read(back);
                assertArrayEquals(Arrays.copyOf(bits, back.length), back);
            }
            assertEquals(List.of(CudaType.FLOAT64, 6L, 48L), List.of(ofDoubles.type(), ofDoubles.count(),
                    ofDoubles.bytes()));
            assertEquals(List.of(CudaType.BFLOAT16, 6L, 12L), List.of(bf16.type(), bf16.count(), bf16.bytes()));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void segmentsOnTheHeapAndOffItAreCopiedAsTheyAre(String binding) {
        int[] values = {1, 2, 3, 4, 5};
        try (Cuda gpu = open(binding); Arena arena = Arena.ofConfined(); CudaBuffer buffer = gpu.ints(values)) {
            buffer.write(1, arena.allocateFrom(ValueLayout.JAVA_INT, 20, 30));
            buffer.write(3, MemorySegment.ofArray(new int[] {9, 40, 50, 9}).asSlice(4, 8));
            MemorySegment outside = arena.allocate(ValueLayout.JAVA_INT, 5);
            buffer.read(outside);
            assertArrayEquals(new int[] {1, 20, 30, 40, 50}, outside.toArray(ValueLayout.JAVA_INT));
            int[] inside = {7, 7, 7, 7};
            buffer.read(2, MemorySegment.ofArray(inside).asSlice(4, 8));
            assertArrayEquals(new int[] {7, 30, 40, 7}, inside);
            buffer.write(MemorySegment.ofArray(new byte[] {11, 0, 0, 0}));
            buffer.write(5, MemorySegment.ofArray(new int[0]));
            buffer.write(5, arena.allocate(0));
            assertArrayEquals(new int[] {11, 20, 30, 40, 50}, buffer.toInts());
        }
    }

    private static List<FloatBuffer> floatBuffers(int capacity) {
        return List.of(FloatBuffer.allocate(capacity),
                ByteBuffer.allocateDirect(4 * capacity).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer(),
                ByteBuffer.allocateDirect(4 * capacity).order(ByteOrder.BIG_ENDIAN).asFloatBuffer(),
                ByteBuffer.allocate(4 * capacity).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer(),
                ByteBuffer.allocate(4 * capacity).order(ByteOrder.BIG_ENDIAN).asFloatBuffer());
    }

    private static float[] all(FloatBuffer buffer) {
        float[] values = new float[buffer.capacity()];
        buffer.duplicate().clear().get(values);
        return values;
    }

    /** From the position to the limit, in each order of bytes, and never beyond. */
    @ParameterizedTest
    @MethodSource("bindings")
    void floatBuffersOfBothOrdersAreCopiedBetweenPositionAndLimit(String binding) {
        float[] values = {10, 11.3f, 12, 13, 14};
        try (Cuda gpu = open(binding)) {
            for (CudaType type : REALS) {
                for (FloatBuffer host : floatBuffers(5)) {
                    try (CudaBuffer buffer = gpu.allocate(type, 4)) {
                        buffer.fill(1);
                        host.put(0, values).position(1).limit(4);
                        buffer.write(host);
                        assertEquals(4, host.position());
                        assertArrayEquals(rounded(type, 11.3f, 12, 13, 1), buffer.toFloats(), host::toString);
                        host.position(2).limit(5);
                        buffer.read(host);
                        assertEquals(5, host.position());
                        assertArrayEquals(rounded(type, new float[] {10, 11.3f, rounded(type, 11.3f), 12, 13}),
                                rounded(type, all(host)), host::toString);
                        assertEquals(11.3f, host.get(1));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void partsGoWhereTheyAreSaidToGo(String binding) {
        float[] values = {1, 2, 3, 4, 5};
        try (Cuda gpu = open(binding)) {
            for (CudaType type : REALS) {
                try (CudaBuffer buffer = gpu.allocate(type, 6)) {
                    buffer.write(3, values, 1, 2);
                    assertArrayEquals(new float[] {0, 0, 0, 2, 3, 0}, buffer.toFloats());
                    float[] into = {9, 9, 9, 9};
                    buffer.read(2, into, 1, 2);
                    assertArrayEquals(new float[] {9, 0, 2, 9}, into);
                    buffer.write(6, values, 5, 0);
                    assertThrows(IndexOutOfBoundsException.class, () -> buffer.write(4, values, 0, 3));
                    assertThrows(IndexOutOfBoundsException.class, () -> buffer.write(-1, values, 0, 1));
                    assertThrows(IndexOutOfBoundsException.class, () -> buffer.write(0, values, 3, 3));
                    assertThrows(IndexOutOfBoundsException.class,
                            () -> buffer.read(Long.MAX_VALUE / 2 + 1, into, 0, 4));
                    assertArrayEquals(new float[] {0, 0, 0, 2, 3, 0}, buffer.toFloats());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void viewsOfViewsAreTheSameMemory(String binding) {
        try (Cuda gpu = open(binding); CudaBuffer whole = gpu.ints(0, 1, 2, 3, 4, 5, 6, 7)) {
            CudaBuffer view = whole.view(2, 5).view(1, 3);
            assertArrayEquals(new int[] {3, 4, 5}, view.toInts());
            assertEquals(whole.pointer() + 12, view.pointer());
            view.write(new int[] {30, 40});
            view.view(2, 1).fill(50);
            assertArrayEquals(new int[] {0, 1, 2, 30, 40, 50, 6, 7}, whole.toInts());
            assertThrows(IndexOutOfBoundsException.class, () -> view.write(new int[4]));
            view.close();
            assertFalse(view.isOpen());
            assertThrows(IllegalStateException.class, view::toInts);
            assertEquals(30, whole.view(3, 1).toInts()[0]);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aViewEndsWithItsBuffer(String binding) {
        Cuda gpu = open(binding);
        CudaBuffer whole = gpu.floats(1, 2, 3);
        CudaBuffer view = whole.view(1, 2).view(1, 1);
        assertTrue(view.isOpen());
        whole.close();
        assertFalse(view.isOpen());
        assertThrows(IllegalStateException.class, view::toFloats);
        assertThrows(IllegalStateException.class, view::pointer);
        CudaBuffer last = gpu.floats(1);
        CudaBuffer ofLast = last.view(0, 1);
        last.close();
        gpu.close();
        view.close();
        ofLast.close();
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void asAnotherTypeTheBitsStay(String binding) {
        try (Cuda gpu = open(binding);
                CudaBuffer buffer = gpu.floats(1, -2, 3);
                CudaBuffer half =
                        gpu.allocate(CudaType.FLOAT16, 5)) {
            assertArrayEquals(new int[] {0x3f800000, 0xc0000000, 0x40400000}, buffer.as(CudaType.INT32).toInts());
            assertArrayEquals(new float[] {0, 1, 0, -2, 0, 3}, buffer.as(CudaType.BFLOAT16).toFloats());
            assertEquals(1, buffer.as(CudaType.FLOAT64).count());
            buffer.view(1, 2).as(CudaType.INT32).write(new int[] {0x3f000000});
            assertArrayEquals(new float[] {1, 0.5f, 3}, buffer.toFloats());
            half.write(new float[] {1, 2, 3, 4, 5});
            assertEquals(2, half.as(CudaType.INT32).count());
            assertEquals(1, half.view(2, 3).as(CudaType.INT32).count());
            assertThrows(IllegalArgumentException.class, () -> half.view(1, 3).as(CudaType.FLOAT32));
            assertThrows(IllegalArgumentException.class, () -> half.view(4, 1).as(CudaType.FLOAT32));
        }
    }

    /** The elements of a type of integers, with a sign if {@code like} has one. */
    private static List<Long> numbers(CudaBuffer buffer, long like) {
        byte[] bytes = new byte[(int) buffer.bytes()];
        buffer.read(MemorySegment.ofArray(bytes));
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return IntStream.range(0, (int) buffer.count()).mapToObj(i -> switch (buffer.type().bytes()) {
            case 1 -> like < 0 ? all.get(i) : all.get(i) & 0xffL;
            case 2 -> like < 0 ? all.getShort(2 * i) : all.getShort(2 * i) & 0xffffL;
            case 4 -> like < 0 ? all.getInt(4 * i) : all.getInt(4 * i) & 0xffffffffL;
            default -> all.getLong(8 * i);
        }).toList();
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void fillsAreOfTheValueRoundedToTheType(String binding) {
        try (Cuda gpu = open(binding)) {
            for (double value : new double[] {0.1, -1.5, 70000, Double.NaN, -0.0, Double.NEGATIVE_INFINITY, 0}) {
                for (CudaType type : REALS) {
                    try (CudaBuffer buffer = gpu.allocate(type, 5)) {
                        buffer.fill(2);
                        buffer.view(1, 3).fill(value);
                        float expected = rounded(type, (float) value);
                        assertArrayEquals(new float[] {2, expected, expected, expected, 2}, buffer.toFloats());
                        buffer.zero();
                        assertArrayEquals(new float[5], buffer.toFloats());
                    }
                }
                try (CudaBuffer buffer = gpu.allocate(CudaType.FLOAT64, 4)) {
                    buffer.fill(1e300);
                    buffer.view(1, 2).fill(value);
                    assertArrayEquals(new double[] {1e300, value, value, 1e300}, buffer.toDoubles());
                }
            }
            for (CudaType type : List.of(CudaType.INT8, CudaType.INT16, CudaType.INT32, CudaType.INT64)) {
                long most = type == CudaType.INT64 ? Long.MAX_VALUE : (1L << (8 * type.bytes())) - 1;
                long least = -1L << (8 * type.bytes() - 1);
                try (CudaBuffer buffer = gpu.allocate(type, 5)) {
                    for (long value : new long[] {3, most, least, -2}) {
                        buffer.fill(1);
                        buffer.view(1, 3).fill(value);
                        assertEquals(List.of(1L, value, value, value, 1L), numbers(buffer, value));
                    }
                    buffer.fill(100.0);
                    assertEquals(100, numbers(buffer, 0).getLast());
                    if (type != CudaType.INT64) {
                        assertThrows(IllegalArgumentException.class, () -> buffer.fill(most + 1));
                        assertThrows(IllegalArgumentException.class, () -> buffer.fill(least - 1));
                    }
                }
            }
            try (CudaBuffer buffer = gpu.allocate(CudaType.INT32, 3)) {
                buffer.fill(-7);
                assertArrayEquals(new int[] {-7, -7, -7}, buffer.toInts());
                for (double value : new double[] {1.5, Double.NaN, 1L << 32, -(1L << 31) - 1}) {
                    assertThrows(IllegalArgumentException.class, () -> buffer.fill(value));
                }
                assertArrayEquals(new int[] {-7, -7, -7}, buffer.toInts());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void copiesBetweenBuffersTakeAllOfTheOther(String binding) {
        try (Cuda gpu = open(binding);
                CudaBuffer from = gpu.doubles(1, 2, 3);
                CudaBuffer to = gpu.doubles(0, 0, 0, 9)) {
            to.copyFrom(from);
            assertArrayEquals(new double[] {1, 2, 3, 9}, to.toDoubles());
            to.view(2, 2).copyFrom(from.view(1, 2));
            assertArrayEquals(new double[] {1, 2, 2, 3}, to.toDoubles());
            assertThrows(IndexOutOfBoundsException.class, () -> from.copyFrom(to));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void memoryIsCountedByPurposeInWholeWords(String binding) {
        try (Cuda gpu = open(binding)) {
            CudaBuffer weights = gpu.allocate(CudaType.FLOAT32, 10, "weights");
            CudaBuffer odd = gpu.allocate(CudaType.BFLOAT16, 3, "states");
            CudaBuffer more = gpu.uninitialised(CudaType.FLOAT64, 1, "weights");
            weights.view(0, 5).close();
            assertEquals(Map.of("weights", 48L, "states", 8L), gpu.memory().byPurpose());
            assertEquals(List.of("weights", "states"), List.copyOf(gpu.memory().byPurpose().keySet()));
            weights.close();
            weights.close();
            assertEquals(Map.of("weights", 8L, "states", 8L), gpu.memory().byPurpose());
            assertEquals(List.of("states", "weights"), List.copyOf(gpu.memory().byPurpose().keySet()));
            odd.close();
            more.close();
            assertEquals(Map.of(), gpu.memory().byPurpose());
            assertEquals(56, gpu.memory().peak());
            for (long count : new long[] {0, -1, Long.MAX_VALUE, Long.MAX_VALUE / 4}) {
                assertThrows(IllegalArgumentException.class, () -> gpu.allocate(CudaType.INT32, count));
                assertThrows(IllegalArgumentException.class, () -> gpu.pinned(CudaType.INT32, count));
            }
            assertEquals(56, gpu.memory().peak());
        }
    }

    /** Every type in one call each way. */
    @ParameterizedTest
    @MethodSource("bindings")
    void pinnedMemoryHoldsItsType(String binding) {
        try (Cuda gpu = open(binding)) {
            for (CudaType type : CudaType.values()) {
                try (HostBuffer host = gpu.pinned(type, 3); CudaBuffer buffer = gpu.allocate(type, 4)) {
                    byte[] bytes = new byte[3 * type.bytes()];
                    IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) (i + 1));
                    host.segment().copyFrom(MemorySegment.ofArray(bytes));
                    buffer.writeAsync(host);
                    gpu.synchronize();
                    host.segment().fill((byte) 0);
                    buffer.readAsync(host);
                    gpu.synchronize();
                    assertArrayEquals(bytes, host.segment().toArray(ValueLayout.JAVA_BYTE));
                    if (type == CudaType.FLOAT32) {
                        assertEquals(buffer.toFloats()[2], host.floats().get(2));
                    } else {
                        assertThrows(IllegalArgumentException.class, host::floats);
                    }
                    assertThrows(IndexOutOfBoundsException.class, () -> buffer.view(0, 2).readAsync(host));
                    CudaType other = type == CudaType.FLOAT64 ? CudaType.INT32 : CudaType.FLOAT64;
                    try (HostBuffer wrong = gpu.pinned(other, 1)) {
                        assertThrows(IllegalArgumentException.class, () -> buffer.writeAsync(wrong));
                        assertThrows(IllegalArgumentException.class, () -> buffer.readAsync(wrong));
                    }
                }
            }
        }
    }
}
