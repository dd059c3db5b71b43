package org.charlstm.sample;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.nn.Model;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sampling from the last T characters alone, by a model without start and end symbols. */
@Tag("long")
class WindowTest {
    private static final Vocabulary RUNNING = Vocabulary.withoutMarkers("abcdefg");
    private static final int WINDOW = 4;
    private static final int LENGTH = 30;
    private static final long[] COUNTS = {5, 0, 1, 0, 0, 3, 1};

    private static SamplingOptions options(double temperature, String prime, int window) {
        return SamplingOptions.DEFAULT.temperature(temperature).seed(3).maxLength(LENGTH).prime(prime).window(window);
    }

    private static List<String> sentences(Model model, SamplingOptions options, int count) {
        return new Sampler(model, RUNNING, options).sentences(count);
    }

    /** The same by the one-step model, started anew for every character. */
    private static String greedy(Model model, String prime, int window) {
        StringBuilder text = new StringBuilder(prime);
        while (text.length() < LENGTH) {
            String last = text.substring(Math.max(0, text.length() - window));
            text.append(RUNNING.text(TinyModel.best(Predictor.next(model, RUNNING, last))));
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("org.charlstm.device.TestDevices#all")
    @Sampled(every = 3)
    void eachCharacterFollowsFromTheLastOnesAlone(String name) {
        try (Device device = TestDevices.open(name);
                Model model = new Model(device, TinyModel.weights(TinyModel.SEED))) {
            for (String prime : List.of("a", "gfedcba")) {
                String expected = greedy(model, prime, WINDOW);
                assertEquals(List.of(expected, expected), sentences(model, options(0, prime, WINDOW), 2));
                assertNotEquals(expected, greedy(model, prime, LENGTH), "these weights forget by themselves");
            }
            assertEquals(greedy(model, "a", LENGTH), sentences(model, options(0, "a", 0), 1).getFirst());
            List<String> drawn = sentences(model, options(1, "ab", LENGTH), 5);
            assertEquals(sentences(model, options(1, "ab", 0), 5), drawn, "a window that all fits in is the state's");
            assertEquals(drawn.subList(0, 1), sentences(model, options(1, "ab", LENGTH), 1));
        }
    }

    /** Drawn by the counts alone, and from there on as if it had been given. */
    @ParameterizedTest
    @MethodSource("org.charlstm.device.TestDevices#all")
    @Sampled(every = 3)
    void withCountsTheFirstCharacterIsDrawn(String name) {
        Vocabulary counted = RUNNING.counted(COUNTS);
        try (Device device = TestDevices.open(name);
                Model model = new Model(device, TinyModel.weights(TinyModel.SEED))) {
            for (int window : new int[] {0, WINDOW}) {
                SamplingOptions options = options(1, "", window);
                List<String> drawn = new Sampler(model, counted, options).sentences(70);
                Map<String, List<String>> given = new HashMap<>();
                for (int i = 0; i < drawn.size(); i++) {
                    // The symbols a to g have 5, 0, 1, 0, 0, 3 and 1 of ten.
                    String first = "aaaaacfffg".substring((int) (10 * Philox.uniform(3, Purpose.SAMPLE, i, 0)))
                            .substring(0, 1);
                    assertEquals(given.computeIfAbsent(first, its -> sentences(model, options.prime(its), 70)).get(i),
                            drawn.get(i), "sentence " + i);
                }
                Beginnings some = new Beginnings(List.of("", "be", "", "a"), 1, "here");
                List<String> mixed = new Sampler(model, counted, options, some).sentences(4);
                assertEquals(drawn.get(0), mixed.get(0));
                assertEquals(sentences(model, options.prime("be"), 2).getLast(), mixed.get(1));
                assertEquals(drawn.get(2), mixed.get(2));
            }
            String first =
                    new Sampler(model, counted, options(1, "", 0).stop("a").maxLength(4)).sentences(1).getFirst();
            assertEquals("", first, "it is no beginning that was given: a text to stop at may be in it");
        }
    }

    /** From the 65th on they are a new batch of 36, or a second batch of 64 that uses the memory of the first. */
    @Test
    void aSecondBatchBeginsWithAnEmptyWindow() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            SamplingOptions options = options(1, "a", WINDOW);
            assertEquals(sentences(tiny.model(), options, 100).subList(64, 100),
                    sentences(tiny.model(), options, 128).subList(64, 100));
        }
    }

    @Test
    void countsAreOneASymbol() {
        for (long[] counts : new long[][] {{1, 2}, {0, 0, 0, 0, 0, 0, 0}, {1, 2, 3, 4, 5, 6, -1},
            {Long.MAX_VALUE, 1, 0, 0, 0, 0, 0}}) {
            assertThrows(IllegalArgumentException.class, () -> RUNNING.counted(counts));
        }
        assertThrows(IllegalArgumentException.class, () -> TinyModel.VOCABULARY.counted(COUNTS));
    }

    @Test
    void aModelWithoutAStartNeedsABeginning() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            assertRefused("no start symbol", () -> sentences(tiny.model(), options(1, "", 0), 1));
            assertRefused("no start symbol", () -> Predictor.next(tiny.model(), RUNNING, ""));
            assertArrayEquals(new double[] {0.5, 0, 0.1, 0, 0, 0.3, 0.1},
                    Predictor.next(tiny.model(), RUNNING.counted(COUNTS), ""));
        }
        assertThrows(IllegalArgumentException.class, () -> SamplingOptions.DEFAULT.keepState(true).window(4));
        assertThrows(IllegalArgumentException.class, () -> SamplingOptions.DEFAULT.window(-1));
    }
}
