package org.charlstm.device.gpu;

import static org.charlstm.cuda.SimulatedGpu.count;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Schedule;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A training step stays on the GPU: it allocates nothing and copies nothing, recorded or call by call. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class ResidentStepTest {
    private static final Set<Counter> WORK = EnumSet.of(Counter.LAUNCHES, Counter.PRODUCTS, Counter.DEFAULT_PRODUCTS,
            Counter.RNN_CALLS);
    private static final Set<Counter> GRAPHS = EnumSet.of(Counter.GRAPHS_INSTANTIATED, Counter.GRAPH_LAUNCHES);

    private static Model model(Device device, Corpus corpus, int hidden) {
        return new Model(device, Initializer.keras(Models.of(corpus.vocabulary().size(), hidden, 8), 1));
    }

    /** Rates and what corrects the means are others in each update; updates are of two batches. */
    private static final TrainingOptions CHANGING = new TrainingOptions(16, 0.001, 1, true).rule(0.01, Adam.KERAS_W)
            .schedule(new Schedule.Cosine(2, 0), 3).clip(Double.POSITIVE_INFINITY, 0.1).accumulate(2);

    static Stream<Arguments> steps() {
        return Stream.of(new TrainingOptions(16, 0.001, 1, true), CHANGING)
                .flatMap(options -> Stream.of(true, false).map(graphs -> Arguments.of(graphs, options)));
    }

    @ParameterizedTest
    @MethodSource("steps")
    void nothingIsAllocatedOrCopiedBetweenTheStepsOfAnEpoch(boolean graphs, TrainingOptions options) {
        Corpus corpus = SmallTraining.corpus(70, 9);
        try (Device device = Gpu.device(graphs ? Gpu.OPTIONS : Gpu.callByCall(Gpu.OPTIONS));
                Model model = model(device, corpus, 8);
                Trainer trainer = new Trainer(model, corpus, options)) {
            for (int epoch = 0; epoch < 2; epoch++) {
                Map<Counter, Long> first = new EnumMap<>(Counter.class);
                Map<Counter, Long> last = new EnumMap<>(Counter.class);
                trainer.epoch((done, total, progress) -> {
                    if (first.isEmpty()) {
                        first.putAll(SimulatedGpu.counts());
                    }
                    last.putAll(SimulatedGpu.counts());
                    return true;
                });
                for (Counter counter : Counter.values()) {
                    long during = last.get(counter) - first.get(counter);
                    if (WORK.contains(counter)) {
                        assertTrue(during > 0, counter + " stayed");
                    } else if (!GRAPHS.contains(counter)) {
                        assertEquals(0, during, counter + " went up");
                    }
                }
            }
        }
    }

    private record Graphs(long instantiated, long launched) {
        static Graphs now() {
            return new Graphs(count(Counter.GRAPHS_INSTANTIATED), count(Counter.GRAPH_LAUNCHES));
        }

        Graphs since(Graphs before) {
            return new Graphs(instantiated - before.instantiated, launched - before.launched);
        }
    }

    /** How many graphs were made and launched since a trainer was there, after each step of its epochs. */
    private static List<Graphs> graphsAfterEachStep(DeviceOptions options, int rows, int epochs) {
        Corpus corpus = SmallTraining.corpus(rows, 9);
        List<Graphs> after = new ArrayList<>();
        try (Device device = Gpu.device(options);
                Model model = model(device, corpus, 8);
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(16, 0.001, 1, true))) {
            Graphs before = Graphs.now();
            for (int epoch = 0; epoch < epochs; epoch++) {
                trainer.epoch((done, total, progress) -> after.add(Graphs.now().since(before)));
            }
        }
        return after;
    }

    /** The first runs call by call, the second is recorded, and all from the second on launch that record. */
    @Test
    void everyStepButTheFirstIsOneLaunchOfOneGraph() {
        assertEquals(List.of(new Graphs(0, 0), new Graphs(1, 1), new Graphs(1, 2), new Graphs(1, 3), new Graphs(1, 4),
                new Graphs(1, 5)), graphsAfterEachStep(Gpu.OPTIONS, 48, 2));
    }

    /** Two batches of 16 and one of 6 in each epoch. */
    @Test
    void eachShapeHasAGraphOfItsOwn() {
        assertEquals(List.of(new Graphs(0, 0), new Graphs(1, 1), new Graphs(1, 1), new Graphs(1, 2), new Graphs(1, 3),
                new Graphs(2, 4), new Graphs(2, 5), new Graphs(2, 6), new Graphs(2, 7)),
                graphsAfterEachStep(Gpu.OPTIONS, 38, 3));
    }

    @Test
    void withoutGraphsNoneIsMade() {
        assertEquals(Collections.nCopies(6, new Graphs(0, 0)),
                graphsAfterEachStep(Gpu.callByCall(Gpu.OPTIONS), 48, 2));
    }

    /** As docs/kernel-model.md counts them. */
    @Test
    void aStepIsSixteenLaunchesSixProductsAndThreeCallsOfCudnn() {
        Corpus corpus = SmallTraining.corpus(32, 9);
        try (Device device = Gpu.device(Gpu.OPTIONS);
                Model model = model(device, corpus, 8);
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(32, 0.001, 1, true))) {
            for (int epoch = 0; epoch < 3; epoch++) {
                Map<Counter, Long> done = SimulatedGpu.during(() -> trainer.epoch(EpochListener.NONE));
                assertEquals(17, done.get(Counter.LAUNCHES));
                assertEquals(6, done.get(Counter.PRODUCTS));
                assertEquals(3, done.get(Counter.RNN_CALLS));
            }
        }
    }

    @Test
    void whatIsAllocatedIsWhatIsSaid() {
        Corpus corpus = SmallTraining.corpus(70, 9);
        try (Device device = Gpu.device(Gpu.OPTIONS);
                Model model = model(device, corpus, 8);
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(16, 0.001, 1, true))) {
            Map<String, Long> use = device.memoryUse();
            assertEquals(count(Counter.BYTES), use.values().stream().mapToLong(Long::longValue).sum());
            for (String purpose : new String[] {"weights", "gradients", "optimiser state", "corpus", "activations",
                "one-hot input", "cuDNN weights", "cuDNN workspace", "cuDNN reserve space", "cuBLAS workspace"}) {
                assertTrue(use.getOrDefault(purpose, 0L) > 0, purpose + " is not in " + use);
            }
            assertEquals(4L * corpus.rows() * (corpus.steps() + 1) + 4L * corpus.rows() + 4, use.get("corpus"));
            trainer.epoch(EpochListener.NONE);
            assertEquals(use, device.memoryUse());
        }
    }

    /** Numbers, start symbol, counters and the places of cuDNN's weights go to the card; what it draws is one copy. */
    @Test
    void sentencesComeBackInOneCopy() {
        Corpus corpus = SmallTraining.corpus(70, 9);
        try (Device device = Gpu.device(Gpu.OPTIONS); Model model = model(device, corpus, 8)) {
            Sampler sampler = new Sampler(model, corpus.vocabulary(), SamplingOptions.DEFAULT.maxLength(30));
            // A trial finds the LSTM's engine, once.
            sampler.sentences(100);
            Map<Counter, Long> done = SimulatedGpu.during(() -> sampler.sentences(100));
            assertEquals(1, done.get(Counter.COPIES_TO_HOST));
            assertEquals(4 * 100 * 64, done.get(Counter.BYTES_TO_HOST));
            assertEquals(5, done.get(Counter.COPIES_TO_DEVICE));
        }
    }

    /** Two epochs of batches of the lab's sizes, ten of 128 rows and one of 16. */
    @ParameterizedTest
    @ValueSource(strings = {"standard", "persist-static", "persist-dynamic", "persist-static-small-h"})
    @Sampled(every = 4)
    void recordedStepsGiveTheSameBits(String algorithm) {
        Corpus corpus = SmallTraining.corpus(10 * 128 + 16, 2);
        double[][] weights = new double[2][];
        double[] losses = new double[2];
        for (int i = 0; i < 2; i++) {
            DeviceOptions options = i == 0 ? Gpu.running(algorithm) : Gpu.callByCall(Gpu.running(algorithm));
            try (Device device = Gpu.device(options);
                    Model model = model(device, corpus, algorithm.equals("persist-static") ? 32 : 5);
                    Trainer trainer = new Trainer(model, corpus, TrainingOptions.DEFAULT)) {
                trainer.epoch(EpochListener.NONE);
                losses[i] = trainer.epoch(EpochListener.NONE).loss();
                weights[i] = model.flatWeights().read();
            }
        }
        assertEquals(losses[1], losses[0]);
        assertArrayEquals(weights[1], weights[0]);
    }

    /** Three epochs of 32, 32 and 6 captions, 16 in a batch: parts and updates are recorded, and then only launched. */
    @Test
    void recordedUpdatesOfSeveralBatchesGiveTheSameBits() {
        Corpus corpus = SmallTraining.corpus(70, 9);
        double[][] weights = new double[2][];
        for (int i = 0; i < 2; i++) {
            try (Device device = Gpu.device(i == 0 ? Gpu.OPTIONS : Gpu.callByCall(Gpu.OPTIONS));
                    Model model = model(device, corpus, 8);
                    Trainer trainer = new Trainer(model, corpus, CHANGING)) {
                Graphs before = Graphs.now();
                for (int epoch = 0; epoch < 3; epoch++) {
                    trainer.epoch(EpochListener.NONE);
                }
                // First and second part, the update, and the last six captions by themselves.
                assertEquals(i == 0 ? new Graphs(4, 5 + 5 + 5 + 2) : new Graphs(0, 0), Graphs.now().since(before));
                weights[i] = model.flatWeights().read();
            }
        }
        assertArrayEquals(weights[1], weights[0]);
    }
}
