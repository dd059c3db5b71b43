package org.charlstm.device;

/**
 * What the lowest of LSTM layers takes.
 *
 * @param ids     whether it is ids, else a matrix
 * @param columns rows of the kernel: V, the number of symbols that an id may name, or I, the columns of the matrix
 */
public record InputShape(boolean ids, int columns) {
    /** Refuses less than one column. */
    public InputShape {
        if (columns < 1) {
            throw new IllegalArgumentException("an input of " + columns + (ids ? " symbols" : " columns")
                    + ": there must be at least 1");
        }
    }

    /**
     * Ids.
     *
     * @param symbols V, the number of symbols that an id may name
     */
    public static InputShape ofIds(int symbols) {
        return new InputShape(true, symbols);
    }

    /**
     * A matrix.
     *
     * @param columns I, its columns
     */
    public static InputShape ofMatrix(int columns) {
        return new InputShape(false, columns);
    }

    /**
     * The shape in words.
     *
     * @return for example {@code 38 symbols} or {@code 64 columns}
     */
    public String title() {
        return columns + (ids ? " symbol" : " column") + (columns == 1 ? "" : "s");
    }
}
