package org.charlstm.nn;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.jspecify.annotations.Nullable;

/** What the layers of a model carry from one time step to the next, for one batch size; {@link Network} makes it. */
public final class NetworkState {
    private final List<Lstm.@Nullable State> states;

    /** The states in the order of the network's blocks, null for those that carry nothing. */
    NetworkState(List<Lstm.@Nullable State> states) {
        this.states = states;
    }

    Lstm.@Nullable State of(int block) {
        return states.get(block);
    }

    /** Those there are, the lowest first. */
    List<Lstm.State> carried() {
        return states.stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList();
    }

    /** Goes back to the zeros before the first step. */
    public void reset() {
        for (Lstm.State state : states) {
            if (state != null) {
                zero(state.hidden());
                zero(state.cell());
            }
        }
    }

    /**
     * Has each sequence of the batch go on from where another has come to.
     *
     * @param rows for each of the B sequences the number of the one whose state it takes
     */
    public void select(int[] rows) {
        for (Lstm.State state : states) {
            if (state != null) {
                select(state.hidden(), rows);
                select(state.cell(), rows);
            }
        }
    }

    /**
     * Copies it to the host.
     *
     * @return of each LSTM with its layers alike, the lowest first, {@code hidden} and {@code cell}, (L B, H)
     */
    public List<Tensor> read() {
        List<Tensor> tensors = new ArrayList<>();
        for (Lstm.State state : states) {
            if (state != null) {
                tensors.add(tensor(tensors.size() / 2 + ".hidden", state.hidden()));
                tensors.add(tensor(tensors.size() / 2 + ".cell", state.cell()));
            }
        }
        return tensors;
    }

    private static Tensor tensor(String name, Matrix matrix) {
        return new Tensor(name, List.of(matrix.rows(), matrix.columns()), matrix.read());
    }

    /**
     * Goes on from what another one was.
     *
     * @param tensors as {@link #read} gave them
     * @throws IllegalArgumentException if they are of other layers or another batch
     */
    public void write(List<Tensor> tensors) {
        List<Tensor> own = read();
        if (!own.stream().map(Tensor::toString).toList().equals(tensors.stream().map(Tensor::toString).toList())) {
            throw new IllegalArgumentException("a state of " + tensors + " for one of " + own);
        }
        Iterator<Tensor> next = tensors.iterator();
        for (Lstm.State state : states) {
            if (state != null) {
                state.hidden().write(next.next().values());
                state.cell().write(next.next().values());
            }
        }
    }

    /** The rows of a layer's sequences lie together. */
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
