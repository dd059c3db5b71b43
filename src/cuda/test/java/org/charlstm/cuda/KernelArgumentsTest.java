package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Arguments and buffers of every type that a kernel takes, by PTX and from a text. */
@Needs(Need.SIMULATED_GPU)
class KernelArgumentsTest {
    private static final StructLayout PAIR = MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("first"),
            MemoryLayout.paddingLayout(4), ValueLayout.JAVA_DOUBLE.withName("second"));
    private static final String SCALARS = "scalars(signed char a, unsigned char b, bool c, short d, unsigned short e, "
            + "int f, unsigned g, long h, size_t i, Color j, Small k, long long* integers)";
    private static final Grid ONE = Grid.of(1, 1);

    static Stream<Arguments> ways() {
        List<String> ways = Need.NVCC.lacking().isEmpty() ? List.of("PTX", "text") : List.of("PTX");
        return Gpus.BINDINGS.stream().flatMap(binding -> ways.stream().map(way -> Arguments.of(binding, way)));
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static byte[] file(String name) {
        try (InputStream in = KernelArgumentsTest.class.getResourceAsStream("/arguments/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static CudaModule module(Cuda gpu, String way) {
        return way.equals("PTX") ? gpu.load("arguments.ptx", file("arguments.ptx"))
                : gpu.compile(CudaSource.of("arguments.cu", new String(file("arguments.cu"), StandardCharsets.UTF_8)));
    }

    static MemorySegment pair(int first, double second) {
        MemorySegment pair = Arena.ofAuto().allocate(PAIR);
        pair.set(ValueLayout.JAVA_INT, 0, first);
        pair.set(ValueLayout.JAVA_DOUBLE, 8, second);
        return pair;
    }

    /** As Java's own types, as numbers that fit, and by a declaration with the signs of C++. */
    @ParameterizedTest
    @MethodSource("ways")
    void scalarsOfEverySizeArrive(String binding, String way) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = module(gpu, way);
                CudaBuffer integers = gpu.allocate(CudaType.INT64, 11)) {
            CudaKernel scalars = module.kernel("scalars");
            scalars.launch(ONE, (byte) -1, (byte) 200, true, (short) -30000, (short) 60000, -5, -1, Long.MIN_VALUE,
                    1L << 40,
                    7, (byte) -5, integers);
            assertArrayEquals(new long[] {-1, 200, 1, -30000, 60000, -5, 0xffffffffL, Long.MIN_VALUE, 1L << 40, 7, -5},
                    integers.toLongs());
            scalars.launch(ONE, -128, 255, false, -32768, 65535, 0, 0, 0L, 0L, 0, -128, integers);
            assertArrayEquals(new long[] {-128, 255, 0, -32768, 65535, 0, 0, 0, 0, 0, -128}, integers.toLongs());
            module.kernel(KernelSignature.of(SCALARS, Map.of("Color", ValueLayout.JAVA_INT, "Small",
                    ValueLayout.JAVA_BYTE))).launch(ONE, (byte) 1, (byte) 2, true, (short) 4, (short) 5, 6, 7, 8L, 9L,
                            10,
                            (byte) 11, integers);
            assertArrayEquals(new long[] {1, 2, 1, 4, 5, 6, 7, 8, 9, 10, 11}, integers.toLongs());
            KernelLaunch prepared = scalars.prepare(ONE);
            prepared.set(0, (byte) 3).set(1, 130).set(2, false).set(3, (short) 9).set(4, 40000).set(5, 1).set(6, 2)
                    .set(7, 3L).set(8, 4L).set(9, 0).set(10, (byte) 0).set(11, integers).launch();
            assertArrayEquals(new long[] {3, 130, 0, 9, 40000, 1, 2, 3, 4, 0, 0}, integers.toLongs());
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void realsArrive(String binding, String way) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = module(gpu, way);
                CudaBuffer reals = gpu.allocate(CudaType.FLOAT64, 3)) {
            module.kernel("reals").launch(ONE, 0.5f, 1e300, -7f, reals);
            assertArrayEquals(new double[] {0.5, 1e300, -7}, reals.toDoubles());
            module.kernel("reals(float, double, float, double*)").launch(ONE, 1f, 2.0, 3f, reals);
            assertArrayEquals(new double[] {1, 2, 3}, reals.toDoubles());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void realsOf16BitsAreRoundedOrGivenAsBits(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.load("halves.ptx", file("halves.ptx"));
                CudaBuffer half = gpu.allocate(CudaType.FLOAT16, 1);
                CudaBuffer bf16 = gpu.allocate(CudaType.BFLOAT16, 1);
                CudaBuffer reals = gpu.allocate(CudaType.FLOAT32, 5)) {
            half.fill(0.25);
            bf16.fill(3);
            CudaKernel halves = module.kernel(
                    "halves(__half a, __nv_bfloat16 b, __half* c, __nv_bfloat16* d, __half2 e, float* reals)");
            MemorySegment two = MemorySegment.ofArray(new short[] {CudaType.FLOAT16.bits(1), CudaType.FLOAT16.bits(2)});
            halves.launch(ONE, 0.1f, 0.1f, half, bf16, two, reals);
            assertArrayEquals(new float[] {Float.float16ToFloat(Float.floatToFloat16(0.1f)),
                CudaType.BFLOAT16.value(CudaType.BFLOAT16.bits(0.1f)), 0.25f, 3, 3}, reals.toFloats());
            halves.launch(ONE, CudaType.FLOAT16.bits(5), CudaType.BFLOAT16.bits(6), half, bf16, two, reals);
            assertEquals(List.of(5f, 6f), List.of(reals.toFloats()[0], reals.toFloats()[1]));
            // PTX alone says of them that they are two bytes.
            module.kernel("halves").launch(ONE, MemorySegment.ofArray(new short[] {CudaType.FLOAT16.bits(7)}),
                    MemorySegment.ofArray(new short[] {CudaType.BFLOAT16.bits(8)}), half, bf16, two, reals);
            assertEquals(List.of(7f, 8f), List.of(reals.toFloats()[0], reals.toFloats()[1]));
        }
    }

    /** On the heap and off it; at places that their alignments leave gaps before. */
    @ParameterizedTest
    @MethodSource("ways")
    void structuresArriveByValue(String binding, String way) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = module(gpu, way);
                CudaBuffer reals = gpu.allocate(CudaType.FLOAT64, 6)) {
            MemorySegment odd = MemorySegment.ofArray(new byte[] {1, 2, 3});
            MemorySegment vector = MemorySegment.ofArray(new float[] {1, 2, 3, 4});
            MemorySegment size = MemorySegment.ofArray(new int[] {5, 6, 7});
            KernelLaunch launch =
                    module.kernel("structures").prepare(ONE, (byte) 9, pair(-3, 0.5), odd, vector, size, reals);
            launch.launch();
            assertArrayEquals(new double[] {9, -3, 0.5, 6, 10, 37}, reals.toDoubles());
            MemorySegment pair = pair(4, 8);
            launch.set(1, pair);
            pair.fill((byte) 0);
            launch.launch();
            assertArrayEquals(new double[] {9, 4, 8, 6, 10, 37}, reals.toDoubles());
            module.kernel(KernelSignature.of("structures(char, Pair pair, Odd odd, float4, dim3, double*)",
                    Map.of("Pair", PAIR, "Odd", MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_BYTE))))
                    .launch(ONE, (byte) 1, pair(2, 3), odd, vector, size, reals);
            assertArrayEquals(new double[] {1, 2, 3, 6, 10, 37}, reals.toDoubles());
            module.kernel("structures(char, Pair, Odd, float4, dim3, double*)").launch(ONE, (byte) 5, pair(6, 7), odd,
                    vector, size, reals);
            assertArrayEquals(new double[] {5, 6, 7, 6, 10, 37}, reals.toDoubles());
        }
    }

    /** One buffer for signed and unsigned. */
    @ParameterizedTest
    @MethodSource("ways")
    void buffersOfEveryTypeAreReadAndWritten(String binding, String way) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = module(gpu, way);
                CudaBuffer bytes = gpu.bytes((byte) 127, (byte) -1);
                CudaBuffer unsignedBytes = gpu.bytes((byte) 127, (byte) -1);
                CudaBuffer truths = gpu.bytes((byte) 0, (byte) 1);
                CudaBuffer shorts = gpu.shorts(Short.MAX_VALUE, (short) -3);
                CudaBuffer unsignedShorts = gpu.shorts(Short.MAX_VALUE, (short) -4);
                CudaBuffer ints = gpu.ints(1, -5);
                CudaBuffer longs = gpu.longs(Long.MIN_VALUE, -7, 1, -8, 2);
                CudaBuffer floats = gpu.floats(1, 2);
                CudaBuffer doubles = gpu.doubles(1, 2)) {
            CudaBuffer unsignedInts = longs.view(0, 1).as(CudaType.INT32);
            module.kernel("buffers").launch(Grid.of(1, 2), bytes, unsignedBytes, truths, shorts, unsignedShorts, ints,
                    unsignedInts, longs.view(1, 2), longs.view(3, 2), floats, doubles);
            assertArrayEquals(new byte[] {-128, 0}, bytes.toBytes());
            assertArrayEquals(new byte[] {-127, 1}, unsignedBytes.toBytes());
            assertArrayEquals(new byte[] {1, 0}, truths.toBytes());
            assertArrayEquals(new short[] {-32766, 0}, shorts.toShorts());
            assertArrayEquals(new short[] {-32765, 0}, unsignedShorts.toShorts());
            assertArrayEquals(new int[] {6, 0}, ints.toInts());
            assertArrayEquals(new long[] {Long.MIN_VALUE + 6 + (6L << 32), 0, 8, 0, 10}, longs.toLongs());
            assertArrayEquals(new float[] {1.5f, 2.5f}, floats.toFloats());
            assertArrayEquals(new double[] {1.25, 2.25}, doubles.toDoubles());
        }
    }

    /** Of two kernels of a name whose parameters have the same sizes, what is so of both is held. */
    @ParameterizedTest
    @MethodSource("bindings")
    @Needs(Need.NVCC)
    void ofTwoOfANameWhatIsSoOfBothIsHeld(String binding) {
        CudaSource text = CudaSource.of("two.cu", """
                #include "number.h"
                namespace a { __global__ void k(float* x, int n, number c) { x[0] = n + c; } }
                namespace b { __global__ void k(int* x, int n, int c) { x[0] = n - c; } }
                """).withHeader("number.h", "typedef float number;\n").withNames("a::k", "b::k");
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.compile(text);
                CudaBuffer x = gpu.floats(0);
                CudaBuffer y = gpu.ints(0)) {
            module.kernel("a::k").launch(ONE, x, 2, 0.5f);
            module.kernel("b::k").launch(ONE, y, 2, 5);
            assertEquals(List.of(2.5f, -3f), List.of(x.toFloats()[0], (float) y.toInts()[0]));
            assertEquals(
                    "argument 2 of b::k(float* or int* x, int n, number or int c) is n, of type int, and a float was "
                            + "given",
                    assertThrows(IllegalArgumentException.class,
                            () -> module.kernel("b::k").launch(ONE, y, 2f, 5)).getMessage());
            assertEquals("argument 1 of b::k(int* x, int, int) is x, of type int*, and a buffer of float32 was given",
                    assertThrows(IllegalArgumentException.class,
                            () -> module.kernel("b::k(int* x, int, int)").launch(ONE, x, 2, 5)).getMessage());
        }
    }

    /** The line says how to declare what the text hides. */
    @ParameterizedTest
    @MethodSource("bindings")
    @Needs(Need.NVCC)
    void aTypeThatTheTextHidesIsAskedFor(String binding) {
        CudaSource text = CudaSource.of("hidden.cu", """
                #include "real.h"
                extern "C" __global__ void fill(real a, float* x) { x[0] = a; }
                """)
                .withHeader("real.h", "#define real float\n");
        try (Cuda gpu = Gpus.open(binding); CudaModule module = gpu.compile(text); CudaBuffer x = gpu.floats(0)) {
            assertEquals("argument 1 of fill(real a, float* x) is a, of type real, and a float was given; give its 4 "
                    + "bytes as a MemorySegment, or, where that is what real stands for, declare it: "
                    + "kernel(\"fill(float a, float* x)\")",
                    assertThrows(IllegalArgumentException.class,
                            () -> module.kernel("fill").launch(ONE, 7f, x)).getMessage());
            module.kernel("fill(float a, float* x)").launch(ONE, 7f, x);
            assertEquals(7, x.toFloats()[0]);
            module.kernel("fill").launch(ONE, MemorySegment.ofArray(new float[] {8}), x);
            assertEquals(8, x.toFloats()[0]);
        }
    }
}
