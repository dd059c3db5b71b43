package org.charlstm.selftest;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.device.Device;
import org.charlstm.device.spi.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * A check that a device computes something as the oracle does.
 *
 * @param byLibrary the tolerance for results that should be bit-identical but come from cuDNN, which does not promise
 *                  identical bits: a difference within it is a note
 */
public record Check(String name, double tolerance, double byLibrary, List<Case> cases) {
    /** A check that tolerates no difference of bits where bits must be equal. */
    public Check(String name, double tolerance, List<Case> cases) {
        this(name, tolerance, 0, cases);
    }

    /**
     * A shape of a check.
     *
     * @param share the case's share of the check's tolerance
     */
    public record Case(String shape, double share, Trial trial) {
        /** A shape with the whole tolerance. */
        public Case(String shape, Trial trial) {
            this(shape, 1, trial);
        }

        /** Cases in which a device and the oracle run the same program in each shape and must get the same results. */
        public static <S> List<Case> besideOracle(Collection<S> shapes, Function<S, String> title, Program<S> program) {
            return besideOracle(shapes, title, _ -> 1, program);
        }

        /** Cases as above, where each shape has its share of the tolerance. */
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

        /** Cases in which a device must compute the values of a definition in each shape. */
        public static <S> List<Case> byDefinition(Collection<S> shapes, Function<S, String> title,
                Definition<S> definition) {
            return shapes.stream().map(shape -> new Case(title.apply(shape),
                    (device, oracle, comparison) -> definition.check(shape, device, comparison))).toList();
        }
    }

    /** Runs a computation on a device and compares the result with the oracle's, or with a definition. */
    @FunctionalInterface
    public interface Trial {
        /** Reports every difference to {@code comparison}. */
        void run(TrialMemory device, TrialMemory oracle, ValueComparison comparison);
    }

    /** A computation that runs on a device and on the oracle. */
    @FunctionalInterface
    public interface Program<S> {
        /** Passes everything computed to {@code results}. */
        void run(S shape, TrialMemory memory, Results results);
    }

    /** A computation on a device whose result is known without the oracle. */
    @FunctionalInterface
    public interface Definition<S> {
        /** Reports every difference to {@code comparison}. */
        void check(S shape, TrialMemory device, ValueComparison comparison);
    }

    /**
     * The outcome of a check.
     *
     * @param difference the largest relative difference; NaN for a NaN or an exception
     * @param message    the first failure, on one line, or a note
     * @param broken     whether the device is unusable from now on
     */
    public record Outcome(String name, int cases, double difference, double tolerance, boolean passed,
            Optional<String> message, boolean broken) {
    }

    /** Runs the cases until one throws. Skips shapes beyond the selected engine's limits; fails if all are beyond. */
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

    /** Takes the named values that a program computes; compares a device's values with the oracle's, in order. */
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

        /** Takes values that must agree with the oracle's within the tolerance. */
        public void close(String name, double... computed) {
            if (expected == null) {
                values.add(computed);
            } else {
                comparison.agree(name, expected.values.remove(), computed);
            }
        }

        /** Takes values that must be bit-identical to the oracle's. */
        public void exact(String name, double... computed) {
            if (expected == null) {
                values.add(computed);
            } else {
                comparison.same(name, expected.values.remove(), computed);
            }
        }

        /** Takes integers that must equal the oracle's. */
        public void exact(String name, int... computed) {
            if (expected == null) {
                ids.add(computed);
            } else {
                comparison.same(name, expected.ids.remove(), computed);
            }
        }

        /** The comparison for requirements on the device's values alone, independent of the oracle's. */
        public ValueComparison alone() {
            return comparison;
        }
    }
}
