import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaKernel;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaRows;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.CudaStream;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.CudnnRnn;
import org.charlstm.cuda.CudnnRnn.State;
import org.charlstm.cuda.Epilogue;
import org.charlstm.cuda.Gemm;
import org.charlstm.cuda.GemmBatch;
import org.charlstm.cuda.GemmPlan;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.HostBuffer;
import org.charlstm.cuda.KernelLaunch;
import org.charlstm.cuda.KernelSignature;
import org.charlstm.cuda.Nvtx;
import org.charlstm.cuda.RnnDataLayout;
import org.charlstm.cuda.RnnDescription;
import org.charlstm.cuda.RnnWeights;

// Each snippet of docs/kernels.md stands here as it stands there.

private static final String SAXPY = """
        extern "C" __global__ void saxpy(int n, float a, const float* x, float* y) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) y[i] += a * x[i];
        }
        """;
private static final String MIXED = """
        struct Pair { int first; double second; };
        extern "C" __global__ void mixed(bool up, unsigned char shift, long long n, Pair pair, long long* sums) {
            long long i = threadIdx.x;
            if (i < n) sums[i] = (up ? i << shift : 0) + pair.first + (long long)pair.second;
        }
        """;
private static final String POLYNOMIAL = """
        __constant__ float coefficients[3];
        extern "C" __global__ void evaluate(int n, float* x) {
            int i = threadIdx.x;
            if (i < n) x[i] = coefficients[0] + x[i] * (coefficients[1] + x[i] * coefficients[2]);
        }
        """;
private static final String REDUCTION = """
        namespace sums {
        template <typename T, int THREADS> __global__ void reduce(int n, const T* x, T* sum) {
            __shared__ T part[THREADS];
            int t = threadIdx.x;
            T own = 0;
            for (int i = t; i < n; i += THREADS) own += x[i];
            part[t] = own;
            __syncthreads();
            for (int half = THREADS / 2; half > 0; half /= 2) {
                if (t < half) part[t] += part[t + half];
                __syncthreads();
            }
            if (t == 0) *sum = part[0];
        }
        }
        """;
private static final String RELAX = """
        extern "C" __global__ void relax(int n, int* values) {
            if (blockIdx.x < n && threadIdx.x == 0) values[blockIdx.x] *= 2;
        }
        """;

/** Runs the parts that it is given. */
void main(String[] parts) throws IOException {
    kernel();
    try (Cuda gpu = Cuda.open()) {
        for (String part : parts) {
            System.out.print(part + ": ");
            switch (part) {
                case "arguments" -> arguments(gpu);
                case "variables" -> variables(gpu);
                case "names" -> names(gpu);
                case "memory" -> memory(gpu);
                case "kinds" -> kinds(gpu);
                case "streams" -> streams(gpu);
                case "grid" -> grid(gpu);
                case "foreign" -> foreign(gpu);
                case "products" -> products(gpu);
                case "vectors" -> vectors(gpu);
                case "epilogue" -> epilogue(gpu);
                case "network" -> network(gpu);
                case "sequences" -> sequences(gpu);
                case "threads" -> threads(gpu);
                case "ranges" -> ranges(gpu);
                default -> throw new IllegalArgumentException(part);
            }
        }
    }
}

private void kernel() throws IOException {
    Files.writeString(Path.of("saxpy.cu"), SAXPY);
    try (Cuda gpu = Cuda.open();
            CudaModule module = gpu.compile(Path.of("saxpy.cu"));
            CudaBuffer x = gpu.floats(1, 2, 3);
            CudaBuffer y = gpu.floats(10, 20, 30)) {
        module.kernel("saxpy").launch(Grid.covering(3, 128), 3, 2f, x, y);
        System.out.println(Arrays.toString(y.toFloats()));    // [12.0, 24.0, 36.0]
        KernelLaunch prepared = module.kernel("saxpy").prepare(Grid.covering(3, 128), 3, 2f, x, y);
        prepared.set(1, 0.5f);
        prepared.launch();
        System.out.println(Arrays.toString(y.toFloats()));
        module.kernel("saxpy(int n, float a, const float* x, float* y)");
    }
}

