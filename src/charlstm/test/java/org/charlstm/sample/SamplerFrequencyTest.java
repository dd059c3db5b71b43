package org.charlstm.sample;

import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Symbols are drawn as often as their probabilities say: Pearson's chi-square test, with fixed seeds. */
class SamplerFrequencyTest {
    private static final int SENTENCES = 20_000;
    /**
     * Exceeded with probability 0.001 at 6 degrees of freedom, one less than the symbols: NIST/SEMATECH e-Handbook of
     * Statistical Methods, section 1.3.6.7.4.
     */
    private static final double QUANTILE = 22.458;

    private static double[] counts(TinyModel tiny, String prime, double temperature) {
        double[] counts = new double[TinyModel.SYMBOLS];
        int length = prime.length() + 1;
        tiny.sampler(SamplingOptions.DEFAULT.temperature(temperature).seed(11).maxLength(length).prime(prime)
                .pastEnd(true)).sample(SENTENCES,
                        new Sampler.Sink() {
                            private final int[] at = new int[SENTENCES];

                            @Override
                            public void symbol(int sentence, int symbol) {
                                if (++at[sentence] == length) {
                                    counts[symbol]++;
                                }
                            }

                            @Override
                            public void end(int sentence) {
                                // Only the symbols count.
                            }
                        });
        return counts;
    }

    private static double[] normalised(DoubleStream weights) {
        double[] probabilities = weights.toArray();
        double sum = DoubleStream.of(probabilities).sum();
        return DoubleStream.of(probabilities).map(p -> p / sum).toArray();
    }

    private static double chiSquare(double[] counts, double[] probabilities) {
        double sum = 0;
        for (int j = 0; j < counts.length; j++) {
            double expected = SENTENCES * probabilities[j];
            assertTrue(expected >= 5, "too few expected for the statistic: " + Arrays.toString(probabilities));
            sum += (counts[j] - expected) * (counts[j] - expected) / expected;
        }
        return sum;
    }

    /** Every other probability 5 % higher, the rest 5 % lower. */
    private static double[] off(double[] probabilities) {
        double[] off = probabilities.clone();
        for (int j = 0; j < off.length; j++) {
            off[j] *= j % 2 == 0 ? 1.05 : 0.95;
        }
        return normalised(DoubleStream.of(off));
    }

    private static void assertDrawnFrom(double[] probabilities, double[] counts) {
        double right = chiSquare(counts, probabilities);
        double wrong = chiSquare(counts, off(probabilities));
        assertTrue(right < QUANTILE, "chi-square " + right + " for " + Arrays.toString(counts) + " from "
                + Arrays.toString(probabilities));
        assertTrue(wrong > QUANTILE, "5 % off would pass with " + wrong);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.5, 2})
    void frequenciesAreProbabilitiesToThePowerOfOneOverTheTemperature(double temperature) {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            double[] next = tiny.next("");
            assertDrawnFrom(normalised(DoubleStream.of(next).map(p -> Math.pow(p, 1 / temperature))),
                    counts(tiny, "", temperature));
        }
    }

    @Test
    void frequenciesFollowThePrime() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            assertDrawnFrom(tiny.next("dab"), counts(tiny, "dab", 1));
        }
    }
}
