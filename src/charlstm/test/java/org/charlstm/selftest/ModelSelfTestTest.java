package org.charlstm.selftest;

import static org.charlstm.selftest.SpoiledCheck.requireFailure;
import static org.charlstm.selftest.SpoiledCheck.requirePassed;
import static org.charlstm.selftest.SpoiledCheck.run;
import static org.charlstm.selftest.SpoiledCheck.spoiled;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Device;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.models.ModelSelfTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The checks of whole models find what those of single operations do not. */
@Tag("long")
class ModelSelfTestTest {
    /** Faults that no check of a single operation finds. */
    static Stream<Arguments> wholes() {
        return Stream.of(
                spoiled("writes beyond its own", "loss and gradients", "gradient of dense_2.",
                        SpoiledLayers::overrun),
                spoiled("one batch's loss", "losses of ten steps", "mean losses[",
                        SpoiledOperations.totals(512, totals -> totals[0] *= 1.001)),
                spoiled("late updates", "weights after ten steps", "lstm_1.", SpoiledOperations::updatesTwiceInTheEnd),
                spoiled("a stray bit", "same bits from one seed", "", SpoiledOperations::unrepeatable),
                spoiled("the last sentences", "sentences", "the symbol drawn",
                        SpoiledOperations.drawn(6, symbol -> symbol > 0 ? symbol - 1 : symbol)),
                spoiled("sentences forget", "sentences", "the symbol drawn",
                        right -> SpoiledLayers.cellLost(right, 1)),
                spoiled("sentences of NaN", "sentences", "the model gives NaN",
                        SpoiledOperations.drawn(64, symbol -> -1)));
    }

    @ParameterizedTest(name = "{1}: {0}")
    @MethodSource("wholes")
    @Sampled(every = 3)
    void aFaultOfTheWholeFailsItsCheck(String what, String check, String message, UnaryOperator<Operations> spoil) {
        try (Device device = new SpoiledDevice(spoil)) {
            for (Check each : ModelSelfTest.checks(Tolerances.FLOAT32)) {
                if (SpoiledCheck.OPERATIONS.contains(each.name())) {
                    requirePassed(each, device);
                } else if (each.name().equals(check)) {
                    requireFailure(run(each, device), message);
                }
            }
        }
    }

    /** A recording that goes wrong in the third run alone. */
    @Test
    void aSpoiledReplayIsFound() {
        try (Device device = new SpoiledDevice(right -> right) {
            @Override
            public Runnable capture(Memory memory, Runnable step) {
                int[] runs = new int[1];
                return () -> {
                    step.run();
                    if (++runs[0] == 3) {
                        step.run();
                    }
                };
            }
        }) {
            requireFailure(replayed(device), "losses[2]");
        }
    }

    @Test
    void aDeviceThatRecordsNothingSaysSo() {
        try (Device device = new SpoiledDevice(right -> right)) {
            Outcome outcome = replayed(device);
            assertTrue(outcome.passed() && outcome.message().orElseThrow().contains("records nothing"),
                    outcome::toString);
        }
    }

    private static Outcome replayed(Device device) {
        return run(ModelSelfTest.checks(Tolerances.FLOAT32).stream()
                .filter(check -> check.name().equals("graph against eager")).findFirst().orElseThrow(), device);
    }
}
