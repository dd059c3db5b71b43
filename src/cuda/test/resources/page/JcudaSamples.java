import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaKernel;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.CudaStream;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.cuda.GemmBatch;
import org.charlstm.cuda.Grid;

// JCuda's samples on this library; docs/jcuda-samples.md lists them.

private static final String NAMES = """
        static __global__ void f1(int* result) { *result = 10; }
        namespace N1 { namespace N2 { __global__ void f2(int* result) { *result = 20; } } }
        template <typename T> __global__ void f3(int* result) { *result = sizeof(T); }
        """;

/** With the file of the kernels first, a text or PTX, runs the samples that it is given. */
void main(String[] arguments) {
    Path file = Path.of(arguments[0]);
    try (Cuda gpu = Cuda.open();
            CudaModule module = file.toString().endsWith(".cu") ? gpu.compile(file) : gpu.load(file)) {
        for (String sample : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            System.out.println(sample + ": " + switch (sample) {
                case "deviceQuery" -> deviceQuery(gpu);
                case "vectorAdd" -> vectorAdd(gpu, module);
                case "reduction" -> reduction(gpu, module);
                case "constantMemory" -> constantMemory(gpu, module);
                case "graph" -> graph(gpu, module);
                case "rows" -> rows(gpu, module);
                case "hostFunction" -> hostFunction(gpu, module);
                case "unifiedMemory" -> unifiedMemory(gpu);
                case "batch" -> batch(gpu);
                case "pointerModes" -> pointerModes(gpu);
                case "loweredNames" -> loweredNames(gpu);
                case "products" -> products(gpu);
                default -> throw new IllegalArgumentException(sample);
            });
        }
    }
}

private String deviceQuery(Cuda gpu) {
    return gpu.properties().capability() + ", " + gpu.properties().multiprocessors() + " multiprocessors, "
            + gpu.properties().threadsPerBlock() + " threads a block";
}

private String vectorAdd(Cuda gpu, CudaModule module) {
    int n = 1000;
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
        numbers[i] = i;
    }
    try (CudaBuffer a = gpu.floats(numbers); CudaBuffer b = gpu.floats(numbers);
            CudaBuffer sum = gpu.allocate(CudaType.FLOAT32, n)) {
        module.kernel("add").launch(Grid.covering(n, 256), n, a, b, sum);
        float[] sums = sum.toFloats();
        for (int i = 0; i < n; i++) {
            if (sums[i] != i + i) {
                return "wrong at " + i;
            }
        }
        return "passed";
    }
}

private String reduction(Cuda gpu, CudaModule module) {
    int n = 10_000;
    int blocks = 8;
    Grid grid = Grid.of(blocks, 128).shared(128 * Float.BYTES);
    try (CudaBuffer values = gpu.allocate(CudaType.FLOAT32, n);
            CudaBuffer sums = gpu.allocate(CudaType.FLOAT32, blocks)) {
        values.fill(0.5);
        CudaKernel reduce = module.kernel("reduce");
        reduce.launch(grid, values, sums, n);
        reduce.launch(grid.blocks(1, 1, 1), sums, sums, blocks);
        return "sum " + sums.toFloats()[0];
    }
}

private String constantMemory(Cuda gpu, CudaModule module) {
    float[] numbers = new float[100];
    for (int i = 0; i < numbers.length; i++) {
        numbers[i] = i;
    }
    // PTX has lost the type.
    CudaBuffer table = module.global("table", CudaType.FLOAT32);
    table.write(numbers);
    try (CudaBuffer copy = gpu.allocate(CudaType.FLOAT32, table.count())) {
        module.kernel("from_table").launch(Grid.of(1, 128), copy, numbers.length);
        return Arrays.equals(numbers, copy.toFloats()) ? "passed" : "failed";
    }
}

/** A, then B and C beside each other, then D. */
private String graph(Cuda gpu, CudaModule module) {
    int n = 2560;
    Grid grid = Grid.covering(n, 256);
    try (CudaBuffer first = gpu.allocate(CudaType.FLOAT32, n);
            CudaBuffer second = gpu.allocate(CudaType.FLOAT32, n);
            CudaBuffer sum = gpu.allocate(CudaType.FLOAT32, n);
            CudaStream side = gpu.newStream(0);
            CudaEvent afterA = gpu.newEvent(false);
            CudaEvent afterC = gpu.newEvent(false)) {
        first.fill(1);
        second.fill(1);
        try (CudaGraph graph = gpu.record(() -> {
            module.kernel("add_to").launch(grid, n, first, second, 2f);
            afterA.record();
            side.waitFor(afterA);
            gpu.on(side, () -> {
                module.kernel("multiply").launch(grid, n, second, 4f);
                afterC.record();
            });
            module.kernel("multiply").launch(grid, n, first, 3f);
            gpu.stream().waitFor(afterC);
            module.kernel("add").launch(grid, n, first, second, sum);
        })) {
            graph.launch();
        }
        return "each is " + sum.toFloats()[n - 1];
    }
}

