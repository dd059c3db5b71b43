package org.charlstm.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.selftest.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A difference in bits is a note where cuDNN computed; tolerances grow with steps. */
class CheckTest {
    private static final class By extends SpoiledDevice {
        private final String engine;

        By(String engine) {
            super(UnaryOperator.identity());
            this.engine = engine;
        }

        @Override
        public List<String> choices() {
            return List.of("LSTM 3 x 2, 5 units: " + engine + " (fused 0.01 ms, cudnn standard 0.02 ms)");
        }
    }

    private static Outcome outcome(String engine, double promised, double actual) {
        Check check = new Check("bits", 0, 1e-3, Check.Case.byDefinition(List.of("T 3"), title -> title,
                (_, _, comparison) -> comparison.same("x", new double[] {1}, new double[] {1 + actual})));
        try (By device = new By(engine)) {
            return (promised == 0 ? new Check("bits", 0, check.cases()) : check).run(device);
        }
    }

    @ParameterizedTest
    @CsvSource({"cudnn standard, 1, 0, true", "cudnn standard, 1, 1e-6, true", "cudnn standard, 1, 1e-2, false",
        "cudnn standard, 1, NaN, false", "cudnn standard, 0, 1e-6, false", "fused, 1, 1e-6, false",
        "plain, 1, 1e-6, false", "fused, 1, 0, true"})
    void bitsOfCudnnAreANote(String engine, double promised, double actual, boolean passes) {
        Outcome outcome = outcome(engine, promised, actual);
        assertEquals(passes, outcome.passed(), outcome::toString);
        assertEquals(!(actual == 0), outcome.message().isPresent(), outcome::toString);
        assertEquals(passes && actual != 0, outcome.message().orElse("")
                .endsWith(" to the bit, which NVIDIA does not promise of cuDNN"), outcome::toString);
        assertFalse(outcome.broken());
    }

    @Test
    void aRecurrentLayerHasMoreRoomOverMoreSteps() {
        assertEquals(0.4, Tolerances.share(1));
        assertEquals(1, Tolerances.share(16));
        assertEquals(1, Tolerances.share(173));
        for (Tolerances each : List.of(Tolerances.FLOAT32, Tolerances.TF32, Tolerances.BF16)) {
            assertEquals(5 * each.operation(), each.lstm());
        }
        Check check = new Check("room", 1e-3, List.of(new Check.Case("T 1", 0.4, (_, _, comparison) -> comparison
                .agree("x", new double[] {1}, new double[] {1 + 5e-4})),
                new Check.Case("T 16", (_, _, comparison) -> comparison.agree("y", new double[] {1},
                        new double[] {1 + 5e-4}))));
        try (By device = new By("fused")) {
            assertTrue(check.run(device).message().orElseThrow().startsWith("T 1: x[0] is "));
        }
    }
}
