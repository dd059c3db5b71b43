package org.charlstm.device;

/** What goes into LSTM layers at all time steps, of the kind and width that their {@link InputShape} says. */
public sealed interface Input {
    /**
     * Ids, each of which picks a row of the kernel, as if it were a one-hot vector.
     *
     * @param ids T x B, time-major: that of sequence b at step t is element t B + b, from 0 to V - 1
     */
    record Ids(Ints ids) implements Input {
    }

    /**
     * Numbers, such as what another layer gives.
     *
     * @param matrix (T B, I), time-major: the vector of sequence b at step t is row t B + b
     */
    record Dense(Matrix matrix) implements Input {
    }
}
