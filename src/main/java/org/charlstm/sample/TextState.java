package org.charlstm.sample;

import java.util.List;

/** What a model has come to at the end of a text, for another that goes on from there. It lives on the host. */
public final class TextState {
    /** Of each LSTM with its layers alike hidden and cell, (L, H), the lowest first. */
    private final List<double[]> values;

    TextState(List<double[]> values) {
        this.values = List.copyOf(values);
    }

    List<double[]> values() {
        return values;
    }
}
