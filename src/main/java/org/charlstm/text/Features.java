package org.charlstm.text;

import org.charlstm.CharlstmException;
import org.charlstm.Quantity;

/**
 * A vector of numbers for each caption of a text, as a network gives for the image that a caption tells of: N rows of F
 * finite values. Row {@code i} is that of the caption whose ordinal is {@code i}, see {@link Captions#ordinal}.
 */
public final class Features {
    private final String source;
    private final float[][] values;

    /**
     * Features that are in memory.
     *
     * @param source where they come from, for messages
     * @param values N rows of F values each, both at least 1; not copied
     * @throws CharlstmException        if a value is not finite
     * @throws IllegalArgumentException if there is none, or rows are not equally long
     */
    public Features(String source, float[][] values) {
        this.source = source;
        this.values = values;
        if (values.length == 0 || values[0].length == 0) {
            throw new IllegalArgumentException(source + ": there must be a row and a column");
        }
        for (int row = 0; row < values.length; row++) {
            if (values[row].length != columns()) {
                throw new IllegalArgumentException(source + ": row " + row + " has " + values[row].length
                        + " values, and row 0 " + columns());
            }
            for (int column = 0; column < columns(); column++) {
                if (!Float.isFinite(values[row][column])) {
                    throw new CharlstmException(source + " has " + values[row][column] + " in row " + row + ", column "
                            + column + ", both from 0, as float32; each value must be finite");
                }
            }
        }
    }

    /**
     * What the grammar of the built-in captions has said in each, see {@link GeneratedCaptions#features}.
     *
     * @param count how many captions, at least 1
     * @return a row for each of {@link Captions#generated(int, long)}
     */
    public static Features generated(int count, long seed) {
        return new Features("the features of the generated captions", GeneratedCaptions.features(count, seed));
    }

    /**
     * Where they come from.
     *
     * @return the source, for messages
     */
    public String source() {
        return source;
    }

    /** How many rows there are. */
    public int rows() {
        return values.length;
    }

    /** How many values each has. */
    public int columns() {
        return values[0].length;
    }

    /**
     * Copies a row.
     *
     * @param row  from 0
     * @param at   where the first goes
     */
    public void row(int row, float[] into, int at) {
        System.arraycopy(values[row], 0, into, at, columns());
    }

    /**
     * Refuses captions that these features are not of: there must be a row for each caption of the text, those included
     * that are left out; of a text of which no more than the first captions are read there may be more rows.
     *
     * @param captions no windows of running text
     * @throws CharlstmException        if there are fewer rows, or more
     * @throws IllegalArgumentException if these are windows
     */
    public void requireRows(Captions captions) {
        if (captions.rows() instanceof TextRows.Windows) {
            throw new IllegalArgumentException(captions.source() + ": windows of running text have no features");
        }
        int read = captions.summary().lines().read();
        boolean whole = captions.summary().lines().whole();
        if (whole ? rows() != read : rows() < read) {
            int left = read - captions.size();
            throw new CharlstmException(source + " has " + Quantity.of(rows(), "rows") + ", but "
                    + (whole ? captions.source() + " has " + Quantity.of(read, "captions")
                            : Quantity.of(read, "captions") + " of " + captions.source() + " are read")
                    + (left > 0 ? ", of which " + Quantity.of(left, "captions") + (left == 1 ? " is" : " are")
                            + " left out"
                            : "")
                    + "; each caption needs a row, in their order, and blank lines are none");
        }
    }
}
