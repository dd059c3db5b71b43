package org.charlstm.selftest;

import module java.base;

/**
 * The checks of the selftest for tests, which run them on many devices, engines and precisions: without cases whose
 * faults another one finds.
 */
public final class FewerCases {
    private static final String LAYERS = "(LSTM|GRU|RNN) (forward|backward)";
    /** These take long on a simulated GPU, and shapes as odd are among the others. */
    private static final String LARGE = ".*(T 173|B 48|B 151|H 128, D 128|H 128, T 1|64 units|5000 rows).*";

    private FewerCases() {
    }

    /** All but forward passes of recurrent layers: a backward pass begins with one, and is held to what that gives. */
    public static List<Check> withoutRepeats(Tolerances tolerances) {
        return withoutRepeats(SelfTest.checks(tolerances));
    }

    /** The same of given checks. */
    public static List<Check> withoutRepeats(List<Check> checks) {
        return checks.stream()
                .filter(check -> !check.name().matches(LAYERS) || check.name().endsWith(" backward")).toList();
    }

    /** Of the checks of recurrent layers every shape once, by turns from zeros and from a state. */
    public static List<Check> ofLayers(Tolerances tolerances, int turn) {
        return withoutRepeats(tolerances).stream().filter(check -> check.name().matches(LAYERS))
                .map(check -> byTurns(check, turn)).toList();
    }

    /** Something of every check, none of it large; recurrent layers by turns as above. */
    public static List<Check> small(List<Check> checks, int turn) {
        return withoutRepeats(checks).stream()
                .map(check -> check.name().matches(LAYERS) ? byTurns(check, turn) : check)
                .map(check -> with(check, check.cases().stream().filter(one -> !one.shape().matches(LARGE)).toList()))
                .toList();
    }

    /** A shape is two cases, the first of them from zeros. */
    private static Check byTurns(Check check, int turn) {
        return with(check, IntStream.range(0, check.cases().size()).filter(i -> i % 2 == (i / 2 + turn) % 2)
                .mapToObj(check.cases()::get).toList());
    }

    private static Check with(Check check, List<Check.Case> cases) {
        return new Check(check.name(), check.tolerance(), cases);
    }
}
