package org.charlstm.device;

import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One or more LSTM layers over all time steps, for one shape. It owns whatever it must keep between forward and
 * backward.
 *
 * <p>Gates i, f, c~, o in that order (Keras, cuDNN, PyTorch), for a sequence of vectors x[t]:
 * <pre>
 * z    = x[t] kernel + h[t-1] recurrent_kernel + bias         (4H)
 * c[t] = sigmoid(z_f) c[t-1] + sigmoid(z_i) tanh(z_c)
 * h[t] = sigmoid(z_o) tanh(c[t])
 * </pre>
 * as in Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000);
 * sigmoid is {@link RecurrentActivation#HARD_SIGMOID}'s function where the shape says so. The kernel is (I, 4H), the
 * recurrent kernel (H, 4H), the bias (4H). An id is a one-hot x[t] of V columns, so that x[t] kernel is a row of the
 * kernel. A layer above the first has h[t] of the one below for x[t], and a kernel (H, 4H).
 */
public interface Lstm {
    /**
     * Runs all time steps.
     *
     * @param input   x, of the shape's kind and width at T B places
     * @param state   the state before the first step; receives the state after the last. Null for zeros, then dropped
     * @param output  receives h of the highest layer, (T B, H), time-major; not the input
     * @throws IllegalArgumentException if the input is of another kind, or anything of another size
     */
    void forward(Matrix weights, Input input, @Nullable LstmState state, Matrix output);

    /** In how many parts this computation gives its output, where somebody can use one before the others are there. */
    default int parts() {
        return 1;
    }

    /**
     * Where a part begins, and the one before it ends.
     *
     * @param part  from 0 to that
     * @return a time step; T after the last part
     */
    static int firstStep(int steps, int parts, int part) {
        return (int) ((long) steps * part / parts);
    }

    /**
     * The rows of each part.
     *
     * @return their numbers, together T B
     */
    default List<Integer> partRows(int steps, int batch) {
        return IntStream.range(0, parts())
                .mapToObj(part -> (firstStep(steps, parts(), part + 1) - firstStep(steps, parts(), part)) * batch)
                .toList();
    }

    /**
     * Runs all time steps, and tells of each part of the output as soon as operations may read it. The operations that
     * are called then run in order among themselves, and may run beside the rest of this pass; they are done when
     * operations after this call begin.
     *
     * @param input   x, of the shape's kind and width at T B places
     * @param output  receives h of the highest layer, (T B, H), time-major; not the input
     * @param told    called with each of the {@link #parts}, in order
     * @throws IllegalArgumentException if the input is of another kind, or anything of another size
     */
    default void forward(Matrix weights, Input input, @Nullable LstmState state, Matrix output, IntConsumer told) {
        forward(weights, input, state, output);
        told.accept(0);
    }

    /**
     * The gradients after {@link #forward} with the same arguments; {@code output} and {@code input} are untouched in
     * between. Gradients do not flow into the state before the first step.
     *
     * @param output         h, as forward wrote it
     * @param outputGradient dL/dh, (T B, H); left undefined
     * @param inputGradient  receives dL/dx, (T B, I); not the output's gradient. Null where the input is ids, and only
     *                       there
     * @param gradients      the flat gradients; the part of these layers is overwritten
     * @throws IllegalStateException    if the shape is not for training
     * @throws IllegalArgumentException if the input is of another kind, or anything of another size
     */
    default void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Matrix gradients) {
        backward(weights, input, output, outputGradient, inputGradient, null, gradients);
    }

    /**
     * The same with the gradient of the state before the first step, which forward was given.
     *
     * @param output         h, as forward wrote it
     * @param outputGradient dL/dh, (T B, H); left undefined
     * @param inputGradient  receives dL/dx, (T B, I); not the output's gradient. Null where the input is ids, and only
     *                       there
     * @param stateGradient  receives dL/dh and dL/dc of the state before the first step, which does not reach beyond
     *                       these T steps; null if they are not wanted
     * @param gradients      the flat gradients; the part of these layers is overwritten
     * @throws IllegalStateException    if the shape is not for training
     * @throws IllegalArgumentException if the input is of another kind, or anything of another size
     */
    void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient, @Nullable Matrix inputGradient,
            @Nullable LstmState stateGradient, Matrix gradients);
}
