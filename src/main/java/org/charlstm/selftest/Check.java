package org.charlstm.selftest;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
        /** A device and the oracle run the same program in each shape and must give the same results. */
        static <S> List<Case> besideOracle(Collection<S> shapes, Function<S, String> title, Program<S> program) {
            return shapes.stream().map(shape -> new Case(title.apply(shape), (device, oracle, comparison) -> {
                Results expected = new Results();
                program.run(shape, oracle, expected);
                program.run(shape, device, new Results(expected, comparison));
            })).toList();
        }

        @Override
        public String toString() {
            return shape;
        }
    }

    /** Runs something on a device and compares it, with the oracle's result or with a definition. */
    @FunctionalInterface
    public interface Trial {
        /** Reports every difference to {@code comparison}. */
        void run(TrialMemory device, TrialMemory oracle, ValueComparison comparison);
    }

    /** Computes something on one device. */
    @FunctionalInterface
    interface Program<S> {
        void run(S shape, TrialMemory memory, Results results);
    }

    /**
     * The result of a check.
     *
     * @param cases      how many shapes it has
     * @param difference the largest relative difference; NaN if a value was NaN or the device threw an exception
     * @param message    one line: the first failure with its shape, or a note
     */
    public record Outcome(String name, int cases, double difference, double tolerance, boolean passed,
            Optional<String> message) {
    }

    /**
     * Tries every case. An exception of the device fails the check and skips the remaining cases. A shape beyond what
     * an engine asked for by name serves is left out, unless all are.
     */
    public Outcome run(Device device) {
        double difference = 0;
        Optional<String> failure = Optional.empty();
        Optional<String> note = Optional.empty();
        Optional<String> unserved = Optional.empty();
        int leftOut = 0;
        for (Case each : cases) {
            ValueComparison comparison = new ValueComparison(tolerance);
            try (TrialMemory memory = new TrialMemory(device);
                    TrialMemory oracle = TrialMemory.oracle(device.precision())) {
                each.trial.run(memory, oracle, comparison);
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
