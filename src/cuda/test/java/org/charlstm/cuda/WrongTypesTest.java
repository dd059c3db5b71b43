package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake with a type, a structure, a variable or a name of C++ is told in a line, and the GPU works after it. */
@Needs({Need.SIMULATED_NVRTC, Need.NVCC})
class WrongTypesTest {
    private static final Class<IllegalArgumentException> ARGUMENT = IllegalArgumentException.class;
    private static final Class<CharlstmException> FAILURE = CharlstmException.class;
    private static final Grid ONE = Grid.of(1, 1);
    private static final CudaSource TEXT = CudaSource.of("types.cu", """
            struct Pair { int first; double second; };
            enum Color { RED };
            namespace ns { __global__ void hidden(Pair pair) {} }
            template <typename T> __global__ void of(T* x, T a) { x[0] = a; }
            extern "C" __global__ void small(char a, short b, bool c, unsigned char* d) { d[0] = a + b + c; }
            extern "C" __global__ void large(long long a, size_t b, double c, long* d) { d[0] = a + b + (long)c; }
            extern "C" __global__ void paired(int n, Pair pair, float2 two, int* x) { x[0] = n + pair.first; }
            extern "C" __global__ void colored(Color color, short* x) { x[0] = color; }
            """).withNames("of<float>");
    private static final CudaSource PLAIN = CudaSource.of("text.cu", """
            typedef float real;
            extern "C" __global__ void text(int* values, int amount, int n) { values[0] = amount + n; }
            extern "C" __global__ void other(float* x, real a) { x[0] = a; }
            """);
    private static final String SMALL = "small(char a, short b, bool c, unsigned char* d)";
    private static final String LARGE = "large(long long a, size_t b, double c, long* d)";
    private static final String PAIRED = "paired(int n, Pair pair, float2 two, int* x)";
    private static final String SCALARS = "scalars(.u8, .u8, .u8, .u16, .u16, .u32, .u32, .u64, .u64, .u32, .u8, .u64)";

    /** A GPU and one of each thing on it. */
    static final class Things implements AutoCloseable {
        private final Cuda gpu;
        private final CudaModule ptx;
        private final CudaModule text;
        private final CudaBuffer bytes;
        private final CudaBuffer shorts;
        private final CudaBuffer ints;
        private final CudaBuffer longs;
        private final CudaBuffer floats;
        private final MemorySegment pair = KernelArgumentsTest.pair(1, 2);
        private final MemorySegment two = MemorySegment.ofArray(new float[2]);

        Things(String binding) {
            gpu = Gpus.open(binding);
            ptx = KernelArgumentsTest.module(gpu, "PTX");
            text = gpu.compile(TEXT);
            bytes = gpu.bytes((byte) 1, (byte) 2, (byte) 3);
            shorts = gpu.shorts((short) 1);
            ints = gpu.ints(1);
            longs = gpu.longs(1);
            floats = gpu.floats(1);
        }

        private void small(Object... arguments) {
            text.kernel("small").launch(ONE, arguments);
        }

        private void large(Object... arguments) {
            text.kernel("large").launch(ONE, arguments);
        }

        private void paired(Object... arguments) {
            text.kernel("paired").launch(ONE, arguments);
        }

        @Override
        public void close() {
            try (gpu; ptx; text; bytes; shorts; ints; longs; floats) {
                small(1, 2, true, bytes);
                assertEquals(4, bytes.toBytes()[0]);
            }
        }
    }

    /**
     * A mistake.
     *
     * @param line the whole message
     */
    record Wrong(String name, Consumer<Things> code, Class<? extends Exception> type, String line) {
    }

    private static Wrong argument(String name, String kernel, int number, String parameter, String given,
            Consumer<Things> code) {
        return new Wrong(name, code, ARGUMENT,
                "argument " + number + " of " + kernel + " is " + parameter + ", and " + given
                        + " was given");
    }

