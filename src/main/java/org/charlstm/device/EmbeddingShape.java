package org.charlstm.device;

/**
 * The sizes of a lookup.
 *
 * @param symbols V, rows of the table
 * @param units   E, columns of the table
 * @param rows    M, how many ids are looked up
 */
public record EmbeddingShape(int symbols, int units, int rows) {
    /** Refuses sizes below 1. */
    public EmbeddingShape {
        if (symbols < 1 || units < 1 || rows < 1) {
            throw new IllegalArgumentException("an embedding of " + symbols + " symbols and " + units + " units for "
                    + rows + " ids: each must be at least 1");
        }
    }
}
