package org.charlstm.device.gpu.rnn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.FakeDriver;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.KernelTraffic;
import org.charlstm.device.gpu.SmallTraining;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.SelfTest;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** LSTMs by the kernels that go through whole sequences: how exact they are, what a step is, and what they refuse. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class FusedLstmTest {
    private static final DeviceOptions FUSED = Gpu.running("fused");
    private static final Corpus CORPUS = SmallTraining.corpus(19, 5);

    /** Sizes beyond its own are left out, and said to be, by the check; where there is no other, it fails. */
    @Test
    void theSelftestLeavesOutWhatItDoesNotServe() {
        Check forward = SelfTest.checks(Tolerances.FLOAT32).stream()
                .filter(check -> check.name().equals("LSTM forward")).findFirst().orElseThrow();
        Check.Case wide = forward.cases().stream().filter(one -> one.toString().contains("H 129,")).findFirst()
                .orElseThrow();
        try (Device device = Gpu.device(FUSED)) {
            Outcome some = new Check("some", 1e-5, List.of(forward.cases().getFirst(), wide)).run(device);
            assertTrue(some.passed(), some::toString);
            assertEquals(
                    "1 left out, " + wide.shape() + ": fused runs at most 128 units, not 129; auto does without it",
                    some.message().orElseThrow());
            assertTrue(some.difference() <= 1e-5);
            assertFalse(new Check("all", 1e-5, List.of(wide)).run(device).passed());
        }
    }

    /**
     * The shapes of the selftest, but for sizes that it refuses, and those that take longest; three layers are two and
     * one more, and one engine has them. Many sequences are for blocks of two of them, which float32 alone has.
     */
    @ParameterizedTest
    @CsvSource({"LSTM, fused, FLOAT32, 0, T 173|B 48|T 19|L 3|B 151.*hard",
        "LSTM, fused, BF16, 1, T 173|B 48|B 151", "LSTM, cluster, BF16, 0, T 173|B 48|T 19|L 3|B 151",
        "GRU, fused, BF16, 0, reset before", "GRU, fused, BF16, 1, reset before",
        "GRU, fused, FLOAT32, 0, reset before|T 173", "GRU, fused, FLOAT32, 1, reset before|T 173",
        "RNN, fused, FLOAT32, 0, T 173", "RNN, fused, FLOAT32, 1, T 173", "GRU, cluster, BF16, 0, reset before",
        "GRU, cluster, BF16, 1, reset before", "RNN, fused, BF16, 0, none",
        "RNN, fused, BF16, 1, none", "RNN, cluster, BF16, 0, none", "RNN, cluster, BF16, 1, none"})
    @Sampled(every = 15)
    void agreesWithTheOracle(String cell, String engine, Precision precision, int turn, String longest) {
        Check lstm = FewerCases.ofLayers(Tolerances.of(precision), turn).stream()
                .filter(check -> check.name().equals(cell + " backward")).findFirst().orElseThrow();
        List<Check.Case> served = lstm.cases().stream()
                .filter(one -> !one.toString().matches(".*(H 129,|" + longest + ").*")).toList();
        assertTrue(served.size() > (cell.equals("LSTM") ? 16 : 4), served::toString);
        try (Device device = Gpu.device(Gpu.running(engine).withPrecision(precision))) {
            Outcome outcome = new Check(lstm.name(), lstm.tolerance(), served).run(device);
            assertTrue(outcome.passed(), outcome::toString);
        }
    }

    /** Without gates, and only the last cells kept. */
    @ParameterizedTest
    @CsvSource({"fused, 19, FLOAT32", "fused, 103, FLOAT32", "fused, 19, BF16", "fused, 103, BF16", "cluster, 19, BF16",
        "cluster, 103, BF16"})
    @Sampled(every = 3)
    void inferenceGivesTheSameBitsAsTraining(String engine, int units, Precision precision) {
        double[][] outputs = new double[2][];
        for (int i = 0; i < 2; i++) {
            boolean training = i == 0;
            Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(5), units, 2);
            int[] sizes = {5 * 4 * units, units * 4 * units, 4 * units};
            try (Device device = Gpu.device(Gpu.running(engine).withPrecision(precision));
                    TrialMemory scope = new TrialMemory(device)) {
                Matrix weights = scope.flat(scope.operations().rnnLayout(layers), 0,
                        List.of(random(1, sizes[0], 0.5), random(2, sizes[1], 0.3), random(3, sizes[2], 1),
                                random(4, sizes[1], 0.5), random(5, sizes[1], 0.3), random(6, sizes[2], 1)));
                Matrix output = scope.matrix(3 * 3, units);
                Rnn lstm = scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, 3, 3, training), 0);
                lstm.forward(weights, new Input.Ids(scope.ints(randomIds(7, 3 * 3, 5))), null, output);
                outputs[i] = output.read();
            }
        }
        assertArrayEquals(outputs[0], outputs[1]);
    }

    private static void open(Device device, int units, RecurrentActivation gates) {
        try (Memory memory = device.memory()) {
            device.operations().rnn(memory,
                    new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), units, 1, new RecurrentCell.Lstm(gates)), 5, 2,
                            true),
                    0);
        }
    }

    private static Model model(Device device, int units, int layers, RecurrentActivation gates) {
        return new Model(device, Initializer.keras(Models.of(CORPUS.vocabulary().size(), units, layers, gates,
                List.of(new DenseLayer(12, Activation.TANH))), 1));
    }

    /** Gates of either kind take as many. */
    @ParameterizedTest
    @CsvSource({"fused, 1, SIGMOID, FLOAT32, 14", "fused, 2, HARD_SIGMOID, FLOAT32, 18", "fused, 1, SIGMOID, BF16, 16",
        "fused, 2, HARD_SIGMOID, BF16, 23", "cluster, 1, SIGMOID, BF16, 13", "cluster, 2, SIGMOID, BF16, 20"})
    @Sampled(every = 3)
    void aStepIsTwoLaunchesALayer(String engine, int layers, RecurrentActivation gates, Precision precision,
            int launches) {
        try (Device device = Gpu.device(Gpu.running(engine).withPrecision(precision));
                Model model = model(device, 8, layers, gates);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            for (int epoch = 0; epoch < 3; epoch++) {
                Map<Counter, Long> done = SimulatedGpu.during(() -> trainer.epoch(EpochListener.NONE));
                assertEquals(launches, done.get(Counter.LAUNCHES));
                // Clusters add up the recurrent kernels' gradients themselves.
                assertEquals((engine.equals("cluster") ? 3 : 4) * layers - 3, done.get(Counter.PRODUCTS));
                assertEquals(0, done.get(Counter.RNN_CALLS));
                assertEquals(0, done.get(Counter.ALLOCATIONS_EVER));
            }
            assertTrue(device.choices().getFirst().endsWith(": " + engine), device.choices().toString());
        }
    }

    @Test
    void aLayerMovesWhatItsKernelsSay() {
        int units = 16;
        long rows = (long) CORPUS.steps() * CORPUS.rows();
        try (Device device = Gpu.device(FUSED);
                Model model = model(device, units, 1, RecurrentActivation.SIGMOID);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE));
            Traffic forward = moved.get(Kernel.LSTM_FUSED_FORWARD);
            Traffic backward = moved.get(Kernel.LSTM_FUSED_BACKWARD);
            long kernel = 16L * CORPUS.rows() * units * units;
            assertEquals(1, forward.launches());
            assertEquals(24 * rows * units, forward.written());
            // Once more than there are steps gates' sums, and twice more ids, which each of a unit's two lanes reads.
            int batch = CORPUS.rows();
            assertEquals(kernel + 16L * batch * units + 16 * (rows + batch) * units + 8 * (rows + 2L * batch) * units,
                    forward.read());
            assertEquals(1, backward.launches());
            assertEquals(16 * rows * units + 4L * batch * units, backward.written());
            // Each of a unit's lanes reads the cell.
            assertEquals(kernel + 16 * rows * units + 8 * rows * units + 4 * rows * units, backward.read());
        }
    }

    /** Blocks and clusters are of 8 sequences, and warps of 8 or 16 units, whether those are there or not. */
    @ParameterizedTest
    @CsvSource({"fused, LSTM_TENSOR_FORWARD, LSTM_TENSOR_BACKWARD, 2, 1", "cluster, LSTM_CLUSTER_FORWARD, "
            + "LSTM_CLUSTER_BACKWARD, 16, 16"})
    void onTensorCoresToo(String engine, Kernel there, Kernel back, int warpsForward, int warpsBack) {
        int units = 16;
        long rows = (long) CORPUS.steps() * CORPUS.rows();
        try (Device device = Gpu.device(Gpu.running(engine).withPrecision(Precision.BF16));
                Model model = model(device, units, 1, RecurrentActivation.SIGMOID);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE));
            Traffic forward = moved.get(there);
            Traffic backward = moved.get(back);
            int steps = CORPUS.steps();
            long groups = Math.ceilDiv(CORPUS.rows(), 8);
            long kernel = 16 * groups * units * units;
            assertEquals(1, forward.launches());
            assertEquals(14 * rows * units, forward.written());
            // Each lane reads a unit's bias, two ids, and the gates of two rows of each step and one more; a lane of
            // a cluster beyond the last unit as much, and the last unit's share of the recurrent kernel.
            long lanes = 32L * warpsForward * groups;
            long beyond = 32L * (warpsForward - 2) * groups * 4 * units;
            assertEquals(kernel + beyond + lanes * (16 + 8 * (steps + 2) + 32 * (steps + 1)), forward.read());
            assertEquals(1, backward.launches());
            boolean adds = engine.equals("cluster");
            // Clusters write their sums for the weights' gradients, with a row for the bias, in place of dL/dz.
            long sums = 4 * groups * (CORPUS.vocabulary().size() + units + 1) * 4 * units;
            assertEquals((adds ? sums : 8 * rows * units) + 4L * CORPUS.rows() * units, backward.written());
            // Each lane reads two units' last cell, and gates, gradients and the cells before of each step and one
            // more, in a block of two sequences, in a cluster of one; of clusters each block h before all steps but
            // the first, and each lane of 32 warps the symbols of two sequences in pairs of steps, and in one more.
            long elements = adds ? 2 : 4;
            long added = adds ? 8 * (rows - CORPUS.rows()) * units + 1024 * groups * 16 * (Math.ceilDiv(steps, 2) + 1)
                    : 0;
            assertEquals(kernel + 32L * warpsBack * groups * elements * (4 + 14 * (steps + 1)) + added,
                    backward.read());
        }
    }

    private static double[] train(DeviceOptions options, int units, int layers) {
        try (Device device = Gpu.device(options);
                Model model = model(device, units, layers, RecurrentActivation.SIGMOID);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(8, 0.001, 1, true))) {
            // Two full batches, the second of which replays the first one's step, and a part of one.
            trainer.epoch(EpochListener.NONE);
            return model.flatWeights().read();
        }
    }

    @ParameterizedTest
    @CsvSource({"fused, 10, 3, FLOAT32", "fused, 99, 1, FLOAT32", "fused, 10, 3, BF16", "fused, 99, 1, BF16",
        "cluster, 10, 3, BF16", "cluster, 99, 1, BF16"})
    @Sampled(every = 3)
    void recordedStepsGiveTheSameBits(String engine, int units, int layers, Precision precision) {
        DeviceOptions options = Gpu.running(engine).withPrecision(precision);
        assertArrayEquals(train(Gpu.callByCall(options), units, layers), train(options, units, layers));
    }

    @ParameterizedTest
    @EnumSource
    void whatItCannotRunIsRefused(Precision precision) {
        try (Device device = Gpu.device(FUSED.withPrecision(precision))) {
            for (RecurrentActivation gates : RecurrentActivation.values()) {
                CharlstmException e = assertThrows(CharlstmException.class, () -> open(device, 129, gates));
                assertEquals("fused runs at most 128 units, not 129; auto does without it", e.getMessage());
            }
        }
    }

    private static Rnn.Shape shape(int units) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), units, 1), 4, 3, true);
    }

    /** A driver that says nothing has compute capability 0.0. */
    @ParameterizedTest
    @CsvSource({"FLOAT32, 10, computes in bf16 only", "BF16, 513, 'runs at most 512 units, not 513'",
        "BF16, 128, 'needs compute capability 9.0, and this GPU has 0.0'"})
    void clustersSayWhatKeepsThemFromServing(Precision precision, int units, String obstacle) {
        try (GpuContext context = new GpuContext(FakeDriver.gpu((call, arguments) -> {}))) {
            assertEquals("cluster " + obstacle, new FusedEngine(new GpuTools(context, null, null), precision, true)
                    .obstacle(shape(units)).orElseThrow());
        }
    }

    /** Compute capability 7.5 gives a block 64 KiB, enough for one sequence; later ones give 99 or more, for two. */
    @Test
    void aBlockNeedsNoMoreSharedMemoryThanItGets() {
        assertEquals(4 << 10, FusedFloat32.sharedBytes(RecurrentCell.Lstm.SIGMOID, 96, 1));
        assertEquals(60 << 10, FusedFloat32.sharedBytes(RecurrentCell.Lstm.SIGMOID, 97, 1));
        assertEquals(60 << 10, FusedFloat32.sharedBytes(RecurrentCell.Lstm.SIGMOID, 128, 1));
        assertEquals(80 << 10, FusedFloat32.sharedBytes(RecurrentCell.Lstm.SIGMOID, 128, 2));
        // A block of this GPU gets none.
        try (GpuContext context = new GpuContext(FakeDriver.gpu((call, arguments) -> {}))) {
            assertEquals("fused needs 61440 bytes of shared memory for 113 units, and this GPU gives a block 0",
                    new FusedEngine(new GpuTools(context, null, null), Precision.FLOAT32, false)
                            .obstacle(shape(113)).orElseThrow());
        }
    }

    /** Where one sequence a block takes nearly twice the turns, and weights are not in registers alone. */
    @ParameterizedTest
    @CsvSource({"1, 128, 132, 1", "132, 128, 132, 1", "133, 128, 132, 2", "264, 128, 132, 2", "265, 128, 132, 1",
        "400, 128, 132, 2", "128, 97, 114, 2", "128, 96, 114, 1", "3, 128, 2, 2", "5, 128, 2, 1"})
    void blocksHaveTwoSequencesWhereThatTakesFewerTurns(int batch, int units, int multiprocessors, int sequences) {
        assertEquals(sequences, FusedFloat32.sequences(batch, units, multiprocessors));
    }

    @ParameterizedTest
    @CsvSource({"132, 128, 31, 248", "132, 128, 33, 264", "132, 128, 93, 264", "114, 128, 28, 224", "3, 128, 1, 8",
        "4, 128, 0, 8", "132, 129, 15, 120", "132, 256, 30, 240", "132, 256, 66, 264", "3, 256, 0, 8",
        "132, 512, 7, 56"})
    void aWaveIsOfAsManyClustersAsTheDriverSaysAndTheMultiprocessorsHaveRoomFor(int multiprocessors, int units,
            int clusters, int sequences) {
        assertEquals(sequences, FusedBfloat16.waveOfClusters(
                CellFacts.of(RecurrentCell.Lstm.SIGMOID).clusters(units).getFirst(), multiprocessors, clusters));
    }

    @ParameterizedTest
    @CsvSource({"128, 264, 264", "264, 264, 264", "265, 264, 528", "1, 8, 8", "128, 0, 0"})
    void theLargestBatchTakesNoMoreWaves(int batch, int wave, int largest) {
        assertEquals(largest, new RnnEngine.Candidate("", false, wave, (_, _) -> {
            throw new AssertionError();
        }).fill(batch));
    }

    /** Where times mean nothing auto does not take it. */
    @Test
    void theFusedEngineIsUsedOnlyIfItIsNamed() {
        try (Device device = Gpu.device(DeviceOptions.DEFAULT);
                Model model = model(device, 10, 1, RecurrentActivation.HARD_SIGMOID);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(8, 0.001, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            assertTrue(device.choices().getFirst().endsWith(": plain (cuDNN has no LSTM with hard_sigmoid gates)"),
                    device.choices().toString());
        }
    }
}
