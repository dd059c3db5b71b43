package org.charlstm.nn;

import java.util.List;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.UpdateRule;

/** An update rule at work on a model's weights: its states, and the rates of the updates to come. */
public final class Optimiser {
    private final Model model;
    private final UpdateRule rule;
    private final List<Matrix> states;
    private final Doubles rates;
    private final Ints step;

    /**
     * An optimiser that has seen no gradient; it needs rates before its first update.
     *
     * @param model   whose weights it updates
     * @param memory  where its buffers live
     * @param rule    how
     * @param updates how many rates are given at once
     */
    public Optimiser(Model model, Memory memory, UpdateRule rule, int updates) {
        this.model = model;
        this.rule = rule;
        Memory scope = memory.forPurpose("optimiser state");
        states = rule.states().stream().map(name -> model.flatBuffer(scope)).toList();
        rates = memory.doubles(updates);
        step = memory.ints(1);
    }

    /**
     * Gives the rates of the updates to come, so that these need no value from the host. After them the last serves.
     *
     * @param learningRates one for each update
     */
    public void begin(double... learningRates) {
        rates.write(learningRates);
        step.write(new int[1]);
    }

    /**
     * Copies a state to the host.
     *
     * @param name one of {@link UpdateRule#states}
     * @return the state under the names of the weights that it belongs to; zeros before the first update
     */
    public Weights state(String name) {
        return model.unpack(states.get(rule.states().indexOf(name)));
    }

    /**
     * Updates the weights.
     *
     * @param gradients the flat gradients
     */
    public void update(Matrix gradients) {
        model.device().operations().update(rule, model.flatWeights(), gradients, states, rates, step);
        model.device().operations().add(step, 1);
    }
}
