package org.charlstm.selftest;

import java.util.List;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.ShapeException;

/**
 * One thing that a device must do as the oracle does it.
 *
 * @param tolerance the largest relative difference allowed
 * @param cases     the shapes in which it is tried
 */
public record Check(String name, double tolerance, List<Case> cases) {
    /** One shape. */
    public record Case(String shape, Trial trial) {
        @Override
        public String toString() {
            return shape;
        }
    }

    /** Does the same thing on two devices and compares. */
    @FunctionalInterface
    public interface Trial {
        /**
         * Does it.
         *
         * @param comparison receives what came of it
         */
        void run(TrialMemory scope, TrialMemory oracle, Comparison comparison);
    }

    /**
     * Tries every case. A failure of the device is an outcome, after which the cases that are left are not tried. A
     * shape beyond what an engine asked for by name serves is left out, unless all are.
     */
    public Outcome run(Device device) {
        double difference = 0;
        Optional<String> failure = Optional.empty();
        Optional<String> note = Optional.empty();
        Optional<String> unserved = Optional.empty();
        int leftOut = 0;
        for (Case each : cases) {
            Comparison comparison = new Comparison(tolerance);
            try (TrialMemory scope = new TrialMemory(device);
                    TrialMemory oracle = TrialMemory.oracle(device.precision())) {
                each.trial.run(scope, oracle, comparison);
            } catch (ShapeException e) {
                leftOut++;
                unserved = unserved.isPresent() ? unserved : Optional.of(each.shape + ": " + e.getMessage());
                continue;
            } catch (RuntimeException e) {
                String reason = e instanceof CharlstmException refusal ? refusal.getMessage() : e.toString();
                failure = failure.or(() -> Optional.of(each.shape + ": " + reason.replaceAll("\\R", " ")));
                difference = Double.NaN;
                break;
            }
            difference = Math.max(difference, comparison.difference());
            failure = failure.or(() -> comparison.failure().map(text -> each.shape + ": " + text));
            note = note.or(comparison::note);
        }
        if (leftOut == cases.size()) {
            failure = unserved;
            difference = Double.NaN;
        } else if (leftOut > 0) {
            note = Optional.of(leftOut + " left out, " + unserved.orElseThrow());
        }
        return new Outcome(name, cases.size(), difference, tolerance, failure.isEmpty(),
                failure.isPresent() ? failure : note);
    }
}
