package org.charlstm.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaStream;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.UpdateRule;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** charlstm's kernels on a program's own buffers, against the reference device with the same numbers. */
@Needs(Need.SIMULATED_GPU)
class CudaKernelsTest {
    private static final double EXACT = 2e-6;

    private final SplittableRandom random = new SplittableRandom(17);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** A program's GPU with the kernels on it, and the reference, whose memory ends with it. */
    private static final class Pair implements AutoCloseable {
        private final Resources resources = new Resources();
        private final Cuda gpu;
        private final CudaKernels kernels;
        private final Device reference;
        private final Memory memory;

        Pair(String binding) {
            this(binding, DeviceOptions.DEFAULT);
        }

        Pair(String binding, DeviceOptions options) {
            gpu = Gpus.open(binding);
            resources.add(gpu::close);
            kernels = CudaKernels.on(gpu, options);
            resources.add(kernels::close);
            reference = Devices.open("reference", DeviceOptions.DEFAULT);
            resources.add(reference::close);
            memory = reference.memory();
            resources.add(memory::close);
        }

        CudaBuffer floats(double... values) {
            return floats(CudaType.FLOAT32, values);
        }

        CudaBuffer floats(CudaType type, double... values) {
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            CudaBuffer buffer = gpu.uninitialised(type, values.length, "data");
            resources.add(buffer::close);
            buffer.write(floats);
            return buffer;
        }

        CudaBuffer ints(int... values) {
            CudaBuffer buffer = gpu.ints(values);
            resources.add(buffer::close);
            return buffer;
        }

        CudaBuffer doubles(double... values) {
            CudaBuffer buffer = gpu.doubles(values);
            resources.add(buffer::close);
            return buffer;
        }

        Matrix matrix(int rows, double... values) {
            Matrix matrix = memory.matrix(rows, values.length / rows);
            matrix.write(values);
            return matrix;
        }

        Ints vector(int... values) {
            Ints vector = memory.ints(values.length);
            vector.write(values);
            return vector;
        }

        Doubles sums(double... values) {
            Doubles sums = memory.doubles(values.length);
            sums.write(values);
            return sums;
        }

        @Override
        public void close() {
            resources.close();
        }
    }

    /** Numbers that float32 and bf16 hold as they are. */
    private double[] numbers(int count) {
        return IntStream.range(0, count).mapToDouble(_ -> random.nextInt(-128, 129) / 64.0).toArray();
    }

    private static void agree(String what, double[] expected, CudaBuffer actual, double tolerance) {
        double[] values = actual.type() == CudaType.FLOAT64 ? actual.toDoubles() : doubles(actual.toFloats());
        Agreement.require(what, expected, values, tolerance);
    }

