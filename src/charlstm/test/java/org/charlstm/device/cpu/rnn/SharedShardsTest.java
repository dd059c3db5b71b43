package org.charlstm.device.cpu.rnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cpu.tools.Lanes;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that share a shard give the bits of one thread that has it alone. */
@Tag("long")
class SharedShardsTest {
    private static final int HIDDEN = 150;

    private record Result(Weights weights, List<String> sentences) {
    }

    private static Result train(RecurrentCell cell, int threads, int batch) {
        Captions captions = Captions.generated(20, 3);
        Corpus corpus = Corpus.encode(captions);
        ModelConfig config = Models.two(cell, corpus.vocabulary().size(), HIDDEN, 20);
        try (Device device = Devices.open("cpu", new DeviceOptions(threads));
                Model model = new Model(device, Initializer.keras(config, 1));
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(batch, 0.002, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            return new Result(model.weights(),
                    new Sampler(model, corpus.vocabulary(), SamplingOptions.DEFAULT.maxLength(40)).sentences(3));
        }
    }

    /** One shard alone, and two, the second with few rows, for more threads than that. */
    static Stream<Arguments> batches() {
        return RecurrentCell.forms().stream()
                .flatMap(cell -> (cell.equals(RecurrentCell.Lstm.SIGMOID) ? Stream.of(1, 7, 19)
                        : Stream.of(19)).map(batch -> Arguments.of(cell, batch)));
    }

    @ParameterizedTest
    @MethodSource("batches")
    @Sampled(every = 4)
    void theNumberOfThreadsChangesNoBit(RecurrentCell cell, int batch) {
        Result alone = train(cell, 1, batch);
        for (int threads : new int[] {2, 5}) {
            Result shared = train(cell, threads, batch);
            assertEquals(alone.weights, shared.weights, threads + " threads");
            assertEquals(alone.sentences, shared.sentences, threads + " threads");
        }
    }

    /** Panels of the input are shared too: fewer than the threads, and more. */
    static Stream<Arguments> columns() {
        return RecurrentCell.forms().stream()
                .flatMap(cell -> Stream.of(3, 170).map(columns -> Arguments.of(cell, columns)));
    }

    @ParameterizedTest
    @MethodSource("columns")
    void theNumberOfThreadsChangesNoBitOfALayerOnNumbers(RecurrentCell cell, int columns) {
        double[][] alone = onNumbers(cell, 1, columns);
        for (int threads : new int[] {2, 5}) {
            double[][] shared = onNumbers(cell, threads, columns);
            for (int i = 0; i < alone.length; i++) {
                assertArrayEquals(alone[i], shared[i], threads + " threads");
            }
        }
    }

    /** h and the gradients of weights and input. */
    private static double[][] onNumbers(RecurrentCell cell, int threads, int columns) {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofMatrix(columns), HIDDEN, 1, cell), 5, 19, true);
        int rows = shape.rows();
        int width = shape.layers().width();
        try (Device device = Devices.open("cpu", new DeviceOptions(threads));
                TrialMemory scope = new TrialMemory(device)) {
            WeightLayout layout = scope.operations().rnnLayout(shape.layers());
            Matrix weights = scope.flat(layout, 0, List.of(TrialMemory.random(1, columns * width, 0.1),
                    TrialMemory.random(2, HIDDEN * width, 0.1),
                    TrialMemory.random(3, cell.biasRows() * width, 0.1)));
            Input input = new Input.Dense(scope.matrix(rows, columns, TrialMemory.random(4, rows * columns, 1)));
            Matrix output = scope.matrix(rows, HIDDEN);
            Matrix inputGradient = scope.matrix(rows, columns);
            Matrix gradients = scope.flat(new double[layout.size()]);
            Rnn rnn = scope.operations().rnn(scope.memory(), shape, 0);
            rnn.forward(weights, input, null, output);
            rnn.backward(weights, input, output, scope.matrix(rows, HIDDEN, TrialMemory.random(5, rows * HIDDEN, 1)),
                    inputGradient, gradients);
            return new double[][] {output.read(), inputGradient.read(), gradients.read()};
        }
    }

    @Test
    void smallBatchesAreShared() {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), HIDDEN, 1), 3, 7, true);
        try (Workers workers = new Workers(3)) {
            int panels = Lanes.padded(HIDDEN) / Lanes.PANEL;
            CpuRnnLayer layer = new CpuRnnLayer(workers, shape, new CpuRnnLayout(5, HIDDEN, true,
                    CpuCell.Form.of(shape.layers().cell())), 0);
            assertEquals(Math.min(3, panels), layer.parts);
            assertTrue(layer.parts > 1, "nothing is shared");
            for (int task = 0; task < layer.parts; task++) {
                assertTrue(layer.firstPanel(task) < layer.endPanel(task), "a thread has nothing to do");
            }
            assertEquals(0, layer.firstPanel(0));
            assertEquals(panels, layer.endPanel(layer.parts - 1));
        }
    }
}