    private static final List<Wrong> SCALARS_OF_TEXTS = List.of(
            argument("128 and more fit 8 bits, 256 does not", SMALL, 1, "a, of type char",
                    "the int 256, for which it has no room,", all -> all.small(256, 1, true, all.bytes)),
            argument("less than a byte", SMALL, 1, "a, of type char", "the int -129, for which it has no room,",
                    all -> all.small(-129, 1, true, all.bytes)),
            argument("more than a short", SMALL, 2, "b, of type short", "the int 65536, for which it has no room,",
                    all -> all.small(1, 65536, true, all.bytes)),
            argument("less than a short", SMALL, 2, "b, of type short", "the int -32769, for which it has no room,",
                    all -> all.small(1, -32769, true, all.bytes)),
            argument("a short for a char", SMALL, 1, "a, of type char", "a short",
                    all -> all.small((short) 1, 1, true, all.bytes)),
            argument("a byte for a short", SMALL, 2, "b, of type short", "a byte",
                    all -> all.small(1, (byte) 1, true, all.bytes)),
            argument("a long for a short", SMALL, 2, "b, of type short", "a long",
                    all -> all.small(1, 1L, true, all.bytes)),
            argument("a float for a char", SMALL, 1, "a, of type char", "a float",
                    all -> all.small(1f, 1, true, all.bytes)),
            argument("a number for a truth", SMALL, 3, "c, of type bool", "an int",
                    all -> all.small(1, 1, 1, all.bytes)),
            argument("a byte for a truth", SMALL, 3, "c, of type bool", "a byte",
                    all -> all.small(1, 1, (byte) 1, all.bytes)),
            argument("a letter", SMALL, 1, "a, of type char", "a value of type Character",
                    all -> all.small('a', 1, true, all.bytes)),
            argument("shorts for chars", SMALL, 4, "d, of type unsigned char*", "a buffer of short",
                    all -> all.small(1, 1, true, all.shorts)),
            argument("floats for chars", SMALL, 4, "d, of type unsigned char*", "a buffer of float32",
                    all -> all.small(1, 1, true, all.floats)),
            argument("an int for a long", LARGE, 1, "a, of type long long", "an int",
                    all -> all.large(1, 1L, 1.0, all.longs), "; give a long, such as 3L"),
            argument("a double for a size", LARGE, 2, "b, of type size_t", "a double",
                    all -> all.large(1L, 1.0, 1.0, all.longs)),
            argument("a buffer for a long", LARGE, 1, "a, of type long long", "a buffer of long",
                    all -> all.large(all.longs, 1L, 1.0, all.longs)),
            argument("a float for a double", LARGE, 3, "c, of type double", "a float",
                    all -> all.large(1L, 1L, 1f, all.longs)),
            argument("a truth for a double", LARGE, 3, "c, of type double", "a boolean",
                    all -> all.large(1L, 1L, true, all.longs)),
            argument("ints for longs", LARGE, 4, "d, of type long*", "a buffer of int",
                    all -> all.large(1L, 1L, 1.0, all.ints)),
            argument("memory for a double", LARGE, 3, "c, of type double", "a MemorySegment",
                    all -> all.large(1L, 1L, MemorySegment.ofArray(new double[1]), all.longs)),
            argument("a long for an enumeration", "colored(Color color, short* x)", 1, "color, of type Color", "a long",
                    all -> all.text.kernel("colored").launch(ONE, 1L, all.shorts)),
            argument("bytes for shorts", "colored(Color color, short* x)", 2, "x, of type short*", "a buffer of byte",
                    all -> all.text.kernel("colored").launch(ONE, 1, all.bytes)),
            argument("an int for a template's float", "of<float>(float* x, float a)", 2, "a, of type float", "an int",
                    all -> all.text.kernel("of<float>").launch(ONE, all.floats, 7)),
            argument("ints for a template's floats", "of<float>(float* x, float a)", 1, "x, of type float*",
                    "a buffer of int", all -> all.text.kernel("of<float>").launch(ONE, all.ints, 7f)));

