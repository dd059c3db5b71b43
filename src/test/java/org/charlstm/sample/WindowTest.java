package org.charlstm.sample;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.nn.Model;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sampling from the last T characters alone, by a model without start and end symbols. */
class WindowTest {
    private static final Vocabulary RUNNING = Vocabulary.withoutMarkers("abcdefg");
    private static final int WINDOW = 4;
    private static final int LENGTH = 30;

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

    @Test
    void aModelWithoutAStartNeedsABeginning() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            assertRefused("no start symbol", () -> sentences(tiny.model(), options(1, "", 0), 1));
            assertRefused("no start symbol", () -> Predictor.next(tiny.model(), RUNNING, ""));
        }
        assertThrows(IllegalArgumentException.class, () -> SamplingOptions.DEFAULT.keepState(true).window(4));
        assertThrows(IllegalArgumentException.class, () -> SamplingOptions.DEFAULT.window(-1));
    }
}
