package org.charlstm.sample;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.nn.Network;
import org.charlstm.nn.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictorTest {
    private static final String TEXT = "abcadeebdc";

    /** Start, then the text. */
    private static int[] inputs(String text) {
        int[] symbols = TinyModel.VOCABULARY.encode(text, "the text");
        int[] inputs = new int[symbols.length + 1];
        inputs[0] = TinyModel.VOCABULARY.start();
        System.arraycopy(symbols, 0, inputs, 1, symbols.length);
        return inputs;
    }

    /** The last step's logits when all steps are computed at once, where next() carries its state from call to call. */
    private static double[] lastLogits(TinyModel tiny, int[] inputs) {
        try (Memory memory = tiny.model().device().memory()) {
            Ints ids = memory.ints(inputs.length);
            ids.write(inputs);
            Network network = new Network(tiny.model(), memory, inputs.length, 1, false);
            network.forward(ids, null);
            double[] logits = network.logits().read();
            return Arrays.copyOfRange(logits, logits.length - TinyModel.SYMBOLS, logits.length);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "1, 0", "2, 8"})
    void nextIsTheSoftmaxOfTheNetworksLogits(int layers, int dense) {
        try (TinyModel tiny = TinyModel.on("cpu", TinyModel.weights(layers, dense, TinyModel.SEED))) {
            for (int length = 0; length <= TEXT.length(); length++) {
                String prefix = TEXT.substring(0, length);
                double[] exponentials = DoubleStream.of(lastLogits(tiny, inputs(prefix))).map(Math::exp).toArray();
                double sum = DoubleStream.of(exponentials).sum();
                double[] next = tiny.next(prefix);
                assertEquals(1, DoubleStream.of(next).sum(), 1e-12);
                assertArrayEquals(DoubleStream.of(exponentials).map(e -> e / sum).toArray(), next, 1e-5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 0})
    void theMostProbableAfterEachStepHasTheHighestProbability(int dense) {
        try (TinyModel tiny = TinyModel.on("cpu", TinyModel.weights(dense, TinyModel.SEED))) {
            int[] best = Predictor.mostProbable(tiny.model(), inputs(TEXT));
            assertEquals(TEXT.length() + 1, best.length);
            for (int length = 0; length <= TEXT.length(); length++) {
                assertEquals(TinyModel.best(tiny.next(TEXT.substring(0, length))), best[length]);
            }
            // One symbol throughout would show nothing.
            assertTrue(Arrays.stream(best).distinct().count() > 2, Arrays.toString(best));
        }
    }

    @Test
    void theReferenceAgrees() {
        try (TinyModel cpu = TinyModel.on("cpu"); TinyModel reference = TinyModel.on("reference")) {
            assertArrayEquals(reference.next(TEXT), cpu.next(TEXT), 1e-5);
            assertArrayEquals(Predictor.mostProbable(reference.model(), inputs(TEXT)),
                    Predictor.mostProbable(cpu.model(), inputs(TEXT)));
        }
    }

    @Test
    void ofEquallyProbableSymbolsTheLowestIdIsTaken() {
        Weights level = TinyModel.changed(TinyModel.changed(TinyModel.weights(0, TinyModel.SEED), "dense_1.kernel",
                values -> Arrays.fill(values, 0)), "dense_1.bias", values -> Arrays.fill(values, 0.25));
        try (TinyModel tiny = TinyModel.on("cpu", level)) {
            double[] uniform = new double[TinyModel.SYMBOLS];
            Arrays.fill(uniform, 1.0 / TinyModel.SYMBOLS);
            assertArrayEquals(uniform, tiny.next("ab"), 1e-12);
            assertArrayEquals(new int[3], Predictor.mostProbable(tiny.model(), inputs("ab")));
        }
    }

    /** e^1000 is beyond every double. */
    @ParameterizedTest
    @ValueSource(doubles = {1000, -1000})
    void largeLogitsStayProbabilities(double shift) {
        Weights weights = TinyModel.weights(TinyModel.SEED);
        Weights shifted = TinyModel.changed(weights, "dense_2.bias", values -> {
            for (int j = 0; j < values.length; j++) {
                values[j] += shift;
            }
        });
        try (TinyModel tiny = TinyModel.on("reference", weights); TinyModel far = TinyModel.on("reference", shifted)) {
            assertArrayEquals(tiny.next(TEXT), far.next(TEXT), 1e-9);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm_1.kernel", "dense_2.bias"})
    void notANumberIsRefused(String name) {
        Weights broken = TinyModel.changed(TinyModel.weights(TinyModel.SEED), name,
                values -> Arrays.fill(values, Double.NaN));
        try (TinyModel tiny = TinyModel.on("cpu", broken)) {
            assertRefused("NaN", () -> tiny.next("a"));
            assertRefused("NaN", () -> Predictor.mostProbable(tiny.model(), inputs("a")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"abZ", "a\nbZ"})
    void anUnknownCharacterInThePrefixIsRefused(String prefix) {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            assertRefused("the prefix", () -> tiny.next(prefix));
        }
    }
}
