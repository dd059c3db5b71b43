package org.charlstm.nn;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/** The state of a model between time steps, for one batch size. {@link Network#newState} creates one. */
public final class NetworkState {
    /** The suffix of the names of the hidden states that {@link #read} returns. */
    public static final String HIDDEN = ".hidden";

    private final List<Rnn.@Nullable State> states;

    /** A state for each pass of the network; null for a pass without state. */
    NetworkState(List<Rnn.@Nullable State> states) {
        this.states = states;
    }

    Rnn.@Nullable State of(int block) {
        return states.get(block);
    }

    /** The states of the recurrent layers, the lowest first. */
    List<Rnn.State> carried() {
        return states.stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList();
    }

    /** Sets all states to zeros. */
    public void reset() {
        for (Rnn.State state : states) {
            if (state != null) {
                state.parts().forEach(NetworkState::zero);
            }
        }
    }

    /** Replaces the state of each sequence b of B by the state of sequence {@code rows[b]}. */
    public void select(int[] rows) {
        for (Rnn.State state : states) {
            if (state != null) {
                state.parts().forEach(part -> select(part, rows));
            }
        }
    }

    /** Copies h and any c of each stack of L equal layers to the host, each (L B, H), the lowest stack first. */
    public List<Tensor> read() {
        List<Tensor> tensors = new ArrayList<>();
        int stack = 0;
        for (Rnn.State state : carried()) {
            tensors.add(tensor(stack + HIDDEN, state.hidden()));
            if (state.cell() != null) {
                tensors.add(tensor(stack + ".cell", state.cell()));
            }
            stack++;
        }
        return tensors;
    }

    private static Tensor tensor(String name, Matrix matrix) {
        return new Tensor(name, List.of(matrix.rows(), matrix.columns()), matrix.read());
    }

    /** Takes over a state from {@link #read}; other layers or batch sizes are an {@link IllegalArgumentException}. */
    public void write(List<Tensor> tensors) {
        List<Tensor> own = read();
        if (!own.stream().map(Tensor::toString).toList().equals(tensors.stream().map(Tensor::toString).toList())) {
            throw new IllegalArgumentException("a state of " + tensors + " for one of " + own);
        }
        Iterator<Tensor> next = tensors.iterator();
        for (Rnn.State state : states) {
            if (state != null) {
                state.parts().forEach(part -> part.write(next.next().values()));
            }
        }
    }

    /** Reorders the rows within each layer; a layer's B rows are consecutive. */
    private static void select(Matrix matrix, int[] rows) {
        double[] values = matrix.read();
        double[] selected = new double[values.length];
        int columns = matrix.columns();
        for (int row = 0; row < matrix.rows(); row++) {
            int from = row / rows.length * rows.length + rows[row % rows.length];
            System.arraycopy(values, from * columns, selected, row * columns, columns);
        }
        matrix.write(selected);
    }

    private static void zero(Matrix matrix) {
        matrix.write(new double[matrix.rows() * matrix.columns()]);
    }
}
