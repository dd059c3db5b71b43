package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.TestDevices;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("long")
class TrainerTest {
    private static final Corpus CORPUS = Corpus.encode(Captions.of(Captions.generated(100, 1).texts().stream()
            .map(text -> text.substring(0, Math.min(29, text.length()))).toList()));
    private static final Corpus FEW = Corpus.encode(Captions.of(CORPUS.captions().texts().subList(0, 40)));
    private static final TrainingOptions OPTIONS = new TrainingOptions(40, 0.002, 1, true);

    static Stream<String> devices() {
        return TestDevices.once(TestDevices.all());
    }

    private record Result(double[] losses, double[] weights) {
    }

    private static Result train(String name, int threads, Corpus corpus, TrainingOptions options, int epochs) {
        ModelConfig config = Models.of(corpus.vocabulary().size(), 37, 19);
        try (Device device = TestDevices.open(name, new DeviceOptions(threads));
                Model model = new Model(device, Initializer.keras(config, 1));
                Trainer trainer = new Trainer(model, corpus, options)) {
            double[] losses = new double[epochs];
            for (int i = 0; i < epochs; i++) {
                losses[i] = trainer.epoch(EpochListener.NONE).loss();
            }
            return new Result(losses, flat(model.weights()));
        }
    }

    /** From the second step's change of the weights follows its gradient, and from that what the state must be. */
    @Test
    void meanSquaresAreThoseOfTheGradients() {
        try (Device device = TestDevices.open("reference");
                Model model = new Model(device,
                        Initializer.keras(Models.of(CORPUS.vocabulary().size(), 5, 4), 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.002, 1, true))) {
            double[] before = flat(trainer.state().states().get("mean_square"));
            assertArrayEquals(new double[before.length], before);
            trainer.epoch(EpochListener.NONE);
            double[] first = flat(trainer.state().states().get("mean_square"));
            double[] start = flat(model.weights());
            trainer.epoch(EpochListener.NONE);
            double[] second = flat(trainer.state().states().get("mean_square"));
            double[] end = flat(model.weights());
            double[] expected = new double[second.length];
            for (int i = 0; i < expected.length; i++) {
                double gradient = (start[i] - end[i]) * (Math.sqrt(second[i]) + RmsProp.EPSILON) / 0.002;
                expected[i] = RmsProp.DECAY * first[i] + (1 - RmsProp.DECAY) * gradient * gradient;
            }
            assertTrue(Arrays.stream(second).max().orElseThrow() > 0);
            Agreement.require("mean squares", expected, second, 1e-9);
        }
    }

