package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.TestDevices;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.rank.Collective;
import org.charlstm.rank.Together;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranks that train together are one process with the same batch, but for rounding. */
class RanksTrainingTest {
    /** In batches of 8, of which the last has 3. */
    private static final Corpus CORPUS = Corpus.encode(Captions.generated(35, 1));
    private static final Corpus WINDOWS = windows(8);
    private static final ModelConfig PLAIN = Models.of(CORPUS.vocabulary().size(), 11, 7);
    private static final ModelConfig RUNNING = Models.of(WINDOWS.vocabulary().size(), 9, 2, 5);
    private static final TrainingOptions OPTIONS = new TrainingOptions(8, 1, 1, true).rule(0.2,
            new Sgd(0.5, false, 0));

    private record Result(double loss, double realLoss, double[] weights) {
    }

    private static Corpus windows(int length) {
        StringBuilder text = new StringBuilder();
        IntStream.range(0, 300).forEach(i -> text.append("abcdefghijk".charAt(i * i % 11)));
        Captions windows = RunningText.of("the text", text.toString()).windows(length, length - 1, Integer.MAX_VALUE);
        return Corpus.encode(windows, Vocabulary.ofRunning(windows));
    }

    /** A training of a rank: from a state or from nothing, to the end of an epoch, or some updates of the next too. */
    private static final class Run {
        private final ModelConfig config;
        private final Corpus corpus;
        private final TrainingOptions options;
        private int epochs = 2;
        private int more;
        private @Nullable TrainingState from;
        private @Nullable TrainingState reached;

        Run(ModelConfig config, Corpus corpus, TrainingOptions options) {
            this.config = config;
            this.corpus = corpus;
            this.options = options;
        }

        private Result train(Collective ranks) {
            try (Device device = TestDevices.open("cpu", new DeviceOptions(1));
                    Model model = new Model(device, Initializer.keras(config, 1));
                    Trainer trainer = new Trainer(model, corpus, options, ranks)) {
                if (from != null) {
                    trainer.restore(from);
                }
                Figures last = null;
                while (trainer.state().epoch() < epochs || last == null) {
                    last = trainer.epoch(EpochListener.NONE);
                }
                for (int i = 0; i < more; i++) {
                    // Of several, rank 0 hears from another that it is to end.
                    assertNull(trainer.epoch((done, total, progress) -> ranks.size() > 1 && ranks.rank() == 0));
                }
                if (ranks.rank() == 0) {
                    reached = trainer.state();
                }
                return new Result(last.loss(), last.get(Figures.REAL_LOSS), model.weights().tensors().stream()
                        .flatMapToDouble(tensor -> Arrays.stream(tensor.values())).toArray());
            }
        }

        Result alone() {
            return train(Collective.single());
        }

        /** All ranks' results are the same to the bit. */
        Result together(int size) {
            List<Result> results = Together.run(size, this::train);
            for (Result result : results) {
                assertEquals(results.getFirst().loss, result.loss);
                assertArrayEquals(results.getFirst().weights, result.weights);
            }
            return results.getFirst();
        }
    }

