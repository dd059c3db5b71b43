package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Operations;
import org.charlstm.device.cpu.CpuDevice;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.spi.Head;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Network;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The head as one in a device and a network: where it is taken, how exact it is, what a step launches and moves. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class HeadTest {
    private static final int HIDDEN = 16;
    private static final int DENSE = 13;
    private static final Corpus CORPUS = SmallTraining.corpus(37, 9);

    static Stream<Arguments> cases() {
        return SelfTest.checks(Tolerances.FLOAT32).stream().filter(check -> check.name().equals("head as one"))
                .flatMap(check -> check.cases().stream().map(one -> Arguments.of(check.name(), one,
                        check.tolerance())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheOraclesLayers(String check, Check.Case one, double tolerance) {
        try (Device device = Gpu.device("fused")) {
            Outcome outcome = new Check(check, tolerance, List.of(one)).run(device);
            assertTrue(outcome.passed(), outcome::toString);
            assertEquals(Optional.empty(), outcome.message());
        }
    }

    private static Weights weights() {
        return Initializer.keras(Models.of(CORPUS.vocabulary().size(), HIDDEN, DENSE), 1);
    }

    private record Training(double loss, Weights weights) {
        /** Twenty steps. */
        static Training on(Device device) {
            try (Model model = new Model(device, HeadTest.weights());
                    Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(8, 0.001, 1, true))) {
                for (int epoch = 0; epoch < 3; epoch++) {
                    trainer.epoch(EpochListener.NONE);
                }
                return new Training(trainer.epoch(EpochListener.NONE).loss(), model.weights());
            }
        }
    }

    @Test
    void trainsAsTheProcessorDoes() {
        Training expected;
        Training actual;
        Traffic before = SimulatedGpu.traffic(Kernel.HEAD.entry());
        try (Device processor = new CpuDevice(new DeviceOptions(2)); Device device = Gpu.device("fused")) {
            expected = Training.on(processor);
            actual = Training.on(device);
        }
        assertEquals(4L * Math.ceilDiv(CORPUS.rows(), 8),
                SimulatedGpu.traffic(Kernel.HEAD.entry()).since(before).launches());
        Agreement.require("loss", new double[] {expected.loss}, new double[] {actual.loss}, 1e-5);
        for (Tensor tensor : expected.weights.tensors()) {
            Agreement.require(tensor.name(), tensor.values(), actual.weights.get(tensor.name()).values(), 1e-3);
        }
    }

    /** As its header says; what a cache would give again counts again here. */
    @Test
    void aStepMovesWhatItsKernelSays() {
        long rows = (long) CORPUS.steps() * CORPUS.rows();
        long symbols = CORPUS.vocabulary().size();
        try (Device device = Gpu.device("fused");
                Model model = new Model(device, weights());
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE));
            Traffic head = moved.get(Kernel.HEAD);
            long parameters = HIDDEN * DENSE + DENSE + DENSE * symbols + symbols;
            // As many as the simulated GPU has multiprocessors.
            long blocks = 4;
            assertEquals(1, head.launches());
            assertEquals(4 * rows * HIDDEN + 4 * blocks * parameters + 40 * blocks, head.written());
            // Each lane of a row reads its target, and every thread the count.
            assertEquals(4 * rows * HIDDEN + 8 * 4 * rows + 4 * blocks * parameters + blocks * 256 * 8, head.read());
            for (Kernel ofLayers : List.of(Kernel.CROSS_ENTROPY, Kernel.BIAS_FORWARD, Kernel.BIAS_BACKWARD)) {
                assertEquals(0, moved.get(ofLayers).launches(), ofLayers.toString());
            }
        }
    }

    /** Only by the name of the LSTM's kernels that are like it: whether it is faster a card has to say. */
    @Test
    void itIsOfferedBesideTheFusedLstmAlone() {
        Head.Shape shape = new Head.Shape(8, 8, 8, Activation.RELU, List.of(8));
        for (String algorithm : List.of("auto", "cudnn", "plain", "fused")) {
            try (Device device = Gpu.device(algorithm); TrialMemory scope = new TrialMemory(device)) {
                assertEquals(algorithm.equals("fused"),
                        scope.head(shape, 0).isPresent(), algorithm);
            }
        }
    }

    /** Of one dense layer, of a second one that is not linear below the last, of too many units, for inference. */
    @Test
    void networksTakeItWhereTheirTopIsOne() {
        DenseLayer middle = new DenseLayer(5, Activation.TANH);
        requireLogits(true, true, new RecurrentLayer(4));
        requireLogits(true, true, new RecurrentLayer(4), new DenseLayer(129, Activation.RELU));
        requireLogits(true, false, new RecurrentLayer(4), middle);
        requireLogits(false, true, new RecurrentLayer(4), middle);
        requireLogits(true, false, new RecurrentLayer(4), middle, middle);
        requireLogits(true, true, new RecurrentLayer(4), middle, new RecurrentLayer(4));
    }

    private static void requireLogits(boolean training, boolean there, Layer... layers) {
        try (Device device = Gpu.device("fused");
                TrialMemory scope = new TrialMemory(device);
                Model model = new Model(device, Initializer.keras(ModelConfig.of(6, layers), 1))) {
            Network network = new Network(model, scope.memory(), 3, 2, training);
            if (there) {
                network.forward(scope.ints(new int[6]), null);
                assertEquals(6, network.logits().columns());
            } else {
                assertThrows(IllegalStateException.class, () -> network.forward(scope.ints(new int[6]), null));
                assertThrows(IllegalStateException.class, network::logits);
                assertThrows(IllegalStateException.class,
                        () -> network.loss(scope.ints(new int[6]), scope.memory().doubles(Operations.TOTALS)));
            }
        }
    }
}
