package org.charlstm.device.host;

/** The integer operations, which are the same on every device whose memory is the host's. */
public final class HostCorpus {
    private HostCorpus() {
    }

    /**
     * Takes a batch from the corpus; see {@link org.charlstm.device.Operations#gather}.
     *
     * @param corpus  N x (T + 1) ids
     * @param order   N row numbers
     * @param cursor  where in the order the batch begins
     * @param inputs  receives T x B ids
     * @param targets receives T x B ids
     * @param batch   B
     */
    public static void gather(int[] corpus, int[] order, int cursor, int[] inputs, int[] targets, int batch) {
        int steps = inputs.length / batch;
        Shapes.require(inputs.length == steps * batch && targets.length == inputs.length,
                "%d inputs and %d targets for batches of %d", inputs.length, targets.length, batch);
        Shapes.require(corpus.length == order.length * (steps + 1), "a corpus of %d ids for %d rows of %d",
                corpus.length, order.length, steps + 1);
        Shapes.require(cursor >= 0 && cursor + batch <= order.length, "a batch of %d at %d in an order of %d", batch,
                cursor, order.length);
        for (int b = 0; b < batch; b++) {
            int from = order[cursor + b] * (steps + 1);
            for (int t = 0; t < steps; t++) {
                inputs[t * batch + b] = corpus[from + t];
                targets[t * batch + b] = corpus[from + t + 1];
            }
        }
    }

    /**
     * Adds a constant to every element.
     *
     * @param values the vector
     * @param amount what is added
     */
    public static void add(int[] values, int amount) {
        for (int i = 0; i < values.length; i++) {
            values[i] += amount;
        }
    }

    /**
     * Keeps values at a position; see {@link org.charlstm.device.Operations#append}.
     *
     * @param values   n elements
     * @param position from 0
     * @param history  L n elements
     */
    public static void append(int[] values, int position, int[] history) {
        int length = history.length / values.length;
        Shapes.require(history.length == length * values.length && position >= 0 && position < length,
                "%d values at %d in a history of %d", values.length, position, history.length);
        System.arraycopy(values, 0, history, position * values.length, values.length);
    }
}
