package org.charlstm.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Leases.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.UpdateRule;

/** An update rule at work on a model's weights: its states, and the factors of the updates to come. */
public final class Optimiser {
    private final Model model;
    private final UpdateRule rule;
    private final List<Matrix> states;
    private final Doubles factors;
    private final int rates;
    private final Ints step;

    /**
     * An optimiser that has seen no gradient; it needs rates before its first update.
     *
     * @param memory  where its buffers live
     * @param updates how many rates are given at once
     */
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
     * Gives the rates of the updates to come, so that these need no value from the host. After them the last one's
     * factors serve, whatever {@link UpdateRule#factors} are those of later updates.
     *
     * @param done          updates that the states have seen
     * @param learningRates one for each update, at least one and at most as many as were said
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

    /**
     * How many updates there were since {@link #begin}.
     *
     * @return one element on the device
     */
    public Ints updates() {
        return step;
    }

    /**
     * Copies the states to the host as the device has them, which is quick.
     *
     * @return makes of the copy, on any thread, each of {@link UpdateRule#states} in tensors under the weights' names;
     *         zeros before the first update
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

    /**
     * Goes on from states that another optimiser of the same rule has had.
     *
     * @param kept each state under its name, in tensors under the weights' names
     * @throws IllegalArgumentException if they are not the rule's
     */
    public void restore(Map<String, Weights> kept) {
        if (!kept.keySet().equals(Set.copyOf(rule.states()))) {
            throw new IllegalArgumentException("states " + kept.keySet() + " for a rule with " + rule.states());
        }
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
