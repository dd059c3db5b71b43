package org.charlstm.selftest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.Operations;
import org.charlstm.selftest.Check.Outcome;
import org.junit.jupiter.params.provider.Arguments;

/** Runs checks on devices that compute one thing wrongly. */
final class SpoiledCheck {
    /** Checks of single operations. */
    static final List<String> OPERATIONS =
            List.of("gather and add", "pick", "last rows", "LSTM forward", "LSTM backward", "product",
                    "dense forward", "dense backward", "embedding", "tied kernel", "dropout",
                    "batch normalisation", "softmax and cross-entropy", "head as one", "norm and clip", "RMSprop",
                    "SGD",
                    "Adam", "sum of gradients", "draw");

    static Arguments spoiled(String what, String check, String message, UnaryOperator<Operations> spoil) {
        return Arguments.of(what, check, message, spoil);
    }

    private SpoiledCheck() {
    }

    /** A check up to the first case that fails, without its large shapes, which take the oracle a while. */
    static Outcome run(Check check, Device device) {
        Outcome outcome = null;
        for (Check.Case each : check.cases()) {
            if (!each.shape().matches(".*(H 128|1384 rows).*") && (outcome == null || outcome.passed())) {
                outcome = new Check(check.name(), check.tolerance(), List.of(each)).run(device);
            }
        }
        return Objects.requireNonNull(outcome, check.name());
    }

    /** A check of another operation, in its first shapes, must pass. */
    static void requirePassed(Check check, Device device) {
        assertTrue(run(new Check(check.name(), check.tolerance(), check.cases().subList(0,
                Math.min(2, check.cases().size()))), device).passed(), check::name);
    }

    static void requireFailure(Outcome outcome, String message) {
        assertFalse(outcome.passed(), outcome::toString);
        assertTrue(outcome.message().orElseThrow().contains(message), outcome::toString);
    }
}
