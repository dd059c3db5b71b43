package org.charlstm.device;

/** An embedding of one shape: a table (V, E) with a vector for each symbol. */
public interface Embedding {
    /** The sizes of the table, (V, E), and M, the number of ids. */
    record Shape(int symbols, int units, int rows) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require("an embedding of %d symbols and %d units for %d ids", symbols, units, rows);
        }
    }

    /**
     * A dense layer whose kernel (E, V) is the transpose of an embedding's table (V, E) (Press and Wolf, "Using the
     * output embedding to improve language models", 2017). The flat buffers hold both tensors, at the offsets
     * {@code table} and {@code dense}; {@link Operations#copyTied} copies the table to the kernel.
     */
    record TiedKernel(int symbols, int units, int table, int dense) {
    }

    /** Looks up M ids, from 0 to V - 1: row m of the output, (M, E), is row ids[m] of the table. */
    void forward(Matrix weights, Ints ids, Matrix output);

    /** Overwrites the table's gradient: each row sums the rows of dL/doutput, (M, E), whose ids select the row. */
    void backward(Ints ids, Matrix outputGradient, Matrix gradients);
}
