package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.TestDevices;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.run.ModelLayers;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A GPU and the processor from the same weights: the same losses, the same model, the same sentences. */
@Tag("long")
@Needs(Need.GPU)
class AcrossDevicesTest {
    private static final int STEPS = 24;
    private static final int FEW = 9;
    /** More than a processor writes side by side. */
    private static final int MANY = 70;
    private static final Corpus SHORT = Corpus.encode(Captions.of(Captions.generated(320, 1).texts().stream()
            .map(text -> text.length() < STEPS ? text : text.substring(0, STEPS - 1)).toList()));

    static Stream<String> gpus() {
        return TestDevices.once(TestDevices.gpus());
    }

    private record Result(double[] losses, Weights weights, Weights meanSquares) {
    }

    private static Result train(String name, Corpus corpus, Weights start, int batch, int steps) {
        return train(name, "auto", corpus, start, batch, steps);
    }

    /** Steps of one epoch, with the loss of each, since in the mean so far one step's error fades. */
    private static Result train(String name, String algorithm, Corpus corpus, Weights start, int batch, int steps) {
        try (Device device = TestDevices.open(name, algorithm);
                Model model = new Model(device, start);
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(batch, 0.001, 1, true))) {
            List<Double> sums = new ArrayList<>(List.of(0.0));
            trainer.epoch((done, total, progress) -> {
                sums.add(progress.loss() * done);
                return sums.size() <= steps;
            });
            double[] losses = new double[sums.size() - 1];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = (sums.get(i + 1) - sums.get(i)) / Math.min(batch, corpus.rows() - i * batch);
            }
            return new Result(losses, model.weights(), trainer.state().states().get("mean_square"));
        }
    }

    private static void requireAgreement(Result expected, Result actual, double tolerance) {
        assertEquals(expected.losses.length, actual.losses.length);
        for (int i = 0; i < expected.losses.length; i++) {
            Agreement.require("loss of step " + i, new double[] {expected.losses[i]},
                    new double[] {actual.losses[i]}, 1e-4);
        }
        requireAgreement("", expected.weights, actual.weights, tolerance);
        requireAgreement("mean squares of ", expected.meanSquares, actual.meanSquares, tolerance);
    }

    private static void requireAgreement(String what, Weights expected, Weights actual, double tolerance) {
        for (Tensor tensor : expected.tensors()) {
            Agreement.require(what + tensor.name(), tensor.values(), actual.get(tensor.name()).values(), tolerance);
        }
    }

    private static Weights start(Corpus corpus, int units) {
        return Initializer.keras(Models.of(corpus.vocabulary().size(), units, units), 1);
    }

    /** By what a GPU takes unasked, and by own kernels. */
    static Stream<Arguments> engines() {
        return gpus().flatMap(gpu -> Stream.of(Arguments.of(gpu, "auto", 20), Arguments.of(gpu, "plain", 3),
                Arguments.of(gpu, "fused", 5)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    @Sampled(every = 3)
    void manyStepsAgree(String gpu, String algorithm, int steps) {
        assertEquals(STEPS, SHORT.steps());
        requireAgreement(train("cpu", SHORT, start(SHORT, 32), 16, steps),
                train(gpu, algorithm, SHORT, start(SHORT, 32), 16, steps), 1e-3);
    }

    /** Of fewer captions, as long as the longest of them all and in as many units. */
    @ParameterizedTest
    @MethodSource("gpus")
    @SecondCircle("the lab's size; severalLayersTrainAndWriteTheSame has a small one")
    void aStepOfTheLabAgrees(String gpu) {
        Corpus lab = Corpus.encode(Captions.generated(10_000, 1));
        requireAgreement(train("cpu", lab, start(lab, 128), 40, 1), train(gpu, lab, start(lab, 128), 40, 1), 1e-2);
    }

    @ParameterizedTest
    @MethodSource("gpus")
    void theSameSeedGivesTheSameBits(String gpu) {
        Result one = train(gpu, SHORT, start(SHORT, 32), 37, 9);
        Result two = train(gpu, SHORT, start(SHORT, 32), 37, 9);
        assertSameBits(one, two);
    }

    /** The state between two symbols is that of every layer. */
    @ParameterizedTest
    @MethodSource("gpus")
    void severalLayersTrainAndWriteTheSame(String gpu) {
        requireTheSameTrainingAndSentences(gpu, Models.of(SHORT.vocabulary().size(), 24, 3, 16));
    }

    @ParameterizedTest
    @MethodSource("gpus")
    @SecondCircle("another model")
    void hardSigmoidsAndTanhTrainAndWriteTheSame(String gpu) {
        requireTheSameTrainingAndSentences(gpu, Models.of(SHORT.vocabulary().size(), 24, 2,
                RecurrentActivation.HARD_SIGMOID, List.of(new DenseLayer(16, Activation.TANH))));
    }

    /** With masks of each batch, moving values and a tied kernel. */
    @ParameterizedTest
    @MethodSource("gpus")
    @SecondCircle("another model")
    void everyKindOfLayerTrainsAndWritesTheSame(String gpu) {
        requireTheSameTrainingAndSentences(gpu, new ModelLayers(12, List.of(24, 16), RecurrentCell.Lstm.SIGMOID, 0.2,
                List.of(16, 12), true, true, Prediction.ALL, 0).model(SHORT.vocabulary().size()));
    }

    static Stream<Arguments> cells() {
        return gpus().flatMap(gpu -> Stream.of(RecurrentCell.Gru.RESET_AFTER,
                new RecurrentCell.Gru(RecurrentActivation.HARD_SIGMOID, false),
                new RecurrentCell.Elman(Activation.TANH),
                new RecurrentCell.Elman(Activation.RELU)).map(cell -> Arguments.of(gpu, cell)));
    }

    /** Every kind of layer again, on another cell. */
    @ParameterizedTest
    @MethodSource("cells")
    @Sampled(every = 4)
    void everyCellTrainsAndWritesTheSame(String gpu, RecurrentCell cell) {
        requireTheSameTrainingAndSentences(gpu, new ModelLayers(12, List.of(24, 16), cell, 0.2, List.of(16, 12), true,
                true, Prediction.ALL, 0).model(SHORT.vocabulary().size()));
    }

    private static void requireTheSameTrainingAndSentences(String gpu, ModelConfig config) {
        Weights start = Initializer.keras(config, 1);
        Result onCpu = train("cpu", SHORT, start, 32, 6);
        requireAgreement(onCpu, train(gpu, SHORT, start, 32, 6), 1e-3);
        for (SamplingOptions options : List.of(SamplingOptions.DEFAULT.maxLength(STEPS),
                SamplingOptions.DEFAULT.seed(2).maxLength(STEPS).prime("a ma").keepState(true))) {
            assertEquals(sentences("cpu", onCpu.weights, options, FEW), sentences(gpu, onCpu.weights, options, FEW));
        }
    }

    /** Both bindings make the same calls of NVIDIA's libraries, in training and in writing. */
    @Test
    void everyBindingGivesTheSameBits() {
        Map<String, List<Result>> results = TestDevices.gpus().collect(Collectors.groupingBy(TestDevices::device,
                Collectors.mapping(gpu -> train(gpu, SHORT, start(SHORT, 32), 16, 5), Collectors.toList())));
        for (List<Result> ofOne : results.values()) {
            for (Result other : ofOne) {
                assertSameBits(ofOne.getFirst(), other);
            }
        }
        Weights weights = start(SHORT, 32);
        for (List<String> bindings : TestDevices.gpus().collect(Collectors.groupingBy(TestDevices::device)).values()) {
            List<String> first = sentences(bindings.getFirst(), weights, SamplingOptions.DEFAULT.maxLength(STEPS),
                    FEW);
            for (String other : bindings) {
                assertEquals(first, sentences(other, weights, SamplingOptions.DEFAULT.maxLength(STEPS), FEW), other);
            }
        }
    }

    private static void assertSameBits(Result one, Result two) {
        assertArrayEquals(one.losses, two.losses);
        for (Tensor tensor : one.weights.tensors()) {
            assertArrayEquals(tensor.values(), two.weights.get(tensor.name()).values(), tensor.name());
        }
        for (Tensor tensor : one.meanSquares.tensors()) {
            assertArrayEquals(tensor.values(), two.meanSquares.get(tensor.name()).values(), tensor.name());
        }
    }

    /** A model trained on one device goes on on the other, and says there what it says here. */
    @ParameterizedTest
    @MethodSource("gpus")
    void aModelMovesBetweenDevices(String gpu) {
        Weights half = train(gpu, SHORT, start(SHORT, 32), 64, 5).weights;
        requireAgreement(train("cpu", SHORT, half, 64, 5), train(gpu, SHORT, half, 64, 5), 1e-3);
        // With a beginning, past the end, and with the state kept.
        for (SamplingOptions options : List.of(SamplingOptions.DEFAULT.maxLength(STEPS),
                SamplingOptions.DEFAULT.temperature(0.5).seed(7).maxLength(STEPS).prime("a ma"),
                SamplingOptions.DEFAULT.seed(3).maxLength(70).pastEnd(true),
                SamplingOptions.DEFAULT.seed(2).maxLength(STEPS).keepState(true),
                SamplingOptions.DEFAULT.temperature(0).maxLength(4).prime("a ma"))) {
            int count = options.equals(SamplingOptions.DEFAULT.maxLength(STEPS)) ? MANY : FEW;
            assertEquals(sentences("cpu", half, options, count), sentences(gpu, half, options, count));
        }
    }

    private static List<String> sentences(String name, Weights weights, SamplingOptions options, int count) {
        try (Device device = TestDevices.open(name); Model model = new Model(device, weights)) {
            return new Sampler(model, SHORT.vocabulary(), options).sentences(count);
        }
    }
}
