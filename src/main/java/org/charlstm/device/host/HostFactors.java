package org.charlstm.device.host;

import org.charlstm.device.Doubles;
import org.charlstm.device.UpdateRule;

/** Where an update's factors lie among those of many, for {@link org.charlstm.device.Operations#update}. */
public final class HostFactors {
    private HostFactors() {
    }

    /**
     * How many updates there are factors for.
     *
     * @param rule    the rule, which says how many an update has
     * @param factors one update's after the other's
     * @return at least 1
     * @throws IllegalArgumentException if they are no whole updates'
     */
    public static int updates(UpdateRule rule, Doubles factors) {
        int each = rule.factors(1, 1).length;
        Shapes.require(factors.length() % each == 0, "%d factors where each update has %d", factors.length(), each);
        return factors.length() / each;
    }

    /**
     * The place of an update's first factor.
     *
     * @param factors one update's after the other's
     * @param step    the update, from 0; beyond them it has the last one's
     * @return from 0
     */
    public static int place(UpdateRule rule, Doubles factors, int step) {
        int updates = updates(rule, factors);
        return Math.min(step, updates - 1) * (factors.length() / updates);
    }
}
