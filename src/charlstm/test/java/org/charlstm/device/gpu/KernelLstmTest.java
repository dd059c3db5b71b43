package org.charlstm.device.gpu;

import static org.charlstm.cuda.SimulatedGpu.count;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.rnn.RnnLayout;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.Tolerances;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** LSTMs by own kernels: what a step of theirs is, that it stays on the GPU, and how exact it is. */
@Needs(Need.SIMULATED_GPU)
class KernelLstmTest {
    private static final DeviceOptions KERNELS = Gpu.running("plain");
    private static final int H = 8;
    private static final int D = 12;
    private static final Corpus CORPUS = SmallTraining.corpus(37, 9);
    private static final int V = CORPUS.vocabulary().size();
    private static final int T = CORPUS.steps();
    private static final int B = CORPUS.rows();

    private static ModelConfig config(int layers) {
        return Models.of(V, H, layers, RecurrentActivation.HARD_SIGMOID,
                List.of(new DenseLayer(D, Activation.TANH)));
    }

    private static Trainer trainer(Model model, int batch) {
        return new Trainer(model, CORPUS, new TrainingOptions(batch, 0.001, 1, true));
    }

    /** The shapes of the selftest, but for the longest sequences, which are many launches, and the largest batch. */
    @ParameterizedTest
    @EnumSource
    @Sampled(every = 3)
    void ownKernelsAgreeWithTheOracleInEveryPrecision(Precision precision) {
        Check lstm = FewerCases.ofLayers(Tolerances.of(precision), List.of(Precision.values()).indexOf(precision))
                .getFirst();
        assertEquals("LSTM backward", lstm.name());
        List<Check.Case> served = lstm.cases().stream().filter(one -> !one.toString().matches(".*(T 173|B 151).*"))
                .toList();
        try (Device device = Gpu.device(KERNELS.withPrecision(precision))) {
            Outcome outcome = new Check(lstm.name(), lstm.tolerance(), served).run(device);
            assertTrue(outcome.passed(), outcome::toString);
        }
    }

    /** As docs/kernel-model.md counts them, recorded or call by call; for gates that cuDNN lacks, or by name. */
    @ParameterizedTest
    @CsvSource({"1, HARD_SIGMOID, auto", "2, HARD_SIGMOID, auto", "3, HARD_SIGMOID, plain", "2, SIGMOID, plain"})
    void aStepIsSoManyLaunchesAndProductsAndNothingOfCudnn(int layers, RecurrentActivation gates, String asked) {
        ModelConfig config = Models.of(V, H, layers, gates, List.of(new DenseLayer(D, Activation.TANH)));
        try (Device device = Gpu.device(Gpu.running(asked));
                Model model = new Model(device, Initializer.keras(config, 1));
                Trainer trainer = trainer(model, B)) {
            for (int epoch = 0; epoch < 3; epoch++) {
                Map<Counter, Long> done = SimulatedGpu.during(() -> trainer.epoch(EpochListener.NONE));
                assertEquals(2 * layers * (T + 1) + 15, done.get(Counter.LAUNCHES));
                assertEquals(2 * layers * (T + 1) + 3, done.get(Counter.PRODUCTS));
                assertEquals(0, done.get(Counter.RNN_CALLS));
                assertEquals(0, done.get(Counter.ALLOCATIONS_EVER));
            }
        }
    }

    @Test
    void whatIsAllocatedIsWhatIsSaid() {
        long before = count(Counter.BYTES);
        try (Device device = Gpu.device(DeviceOptions.DEFAULT.withPrecision(Precision.BF16));
                Model model = new Model(device, Initializer.keras(config(2), 1));
                Trainer trainer = trainer(model, 16)) {
            Map<String, Long> use = device.memoryUse();
            assertEquals(count(Counter.BYTES) - before, use.values().stream().mapToLong(Long::longValue).sum());
            for (String purpose : new String[] {"LSTM gates and cells", "LSTM workspace", "state", "activations",
                "bf16 weights"}) {
                assertTrue(use.getOrDefault(purpose, 0L) > 0, purpose + " is not in " + use);
            }
            // For batches of 16 and the last of 5: gates and cells of two layers in float32.
            assertEquals(2 * 4L * T * (16 + 5) * 5 * H, use.get("LSTM gates and cells"));
            trainer.epoch(EpochListener.NONE);
            assertEquals(use, device.memoryUse());
        }
    }

