package org.charlstm.text;

import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.text.generated.GeneratedCaptions;

/**
 * A vector of numbers for each caption of a text, such as a network's output for the described image: N rows of F
 * finite values. Row {@code i} belongs to the caption with the ordinal {@code i}, see {@link Captions#ordinal}.
 */
public final class Features {
    private final String source;
    private final float[][] values;

    /**
     * Features in memory: N rows of F values each, both at least 1; the array is not copied. Fails if a value is not
     * finite. Throws {@link IllegalArgumentException} if there is no value, or the rows differ in length.
     */
    public Features(String source, float[][] values) {
        this.source = source;
        this.values = values;
        Refuse.argumentIf(values.length == 0 || values[0].length == 0, source + ": there must be a row and a column");
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

    /** The features of at least one built-in caption, see {@link GeneratedCaptions#features}. */
    public static Features generated(int count, long seed) {
        return new Features("the features of the generated captions", GeneratedCaptions.features(count, seed));
    }

    /** The name of the features' source, for messages. */
    public String source() {
        return source;
    }

    /** The number N of rows. */
    public int rows() {
        return values.length;
    }

    /** The number F of values in a row. */
    public int columns() {
        return values[0].length;
    }

    /** Copies a row into an array, starting at an index. */
    public void row(int row, float[] into, int at) {
        System.arraycopy(values[row], 0, into, at, columns());
    }

    /**
     * Fails unless there is a row for each caption of a text, including captions left out. There may be more rows if
     * only the first captions of the text are read. Throws {@link IllegalArgumentException} for windows.
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