private String rows(Cuda gpu, CudaModule module) {
    int threads = 4;
    try (CudaBuffer all = gpu.allocate(CudaType.INT16, 3 * threads); CudaBuffer rows = gpu.longs(all.pointer(),
            all.pointer() + 6, all.pointer() + 12, all.pointer() + 18)) {
        module.kernel("fill_rows").launch(Grid.of(1, threads), rows);
        return Arrays.toString(all.toShorts());
    }
}

/** On three streams at once. */
private String hostFunction(Cuda gpu, CudaModule module) {
    int n = 1000;
    AtomicInteger called = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
        try (CudaStream stream = gpu.newStream(0)) {
            gpu.on(stream, () -> {
                // New memory is zeroed in the stream that is current.
                try (CudaBuffer values = gpu.allocate(CudaType.FLOAT32, n)) {
                    module.kernel("multiply").launch(Grid.covering(n, 256), n, values, 2f);
                    gpu.callHost(called::incrementAndGet);
                    stream.synchronize();
                }
            });
        }
    }
    return called + " calls";
}

private String unifiedMemory(Cuda gpu) {
    int n = 10;
    try (CudaBuffer values = gpu.memory().managed(CudaType.FLOAT32, n)) {
        for (int i = 0; i < n; i++) {
            values.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
        }
        return "result " + gpu.blas().vectors().dot(values, values);
    }
}

private String batch(Cuda gpu) {
    try (CudaBuffer a = gpu.floats(1, 2, 3, 4); CudaBuffer b = gpu.floats(5, 6, 7, 8);
            CudaBuffer c = gpu.floats(0, 0, 0, 0);
            CudaBuffer d = gpu.floats(0, 0, 0, 0);
            GemmBatch batch = gpu.blas().batch(Gemm.of(2, 2, 2), List.of(a, b), List.of(b, a), List.of(c, d))) {
        gpu.blas().gemm(batch, 1, 0);
        return Arrays.toString(c.toFloats()) + ", " + Arrays.toString(d.toFloats());
    }
}

/** With the result on the host, which waits, and on the GPU. */
private String pointerModes(Cuda gpu) {
    try (CudaBuffer x = gpu.floats(1, 2, 3); CudaBuffer y = gpu.floats(4, 5, 6); CudaBuffer result = gpu.floats(0)) {
        gpu.blas().vectors().dot(x, y, result);
        return gpu.blas().vectors().dot(x, y) + ", " + result.toFloats()[0];
    }
}

private String loweredNames(Cuda gpu) {
    String[] names = {"f1", "N1::N2::f2", "f3<int>", "f3<double>"};
    int[] results = new int[names.length];
    try (CudaModule module = gpu.compile(CudaSource.of("names.cu", NAMES).withNames(names));
            CudaBuffer result = gpu.ints(0)) {
        for (int i = 0; i < names.length; i++) {
            module.kernel(names[i]).launch(Grid.of(1, 1), result);
            results[i] = result.toInts()[0];
        }
    }
    return Arrays.toString(results);
}

private String products(Cuda gpu) {
    try (CudaBuffer a = gpu.floats(1, 2, 3, 4); CudaBuffer b = gpu.floats(5, 6, 7, 8);
            CudaBuffer c = gpu.floats(1, 1, 1, 1);
            CudaBuffer halves = gpu.allocate(CudaType.FLOAT16, 4);
            CudaBuffer result = gpu.allocate(CudaType.FLOAT32, 4)) {
        gpu.blas().gemm(Gemm.of(false, false, 2, 2, 2), 2, a, b, 1, c);
        halves.write(new float[] {1, 2, 3, 4});
        Gemm ofHalves = Gemm.of(false, false, 2, 2, 2).withTypes(CudaType.FLOAT16, CudaType.FLOAT32);
        gpu.blas().gemm(ofHalves, 1, halves, halves, 0, result);
        return Arrays.toString(c.toFloats()) + ", of halves " + Arrays.toString(result.toFloats());
    }
}
