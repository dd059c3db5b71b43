package org.charlstm.device;

/**
 * The sizes of the computation of one or more LSTM layers, each fed by the one below.
 *
 * @param symbols             V, the number of symbols that an input id may name
 * @param hidden              H, units of each layer
 * @param layers              L, layers
 * @param recurrentActivation what makes the gates
 * @param steps               T, time steps
 * @param batch               B, sequences side by side
 * @param training            whether what the backward pass needs is kept
 */
public record LstmShape(int symbols, int hidden, int layers, RecurrentActivation recurrentActivation, int steps,
        int batch, boolean training) {
    /**
     * Sigmoid gates.
     *
     * @param symbols  V
     * @param hidden   H
     * @param layers   L
     * @param steps    T
     * @param batch    B
     * @param training whether what the backward pass needs is kept
     */
    public LstmShape(int symbols, int hidden, int layers, int steps, int batch, boolean training) {
        this(symbols, hidden, layers, RecurrentActivation.SIGMOID, steps, batch, training);
    }

    /** Refuses sizes below 1. */
    public LstmShape {
        if (symbols < 1 || hidden < 1 || layers < 1 || steps < 1 || batch < 1) {
            throw new IllegalArgumentException("an LSTM of " + symbols + " symbols, " + hidden + " units, " + layers
                    + " layers, " + steps + " steps and batch " + batch + ": each must be at least 1");
        }
    }
}
