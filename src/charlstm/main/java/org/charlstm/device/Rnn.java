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
    /**
     * Layers of a cell, each fed directly by the one below: the sizes of their weights.
     *
     * @param input  of the lowest layer
     * @param hidden H, units of each layer
     * @param count  L, the number of layers
     * @param cell   of each layer
     */
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

    /**
     * The sizes of the computation.
     *
     * @param layers   the sizes of the weights
     * @param steps    T, time steps
     * @param batch    B, sequences side by side
     * @param training whether forward keeps what backward needs
     */
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

        /**
         * T B, rows of the input and of the output.
         *
         * @throws ArithmeticException if they are more than an int counts
         */
        public int rows() {
            return Math.multiplyExact(steps, batch);
        }
    }

    /**
     * The input's kind and width.
     *
     * @param ids     whether it is ids, else a matrix
     * @param columns rows of the kernel: V, the number of symbols, or I, columns of the matrix
     */
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
        /**
         * Ids, each of which selects a row of the kernel, as a one-hot vector would.
         *
         * @param ids T x B, time-major: the id of sequence b at step t is element t B + b, from 0 to V - 1
         */
        record Ids(Ints ids) implements Input {
        }

        /**
         * Vectors, such as the output of another layer.
         *
         * @param matrix (T B, I), time-major: the vector of sequence b at step t is row t B + b
         */
        record Dense(Matrix matrix) implements Input {
        }
    }

    /**
     * The state that layers carry from one time step to the next.
     *
     * @param hidden h, (L B, H): the B rows of the lowest layer first
     * @param cell   c, (L B, H); null if the cell has none
     */
    record State(Matrix hidden, @Nullable Matrix cell) {
        /** h, and c if there is one. */
        public List<Matrix> parts() {
            return cell == null ? List.of(hidden) : List.of(hidden, cell);
        }
    }

    /**
     * Computes all time steps.
     *
     * @param weights the flat weights, these layers' at their offset
     * @param input   x, of the shape's kind and width, T B ids or rows
     * @param state   the state before the first step; receives the state after the last. Null starts from zeros and
     *                drops the state
     * @param output  receives h of the highest layer, (T B, H), time-major; not the input
     * @throws IllegalArgumentException if the input is of another kind, or anything of another size
     */
    void forward(Matrix weights, Input input, @Nullable State state, Matrix output);

    /** The number of parts in which forward delivers its output to a reader that can begin before the last step. */
    default int parts() {
        return 1;
    }

    /** The first time step of a part; for the number of parts, T. */
    static int firstStep(int steps, int parts, int part) {
        return (int) ((long) steps * part / parts);
    }

    /** The number of rows of each part, T B in all. */
    default List<Integer> partRows(int steps, int batch) {
        return IntStream.range(0, parts())
                .mapToObj(part -> (firstStep(steps, parts(), part + 1) - firstStep(steps, parts(), part)) * batch)
                .toList();
    }

    /**
     * Computes all time steps and announces each part of the output as soon as operations may read it. The operations
     * that {@code ready} calls run in order among themselves, possibly beside the rest of this pass; they are done
     * before operations after this call begin.
     *
     * @param ready called with each of the {@link #parts}, in order
     * @see #forward(Matrix, Input, State, Matrix)
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
     * {@code input} and {@code output} must be unchanged since then. No gradient flows beyond these T steps.
     *
     * @param weights        the flat weights
     * @param input          x, as forward took it
     * @param output         h, as forward wrote it
     * @param outputGradient dL/dh, (T B, H); left undefined
     * @param inputGradient  receives dL/dx, (T B, I); not the output's gradient. Null for ids, and only then
     * @param stateGradient  receives the gradient of the state before the first step; null if not wanted
     * @param gradients      the flat gradients; the part of these layers is overwritten
     * @throws IllegalStateException    if the shape is not for training
     * @throws IllegalArgumentException if the input is of another kind, or anything of another size
     */
    void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient, @Nullable Matrix inputGradient,
            @Nullable State stateGradient, Matrix gradients);
}
