package org.charlstm.selftest;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.device.Device;
import org.charlstm.device.spi.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a device must do as the oracle does it.
 *
 * @param byLibrary how far results that should be the same to the bit may differ where cuDNN computed them, which
 *                  promises no bits: such a difference is a note
 */
public record Check(String name, double tolerance, double byLibrary, List<Case> cases) {
    /** One whose bits nothing excuses. */
    public Check(String name, double tolerance, List<Case> cases) {
        this(name, tolerance, 0, cases);
    }

    /**
     * One shape of a check.
     *
     * @param share the share of the check's tolerance that it has
     */
    public record Case(String shape, double share, Trial trial) {
        /** A shape with the whole tolerance. */
        public Case(String shape, Trial trial) {
            this(shape, 1, trial);
        }

        /** A device and the oracle run the same program in each shape and must give the same results. */
        public static <S> List<Case> besideOracle(Collection<S> shapes, Function<S, String> title, Program<S> program) {
            return besideOracle(shapes, title, _ -> 1, program);
        }

        /** The same where shapes have shares of the tolerance. */
        public static <S> List<Case> besideOracle(Collection<S> shapes, Function<S, String> title,
                ToDoubleFunction<S> share,
                Program<S> program) {
            return shapes.stream().map(shape -> new Case(title.apply(shape), share.applyAsDouble(shape), (device,
                    oracle, comparison) -> {
                Results expected = new Results();
                program.run(shape, oracle, expected);
                program.run(shape, device, new Results(expected, comparison));
            })).toList();
        }

        /** A device must give what a definition says in each shape. */
        public static <S> List<Case> byDefinition(Collection<S> shapes, Function<S, String> title,
                Definition<S> definition) {
            return shapes.stream().map(shape -> new Case(title.apply(shape),
                    (device, oracle, comparison) -> definition.check(shape, device, comparison))).toList();
        }
    }

    /** Runs something on a device and compares it, with the oracle's result or with a definition. */
    @FunctionalInterface
    public interface Trial {
        /** Reports every difference to {@code comparison}. */
        void run(TrialMemory device, TrialMemory oracle, ValueComparison comparison);
    }

    /** Computes something, on a device and on the oracle. */
    @FunctionalInterface
    public interface Program<S> {
        /** Hands everything that it computes to {@code results}. */
        void run(S shape, TrialMemory memory, Results results);
    }

    /** Computes something on a device whose result is known without the oracle. */
    @FunctionalInterface
    public interface Definition<S> {
        /** Reports every difference to {@code comparison}. */
        void check(S shape, TrialMemory device, ValueComparison comparison);
    }

    /**
     * How a check ended.
     *
     * @param difference the largest relative one; NaN for a NaN or an exception
     * @param message    the first failure in a line, or a note
     * @param broken     whether the device can do nothing more
     */
    public record Outcome(String name, int cases, double difference, double tolerance, boolean passed,
            Optional<String> message, boolean broken) {
    }

    /** Tries the cases until one throws. Shapes that an engine asked for by name lacks are left out, unless all are. */
    public Outcome run(Device device) {
        double difference = 0;
        Optional<String> failure = Optional.empty();
        Optional<String> note = Optional.empty();
        Optional<String> unserved = Optional.empty();
        int leftOut = 0;
        boolean broken = false;
        for (Case each : cases) {
            ValueComparison comparison = new ValueComparison(tolerance * each.share);
            try (TrialMemory memory = new TrialMemory(device);
                    TrialMemory oracle = TrialMemory.oracle(device.precision())) {
                device.trying("check '" + name + "', " + each.shape, () -> {
                    each.trial.run(memory, oracle, comparison);
                    return comparison;
                });
            } catch (ShapeException e) {
                leftOut++;
                unserved = unserved.isPresent() ? unserved : Optional.of(each.shape + ": " + e.getMessage());
                continue;
            } catch (RuntimeException e) {
                String reason = e instanceof CharlstmException refusal ? refusal.getMessage() : e.toString();
                failure = failure.or(() -> Optional.of(each.shape + ": " + reason.replaceAll("\\R", " ")));
                difference = Double.NaN;
                broken = e instanceof CudaException cuda && cuda.breaksContext();
                break;
            }
            difference = Math.max(difference, comparison.difference());
            Optional<String> found = comparison.failure().map(text -> each.shape + ": " + text);
            if (comparison.failsByBitsAlone() && comparison.difference() <= byLibrary && byCudnn(device)) {
                note = note.or(() -> found.map(text -> text + ", which NVIDIA does not promise of cuDNN"));
            } else {
                failure = failure.or(() -> found);
                note = note.or(comparison::note);
            }
        }
        if (leftOut == cases.size()) {
            failure = unserved;
            difference = Double.NaN;
        } else if (leftOut > 0) {
            note = Optional.of(leftOut + " left out, " + unserved.orElseThrow());
        }
        return new Outcome(name, cases.size(), difference, tolerance, failure.isEmpty(),
                failure.isPresent() ? failure : note, broken);
    }

    private static boolean byCudnn(Device device) {
        return device.choices().stream().anyMatch(choice -> choice.contains(": cudnn"));
    }

    /** Takes the named values that a program computes; compares those of a device with the oracle's, in order. */
    public static final class Results {
        private final Queue<double[]> values = new ArrayDeque<>();
        private final Queue<int[]> ids = new ArrayDeque<>();
        private final @Nullable Results expected;
        private final ValueComparison comparison;

        Results() {
            expected = null;
            comparison = new ValueComparison(0);
        }

        Results(Results expected, ValueComparison comparison) {
            this.expected = expected;
            this.comparison = comparison;
        }

        /** Values that must agree with the oracle's within the tolerance. */
        public void close(String name, double... computed) {
            if (expected == null) {
                values.add(computed);
            } else {
                comparison.agree(name, expected.values.remove(), computed);
            }
        }

        /** Values that must be the oracle's to the bit. */
        public void exact(String name, double... computed) {
            if (expected == null) {
                values.add(computed);
            } else {
                comparison.same(name, expected.values.remove(), computed);
            }
        }

        /** Whole numbers that must be the oracle's. */
        public void exact(String name, int... computed) {
            if (expected == null) {
                ids.add(computed);
            } else {
                comparison.same(name, expected.ids.remove(), computed);
            }
        }

        /** For requirements on the device's values that do not depend on the oracle's. */
        public ValueComparison alone() {
            return comparison;
        }
    }
}