    private static double[] doubles(float... floats) {
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void crossEntropyGivesLossGradientAndTotals(String binding) {
        double[] logits = numbers(5 * 7);
        int[] targets = {3, 0, -1, 6, -2 - 4};
        double[] before = {1, 2, 3, 4, 5};
        try (Pair on = new Pair(binding)) {
            Matrix gradient = on.memory.matrix(5, 7);
            Doubles totals = on.sums(before);
            on.reference.operations().crossEntropy(on.matrix(5, logits), on.vector(targets), on.sums(4), gradient,
                    totals);
            CudaBuffer given = on.floats(logits);
            CudaBuffer found = on.floats(new double[35]);
            CudaBuffer sums = on.doubles(before);
            on.kernels.crossEntropy(given, on.ints(targets), on.doubles(4), found, sums);
            agree("gradient", gradient.read(), found, EXACT);
            agree("totals", totals.read(), sums, EXACT);
            on.kernels.crossEntropy(given, on.ints(targets), on.doubles(4), given, sums);
            agree("gradient in place", gradient.read(), given, EXACT);
            CudaBuffer lossAlone = on.doubles(before);
            on.kernels.crossEntropy(on.floats(logits), on.ints(targets), null, null, lossAlone);
            agree("totals without a gradient", totals.read(), lossAlone, EXACT);
            CudaBuffer coarse = on.floats(CudaType.BFLOAT16, logits);
            CudaBuffer coarseGradient = on.floats(CudaType.BFLOAT16, new double[35]);
            on.kernels.crossEntropy(coarse, on.ints(targets), on.doubles(4), coarseGradient, on.doubles(before));
            agree("gradient in bf16", gradient.read(), coarseGradient, 1.0 / 256);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run(CudaKernels kernels, CudaBuffer weights, CudaBuffer gradients, List<CudaBuffer> states,
                CudaBuffer factors, CudaBuffer step);
    }

    private void check(Pair on, UpdateRule rule, Step step) {
        int count = 131;
        double[] weights = numbers(count + 2);
        double[] factors = IntStream.rangeClosed(1, 3).mapToObj(t -> rule.factors(0.01, t))
                .flatMapToDouble(Arrays::stream).toArray();
        Matrix expected = on.matrix(1, weights);
        List<Matrix> states = rule.states().stream().map(_ -> on.memory.flat(count)).toList();
        CudaBuffer actual = on.floats(weights);
        List<CudaBuffer> buffers = rule.states().stream().map(_ -> on.floats(new double[count])).toList();
        for (int i = 0; i < 3; i++) {
            double[] gradients = numbers(count);
            on.reference.operations().update(rule, expected, on.matrix(1, gradients), states, on.sums(factors),
                    on.vector(i));
            step.run(on.kernels, actual, on.floats(gradients), buffers, on.doubles(factors), on.ints(i));
        }
        agree(rule + ": weights", expected.read(), actual, EXACT);
        for (int i = 0; i < buffers.size(); i++) {
            agree(rule + ": " + rule.states().get(i), states.get(i).read(), buffers.get(i), EXACT);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void updatesChangeWeightsAndStates(String binding) {
        try (Pair on = new Pair(binding)) {
            UpdateRule.RmsProp rmsProp = new UpdateRule.RmsProp(0.9, 1e-3, 0.01);
            check(on, rmsProp, (kernels, w, g, states, factors, step) -> kernels.rmsProp(rmsProp, w, g,
                    states.getFirst(), factors, step));
            for (UpdateRule.Adam adam : List.of(new UpdateRule.Adam(0.9, 0.99, 1e-3, 0.1, false),
                    new UpdateRule.Adam(0.8, 0.999, 1e-3, 0.1, true))) {
                check(on, adam, (kernels, w, g, states, factors, step) -> kernels.adam(adam, w, g, states.get(0),
                        states.get(1), factors, step));
            }
            for (UpdateRule.Sgd sgd : List.of(UpdateRule.Sgd.KERAS, new UpdateRule.Sgd(0.9, true, 0.01))) {
                check(on, sgd, (kernels, w, g, states, factors, step) -> kernels.sgd(sgd, w, g,
                        states.isEmpty() ? null : states.getFirst(), factors, step));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void clippingMeasuresAndLimits(String binding) {
        try (Pair on = new Pair(binding)) {
            for (double[] limits : new double[][] {{1, 0.05}, {1, Double.POSITIVE_INFINITY}, {1e9, 0.5},
                {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY}}) {
                double[] gradients = numbers(1030);
                Matrix expected = on.matrix(1, gradients);
                Doubles norms = on.sums(0, 3, 1, 0);
                on.reference.operations().clip(expected, limits[0], limits[1], norms);
                CudaBuffer actual = on.floats(gradients);
                CudaBuffer measured = on.doubles(0, 3, 1, 0);
                on.kernels.clip(actual, limits[0], limits[1], measured);
                agree("gradients", expected.read(), actual, EXACT);
                agree("norms", norms.read(), measured, EXACT);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void dropoutDropsTheSameElements(String binding) {
        Dropout dropout = new Dropout(0.4, 99, 2);
        double[] input = numbers(6 * 11);
        try (Pair on = new Pair(binding)) {
            Matrix expected = on.memory.matrix(6, 11);
            on.reference.operations().dropout(dropout, on.vector(5), on.matrix(6, input), expected);
            for (CudaType type : List.of(CudaType.FLOAT32, CudaType.BFLOAT16)) {
                CudaBuffer given = on.floats(type, input);
                CudaBuffer actual = on.floats(type, new double[66]);
                on.kernels.dropout(dropout, on.ints(5), 6, given, actual);
                agree("output", expected.read(), actual, type == CudaType.FLOAT32 ? EXACT : 1.0 / 256);
                on.kernels.dropout(dropout, on.ints(5), 6, given, given);
                assertArrayEquals(actual.toFloats(), given.toFloats());
            }
            assertTrue(Arrays.stream(expected.read()).filter(value -> value == 0).count() > 10);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void drawsAreThoseOfTheSameSeed(String binding) {
        double[] logits = numbers(40 * 9);
        int[] sentences = IntStream.range(100, 140).toArray();
        try (Pair on = new Pair(binding)) {
            for (Draw draw : List.of(Draw.at(1), Draw.at(0), new Draw(0.7, 4, 0.8))) {
                Ints expected = on.memory.ints(40);
                on.reference.operations().draw(on.matrix(40, logits), draw, 1234, on.vector(sentences), on.vector(3),
                        expected);
                CudaBuffer actual = on.ints(new int[40]);
                on.kernels.draw(on.floats(logits), draw, 1234, on.ints(sentences), on.ints(3), actual);
                assertArrayEquals(expected.read(), actual.toInts(), draw::toString);
            }
        }
    }

    private double[][] tensors(int... sizes) {
        return IntStream.of(sizes).mapToObj(this::numbers).toArray(double[][]::new);
    }

    /** Packed as each device wants them, and read back likewise. */
    @ParameterizedTest
    @MethodSource("bindings")
    void anLstmWorksOnBuffersOfTheProgram(String binding) {
        Rnn.Layers layers = new Rnn.Layers(Rnn.InputShape.ofMatrix(3), 4, 1);
        Rnn.Shape shape = new Rnn.Shape(layers, 5, 2, true);
        double[][] weights = tensors(3 * 16, 4 * 16, 16);
        double[] input = numbers(10 * 3);
        double[] gradient = numbers(10 * 4);
        record Result(double[] output, double[] inputGradient, double[][] gradients) {
        }
        try (Pair on = new Pair(binding)) {
            Stream<Result> results = Stream.of(false, true).map(ours -> {
                Operations operations = ours ? on.kernels.operations() : on.reference.operations();
                int size = operations.rnnLayout(layers).size();
                double[] flat = new double[size];
                operations.rnnLayout(layers).pack(weights, flat, 0);
                try (Memory memory = ours ? on.kernels.memory() : on.reference.memory()) {
                    Rnn lstm = operations.rnn(memory, shape, 0);
                    Matrix w = ours ? on.kernels.matrix(on.floats(flat), 1, size) : on.matrix(1, flat);
                    Matrix x = ours ? on.kernels.matrix(on.floats(input), 10, 3) : on.matrix(10, input);
                    Matrix y = ours ? on.kernels.matrix(on.floats(new double[40]), 10, 4) : on.memory.matrix(10, 4);
                    Matrix dy = ours ? on.kernels.matrix(on.floats(gradient), 10, 4) : on.matrix(10, gradient);
                    Matrix dx = ours ? on.kernels.matrix(on.floats(new double[30]), 10, 3) : on.memory.matrix(10, 3);
                    Matrix dw = ours ? on.kernels.matrix(on.floats(new double[size]), 1, size) : on.memory.flat(size);
                    lstm.forward(w, new Rnn.Input.Dense(x), null, y);
                    double[] output = y.read();
                    lstm.backward(w, new Rnn.Input.Dense(x), y, dy, dx, dw);
                    return new Result(output, dx.read(), operations.rnnLayout(layers).unpack(dw.read(), 0));
                }
            });
            List<Result> both = results.toList();
            Agreement.require("output", both.get(0).output, both.get(1).output, 1e-5);
            Agreement.require("input's gradient", both.get(0).inputGradient, both.get(1).inputGradient, 1e-5);
            for (int i = 0; i < 3; i++) {
                Agreement.require("gradient " + i, both.get(0).gradients[i], both.get(1).gradients[i], 1e-5);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aBatchNormalisationWorksOnBuffersOfTheProgram(String binding) {
        BatchNorm.Shape shape = new BatchNorm.Shape(6, 9, 0.9, 1e-3, true);
        double[] input = numbers(54);
        double[] gradient = numbers(54);
        double[][] weights = tensors(6, 6);
        record Result(double[] output, double[] inputGradient, double[][] gradients, double[] moving) {
        }
        try (Pair on = new Pair(binding)) {
            List<Result> both = Stream.of(false, true).map(ours -> {
                Operations operations = ours ? on.kernels.operations() : on.reference.operations();
                int size = operations.batchNormLayout(6).size();
                double[] flat = new double[size + 12];
                operations.batchNormLayout(6).pack(weights, flat, 0);
                Arrays.fill(flat, size, size + 12, 1);
                try (Memory memory = ours ? on.kernels.memory() : on.reference.memory()) {
                    BatchNorm norm = operations.batchNorm(memory, shape, 0, size);
                    Matrix w = ours ? on.kernels.matrix(on.floats(flat), 1, flat.length) : on.matrix(1, flat);
                    Matrix x = ours ? on.kernels.matrix(on.floats(input), 9, 6) : on.matrix(9, input);
                    Matrix y = ours ? on.kernels.matrix(on.floats(new double[54]), 9, 6) : on.memory.matrix(9, 6);
                    Matrix dy = ours ? on.kernels.matrix(on.floats(gradient), 9, 6) : on.matrix(9, gradient);
                    Matrix dw = ours ? on.kernels.matrix(on.floats(new double[size]), 1, size) : on.memory.flat(size);
                    norm.forward(w, x, y);
                    double[] output = y.read();
                    norm.backward(w, x, dy, dy, dw);
                    double[] all = w.read();
                    return new Result(output, dy.read(), operations.batchNormLayout(6).unpack(dw.read(), 0),
                            Arrays.copyOfRange(all, size, size + 12));
                }
            }).toList();
            Agreement.require("output", both.get(0).output, both.get(1).output, 1e-5);
            Agreement.require("input's gradient", both.get(0).inputGradient, both.get(1).inputGradient, 1e-5);
            Agreement.require("moving", both.get(0).moving, both.get(1).moving, 1e-5);
            for (int i = 0; i < 2; i++) {
                Agreement.require("gradient " + i, both.get(0).gradients[i], both.get(1).gradients[i], 1e-5);
            }
        }
    }

    /** Work goes to the current stream, a graph records it, and the GPU is the program's before, beside and after. */
    @ParameterizedTest
    @MethodSource("bindings")
    void theGpuStaysThePrograms(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer weights = gpu.floats(1, 2);
                CudaBuffer gradients = gpu.floats(10, 20);
                CudaBuffer factors = gpu.doubles(0.1);
                CudaBuffer step = gpu.ints(0);
                CudaStream other = gpu.newStream(0)) {
            // cuBLAS' handle ends with the GPU.
            gpu.blas().prepare();
            gpu.synchronize();
            long live = SimulatedGpu.live();
            CudaKernels kernels = CudaKernels.on(gpu);
            Runnable update = () -> kernels.sgd(UpdateRule.Sgd.KERAS, weights, gradients, null, factors, step);
            gpu.on(other, update);
            other.synchronize();
            assertArrayEquals(new float[] {0, 0}, weights.toFloats());
            try (CudaGraph graph = gpu.record(update)) {
                assertArrayEquals(new float[] {0, 0}, weights.toFloats());
                graph.launch();
                graph.launch();
                assertArrayEquals(new float[] {-2, -4}, weights.toFloats());
            }
            kernels.close();
            kernels.close();
            assertEquals(live, SimulatedGpu.live());
            assertThrows(IllegalStateException.class, update::run);
            weights.fill(3);
            assertArrayEquals(new float[] {3, 3}, weights.toFloats());
        }
    }

    private static void refused(String line, Runnable use) {
        assertEquals(line, assertThrows(IllegalArgumentException.class, use::run).getMessage());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void wrongTypesAndSizesAreNamed(String binding) {
        try (Pair on = new Pair(binding); Pair other = new Pair(binding)) {
            CudaKernels kernels = on.kernels;
            CudaBuffer four = on.floats(1, 2, 3, 4);
            CudaBuffer three = on.floats(1, 2, 3);
            CudaBuffer ids = on.ints(0, 1);
            CudaBuffer one = on.doubles(1);
            CudaBuffer zero = on.ints(0);
            CudaBuffer sums = on.doubles(0, 0, 0, 0, 0);
            CudaBuffer bf16 = on.floats(CudaType.BFLOAT16, 1, 2, 3, 4);
            UpdateRule.Sgd sgd = UpdateRule.Sgd.KERAS;
            refused("the logits must be a matrix of 2 rows, and a buffer of 3 elements was given",
                    () -> kernels.crossEntropy(three, ids, one, three, sums));
            refused("the targets must have at least 4 elements of int, and a buffer of 4 of float32 was given",
                    () -> kernels.crossEntropy(four, four, one, four, sums));
            refused("the gradient must have at least 4 elements of float32, and a buffer of 4 of bf16 was given",
                    () -> kernels.crossEntropy(four, ids, one, bf16, sums));
            refused("the totals must have at least 5 elements of double, and a buffer of 1 of double was given",
                    () -> kernels.crossEntropy(four, ids, one, four, one));
            refused("no count where a gradient is wanted", () -> kernels.crossEntropy(four, ids, null, four, sums));
            refused("the logits is a buffer of another Cuda, on GPU 0, than these kernels, on GPU 0",
                    () -> kernels.crossEntropy(other.floats(1, 2), ids, null, null, sums));
            refused("the weights must have at least 4 elements of float32, and a buffer of 3 of float32 was given",
                    () -> kernels.sgd(sgd, three, four, null, one, zero));
            refused("velocities belong to a momentum, which is 0.0",
                    () -> kernels.sgd(sgd, four, four, four, one, zero));
            refused("the state of the rule must have at least 4 elements of float32, and a buffer of 3 of float32 was "
                    + "given", () -> kernels.rmsProp(UpdateRule.RmsProp.KERAS, four, four, three, one, zero));
            refused("the gradients must have at least 4 elements of float32, and a buffer of 4 of bf16 was given",
                    () -> kernels.sgd(sgd, four, bf16, null, one, zero));
            refused("2 factors where each update has 3", () -> kernels.adam(UpdateRule.Adam.KERAS, four, four,
                    on.floats(0, 0, 0, 0), on.floats(0, 0, 0, 0), on.doubles(1, 1), zero));
            refused("the step must have at least 1 elements of int, and a buffer of 1 of double was given",
                    () -> kernels.sgd(sgd, four, four, null, one, one));
            refused("the norms must have at least 4 elements of double, and a buffer of 1 of double was given",
                    () -> kernels.clip(four, 1, 1, one));
            refused("the limit is 0.0 and the bound 1.0; both must be above 0, infinity for none",
                    () -> kernels.clip(four, 0, 1, sums));
            refused("the output must have at least 4 elements of float32, and a buffer of 4 of bf16 was given",
                    () -> kernels.dropout(new Dropout(0.5, 1, 1), zero, 2, four, bf16));
            refused("the input must be a matrix of 0 rows, and a buffer of 4 elements was given",
                    () -> kernels.dropout(new Dropout(0.5, 1, 1), zero, 0, four, four));
            refused("the drawn must have at least 2 elements of int, and a buffer of 1 of int was given",
                    () -> kernels.draw(four, Draw.at(1), 1, ids, zero, zero));
            refused("the matrix is 0 x 4; it needs at least 1 x 1", () -> kernels.matrix(four, 0, 4));
            refused("the matrix must have at least 6 elements of float32, and a buffer of 4 of float32 was given",
                    () -> kernels.matrix(four, 2, 3));
            refused("the matrix must have at least 1 elements of float32, and a buffer of 2 of int was given",
                    () -> kernels.matrix(ids, 1, 1));
            refused("the vector must have at least 4 elements of double, and a buffer of 4 of float32 was given",
                    () -> kernels.doubles(four));
            assertArrayEquals(new float[] {1, 2, 3, 4}, four.toFloats());
        }
    }

    /** A kernel that takes four elements at a time would fail its context for good. */
    @ParameterizedTest
    @MethodSource("bindings")
    void viewsServeWhereTheyBeginAtAMultipleOf16Bytes(String binding) {
        double[] values = numbers(12);
        try (Pair on = new Pair(binding)) {
            CudaBuffer weights = on.floats(values);
            CudaBuffer gradients = on.floats(values);
            on.kernels.sgd(UpdateRule.Sgd.KERAS, weights.view(4, 7), gradients.view(8, 3), null, on.doubles(1),
                    on.ints(0));
            double[] expected = values.clone();
            for (int i = 0; i < 3; i++) {
                expected[4 + i] -= values[8 + i];
            }
            agree("weights", expected, weights, EXACT);
            refused("the weights must begin at a multiple of 16 bytes, and a view was given that does not; begin it at "
                    + "a multiple of 4 elements",
                    () -> on.kernels.sgd(UpdateRule.Sgd.KERAS, weights.view(1, 3),
                            gradients.view(0, 3), null, on.doubles(1), on.ints(0)));
            refused("the matrix must begin at a multiple of 16 bytes, and a view was given that does not; begin it at "
                    + "a multiple of 8 elements",
                    () -> on.kernels.matrix(on.floats(CudaType.BFLOAT16, values).view(4, 4), 2, 2));
            agree("weights", expected, weights, EXACT);
        }
    }
}
