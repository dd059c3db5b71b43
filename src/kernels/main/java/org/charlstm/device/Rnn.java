package org.charlstm.device;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * One or more recurrent layers over all time steps, for one shape. An Rnn owns the values that forward keeps for
 * backward.
 *
 * <p>A layer takes a sequence of vectors x[t] of I elements; its {@link RecurrentCell} has the formula and the tensors.
 * An id stands for a one-hot x[t] of V columns: x[t] kernel is then a row of the kernel. A layer above the first takes
 * h[t] of the layer below as x[t], and its kernel has H rows.
 */
public interface Rnn {
    /** The sizes of the weights of L layers of H units of a cell; each layer takes the output of the layer below. */
    record Layers(InputShape input, int hidden, int count, RecurrentCell cell) {
        /** Checks the sizes. */
        public Layers {
            Sizes.require(cell.one() + " of %d units and %d layers", hidden, count);
        }

        /** LSTM layers with sigmoid gates. */
        public Layers(InputShape input, int hidden, int count) {
            this(input, hidden, count, RecurrentCell.Lstm.SIGMOID);
        }

        /** The number of columns of all gates of a layer. */
        public int width() {
            return cell.width(hidden);
        }

        /** The number of rows of a layer's kernel: V or I for the lowest layer, number 0, and H above. */
        public int inputs(int layer) {
            return layer == 0 ? input.columns() : hidden;
        }
    }

    /** The sizes of the weights, T time steps, B sequences, and whether forward keeps values for backward. */
    record Shape(Layers layers, int steps, int batch, boolean training) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require(layers.cell().one() + " over %d steps and batch %d", steps, batch);
        }

        /** H, the number of units of each layer. */
        public int hidden() {
            return layers.hidden();
        }

        /** The input of the lowest layer. */
        public InputShape input() {
            return layers.input();
        }

        /** T B, the number of rows of input and output; throws an {@link ArithmeticException} on overflow. */
        public int rows() {
            return Math.multiplyExact(steps, batch);
        }
    }

    /** The kind of the input, ids or a matrix, and the number of rows of the kernel: V symbols or I columns. */
    record InputShape(boolean ids, int columns) {
        /** Checks the width. */
        public InputShape {
            if (columns < 1) {
                throw new IllegalArgumentException("an input of " + columns + (ids ? " symbols" : " columns")
                        + ": there must be at least 1");
            }
        }

        /** An input of ids of V symbols. */
        public static InputShape ofIds(int symbols) {
            return new InputShape(true, symbols);
        }

        /** An input matrix of I columns. */
        public static InputShape ofMatrix(int columns) {
            return new InputShape(false, columns);
        }

        /** The shape in words, for example {@code 38 symbols} or {@code 64 columns}. */
        public String title() {
            return columns + (ids ? " symbol" : " column") + (columns == 1 ? "" : "s");
        }
    }

    /** The input at all time steps; an {@link InputShape} gives its kind and width. */
    sealed interface Input {
        /** T x B ids from 0 to V - 1, time-major: the id of sequence b at step t is element t B + b. */
        record Ids(Ints ids) implements Input {
        }

        /** Vectors, such as another layer's output, (T B, I), time-major: row t B + b is sequence b at step t. */
        record Dense(Matrix matrix) implements Input {
        }
    }

    /** The state between time steps: h and c, (L B, H), the lowest layer's B rows first; c may be null. */
    record State(Matrix hidden, @Nullable Matrix cell) {
        /** h, and c unless it is null. */
        public List<Matrix> parts() {
            return cell == null ? List.of(hidden) : List.of(hidden, cell);
        }
    }

    /**
     * Computes all time steps and writes h of the highest layer, (T B, H) and time-major, to the output, a different
     * buffer than the input. The state holds the values before the first step, and receives the values after the last
     * step; with null, the layers start from zeros and drop the last state. A wrong kind of input or a wrong size
     * throws an {@link IllegalArgumentException}.
     */
    void forward(Matrix weights, Input input, @Nullable State state, Matrix output);

    /** The number of parts of the output that forward announces one by one, for readers that begin early. */
    default int parts() {
        return 1;
    }

    /**
     * The first time step of a part; T if {@code part} is the number of parts. The last part is about half as long as
     * the others, because no later steps overlap with the work on it.
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
     * this pass; they end before operations after this call begin.
     */
    default void forward(Matrix weights, Input input, @Nullable State state, Matrix output, IntConsumer ready) {
        forward(weights, input, state, output);
        ready.accept(0);
    }

    /** Computes the gradients without the gradient of the state before the first step. */
    default void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Matrix gradients) {
        backward(weights, input, output, outputGradient, inputGradient, null, gradients);
    }

    /**
     * Computes the gradients after {@link #forward(Matrix, Input, State, Matrix)} with the same arguments;
     * {@code input} and {@code output} must be unchanged since then. No gradient flows beyond these T steps. dL/dh,
     * (T B, H), is undefined afterwards. dL/dx, (T B, I), is a different buffer, and null if and only if the input is
     * ids. The gradient of the state before the first step may be null. The flat gradients of these layers are
     * overwritten. A shape that is not for training throws an {@link IllegalStateException}, and wrong arguments throw
     * an {@link IllegalArgumentException} as in forward.
     */
    void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient, @Nullable Matrix inputGradient,
            @Nullable State stateGradient, Matrix gradients);
}