private void arguments(Cuda gpu) {
    StructLayout pairs = MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("first"),
            MemoryLayout.paddingLayout(4), ValueLayout.JAVA_DOUBLE.withName("second"));
    MemorySegment pair = MemorySegment.ofArray(new long[2]);
    pair.set(ValueLayout.JAVA_INT, 0, 7);
    pair.set(ValueLayout.JAVA_DOUBLE, 8, 0.5);
    try (CudaModule module = gpu.compile(CudaSource.of("mixed.cu", MIXED)); CudaBuffer sums = gpu.longs(0, 0, 0)) {
        CudaKernel mixed = module.kernel(KernelSignature.of(
                "mixed(bool up, unsigned char shift, long long n, Pair pair, long long* sums)", Map.of("Pair", pairs)));
        mixed.launch(Grid.of(1, 32), true, (byte) 4, 3L, pair, sums);
        System.out.println(Arrays.toString(sums.toLongs()));
    }
}

private void variables(Cuda gpu) {
    try (CudaModule module = gpu.compile(CudaSource.of("polynomial.cu", POLYNOMIAL));
            CudaBuffer x = gpu.floats(0, 1, 2)) {
        CudaBuffer coefficients = module.global("coefficients");      // __constant__ float coefficients[3]
        coefficients.write(new float[] {1, 2, 3});
        module.kernel("evaluate").launch(Grid.of(1, 32), 3, x);       // sees them
        System.out.println(Arrays.toString(x.toFloats()));
    }
}

private void names(Cuda gpu) {
    try (CudaBuffer x = gpu.doubles(1, 2, 3, 4, 5); CudaBuffer sum = gpu.doubles(0)) {
        CudaSource source = CudaSource.of("reduce.cu", REDUCTION).withNames("sums::reduce<double, 64>");
        try (CudaModule module = gpu.compile(source)) {
            module.kernel("sums::reduce<double, 64>").launch(Grid.of(1, 64), 5, x, sum);
        }
        System.out.println(Arrays.toString(sum.toDoubles()));
    }
}

private void memory(Cuda gpu) {
    try (CudaBuffer halves = gpu.allocate(CudaType.BFLOAT16, 4); HostBuffer host = gpu.pinned(CudaType.BFLOAT16, 4)) {
        halves.write(new float[] {1, 2, 3, 4});
        halves.view(1, 2).fill(0);
        halves.readAsync(host);
        gpu.synchronize();
        System.out.println(Arrays.toString(halves.toFloats()));
    }
}

private void kinds(Cuda gpu) {
    try (CudaBuffer shared = gpu.memory().managed(CudaType.FLOAT32, 6);
            CudaBuffer column = gpu.memory().pooled(CudaType.FLOAT32, 2)) {
        shared.segment().copyFrom(MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5, 6}));
        // The second column of a matrix of 2 x 3.
        new CudaRows(column, 0, 2, 1, 1).copyFrom(new CudaRows(shared, 1, 2, 1, 3));
        System.out.println(Arrays.toString(column.toFloats()) + " " + (gpu.memory().free() < gpu.memory().total()));
    }
}

private void grid(Cuda gpu) {
    try (CudaModule module = gpu.compile(CudaSource.of("relax.cu", RELAX)); CudaBuffer values = gpu.ints(1, 2, 3, 4)) {
        CudaKernel relax = module.kernel("relax");
        relax.launch(Grid.of(4, 32).cooperative(), 4, values);        // all four blocks at once
        System.out.println(Arrays.toString(values.toInts()) + " " + (relax.blocksAtOnce(32, 0) >= 4));
    }
}

private void foreign(Cuda gpu) {
    try (CudaModule module = gpu.compile(CudaSource.of("saxpy.cu", SAXPY));
            CudaBuffer x = gpu.floats(1, 2, 3);
            CudaBuffer y = gpu.floats(1, 1, 1);
            CudaStream side = gpu.newStream(0)) {
        long address = x.pointer();          // this library's, for others
        long handle = side.handle();
        CudaBuffer theirs = CudaBuffer.of(gpu, address, CudaType.FLOAT32, 3);    // others', for this one
        try (CudaStream adopted = gpu.adopt(handle)) {
            gpu.on(adopted, () -> module.kernel("saxpy").launch(Grid.covering(3, 128), 3, 2f, theirs, y));
            adopted.synchronize();
        }
        System.out.println(Arrays.toString(y.toFloats()));
    }
}

