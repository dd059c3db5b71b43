package org.charlstm.device.gpu.rnn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.KernelTraffic;
import org.charlstm.device.gpu.SmallTraining;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.spi.ShapeException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GRUs and Elman cells by the kernels that go through whole sequences, in bf16, and exact in float32. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class FusedCellsTest {
    private static final Corpus CORPUS = SmallTraining.corpus(19, 5);
    private static final RecurrentCell.Gru HARD = new RecurrentCell.Gru(RecurrentActivation.HARD_SIGMOID, true);

    private static DeviceOptions running(String engine) {
        boolean exact = engine.equals("exact");
        return Gpu.running(exact ? "fused" : engine).withPrecision(exact ? Precision.FLOAT32 : Precision.BF16);
    }

    private static RecurrentCell cell(String name) {
        return switch (name) {
            case "hard" -> HARD;
            case "gru" -> RecurrentCell.Gru.RESET_AFTER;
            case "relu" -> new RecurrentCell.Elman(Activation.RELU);
            default -> new RecurrentCell.Elman(Activation.TANH);
        };
    }

    private static Matrix weights(TrialMemory scope, Rnn.Layers layers, double size) {
        List<double[]> tensors = new ArrayList<>();
        int width = layers.width();
        for (int l = 0; l < layers.count(); l++) {
            tensors.add(random(10 * l + 1, layers.inputs(l) * width, size));
            tensors.add(random(10 * l + 2, layers.hidden() * width, size / 2));
            tensors.add(random(10 * l + 3, layers.cell().biasRows() * width, 1));
        }
        return scope.flat(scope.operations().rnnLayout(layers), 0, tensors);
    }

    /** Without gates; what a GRU keeps of h in float32 is the same. */
    @ParameterizedTest
    @CsvSource({"fused, 19, gru", "fused, 103, hard", "fused, 103, tanh", "cluster, 19, gru", "cluster, 103, hard",
        "cluster, 19, relu", "exact, 19, gru", "exact, 103, hard", "exact, 103, tanh", "exact, 19, relu"})
    void inferenceGivesTheSameBitsAsTraining(String engine, int units, String cell) {
        double[][] outputs = new double[2][];
        for (int i = 0; i < 2; i++) {
            Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(5), units, 2, cell(cell));
            try (Device device = Gpu.device(running(engine)); TrialMemory scope = new TrialMemory(device)) {
                Matrix output = scope.matrix(3 * 3, units);
                Rnn rnn = scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, 3, 3, i == 0), 0);
                rnn.forward(weights(scope, layers, 0.3), new Input.Ids(scope.ints(randomIds(7, 3 * 3, 5))), null,
                        output);
                outputs[i] = output.read();
            }
        }
        assertArrayEquals(outputs[0], outputs[1]);
    }

    /** The output, the last state, and all gradients of two layers on numbers, which may run side by side. */
    private static List<double[]> results(DeviceOptions options, RecurrentCell cell, int parts) {
        int steps = 40;
        int batch = 2;
        int units = 10;
        int rows = steps * batch;
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofMatrix(4), units, 2, cell);
        try (Device device = Gpu.device(options); TrialMemory scope = new TrialMemory(device)) {
            Matrix weights = weights(scope, layers, 0.4);
            Matrix output = scope.matrix(rows, units);
            Matrix inputGradient = scope.matrix(rows, 4);
            Rnn.State state = new Rnn.State(scope.matrix(2 * batch, units, random(31, 2 * batch * units, 0.9)), null);
            Rnn.State ofState = new Rnn.State(scope.matrix(2 * batch, units), null);
            Matrix gradients = scope.flat(new double[weights.columns()]);
            Input input = new Input.Dense(scope.matrix(rows, 4, random(32, rows * 4, 1)));
            Rnn rnn = scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, steps, batch, true), 0);
            assertEquals(parts, rnn.parts());
            rnn.forward(weights, input, state, output, part -> {});
            rnn.backward(weights, input, output, scope.matrix(rows, units, random(33, rows * units, 1)), inputGradient,
                    ofState, gradients);
            List<double[]> results = new ArrayList<>(List.of(output.read(), state.hidden().read(),
                    inputGradient.read(), ofState.hidden().read()));
            results.addAll(List.of(scope.operations().rnnLayout(layers).unpack(gradients.read(), 0)));
            return results;
        }
    }

    /** As far as the plain kernels, which round h in each step, agree. */
    @ParameterizedTest
    @CsvSource({"fused, gru, 4", "cluster, gru, 4", "fused, hard, 4", "fused, tanh, 4", "cluster, tanh, 4",
        "exact, gru, 4", "exact, hard, 4", "exact, tanh, 4", "exact, relu, 4"})
    @Sampled(every = 4)
    void partsAgreeWithThePlainKernels(String engine, String cell, int parts) {
        boolean exact = engine.equals("exact");
        List<double[]> expected = results(exact ? Gpu.running("plain") : running("plain"), cell(cell), 1);
        List<double[]> actual = results(running(engine), cell(cell), parts);
        for (int i = 0; i < expected.size(); i++) {
            Agreement.require("result " + i, expected.get(i), actual.get(i), exact ? 1e-5 : 0.06);
        }
    }

    private static Model model(Device device, int units, int layers, RecurrentCell cell) {
        List<Layer> all =
                new ArrayList<>(Stream.generate(() -> new RecurrentLayer(units, cell)).limit(layers).toList());
        all.add(new DenseLayer(12, Activation.TANH));
        return new Model(device, Initializer.keras(ModelConfig.of(CORPUS.vocabulary().size(), all), 1));
    }

    /** A GRU has a sum more than an LSTM, for its second row of biases; an Elman cell interleaves nothing. */
    @ParameterizedTest
    @CsvSource({"fused, gru, 1, 18", "cluster, hard, 2, 22", "fused, tanh, 1, 15", "cluster, relu, 2, 19",
        "exact, gru, 1, 16", "exact, relu, 2, 18"})
    @Sampled(every = 3)
    void aStepIsTwoLaunchesALayer(String engine, String cell, int layers, int launches) {
        try (Device device = Gpu.device(running(engine));
                Model model = model(device, 8, layers, cell(cell));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            for (int epoch = 0; epoch < 3; epoch++) {
                Map<Counter, Long> done = SimulatedGpu.during(() -> trainer.epoch(EpochListener.NONE));
                assertEquals(launches, done.get(Counter.LAUNCHES));
                // Clusters add up the recurrent kernels' gradients themselves.
                assertEquals((engine.equals("cluster") ? 3 : 4) * layers - 3, done.get(Counter.PRODUCTS));
                assertEquals(0, done.get(Counter.ALLOCATIONS_EVER));
            }
        }
    }

    /** Blocks and clusters are of 8 sequences, and warps of 8 or 16 units, whether those are there or not. */
    @ParameterizedTest
    @CsvSource({"fused, gru, GRU_TENSOR_FORWARD, GRU_TENSOR_BACKWARD, 2, 1",
        "cluster, gru, GRU_CLUSTER_FORWARD, GRU_CLUSTER_BACKWARD, 16, 16",
        "fused, tanh, ELMAN_TENSOR_FORWARD, ELMAN_TENSOR_BACKWARD, 2, 1",
        "cluster, tanh, ELMAN_CLUSTER_FORWARD, ELMAN_CLUSTER_BACKWARD, 16, 16"})
    void aLayerMovesWhatItsKernelsSay(String engine, String cell, Kernel there, Kernel back, int warpsForward,
            int warpsBack) {
        int units = 16;
        int steps = CORPUS.steps();
        long rows = (long) steps * CORPUS.rows();
        boolean gru = cell.equals("gru");
        int gates = gru ? 3 : 1;
        int slots = gru ? 4 : 1;
        try (Device device = Gpu.device(running(engine));
                Model model = model(device, units, 1, cell(cell));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE));
            Traffic forward = moved.get(there);
            Traffic backward = moved.get(back);
            long groups = Math.ceilDiv(CORPUS.rows(), 8);
            long kernel = 4L * gates * groups * units * units;
            long last = gru ? 4L * CORPUS.rows() * units : 0;
            assertEquals(1, forward.launches());
            assertEquals((gru ? 10 : 2) * rows * units + last, forward.written());
            // Each lane reads a unit's biases, two ids, and the sums of two rows of each step and one more; a lane of a
            // cluster beyond the last unit as much, and the last unit's share of the recurrent kernel.
            long lanes = 32L * warpsForward * groups;
            long beyond = 32L * (warpsForward - 2) * groups * gates * units;
            assertEquals(kernel + beyond
                    + lanes * ((gru ? 24 : 4) + 8 * (steps + 2) + 8 * slots * (steps + 1)), forward.read());
            assertEquals(1, backward.launches());
            boolean adds = engine.equals("cluster");
            long sums = 4L * groups * (CORPUS.vocabulary().size() + units + 1) * slots * units;
            assertEquals((adds ? sums : 2L * slots * rows * units) + last, backward.written());
            // Each lane reads gates, gradients and h before of each step and one more, an Elman cell's last h too, of
            // two units in a block, in a cluster of one; and what a cluster reads for the weights as an LSTM's.
            long elements = adds ? 2 : 4;
            long added = adds ? 8 * (rows - CORPUS.rows()) * units + 1024 * groups * 16 * (Math.ceilDiv(steps, 2) + 1)
                    : 0;
            assertEquals(kernel + 32L * warpsBack * groups * elements
                    * (gru ? 12 * (steps + 1) : 2 + 4 * (steps + 1)) + added, backward.read());
        }
    }

    @ParameterizedTest
    @CsvSource({"gru, GRU_FUSED_FORWARD, GRU_FUSED_BACKWARD", "relu, ELMAN_FUSED_FORWARD, ELMAN_FUSED_BACKWARD"})
    void aLayerMovesWhatItsKernelsSayInFloat32(String cell, Kernel there, Kernel back) {
        int units = 16;
        long batch = CORPUS.rows();
        long rows = CORPUS.steps() * batch;
        int gates = cell.equals("gru") ? 3 : 1;
        try (Device device = Gpu.device(running("exact"));
                Model model = model(device, units, 1, cell(cell));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE));
            Traffic forward = moved.get(there);
            Traffic backward = moved.get(back);
            long kernel = 4L * gates * batch * units * units;
            long biases = (gates == 3 ? 24 : 4) * batch * units;
            assertEquals(1, forward.launches());
            assertEquals((gates == 3 ? 20 : 4) * rows * units, forward.written());
            // Once more than there are steps sums of the input, and twice more ids, which both of a unit's lanes read.
            assertEquals(kernel + biases + 4L * gates * (rows + batch) * units + 8 * (rows + 2 * batch) * units,
                    forward.read());
            assertEquals(1, backward.launches());
            assertEquals((gates == 3 ? 24 * rows + 4 * batch : 4 * rows) * units, backward.written());
            // From zeros there is no h before the first step.
            assertEquals(kernel + (gates == 3 ? 24 * rows - 4 * batch : 8 * rows) * units, backward.read());
        }
    }

    private static double[] train(DeviceOptions options, int units, int layers, RecurrentCell cell) {
        try (Device device = Gpu.device(options);
                Model model = model(device, units, layers, cell);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(8, 0.001, 1, true))) {
            // Two full batches, the second of which replays the first one's step, and a part of one.
            trainer.epoch(EpochListener.NONE);
            return model.flatWeights().read();
        }
    }

    @ParameterizedTest
    @CsvSource({"fused, 10, 3, gru", "cluster, 99, 1, hard", "cluster, 10, 2, tanh", "fused, 99, 1, relu",
        "exact, 10, 3, gru", "exact, 99, 1, hard", "exact, 10, 2, tanh"})
    @Sampled(every = 3)
    void recordedStepsGiveTheSameBits(String engine, int units, int layers, String cell) {
        DeviceOptions options = running(engine);
        assertArrayEquals(train(Gpu.callByCall(options), units, layers, cell(cell)),
                train(options, units, layers, cell(cell)));
    }

    @Test
    void theResetBeforeIsRefused() {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(5), 6, 1,
                new RecurrentCell.Gru(RecurrentActivation.SIGMOID, false));
        try (Device device = Gpu.device(running("fused")); TrialMemory scope = new TrialMemory(device)) {
            ShapeException e = assertThrows(ShapeException.class,
                    () -> scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, 4, 3, true), 0));
            assertEquals("rnn-engine fused runs GRUs with the reset after the product alone; auto does without it",
                    e.getMessage());
        }
    }
}