    private static final List<Wrong> STRUCTURES = List.of(
            argument("a structure that is too small", PAIRED, 2, "pair, of type Pair",
                    "a MemorySegment of 12 bytes", all -> all.paired(1, all.pair.asSlice(0, 12), all.two, all.ints),
                    "; give its 16 bytes as a MemorySegment"),
            argument("a structure that is too large", PAIRED, 3, "two, of type float2",
                    "a MemorySegment of 16 bytes", all -> all.paired(1, all.pair, all.pair, all.ints),
                    "; give its 8 bytes as a MemorySegment"),
            argument("no bytes", PAIRED, 2, "pair, of type Pair", "a MemorySegment of 0 bytes",
                    all -> all.paired(1, MemorySegment.NULL, all.two, all.ints),
                    "; give its 16 bytes as a MemorySegment"),
            argument("a number for a structure", PAIRED, 2, "pair, of type Pair", "an int",
                    all -> all.paired(1, 1, all.two, all.ints), "; give its 16 bytes as a MemorySegment"),
            argument("a double for two floats", PAIRED, 3, "two, of type float2", "a double",
                    all -> all.paired(1, all.pair, 1.0, all.ints), "; give its 8 bytes as a MemorySegment"),
            argument("a buffer for a structure", PAIRED, 2, "pair, of type Pair", "a buffer of byte",
                    all -> all.paired(1, all.bytes, all.two, all.ints), "; give its 16 bytes as a MemorySegment"),
            argument("an array for a structure", PAIRED, 2, "pair, of type Pair", "a value of type byte[]",
                    all -> all.paired(1, new byte[16], all.two, all.ints), "; give its 16 bytes as a MemorySegment"),
            argument("null for a structure", PAIRED, 2, "pair, of type Pair", "null",
                    all -> all.paired(1, null, all.two, all.ints), "; give its 16 bytes as a MemorySegment"),
            argument("memory for a number", PAIRED, 1, "n, of type int", "a MemorySegment",
                    all -> all.paired(MemorySegment.ofArray(new int[1]), all.pair, all.two, all.ints), ""),
            argument("memory for a buffer", PAIRED, 4, "x, of type int*", "a MemorySegment",
                    all -> all.paired(1, all.pair, all.two, MemorySegment.ofArray(new int[1])), ""),
            new Wrong("memory that is closed", all -> {
                MemorySegment closed;
                try (Arena arena = Arena.ofConfined()) {
                    closed = arena.allocate(16, 8);
                }
                all.paired(1, closed, all.two, all.ints);
            }, IllegalStateException.class, "Already closed"),
            new Wrong("a layout of another size", all -> all.text.kernel(KernelSignature.of(PAIRED,
                    Map.of("Pair", MemoryLayout.sequenceLayout(12, ValueLayout.JAVA_BYTE)))), ARGUMENT,
                    "kernel paired in types.cu has parameters of [4, 16, 8, 8] bytes, which are not those of "
                            + PAIRED),
            new Wrong("a layout of another alignment", all -> all.text.kernel(KernelSignature.of(PAIRED,
                    Map.of("Pair", MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE)))), ARGUMENT,
                    "kernel paired in types.cu has parameters of [4, 16, 8, 8] bytes at [0, 8, 24, 32], which are not "
                            + "those of " + PAIRED + ", whose alignment is another"),
            new Wrong("a layout of two longs", all -> all.text.kernel(KernelSignature.of(PAIRED,
                    Map.of("Pair", MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_LONG)))), ARGUMENT,
                    "parameter 'Pair pair' of kernel paired in types.cu has int at 0, double at 8, and its layout has "
                            + "long at 0, long at 8"),
            new Wrong("a layout of another kind", all -> all.text.kernel(KernelSignature.of("colored(Color, short*)",
                    Map.of("Color", ValueLayout.JAVA_FLOAT))), ARGUMENT, "kernel colored in types.cu is colored(Color "
                            + "color, short* x), and was declared as colored(Color, short*)"),
            new Wrong("a structure for a number", all -> all.ptx.kernel("reals(float, float2, float, double*)"),
                    ARGUMENT,
                    "kernel reals in arguments.ptx is reals(.f32, .f64, .f32, .u64), and was declared as reals(float, "
                            + "float2, float, double*)"),
            new Wrong("another alignment than PTX has", all -> all.ptx.kernel(KernelSignature.of(
                    "structures(char, Pair, Odd, float4, dim3, double*)",
                    Map.of("Pair", MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE)))), ARGUMENT,
                    "kernel structures in arguments.ptx is structures(.u8, .b8[16], .b8[3], .b8[16], .b8[12], .u64), "
                            + "and was declared as structures(char, Pair, Odd, float4, dim3, double*)"));

    private static Wrong argument(String name, String kernel, int number, String parameter, String given,
            Consumer<Things> code, String advice) {
        Wrong plain = argument(name, kernel, number, parameter, given, code);
        return new Wrong(name, code, ARGUMENT, plain.line + advice);
    }

    private static Wrong declared(String name, String declaration, String defined) {
        return new Wrong(name,
                all -> (defined.startsWith("scalars") || defined.startsWith("reals") ? all.ptx : all.text)
                        .kernel(declaration),
                ARGUMENT, "kernel " + declaration.replaceFirst("\\(.*", "") + " in "
                        + (defined.contains("(.") ? "arguments.ptx" : "types.cu") + " is " + defined
                        + ", and was declared as " + declaration);
    }

    private static final String REALS = "reals(.f32, .f64, .f32, .u64)";
    private static final List<Wrong> DECLARATIONS = List.of(
            declared("an int for PTX's float", "reals(int, double, float, double*)", REALS),
            declared("a long for PTX's double", "reals(float, long long, float, double*)", REALS),
            declared("a pointer for PTX's double", "reals(float, void*, float, double*)", REALS),
            declared("a double for PTX's pointer", "reals(float, double, float, double)", REALS),
            declared("a half for PTX's float", "reals(half, double, float, double*)", REALS),
            declared("one less than PTX has", "reals(float, double, float)", REALS),
            declared("a float for PTX's int",
                    "scalars(char, char, bool, short, short, float, unsigned, long, size_t, int, "
                            + "char, long long*)",
                    SCALARS),
            declared("a half for PTX's short",
                    "scalars(char, char, bool, half, short, int, unsigned, long, size_t, int, "
                            + "char, long long*)",
                    SCALARS),
            declared("a short for a text's char", "small(short, short, bool, unsigned char*)", SMALL),
            declared("ints for a text's chars", "small(char, short, bool, int*)", SMALL),
            declared("an int for a template's float", "of<float>(float*, int)", "of<float>(float* x, float a)"),
            declared("two ints for two floats", "paired(int, Pair, int2, float*)", PAIRED),
            new Wrong("a reference", all -> all.text.kernel("by(int& n)"), ARGUMENT,
                    "kernel by has a parameter 'int& n', which is none that a "
                            + "launch passes; these are numbers, pointers and structures by value, such as "
                            + "int n, const float* x and Pair pair"),
            argument("7f for PTX's int", SCALARS, 6, "of type .u32", "a float",
                    all -> all.ptx.kernel("scalars").launch(ONE, 1, 1, true, 1, 1, 7f, 1, 1L, 1L, 1, 1, all.longs)),
            argument("an int for PTX's float", REALS, 1, "of type .f32", "an int",
                    all -> all.ptx.kernel("reals").launch(ONE, 1, 1.0, 1f, all.longs)),
            argument("a double for PTX's pointer", REALS, 4, "of type .u64", "a double",
                    all -> all.ptx.kernel("reals").launch(ONE, 1f, 1.0, 1f, 1.0)));

    private static final List<Wrong> NAMES = List.of(
            new Wrong("a kernel of a namespace by its name alone", all -> all.text.kernel("hidden"), FAILURE,
                    "no kernel 'hidden' in types.cu, since its name is one of C++: compile the text "
                            + "withNames(\"hidden\"), with its namespaces and a template's arguments, or declare it "
                            + "extern \"C\" __global__ void hidden(...)"),
            new Wrong("a kernel of a namespace that nobody asked for", all -> all.text.kernel("ns::hidden"), FAILURE,
                    "no kernel 'ns::hidden' in types.cu, since its name is one of C++: compile the text "
                            + "withNames(\"ns::hidden\")"),
            new Wrong("a template for other types", all -> all.text.kernel("of<double>(double*, double)"), FAILURE,
                    "no kernel 'of<double>' in types.cu, since its name is one of C++: compile the text "
                            + "withNames(\"of<double>\")"),
            new Wrong("a kernel that PTX has not", all -> all.ptx.kernel("real"), FAILURE,
                    "no kernel 'real' in arguments.ptx; it has reals; a kernel is found if it is declared extern \"C\" "
                            + "__global__"),
            new Wrong("a variable that is not there", all -> all.ptx.global("factor"), FAILURE,
                    "no variable 'factor' in arguments.ptx; one is found if it is declared __device__ or __constant__, "
                            + "outside of functions and namespaces"),
            new Wrong("a variable as another type", all -> all.ptx.global("counter", CudaType.INT16), ARGUMENT,
                    "variable counter in arguments.ptx is of int, and was asked for as short"),
            new Wrong("a variable that is no whole number of these", all -> all.ptx.global("table", CudaType.INT64),
                    ARGUMENT,
                    "variable table in arguments.ptx has 12 bytes, which are no whole number of elements of long"),
            new Wrong("more than a variable holds", all -> all.ptx.global("table", CudaType.INT16).write(new short[7]),
                    IndexOutOfBoundsException.class,
                    "14 bytes (7 elements) from element 0 on, in a buffer of 6 of short"),
            new Wrong("floats for a variable of ints", all -> all.ptx.global("counter").write(new float[1]), ARGUMENT,
                    "a buffer of int does not take floats; give int[], or memory of int"),
            new Wrong("a variable of a closed module", all -> {
                CudaModule module = KernelArgumentsTest.module(all.gpu, "PTX");
                CudaBuffer counter = module.global("counter");
                module.close();
                counter.fill(1);
            }, IllegalStateException.class, "module arguments.ptx was used after it was closed"),
            new Wrong("a closed module's variable in a launch", all -> {
                CudaModule module = KernelArgumentsTest.module(all.gpu, "PTX");
                CudaBuffer counter = module.global("counter");
                module.close();
                all.paired(1, all.pair, all.two, counter);
            }, IllegalStateException.class, "module arguments.ptx was used after it was closed"));

    private static final List<Wrong> BUFFERS = List.of(
            new Wrong("longs for ints", all -> all.ints.write(new long[1]), ARGUMENT,
                    "a buffer of int does not take long[]; give int[], or memory of int"),
            new Wrong("ints for longs", all -> all.longs.read(new int[1]), ARGUMENT,
                    "a buffer of long does not take int[]; give long[], or memory of long"),
            new Wrong("shorts for bytes", all -> all.bytes.write(new short[1]), ARGUMENT,
                    "a buffer of byte does not take short[]; give byte[], or memory of byte; where its bytes are of "
                            + "another type, write by as(type)"),
            new Wrong("floats from shorts", all -> all.shorts.toFloats(), ARGUMENT,
                    "a buffer of short does not take floats; give short[], or memory of short"),
            new Wrong("bytes from floats", all -> all.floats.toBytes(), ARGUMENT,
                    "a buffer of float32 does not take byte[]; give floats, or memory of float32"),
            new Wrong("300 for bytes", all -> all.bytes.fill(300), ARGUMENT,
                    "300 is no byte, and the buffer holds bytes"),
            new Wrong("a fraction for longs", all -> all.longs.fill(0.5), ARGUMENT,
                    "0.5 is no long, and the buffer holds longs"),
            new Wrong("-40000 for shorts", all -> all.shorts.fill(-40000), ARGUMENT,
                    "-40000 is no short, and the buffer holds shorts"),
            new Wrong("bytes that are no int", all -> all.bytes.as(CudaType.INT32), ARGUMENT,
                    "3 elements of byte cannot be seen as int, which has 4 bytes each"),
            new Wrong("pinned bytes for shorts", all -> {
                try (HostBuffer host = all.gpu.pinned(CudaType.INT8, 1)) {
                    all.shorts.writeAsync(host);
                }
            }, ARGUMENT, "a buffer of short does not take pinned memory of byte; give short[], or memory of short"),
            new Wrong("a copy between sizes", all -> all.longs.copyFrom(all.bytes), ARGUMENT,
                    "a buffer of long does not take a buffer of byte; give long[], or memory of long"));

    private static final List<Wrong> OF_A_TEXT = List.of(
            ofText("a declaration that contradicts the text",
                    (text, _) -> text.kernel("text(int*, float, int)"), "kernel text in text.cu is text(int* values, "
                            + "int amount, int n), and was declared as text(int*, float, int)"),
            ofText("a signature that contradicts the text",
                    (text, _) -> text.kernel(KernelSignature.ofKinds("text", "pif")), "kernel text in text.cu is "
                            + "text(int* values, int amount, int n), and was declared as text(void*, int, float)"),
            ofText("a declaration that is none", (text, _) -> text.kernel("text(int*, int"), "'text(int*, int' is no "
                    + "declaration of a kernel; write for example saxpy(int n, float a, const float* x, float* y); in "
                    + "text.cu it is text(int* values, int amount, int n)"),
            ofText("types that only the text knows", (text, all) -> text.kernel("other").launch(ONE, all.floats, 7),
                    "argument 2 of other(float* x, real a) is a, of type real, and an int was given"));

    private static Wrong ofText(String name, BiConsumer<CudaModule, Things> code, String line) {
        return new Wrong(name, all -> {
            try (CudaModule text = all.gpu.compile(PLAIN)) {
                code.accept(text, all);
            }
        }, ARGUMENT, line);
    }

    static Stream<Arguments> mistakes() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of(Named.of("scalars", SCALARS_OF_TEXTS),
                Named.of("structures", STRUCTURES), Named.of("declarations", DECLARATIONS), Named.of("names", NAMES),
                Named.of("buffers", BUFFERS), Named.of("a text", OF_A_TEXT))
                .map(mistakes -> Arguments.of(binding, mistakes)));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeIsToldInALine(String binding, List<Wrong> mistakes) {
        for (Wrong wrong : mistakes) {
            try (Things all = new Things(binding)) {
                Exception thrown = assertThrows(wrong.type, () -> wrong.code.accept(all), wrong.name);
                assertEquals(wrong.line, thrown.getMessage(), wrong.name);
            }
        }
    }
}
