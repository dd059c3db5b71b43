package org.charlstm.device;

/**
 * The sizes of one dense layer's computation.
 *
 * @param inputs     columns in
 * @param outputs    columns out
 * @param rows       M, rows of both: time steps x batch
 */
public record DenseShape(int inputs, int outputs, int rows, Activation activation) {
    /** Refuses sizes below 1. */
    public DenseShape {
        if (inputs < 1 || outputs < 1 || rows < 1) {
            throw new IllegalArgumentException("a dense layer of " + inputs + " inputs, " + outputs + " outputs and "
                    + rows + " rows: each must be at least 1");
        }
    }
}