    static Stream<Arguments> cases() {
        Corpus about = CORPUS.with(Features.generated(35, 1));
        ModelConfig dropping = ModelConfig.of(CORPUS.vocabulary().size(), List.of(new RecurrentLayer(11),
                new DropoutLayer(0.3), new DenseLayer(7, Activation.RELU), new DropoutLayer(0.2)));
        ModelConfig gru = Models.two(RecurrentCell.Gru.RESET_AFTER, CORPUS.vocabulary().size(), 9, 5);
        return Stream.of(Arguments.of("plain", 2, PLAIN, CORPUS, OPTIONS),
                Arguments.of("an empty share", 4, PLAIN, CORPUS, OPTIONS),
                Arguments.of("accumulated", 2, PLAIN, CORPUS, OPTIONS.accumulate(2)),
                Arguments.of("clipped", 3, PLAIN, CORPUS, OPTIONS.clip(0.05, 0.01)),
                Arguments.of("masked", 2, PLAIN, CORPUS, OPTIONS.padding(PaddingMode.MASK)),
                Arguments.of("buckets, accumulated, an empty share", 4, PLAIN, CORPUS,
                        OPTIONS.padding(PaddingMode.BUCKET).accumulate(3)),
                Arguments.of("dropout, an empty share", 4, dropping, CORPUS, OPTIONS),
                Arguments.of("features", 2, PLAIN.conditioned(about.features()), about, OPTIONS),
                Arguments.of("streams", 3, RUNNING, WINDOWS, OPTIONS.streams(true)),
                Arguments.of("features of a GRU", 2, gru.conditioned(about.features()), about, OPTIONS),
                Arguments.of("streams of a GRU", 3, Models.two(RecurrentCell.Gru.RESET_AFTER,
                        WINDOWS.vocabulary().size(), 9, 5), WINDOWS, OPTIONS.streams(true)),
                Arguments.of("last steps", 2, RUNNING.predicting(Prediction.LAST), WINDOWS, OPTIONS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void areOneProcess(String name, int size, ModelConfig config, Corpus corpus, TrainingOptions options) {
        Run run = new Run(config, corpus, options);
        Result expected = run.alone();
        Result actual = run.together(size);
        Agreement.require("loss", new double[] {expected.loss, expected.realLoss},
                new double[] {actual.loss, actual.realLoss}, 2e-6);
        Agreement.require("weights", expected.weights, actual.weights, 2e-5);
        if (size == 3) {
            assertArrayEquals(actual.weights, run.together(size).weights);
        }
    }

    /** As many ranks go on to the bit, in what is told of the epoch that was interrupted too. */
    @Test
    void anEpochThatWasInterruptedHasTheSameLoss() {
        TrainingOptions options = OPTIONS.rule(0.02, new Sgd(0.5, false, 0));
        Run whole = new Run(PLAIN, CORPUS, options);
        Result expected = whole.together(3);
        for (int updates = 1; updates <= 4; updates++) {
            Run interrupted = new Run(PLAIN, CORPUS, options);
            interrupted.epochs = 1;
            interrupted.more = updates;
            interrupted.together(3);
            interrupted.from = interrupted.reached;
            interrupted.epochs = 2;
            interrupted.more = 0;
            Result actual = interrupted.together(3);
            assertEquals(expected.loss, actual.loss, "after " + updates + " updates");
            assertEquals(expected.realLoss, actual.realLoss);
            assertArrayEquals(expected.weights, actual.weights);
        }
    }

    /** Two go on where three were, in the midst of an epoch, and one where two were; what is counted goes on too. */
    @ParameterizedTest
    @MethodSource("resumed")
    void anotherNumberOfRanksGoesOn(ModelConfig config, Corpus corpus, TrainingOptions options) {
        Run alone = new Run(config, corpus, options);
        Run several = new Run(config, corpus, options);
        for (int stage = 1; stage <= 3; stage++) {
            for (Run run : List.of(alone, several)) {
                run.epochs = stage;
                run.more = 3 - stage;
                run.from = run.reached;
            }
            Result expected = alone.alone();
            Result actual = stage == 3 ? several.alone() : several.together(4 - stage);
            Agreement.require("loss", new double[] {expected.loss, expected.realLoss},
                    new double[] {actual.loss, actual.realLoss}, 2e-6);
            Agreement.require("weights", expected.weights, actual.weights, 2e-5);
            requireSame(Objects.requireNonNull(alone.reached), Objects.requireNonNull(several.reached));
        }
    }

    private static void requireSame(TrainingState expected, TrainingState actual) {
        assertEquals(expected.rows(), actual.rows());
        Agreement.require("totals", expected.totals(), TrainingState.summed(actual.totals()), 2e-6);
        assertEquals(expected.carried().size(), actual.carried().size());
        for (int i = 0; i < expected.carried().size(); i++) {
            Agreement.require("carried", expected.carried().get(i).values(), actual.carried().get(i).values(), 1e-4);
        }
    }

    /** As rank 0 validates, with as much side by side as it trains; of streams with what each carries on. */
    @Test
    void aBatchIsEvaluatedInParts() {
        Corpus corpus = windows(5);
        assertEquals(74, corpus.rows());
        for (boolean streams : new boolean[] {false, true}) {
            TrainingOptions options = OPTIONS.streams(streams);
            try (Device device = TestDevices.open("cpu", new DeviceOptions(1));
                    Model model = new Model(device, Initializer.keras(RUNNING, 1))) {
                Evaluation whole = Evaluation.of(model, corpus, options, 1, () -> true).orElseThrow();
                for (int parts = 2; parts <= 5; parts++) {
                    AtomicInteger batches = new AtomicInteger();
                    Evaluation inParts = Evaluation.of(model, corpus, options, parts,
                            () -> batches.incrementAndGet() > 0).orElseThrow();
                    Agreement.require("losses", new double[] {whole.loss(), whole.realLoss(), whole.accuracy()},
                            new double[] {inParts.loss(), inParts.realLoss(), inParts.accuracy()}, 1e-6);
                    // Four streams of 18 windows, and two that are left; or 74 windows.
                    assertEquals(streams ? 18 * Math.min(parts, 4) + (parts < 4 ? 1 : 2)
                            : Math.ceilDiv(74, Math.ceilDiv(8, parts)), batches.get());
                }
            }
        }
    }

    static Stream<Arguments> resumed() {
        return Stream.of(Arguments.of(PLAIN, CORPUS, OPTIONS), Arguments.of(RUNNING, WINDOWS, OPTIONS.streams(true)));
    }

    /** Of 5 rows in batches of 3 and 2. */
    @Test
    void aShareHasItsOwnRowsFirst() {
        EpochPlan plan = new EpochPlan(new int[] {4, 2, 0, 3, 1, 9}, List.of(List.of(new EpochPlan.Batch(3, 7, 20)),
                List.of(new EpochPlan.Batch(2, 6, 11))));
        List<int[]> orders = new ArrayList<>();
        List<List<List<EpochPlan.Batch>>> updates = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) {
            orders.add(plan.share(rank, 3).order());
            updates.add(plan.share(rank, 3).updates());
        }
        assertArrayEquals(new int[] {4, 3, 2, 0, 1, 9}, orders.get(0));
        assertArrayEquals(new int[] {2, 1, 4, 0, 3, 9}, orders.get(1));
        assertArrayEquals(new int[] {0, 4, 2, 3, 1, 9}, orders.get(2));
        assertEquals(List.of(List.of(new EpochPlan.Batch(1, 7, 20, 3, 1)), List.of(new EpochPlan.Batch(1, 6, 11, 2,
                1))), updates.get(1));
        assertEquals(List.of(List.of(new EpochPlan.Batch(1, 7, 20, 3, 2)), List.of(new EpochPlan.Batch(0, 6, 11, 2,
                2))), updates.get(2));
        assertArrayEquals(plan.order(), plan.share(0, 1).order());
        assertEquals(plan.updates(), plan.share(0, 1).updates());
    }

    @Test
    void aRankWithoutRowsIsRefused() {
        Run run = new Run(PLAIN, CORPUS, new TrainingOptions(2, 0.1, 1, true));
        Collective three = Together.run(3, ranks -> ranks).getFirst();
        assertEquals("a batch of 2 rows for 3 ranks; each needs one",
                assertThrows(IllegalArgumentException.class, () -> run.train(three)).getMessage());
    }
}