private void streams(Cuda gpu) {
    try (CudaModule module = gpu.compile(CudaSource.of("saxpy.cu", SAXPY));
            CudaBuffer x = gpu.floats(1, 2, 3);
            CudaBuffer y = gpu.floats(1, 1, 1);
            CudaBuffer z = gpu.floats(2, 2, 2);
            CudaStream side = gpu.newStream(0);
            CudaEvent ready = gpu.newEvent(false);
            CudaEvent done = gpu.newEvent(false)) {
        CudaKernel saxpy = module.kernel("saxpy");
        Grid grid = Grid.covering(3, 128);
        Runnable work = () -> {
            ready.record();                        // fork: the side stream waits for what comes before
            side.waitFor(ready);
            gpu.on(side, () -> {
                saxpy.launch(grid, 3, 2f, x, z);
                done.record();
            });
            saxpy.launch(grid, 3, 1f, x, y);
            gpu.stream().waitFor(done);            // join
            saxpy.launch(grid, 3, 1f, z, y);
        };
        work.run();
        System.out.print(Arrays.toString(y.toFloats()) + " ");
        try (CudaGraph graph = gpu.record(work)) {
            graph.launch();
            graph.launch();
        }
        int[] calls = new int[1];
        gpu.callHost(() -> calls[0]++);        // by a thread of the driver, when the work before is done
        gpu.synchronize();
        System.out.println(Arrays.toString(y.toFloats()) + " " + calls[0]);
    }
}

private void products(Cuda gpu) {
    int m = 2;
    int n = 2;
    int k = 3;
    try (CudaBuffer a = gpu.floats(1, 2, 3, 4, 5, 6); CudaBuffer b = gpu.floats(1, 0, 0, 1, 1, 1);
            CudaBuffer c = gpu.floats(0, 0, 0, 0)) {
        gpu.blas().multiply(m, n, k, a, b, c);                       // c = a b, row-major, exact float32
        System.out.print(Arrays.toString(c.toFloats()) + " ");
    }
    try (CudaBuffer a = gpu.allocate(CudaType.BFLOAT16, 8 * m * k);
            CudaBuffer b = gpu.allocate(CudaType.BFLOAT16, n * k);
            CudaBuffer c = gpu.allocate(CudaType.FLOAT32, 8 * m * n)) {
        a.fill(0.5);
        b.fill(2);
        Gemm gemm = Gemm.of(false, true, m, n, k).withTypes(CudaType.BFLOAT16, CudaType.FLOAT32)
                .withBatches(8, m * k, 0, m * n);
        gpu.blas().gemm(gemm, 1, a, b, 1, c);                        // c = a b' + c, eight at once, tensor cores
        System.out.println(Arrays.toString(c.view(0, 4).toFloats()));
    }
}

private void vectors(Cuda gpu) {
    try (CudaBuffer p = gpu.floats(1, 2, 3, 4);
            CudaBuffer q = gpu.floats(0, 1, 1, 0);
            CudaBuffer r = gpu.floats(0, 0, 0, 0);
            CudaBuffer s = gpu.floats(0, 0, 0, 0);
            CudaBuffer x = gpu.floats(2, 4);
            CudaBuffer y = gpu.floats(0, 0)) {
        try (GemmBatch batch = gpu.blas().batch(Gemm.of(2, 2, 2), List.of(p, q), List.of(q, p), List.of(r, s))) {
            gpu.blas().gemm(batch, 1, 0);                            // r = p q, s = q p
        }
        gpu.blas().multiply(2, 2, p, x, y);                          // y = p x
        gpu.blas().vectors().axpy(0.5, x, y);                        // y = 0.5 x + y
        System.out.println(Arrays.toString(r.toFloats()) + " " + Arrays.toString(s.toFloats()) + " "
                + Arrays.toString(y.toFloats()));
    }
}

