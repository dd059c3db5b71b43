package org.charlstm.device;

/**
 * What symbols are drawn from: softmax(logits / temperature), of which the most probable symbols alone may stay, with
 * their probabilities as large together as all were. Of equally probable ones those of lower ids go before the others.
 *
 * @param temperature divides the logits, at least 0; at 0 the most probable symbol is taken
 * @param topK        how many symbols stay, at least 1 ({@link #ALL}, or as many as there are, for all)
 * @param topP        the nucleus of Holtzman et al., "The curious case of neural text degeneration" (2020): of those
 *                    the fewest stay that together have this share of their probability; above 0 up to 1, which is all
 */
public record Draw(double temperature, int topK, double topP) {
    /** However many symbols there are. */
    public static final int ALL = Integer.MAX_VALUE;

    /** Refuses values that cannot draw. */
    public Draw {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the temperature is " + temperature + "; it must be 0 or more");
        }
        if (topK < 1) {
            throw new IllegalArgumentException("of the most probable " + topK + " are to stay; it must be at least 1");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("a share of " + topP
                    + " of the probability is to stay; it must be above 0, at most 1");
        }
    }

    /** A draw from all symbols. */
    public static Draw at(double temperature) {
        return new Draw(temperature, ALL, 1);
    }

    /**
     * Whether some symbols cannot be drawn.
     *
     * @return false where all stay
     */
    public boolean leavesOut(int symbols) {
        return topK < symbols || topP < 1;
    }
}
