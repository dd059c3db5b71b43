package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Steps in parts, with what comes before and after them on a second stream. The simulated GPU has 4 multiprocessors, so
 * that two blocks leave half of them idle, and refuses graphs in which operations without an order share memory.
 */
@Needs(Need.SIMULATED_GPU)
class OverlapTest {
    private static final int STEPS = 37;
    private static final Corpus CORPUS = SmallTraining.corpus(8, STEPS - 1);

    private static Device device(Precision precision, boolean graphs, boolean overlap) {
        return Gpu.device(DeviceOptions.DEFAULT
                .withPrecision(precision).with(new GpuOptions(GpuOptions.Engine.FUSED, GpuOptions.Algorithm.AUTO,
                        graphs, overlap, Binding.AUTO)));
    }

    private static Model model(Device device, int layers) {
        return new Model(device, Initializer.keras(Models.of(CORPUS.vocabulary().size(), 12, layers,
                RecurrentActivation.SIGMOID, List.of(new DenseLayer(9, Activation.RELU))), 1));
    }

    private static double[] train(Device opened, int layers, int batch) {
        try (Device device = opened;
                Model model = model(device, layers);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(batch, 0.001, 1, true))) {
            for (int epoch = 0; epoch < 2; epoch++) {
                trainer.epoch(EpochListener.NONE);
            }
            // A step that could not be recorded would be told call by call.
            assertEquals(List.of(), device.warnings());
            return model.flatWeights().read();
        }
    }

    /** Whole batches and what is left of them, one part or four. */
    @ParameterizedTest
    @CsvSource({"BF16, 1, 8", "BF16, 2, 5", "FLOAT32, 2, 2"})
    @Sampled(every = 3)
    void givesTheSameBitsAsOneStream(Precision precision, int layers, int batch) {
        double[] expected = train(device(precision, false, false), layers, batch);
        assertArrayEquals(expected, train(device(precision, true, true), layers, batch));
        assertArrayEquals(expected, train(device(precision, false, true), layers, batch));
    }

    @ParameterizedTest
    @CsvSource({"BF16, 1", "BF16, 2", "FLOAT32, 1"})
    void partsGiveTheSameBitsAsTheWhole(Precision precision, int layers) {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 10, layers), STEPS, 2, true);
        try (Device device = device(precision, true, true); TrialMemory scope = new TrialMemory(device)) {
            int size = scope.operations().rnnLayout(shape.layers()).size();
            Matrix weights = scope.memory().flat(size);
            weights.write(random(1, size, 0.5));
            Input input = new Input.Ids(scope.ints(randomIds(2, STEPS * 2, 5)));
            Rnn lstm = scope.operations().rnn(scope.memory(), shape, 0);
            Matrix whole = scope.matrix(STEPS * 2, 10);
            lstm.forward(weights, input, null, whole);
            Matrix output = scope.matrix(STEPS * 2, 10);
            List<Integer> told = new ArrayList<>();
            lstm.forward(weights, input, null, output, told::add);
            assertArrayEquals(whole.read(), output.read());
            assertEquals(List.of(0, 1, 2, 3), told);
        }
    }

    /** Else blocks of what runs beside could fill a multiprocessor before the next part's steps. */
    @Test
    void inAGraphTooTheStepsComeBeforeWhatRunsBesideThem() {
        try (Device device = device(Precision.BF16, true, true);
                Model model = model(device, 1);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            Map<Counter, Long> done = SimulatedGpu.during(() -> {
                for (int epoch = 0; epoch < 3; epoch++) {
                    trainer.epoch(EpochListener.NONE);
                }
            });
            assertTrue(done.get(Counter.GRAPH_LAUNCHES) > 0);
            assertEquals(-5, SimulatedGpu.priority("kernel lstm_tensor_forward"));
            assertEquals(-5, SimulatedGpu.priority("kernel lstm_tensor_backward"));
            assertEquals(0, SimulatedGpu.priority("kernel embedding_backward"));
        }
    }

    /** As docs/kernel-model.md counts them. */
    @Test
    void aPartIsALaunchEach() {
        try (Device device = device(Precision.BF16, true, true);
                Model model = model(device, 1);
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.001, 1, true))) {
            for (int epoch = 0; epoch < 3; epoch++) {
                Map<Counter, Long> done = SimulatedGpu.during(() -> trainer.epoch(EpochListener.NONE));
                // Of forward, head, backward and embedding_backward 3 more each, and a product for each part.
                assertEquals(16 + 4 * 3, done.get(Counter.LAUNCHES));
                assertEquals(4, done.get(Counter.PRODUCTS));
                assertEquals(0, done.get(Counter.ALLOCATIONS_EVER));
            }
        }
    }
}