    private static double[] flat(Weights weights) {
        return weights.tensors().stream().flatMapToDouble(tensor -> Arrays.stream(tensor.values())).toArray();
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        Result one = train("cpu", 1, CORPUS, OPTIONS, 2);
        for (int threads : new int[] {2, 3, 5}) {
            Result more = train("cpu", threads, CORPUS, OPTIONS, 2);
            assertArrayEquals(one.losses, more.losses);
            assertArrayEquals(one.weights, more.weights);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void followsTheOracle(String device) {
        Result expected = train("reference", 1, CORPUS, OPTIONS, 2);
        Result actual = train(device, 2, CORPUS, OPTIONS, 2);
        Agreement.require("losses", expected.losses, actual.losses, 1e-5);
    }

    @ParameterizedTest
    @MethodSource("devices")
    @Sampled(every = 2)
    void learnsAFewCaptionsByHeart(String device) {
        Corpus few = Corpus.encode(Captions.of(List.of("a cat sits on a mat", "two dogs run", "the sun is up")));
        Result result = train(device, 2, few, new TrainingOptions(2, 0.01, 1, true), 150);
        assertTrue(result.losses[149] < 0.15, "the loss is still " + result.losses[149]);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void oneCaptionAloneTrains(String device) {
        Corpus one = Corpus.encode(Captions.of(List.of("a")));
        Result result = train(device, 2, one, TrainingOptions.DEFAULT, 20);
        assertTrue(result.losses[19] < result.losses[0]);
    }

    /** With no learning to speak of, an epoch's loss is the loss over every row once, whatever the order. */
    @ParameterizedTest
    @MethodSource("devices")
    @Sampled(every = 2)
    void anEpochTakesEveryRowOnce(String device) {
        ModelConfig config = Models.of(CORPUS.vocabulary().size(), 37, 19);
        for (boolean shuffle : new boolean[] {true, false}) {
            try (Device opened = TestDevices.open(device);
                    Model model = new Model(opened, Initializer.keras(config, 1));
                    Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(40, 1e-30, 3, shuffle))) {
                for (int epoch = 1; epoch <= 2; epoch++) {
                    double loss = trainer.epoch(EpochListener.NONE).loss();
                    double expected = Evaluation.of(model, CORPUS, 7).loss();
                    Agreement.require("loss", new double[] {expected}, new double[] {loss}, 1e-9);
                }
            }
        }
    }

    @Test
    void theSeedAndShufflingDecideTheOrder() {
        double[] shuffled = train("cpu", 1, CORPUS, OPTIONS, 1).weights;
        double[] again = train("cpu", 1, CORPUS, OPTIONS, 1).weights;
        double[] otherSeed = train("cpu", 1, CORPUS, new TrainingOptions(40, 0.002, 2, true), 1).weights;
        double[] inOrder = train("cpu", 1, CORPUS, new TrainingOptions(40, 0.002, 1, false), 1).weights;
        double[] inOrderOtherSeed = train("cpu", 1, CORPUS, new TrainingOptions(40, 0.002, 2, false), 1).weights;
        assertArrayEquals(shuffled, again);
        assertFalse(Arrays.equals(shuffled, otherSeed));
        assertFalse(Arrays.equals(shuffled, inOrder));
        assertArrayEquals(inOrder, inOrderOtherSeed);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aListenerSeesEveryStepAndMayEndTheEpoch(String device) {
        ModelConfig config = Models.of(CORPUS.vocabulary().size(), 3, 0);
        try (Device opened = TestDevices.open(device);
                Model model = new Model(opened, Initializer.keras(config, 1));
                Trainer trainer = new Trainer(model, CORPUS, OPTIONS)) {
            AtomicInteger calls = new AtomicInteger();
            Figures whole = trainer.epoch((done, total, progress) -> {
                calls.incrementAndGet();
                assertEquals(Math.min(40 * calls.get(), 100), done);
                assertEquals(100, total);
                assertTrue(progress.loss() > 0);
                return true;
            });
            assertEquals(3, calls.get());
            assertEquals(1, whole.epoch());
            double[] before = flat(model.weights());
            assertNull(trainer.epoch((done, total, progress) -> false));
            assertFalse(Arrays.equals(before, flat(model.weights())), "the step before the end counts");
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientsThatAreNotFiniteAreDivergence(String device) {
        DivergenceException e = assertThrows(DivergenceException.class,
                () -> train(device, 1, CORPUS, new TrainingOptions(40, 1e30, 1, true), 5));
        assertTrue(e.what().contains("step 2 of epoch 1"), e.getMessage());
    }

    /** To time them: a step takes as long with numbers that are none. */
    @ParameterizedTest
    @MethodSource("devices")
    void epochsGoOnAfterADivergenceWhereThatIsAsked(String device) {
        try (Device opened = TestDevices.open(device);
                Model model = new Model(opened, Initializer.keras(
                        Models.of(CORPUS.vocabulary().size(), 8, 8), 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(40, 1e30, 1, true))
                        .evenIfItDiverges()) {
            for (int epoch = 1; epoch <= 2; epoch++) {
                assertEquals(epoch, trainer.epoch(EpochListener.NONE).epoch());
            }
            assertTrue(trainer.divergence().orElseThrow().what().contains("of epoch 1"));
        }
    }

    /** Weights so large that every prediction is certain and wrong, but all of it finite. */
    @ParameterizedTest
    @MethodSource("devices")
    void aLossFarAboveThatOfKnowingNothingIsDivergence(String device) {
        DivergenceException e = assertThrows(DivergenceException.class,
                () -> train(device, 1, CORPUS, new TrainingOptions(40, 100, 1, true), 5));
        assertTrue(e.what().contains("epoch 1: the mean loss"), e.getMessage());
    }

    /** At a rate of 1 a step's change of a weight is at most the clipped gradient over RMSprop's root of it. */
    @ParameterizedTest
    @MethodSource("devices")
    void gradientsAreClippedBeforeTheUpdate(String device) {
        TrainingOptions options = new TrainingOptions(CORPUS.rows(), 0.002, 1, true).clip(1e-9,
                Double.POSITIVE_INFINITY);
        double[] clipped = train(device, 1, CORPUS, options, 1).weights;
        double[] start = train(device, 1, CORPUS, options, 0).weights;
        double norm = 0;
        for (int i = 0; i < start.length; i++) {
            // The change is rate g / (sqrt(0.1) g + 1e-7), so nearly all of it is 0.002 g / 1e-7.
            norm += Math.pow((start[i] - clipped[i]) / 0.002 * RmsProp.EPSILON, 2);
        }
        // Float weights of about 0.1 hold changes of 1e-8 and more, of which most are smaller here.
        assertTrue(Math.sqrt(norm) < 1.5e-9, "the norm of the gradients was " + Math.sqrt(norm));
    }

    static Stream<Arguments> rules() {
        return devices().flatMap(device -> Stream.of(new Sgd(0.9, true, 0.01), Adam.KERAS, Adam.KERAS_W)
                .map(rule -> Arguments.of(device, rule)));
    }

    /** With rates that are others in each update, and few captions. */
    @ParameterizedTest
    @MethodSource("rules")
    void everyRuleFollowsTheOracle(String device, UpdateRule rule) {
        TrainingOptions options = new TrainingOptions(16, 1, 1, true).rule(0.02, rule)
                .schedule(new Schedule.Cosine(2, 0), 3);
        Result expected = train("reference", 1, FEW, options, 2);
        Result actual = train(device, 2, FEW, options, 2);
        Agreement.require("losses", expected.losses, actual.losses, 1e-5);
    }

    /** Updates of 36 and 28 captions; in parts of 12, 12 and 12, and of 12, 12 and 4, and then of 28 as they are. */
    @ParameterizedTest
    @MethodSource("devices")
    void accumulatedBatchesAreOneLargeBatch(String device) {
        Corpus corpus = Corpus.encode(Captions.of(CORPUS.captions().texts().subList(0, 64)));
        TrainingOptions options = new TrainingOptions(36, 1, 1, true).rule(0.5, new Sgd(0.9, false, 0)).clip(0.1,
                Double.POSITIVE_INFINITY);
        Result large = train(device, 2, corpus, options, 2);
        Result parts = train(device, 2, corpus,
                new TrainingOptions(12, 3, 0.5, options.schedule(), 0, options.rule(), 0.1, Double.POSITIVE_INFINITY,
                        1, true, PaddingMode.LAB, false),
                2);
        Agreement.require("losses", large.losses, parts.losses, 1e-5);
        Agreement.require("weights", large.weights, parts.weights, 1e-5);
    }

    /** One batch of one update: whether padding is computed or not makes no difference, nor in how many parts. */
    @ParameterizedTest
    @MethodSource("devices")
    void paddingThatIsLeftOutNeedNotBeComputed(String device) {
        Corpus corpus = Corpus.encode(Captions.of(IntStream.range(0, 24).mapToObj(i -> "the cat sat on a mat by the sea"
                .substring(i % 3, 4 + i % 12 + i / 23 * 15)).toList()));
        TrainingOptions options = new TrainingOptions(24, 1, 1, true).rule(0.5, Sgd.KERAS);
        Result lab = train(device, 2, corpus, options, 1);
        Result mask = train(device, 2, corpus, options.padding(PaddingMode.MASK), 1);
        Result bucket = train(device, 2, corpus, options.padding(PaddingMode.BUCKET), 1);
        Result parts = train(device, 2, corpus, new TrainingOptions(5, 1, 1, true).rule(0.5, Sgd.KERAS).accumulate(5)
                .padding(PaddingMode.BUCKET), 1);
        Agreement.require("loss of a bucket", mask.losses, bucket.losses, 1e-5);
        Agreement.require("weights of a bucket", mask.weights, bucket.weights, 1e-5);
        Agreement.require("loss in parts", mask.losses, parts.losses, 1e-5);
        Agreement.require("weights in parts", mask.weights, parts.weights, 1e-5);
        assertTrue(Math.abs(lab.losses[0] - mask.losses[0]) > 1e-3);
    }

    /** At a rate that changes nothing, chunks with the state carried on are one long sequence, also when validated. */
    @ParameterizedTest
    @MethodSource("devices")
    void aStreamIsOneLongSequence(String device) {
        String text = IntStream.range(0, 121).mapToObj(i -> "abcde".substring(i * i % 5, i * i % 5 + 1))
                .collect(Collectors.joining());
        RunningText running = RunningText.of("the text", text);
        Captions chunks = running.windows(11, 10, Integer.MAX_VALUE);
        Captions whole = running.windows(121, 1, 1);
        Vocabulary vocabulary = Vocabulary.ofRunning(whole);
        Corpus corpus = Corpus.encode(chunks, vocabulary);
        assertEquals(12, corpus.rows());
        TrainingOptions options = new TrainingOptions(1, 1e-30, 1, true).rule(1e-30, Sgd.KERAS).streams(true);
        try (Device opened = TestDevices.open(device);
                Model model = new Model(opened, Initializer.keras(Models.of(vocabulary.size(), 9, 2, 7), 1));
                Trainer trainer = new Trainer(model, corpus, options)) {
            double expected = Evaluation.of(model, Corpus.encode(whole, vocabulary), 1).loss();
            double[] losses = {trainer.epoch(EpochListener.NONE).loss(), trainer.epoch(EpochListener.NONE).loss(),
                Evaluation.of(model, corpus, options, 1, () -> true).orElseThrow().loss()};
            Agreement.require("losses", new double[] {expected, expected, expected}, losses, 1e-6);
            assertTrue(Math.abs(expected - Evaluation.of(model, corpus, 1).loss()) > 1e-5);
            requireLossesOfStreams(model, corpus, options.batchSize(12));
        }
    }

    /** Where an epoch is one batch, its loss is the mean of those of its streams. */
    private static void requireLossesOfStreams(Model model, Corpus corpus, TrainingOptions options) {
        try (Trainer trainer = new Trainer(model, corpus, options)) {
            assertEquals(0, trainer.streamLosses().length);
            double loss = trainer.epoch(EpochListener.NONE).loss();
            double[] streams = trainer.streamLosses();
            assertEquals(12, streams.length);
            assertEquals(loss, DoubleStream.of(streams).average().orElseThrow(), 1e-5);
        }
    }

    /** At a rate that changes nothing, of overlapping windows in batches of 8 and of 5. */
    @ParameterizedTest
    @MethodSource("devices")
    void theLossOfLastStepsIsThatOfTheEvaluation(String device) {
        Captions windows = RunningText.of("the text", IntStream.range(0, 121)
                .mapToObj(i -> "abcde".substring(i * i % 5, i * i % 5 + 1)).collect(Collectors.joining()))
                .windows(11, 3, Integer.MAX_VALUE);
        Corpus corpus = Corpus.encode(windows, Vocabulary.ofRunning(windows));
        assertEquals(37, corpus.rows());
        Weights weights = Initializer.keras(Models.of(corpus.vocabulary().size(), 9, 2, 7), 1);
        Weights last = new Weights(weights.config().predicting(Prediction.LAST), weights.tensors());
        TrainingOptions options = new TrainingOptions(8, 1e-30, 1, true).rule(1e-30, Sgd.KERAS);
        try (Device opened = TestDevices.open(device);
                Model all = new Model(opened, weights);
                Model model = new Model(opened, last);
                Trainer trainer = new Trainer(model, corpus, options)) {
            double expected = Evaluation.ofLastSteps(all, corpus, 5).loss();
            double[] losses = {trainer.epoch(EpochListener.NONE).loss(),
                Evaluation.of(model, corpus, options, 1, () -> true).orElseThrow().loss(),
                Evaluation.of(model, corpus, 5).realLoss()};
            Agreement.require("losses", new double[] {expected, expected, expected}, losses, 1e-6);
            assertTrue(Math.abs(expected - Evaluation.of(all, corpus, 5).loss()) > 1e-5);
            assertThrows(IllegalArgumentException.class, () -> new Trainer(model, corpus, options.streams(true)));
        }
        ModelConfig ofCaptions = Models.of(FEW.vocabulary().size(), 5, 0).predicting(Prediction.LAST);
        try (Device opened = TestDevices.open(device);
                Model model = new Model(opened, Initializer.keras(ofCaptions, 1))) {
            assertThrows(IllegalArgumentException.class, () -> new Trainer(model, FEW, OPTIONS));
        }
    }

    /** Where there is no padding there is no difference; else the loss is that of the marked totals. */
    @ParameterizedTest
    @MethodSource("devices")
    void withoutPaddingMaskChangesNothing(String device) {
        TrainingOptions options = new TrainingOptions(7, 0.05, 1, true);
        Corpus even = Corpus.encode(Captions.of(List.of("a cat", "a dog", "a sun", "seven", "eight", "three", "a hat",
                "a mat", "a rat", "again")));
        Result lab = train(device, 2, even, options, 2);
        Result mask = train(device, 2, even, options.padding(PaddingMode.MASK), 2);
        Agreement.require("losses", lab.losses, mask.losses, 1e-6);
        Agreement.require("weights", lab.weights, mask.weights, 1e-6);
    }

    /** Twice 100 rows in updates of 30: the rate rises over five, and the last is of the second epoch's end. */
    @Test
    void eachUpdateHasTheRateOfTheSchedule() {
        TrainingOptions options = new TrainingOptions(15, 0.4, 1, true).accumulate(2)
                .schedule(new Schedule.Step(0.5, 1), 5);
        try (Device device = TestDevices.open("cpu");
                Model model = new Model(device, Initializer.keras(Models.of(CORPUS.vocabulary().size(), 3, 0), 1));
                Trainer trainer = new Trainer(model, CORPUS, options)) {
            List<Double> rates = new ArrayList<>();
            for (int epoch = 0; epoch < 2; epoch++) {
                trainer.epoch((done, total, progress) -> rates.add(trainer.learningRate()));
            }
            double[] expected = {0.08, 0.16, 0.24, 0.32, 0.2, 0.2, 0.2, 0.2};
            Agreement.require("rates", expected, rates.stream().mapToDouble(Double::doubleValue).toArray(), 1e-12);
        }
    }

    /** Plain descent at one rate and at half of it: from the same weights the one step is twice the other. */
    @ParameterizedTest
    @MethodSource("devices")
    void theDeviceTakesTheScheduledRate(String device) {
        TrainingOptions options = new TrainingOptions(CORPUS.rows(), 1, 1, false).rule(0.5, Sgd.KERAS)
                .schedule(new Schedule.Plateau(0.25, 1, 0), 2);
        double[] start = train(device, 1, CORPUS, options, 0).weights;
        double[] half = train(device, 1, CORPUS, options, 1).weights;
        double[] whole = train(device, 1, CORPUS, options.schedule(new Schedule.Constant(), 0), 1).weights;
        double[] changes = IntStream.range(0, start.length).mapToDouble(i -> whole[i] - start[i]).toArray();
        Agreement.require("changes", changes,
                IntStream.range(0, start.length).mapToDouble(i -> 2 * (half[i] - start[i])).toArray(), 1e-4);
    }

    /** The rates of Keras' ReduceLROnPlateau for the same losses. */
    @Test
    void plateauWaitsForALowerLoss() {
        Schedule plateau = new Schedule.Plateau(0.5, 2, 0.15);
        Schedule.Course course = Schedule.Course.BEGIN;
        double[] losses = {3, 2.9, 2.95, 2.89995, 2.8, 2.9, 2.9, 2.9, 2.7, 2.7, 2.7, 2.7, 2.7};
        double[] expected = {0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.2, 0.15, 0.15, 0.15};
        double[] rates = new double[losses.length];
        for (int i = 0; i < losses.length; i++) {
            course = plateau.next(course, losses[i]);
            rates[i] = plateau.rate(0.8, course, i + 1, 0);
        }
        assertArrayEquals(expected, rates, 1e-15);
    }
}
