package org.charlstm.device;

/**
 * One or more LSTM layers over all time steps, for one shape. It owns whatever it must keep between forward and
 * backward.
 *
 * <p>Gates i, f, c~, o in that order (Keras, cuDNN, PyTorch), for a sequence of ids x[t]:
 * <pre>
 * z    = kernel[x[t]] + h[t-1] recurrent_kernel + bias        (4H)
 * c[t] = sigmoid(z_f) c[t-1] + sigmoid(z_i) tanh(z_c)
 * h[t] = sigmoid(z_o) tanh(c[t])
 * </pre>
 * as in Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000);
 * sigmoid is {@link RecurrentActivation#HARD_SIGMOID}'s function where the shape says so. The kernel is (V, 4H), the
 * recurrent kernel (H, 4H), the bias (4H). A layer above the first has h[t] of the one below in place of a one-hot
 * x[t], and a kernel (H, 4H).
 */
public interface Lstm {
    /**
     * Runs all time steps.
     *
     * @param weights the flat parameters
     * @param ids     inputs, T x B, time-major: the id of sequence b at step t is element t B + b, from 0 to V - 1
     * @param state   the state before the first step; receives the state after the last. Null for zeros, then dropped
     * @param output  receives h of the highest layer, (T B, H), time-major
     */
    void forward(Matrix weights, Ints ids, LstmState state, Matrix output);

    /**
     * The gradients of the weights after {@link #forward} with the same arguments; {@code output} and {@code ids} are
     * untouched in between. Gradients do not flow into the state before the first step.
     *
     * @param weights        the flat parameters
     * @param ids            the inputs
     * @param output         h, as forward wrote it
     * @param outputGradient dL/dh, (T B, H); left undefined
     * @param gradients      the flat gradients; the part of these layers is overwritten
     * @throws IllegalStateException if the shape is not for training
     */
    void backward(Matrix weights, Ints ids, Matrix output, Matrix outputGradient, Matrix gradients);
}
