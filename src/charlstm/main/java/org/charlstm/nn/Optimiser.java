package org.charlstm.nn;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.UpdateRule;

/** Updates a model's weights by a rule, and holds the rule's states and the factors of the next updates. */
public final class Optimiser {
    private final Model model;
    private final UpdateRule rule;
    private final List<Matrix> states;
    private final Doubles factors;
    private final int rates;
    private final Ints step;

    /** An optimiser before its first update. Call {@link #begin} first, with at most {@code updates} rates. */
    public Optimiser(Model model, Memory memory, UpdateRule rule, int updates) {
        this.model = model;
        this.rule = rule;
        rates = updates;
        try (Lease _ = model.device().lease()) {
            Memory scope = memory.forPurpose("optimiser state");
            states = rule.states().stream().map(name -> model.flatBuffer(scope)).toList();
            factors = memory.doubles(Math.multiplyExact(updates, rule.factors(1, 1).length));
            step = memory.ints(1);
        }
    }

    /**
     * Gives the learning rates of the updates that follow the first {@code done}; those updates then need no value from
     * the host. There must be at least one rate, and at most the constructor's number; later updates use the last rate.
     */
    public void begin(long done, double... learningRates) {
        double[] values = new double[factors.length()];
        int each = values.length / rates;
        for (int i = 0; i < rates; i++) {
            int given = Math.min(i, learningRates.length - 1);
            System.arraycopy(rule.factors(learningRates[given], done + given + 1), 0, values, i * each, each);
        }
        try (Lease _ = model.device().lease()) {
            factors.write(values);
            step.write(new int[1]);
        }
    }

    /** The number of updates since {@link #begin}, one element on the device. */
    public Ints updates() {
        return step;
    }

    /**
     * Copies the states to the host in the device's layout, which is quick. The supplier, on any thread, converts each
     * of {@link UpdateRule#states} to tensors under the weights' names; before the first update the states are zeros.
     */
    public Supplier<Map<String, Weights>> copyStates() {
        List<Supplier<Weights>> copies = states.stream().map(model::read).toList();
        return () -> {
            Map<String, Weights> kept = new LinkedHashMap<>();
            for (int i = 0; i < copies.size(); i++) {
                kept.put(rule.states().get(i), copies.get(i).get());
            }
            return kept;
        };
    }

    /** Takes over the states of an equal rule; the states of another are an {@link IllegalArgumentException}. */
    public void restore(Map<String, Weights> kept) {
        Refuse.argumentIf(!kept.keySet().equals(Set.copyOf(rule.states())),
                "states " + kept.keySet() + " for a rule with " + rule.states());
        for (int i = 0; i < states.size(); i++) {
            model.pack(Objects.requireNonNull(kept.get(rule.states().get(i)), "a state of the rule"), states.get(i));
        }
    }

    /** Updates the weights. */
    public void update(Matrix gradients) {
        try (Lease _ = model.device().lease()) {
            model.device().operations().update(rule, model.flatWeights(), gradients, states, factors, step);
            model.copyTied();
            model.device().operations().add(step, 1);
        }
    }
}