private void epilogue(Cuda gpu) {
    try (CudaBuffer p = gpu.floats(1, 2, 3, 4);
            CudaBuffer q = gpu.floats(0, 1, 1, 0);
            CudaBuffer bias = gpu.floats(-3, 0.5f);
            CudaBuffer r = gpu.floats(0, 0, 0, 0)) {
        try (GemmPlan layer = gpu.blas().plan(Gemm.of(2, 2, 2), Epilogue.RELU_BIAS)) {
            layer.run(p, q, bias, r);                                // r = max(0, p q + bias) in one pass, by cuBLASLt
        }
        System.out.println(Arrays.toString(r.toFloats()));
    }
}

private void network(Cuda gpu) {
    int inputs = 3;
    int units = 4;
    int steps = 5;
    int batch = 2;
    try (CudaBuffer x = gpu.floats(new float[steps * batch * inputs]);
            CudaBuffer y = gpu.allocate(CudaType.FLOAT32, steps * batch * units);
            CudaBuffer dx = gpu.allocate(CudaType.FLOAT32, steps * batch * inputs);
            CudaBuffer dy = gpu.allocate(CudaType.FLOAT32, steps * batch * units);
            CudaBuffer h = gpu.allocate(CudaType.FLOAT32, 2 * batch * units);
            CudaBuffer c = gpu.allocate(CudaType.FLOAT32, 2 * batch * units)) {
        State last = new State(h, c);
        x.fill(1);
        dy.fill(1);
        RnnDescription network = RnnDescription.lstm(inputs, units).withLayers(2);    // or gru, or of(cell, ...)
        try (CudnnRnn rnn = gpu.rnn(network, CudnnRnn.Shape.of(steps, batch, true));
                CudnnRnn.Space space = rnn.newSpace();
                CudaBuffer weights = gpu.allocate(CudaType.FLOAT32, rnn.weights().count());
                CudaBuffer gradients = gpu.allocate(CudaType.FLOAT32, rnn.weights().count())) {
            weights.fill(0.1);
            RnnWeights.Weight forget = rnn.weights().weight(0, "R_f");    // where it lies, its rows and columns
            rnn.forward(space, weights, x, y, State.NONE, last);
            // The states: the first one, the gradient of the last, the gradient of the first.
            rnn.backwardData(space, weights, y, dy, dx, State.NONE, State.NONE, State.NONE);
            rnn.backwardWeights(space, x, State.NONE, y, gradients);      // adds: zeros before
            float[] slopes = new float[1];
            gradients.read(forget.matrix(), slopes, 0, 1);
            System.out.println(forget.rows() + " x " + forget.columns() + ", " + (slopes[0] > 0 ? "up" : "not up"));
        }
    }
}

private void sequences(Cuda gpu) {
    int inputs = 3;
    int units = 4;
    RnnDescription both = RnnDescription.gru(inputs, units).inBothDirections();
    // Sequences of 5 and of 3 steps.
    CudnnRnn.Shape shape = new CudnnRnn.Shape(5, List.of(5, 3), false, 0).with(RnnDataLayout.PACKED);
    try (CudnnRnn rnn = gpu.rnn(both, shape);
            CudnnRnn.Space space = rnn.newSpace();
            CudaBuffer weights = gpu.allocate(CudaType.FLOAT32, rnn.weights().count());
            CudaBuffer x = gpu.allocate(CudaType.FLOAT32, shape.rows() * inputs);
            CudaBuffer y = gpu.allocate(CudaType.FLOAT32, shape.rows() * units * both.directions())) {
        weights.fill(0.1);
        x.fill(1);
        rnn.forward(space, weights, x, y, State.NONE, State.NONE);
        System.out.println(shape.rows() + " rows of " + y.count() / shape.rows());
    }
}

private void threads(Cuda gpu) {
    int[] seen = new int[1];
    CudaBuffer counter = gpu.ints(0);
    gpu.handOver();                                                // by the thread that opened it
    Runnable client = () -> gpu.exclusively(() -> counter.fill(counter.toInts()[0] + 1));
    Thread[] clients = {new Thread(client), new Thread(client), new Thread(client)};
    for (Thread each : clients) {
        each.start();
    }
    for (Thread each : clients) {
        try {
            each.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
    gpu.takeOver();
    seen[0] = counter.toInts()[0];
    counter.close();
    System.out.println(seen[0] + " clients");
}

private void ranges(Cuda gpu) {
    try (var _ = Nvtx.range("epoch 3")) {
        gpu.synchronize();
    }
    System.out.println("done");
}
