package org.charlstm.device;

/**
 * The sizes of the computation of LSTM layers.
 *
 * @param steps    T, time steps
 * @param batch    B, sequences side by side
 * @param training whether what the backward pass needs is kept
 */
public record LstmShape(LstmLayers layers, int steps, int batch, boolean training) {
    /** Refuses sizes below 1. */
    public LstmShape {
        if (steps < 1 || batch < 1) {
            throw new IllegalArgumentException("an LSTM over " + steps + " steps and batch " + batch
                    + ": each must be at least 1");
        }
    }

    /** Units of each layer. */
    public int hidden() {
        return layers.hidden();
    }

    /** What the lowest layer takes. */
    public InputShape input() {
        return layers.input();
    }

    /**
     * Rows of the input and of the output.
     *
     * @throws ArithmeticException if they are more than can be counted
     */
    public int rows() {
        return Math.multiplyExact(steps, batch);
    }
}
