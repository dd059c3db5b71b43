package org.charlstm.device;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * One or more recurrent layers over all time steps, for one shape. It owns the values that forward keeps for backward.
 *
 * <p>A layer takes a sequence of vectors x[t] of I elements; its {@link RecurrentCell} has the formula and the tensors.
 * An id stands for a one-hot x[t] of V columns: x[t] kernel is then a row of the kernel. A layer above the first takes
 * h[t] of the layer below as x[t], and its kernel has H rows.
 */
public interface Rnn {
    /** L layers of H units of a cell, each fed directly by the one below: the sizes of their weights. */
    record Layers(InputShape input, int hidden, int count, RecurrentCell cell) {
        /** Checks the sizes. */
        public Layers {
            Sizes.require(cell.one() + " of %d units and %d layers", hidden, count);
        }

        /** LSTM layers with sigmoid gates. */
        public Layers(InputShape input, int hidden, int count) {
            this(input, hidden, count, RecurrentCell.Lstm.SIGMOID);
        }

        /** Columns of all gates of a layer. */
        public int width() {
            return cell.width(hidden);
        }

        /** Rows of the kernel of a layer, counted from the lowest, 0: V or I there, H above. */
        public int inputs(int layer) {
            return layer == 0 ? input.columns() : hidden;
        }
    }

    /** The sizes: those of the weights, T time steps, B sequences, and whether forward keeps what backward needs. */
    record Shape(Layers layers, int steps, int batch, boolean training) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require(layers.cell().one() + " over %d steps and batch %d", steps, batch);
        }

        /** H, units of each layer. */
        public int hidden() {
            return layers.hidden();
        }

        /** The input of the lowest layer. */
        public InputShape input() {
            return layers.input();
        }

        /** T B, rows of the input and of the output; more than an int counts are an {@link ArithmeticException}. */
        public int rows() {
            return Math.multiplyExact(steps, batch);
        }
    }

    /** The input's kind, ids or a matrix, and the rows of the kernel: V, the number of symbols, or I columns. */
    record InputShape(boolean ids, int columns) {
        /** Checks the width. */
        public InputShape {
            if (columns < 1) {
                throw new IllegalArgumentException("an input of " + columns + (ids ? " symbols" : " columns")
                        + ": there must be at least 1");
            }
        }

        /** Ids of V symbols. */
        public static InputShape ofIds(int symbols) {
            return new InputShape(true, symbols);
        }

        /** A matrix of I columns. */
        public static InputShape ofMatrix(int columns) {
            return new InputShape(false, columns);
        }

        /** The shape in words, for example {@code 38 symbols} or {@code 64 columns}. */
        public String title() {
            return columns + (ids ? " symbol" : " column") + (columns == 1 ? "" : "s");
        }
    }

    /** The input at all time steps, of the kind and width that an {@link InputShape} gives. */
    sealed interface Input {
        /** T x B ids from 0 to V - 1, each a row of the kernel, time-major: t B + b is that of sequence b at step t. */
        record Ids(Ints ids) implements Input {
        }

        /** Vectors, such as another layer's output, (T B, I), time-major: row t B + b is sequence b's at step t. */
        record Dense(Matrix matrix) implements Input {
        }
    }

    /** The state between time steps: h and c, (L B, H), the lowest layer's B rows first; c is null without one. */
    record State(Matrix hidden, @Nullable Matrix cell) {
        /** h, and c if there is one. */
        public List<Matrix> parts() {
            return cell == null ? List.of(hidden) : List.of(hidden, cell);
        }
    }

    /**
     * Computes all time steps: h of the highest layer, (T B, H) and time-major, into another buffer than the input's.
     * The state is that before the first step and receives that after the last; null starts from zeros and drops it. An
     * input of another kind, or anything of another size, is an {@link IllegalArgumentException}.
     */
    void forward(Matrix weights, Input input, @Nullable State state, Matrix output);

    /** The number of parts in which forward delivers its output to a reader that can begin before the last step. */
    default int parts() {
        return 1;
    }

    /**
     * The first time step of a part; for the number of parts, T. The last part is about half as long as the others,
     * since no later steps hide the work on it.
     */
    static int firstStep(int steps, int parts, int part) {
        return part == parts ? steps : (int) (2L * steps * part / (2 * parts - 1));
    }

    /** The number of rows of each part, T B in all. */
    default List<Integer> partRows(int steps, int batch) {
        return IntStream.range(0, parts())
                .mapToObj(part -> (firstStep(steps, parts(), part + 1) - firstStep(steps, parts(), part)) * batch)
                .toList();
    }

    /**
     * Computes all time steps and announces each of the {@link #parts} of the output, in order, as soon as operations
     * may read it. The operations that {@code ready} calls run in order among themselves, possibly beside the rest of
     * this pass; they are done before operations after this call begin.
     */
    default void forward(Matrix weights, Input input, @Nullable State state, Matrix output, IntConsumer ready) {
        forward(weights, input, state, output);
        ready.accept(0);
    }

    /** Computes the gradients, without that of the state before the first step. */
    default void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Matrix gradients) {
        backward(weights, input, output, outputGradient, inputGradient, null, gradients);
    }

    /**
     * Computes the gradients after {@link #forward(Matrix, Input, State, Matrix)} with the same arguments;
     * {@code input} and {@code output} must be unchanged since then. No gradient flows beyond these T steps. dL/dh, (T
     * B, H), is left undefined. dL/dx, (T B, I), is another buffer, and null for ids alone; that of the state before
     * the first step is null if not wanted. These layers' part of the flat gradients is overwritten. It throws an
     * {@link IllegalStateException} if the shape is not for training, and an {@link IllegalArgumentException} as
     * forward does.
     */
    void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient, @Nullable Matrix inputGradient,
            @Nullable State stateGradient, Matrix gradients);
}
