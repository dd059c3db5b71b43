package org.charlstm.device;

/**
 * The sizes and settings of batch normalisation.
 *
 * @param momentum of the moving means and variances, from 0 to 1
 * @param epsilon  what is added to a variance, above 0
 * @param training whether mean and variance are those of the rows
 */
public record BatchNormShape(int columns, int rows, double momentum, double epsilon, boolean training) {
    /** Refuses sizes below 1 and settings out of range. */
    public BatchNormShape {
        if (columns < 1 || rows < 1) {
            throw new IllegalArgumentException("a batch normalisation of " + rows + " rows and " + columns
                    + " columns: each must be at least 1");
        }
        requireSettings(momentum, epsilon);
    }

    /**
     * Refuses settings out of range.
     *
     * @param momentum from 0 to 1
     * @param epsilon  above 0, in float32 too
     */
    public static void requireSettings(double momentum, double epsilon) {
        if (!(momentum >= 0 && momentum <= 1) || !((float) epsilon > 0 && epsilon <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("a batch normalisation with momentum " + momentum + " and epsilon "
                    + epsilon + "; the one must be from 0 to 1, the other above 0");
        }
    }
}