    @Test
    void aStepMovesWhatItsKernelsSay() {
        try (Device device = Gpu.device(DeviceOptions.DEFAULT);
                Model model = new Model(device, Initializer.keras(config(1), 1));
                Trainer trainer = trainer(model, B)) {
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE));
            Traffic forward = moved.get(Kernel.LSTM_FORWARD);
            Traffic backward = moved.get(Kernel.LSTM_BACKWARD);
            long each = (long) B * H;
            assertEquals(T, forward.launches());
            assertEquals(24L * T * each, forward.written());
            long read = T * (36 * each + 16L * H + 4L * B) - 20 * each;
            assertTrue(forward.read() >= read, forward + " is less than " + read);
            assertEquals(T, backward.launches());
            assertEquals(20L * T * each, backward.written());
            assertEquals(36L * T * each - 12 * each, backward.read());
            // Each id is read for four columns, and each sum of a slice written once.
            long slices = Math.ceilDiv(T * B, 128);
            assertEquals(new Traffic(1, 16L * T * each + 4L * T * each, 16 * slices * V * H),
                    moved.get(Kernel.EMBEDDING_BACKWARD));
            assertEquals(0, moved.get(Kernel.ONE_HOT).launches());
        }
    }

    private static double[] train(DeviceOptions options) {
        try (Device device = Gpu.device(options);
                Model model = new Model(device, Initializer.keras(config(2), 1));
                Trainer trainer = trainer(model, 16)) {
            trainer.epoch(EpochListener.NONE);
            trainer.epoch(EpochListener.NONE);
            return model.flatWeights().read();
        }
    }

    @ParameterizedTest
    @EnumSource
    void recordedStepsGiveTheSameBitsAndEachPrecisionItsOwn(Precision precision) {
        DeviceOptions options = DeviceOptions.DEFAULT.withPrecision(precision);
        double[] recorded = train(options);
        assertArrayEquals(train(Gpu.callByCall(options)), recorded);
        double[] exact = train(DeviceOptions.DEFAULT);
        assertEquals(precision == Precision.FLOAT32, Arrays.equals(exact, recorded));
    }

    /** Padding between tensors stays zero in training: unpacking and packing gives the buffer back. */
    @Test
    void paddingStaysZero() {
        RnnLayout layout = RnnLayout.of(new Rnn.Layers(InputShape.ofIds(V), H, 1), 0);
        assertTrue(layout.size() > (V + H + 1) * 4 * H, "there is padding");
        double[] flat = Arrays.copyOf(train(DeviceOptions.DEFAULT), layout.size());
        double[] packed = new double[flat.length];
        layout.pack(layout.unpack(flat, 0), packed, 0);
        assertArrayEquals(packed, flat);
    }

    /** Symbols drawn from no numbers are fed to the model before the host sees them, and name no row of the kernel. */
    @Test
    void aModelOfNoNumbersIsRefusedAndNothingElseIsRead() {
        ModelConfig config = config(1);
        List<Tensor> tensors = Initializer.keras(config, 1).tensors().stream().map(tensor -> {
            double[] values = tensor.values().clone();
            Arrays.fill(values, tensor.name().equals("dense_2.bias") ? Double.NaN : 0);
            return new Tensor(tensor.name(), tensor.shape(), values);
        }).toList();
        try (Device device = Gpu.device(DeviceOptions.DEFAULT);
                Model model = new Model(device,
                        new Weights(config, tensors))) {
            Sampler sampler = new Sampler(model, CORPUS.vocabulary(), SamplingOptions.DEFAULT.maxLength(30));
            CharlstmException e = assertThrows(CharlstmException.class, () -> sampler.sentences(3));
            assertTrue(e.getMessage().contains("NaN"), e.getMessage());
        }
    }
}
