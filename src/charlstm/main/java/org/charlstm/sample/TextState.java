package org.charlstm.sample;

import java.util.List;

/** The state of a model at the end of a text, on the host, from which another text can go on. */
public final class TextState {
    /** The states of all stacks of L equal recurrent layers, (L, H) each, as the network gives them. */
    private final List<double[]> values;

    TextState(List<double[]> values) {
        this.values = List.copyOf(values);
    }

    List<double[]> values() {
        return values;
    }
}
