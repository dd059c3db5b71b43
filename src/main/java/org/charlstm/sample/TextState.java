package org.charlstm.sample;

import java.util.List;

/** The state of a model at the end of a text, on the host, from which another text can go on. */
public final class TextState {
    /** Hidden and cell, (L, H), of each stack of L equal LSTM layers, the lowest first. */
    private final List<double[]> values;

    TextState(List<double[]> values) {
        this.values = List.copyOf(values);
    }

    List<double[]> values() {
        return values;
    }
}
