package org.charlstm.device;

/** A table of a vector for each symbol, (V, E), for one shape. */
public interface Embedding {
    /**
     * The sizes of the computation.
     *
     * @param symbols V, rows of the table
     * @param units   E, columns of the table
     * @param rows    M, the number of ids
     */
    record Shape(int symbols, int units, int rows) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require("an embedding of %d symbols and %d units for %d ids", symbols, units, rows);
        }
    }

    /**
     * A dense layer whose kernel (E, V) is the transpose of an embedding's table (Press and Wolf, "Using the output
     * embedding to improve language models", 2017). The flat buffers hold both; {@link Operations#copyTied} keeps them
     * equal.
     *
     * @param symbols V, rows of the table and columns of the kernel
     * @param units   E, columns of the table and rows of the kernel
     * @param table   the embedding's offset in the flat buffers, laid out by {@link Operations#embeddingLayout}
     * @param dense   the dense layer's offset, laid out by {@link Operations#denseLayout}
     */
    record TiedKernel(int symbols, int units, int table, int dense) {
    }

    /**
     * Looks up vectors: row m of the output is row ids[m] of the table.
     *
     * @param weights the flat weights, the table at its offset
     * @param ids     M ids, from 0 to V - 1
     * @param output  receives the vectors, (M, E)
     * @throws IllegalArgumentException if anything is of another size
     */
    void forward(Matrix weights, Ints ids, Matrix output);

    /**
     * Computes the gradient of the table: for each row, the sum of the output's gradients where it was looked up.
     *
     * @param ids            M ids, as forward took them
     * @param outputGradient dL/doutput, (M, E)
     * @param gradients      the flat gradients; the table's part is overwritten
     * @throws IllegalArgumentException if anything is of another size
     */
    void backward(Ints ids, Matrix outputGradient, Matrix gradients);
}
