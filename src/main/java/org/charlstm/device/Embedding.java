package org.charlstm.device;

/** A table of a vector for each symbol, (V, E), for one shape. */
public interface Embedding {
    /**
     * Looks vectors up: row m of the output is row ids[m] of the table.
     *
     * @param ids     M ids, from 0 to V - 1
     * @param output  receives the vectors, (M, E)
     */
    void forward(Matrix weights, Ints ids, Matrix output);

    /**
     * The gradient of the table: each of its rows receives the sum of the output's gradients where it was looked up.
     *
     * @param outputGradient dL/doutput, (M, E)
     * @param gradients      the flat gradients; the table's part is overwritten
     */
    void backward(Ints ids, Matrix outputGradient, Matrix gradients);
}
