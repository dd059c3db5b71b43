package org.charlstm.device;

/**
 * The sizes of one LSTM computation.
 *
 * @param symbols  V, the number of symbols that an input id may name
 * @param hidden   H, units
 * @param steps    T, time steps
 * @param batch    B, sequences side by side
 * @param training whether what the backward pass needs is kept
 */
public record LstmShape(int symbols, int hidden, int steps, int batch, boolean training) {
    /** Refuses sizes below 1. */
    public LstmShape {
        if (symbols < 1 || hidden < 1 || steps < 1 || batch < 1) {
            throw new IllegalArgumentException("an LSTM of " + symbols + " symbols, " + hidden + " units, " + steps
                    + " steps and batch " + batch + ": each must be at least 1");
        }
    }
}
