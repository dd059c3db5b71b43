package org.charlstm.device;

/**
 * The distribution that symbols are drawn from: softmax(logits / temperature), optionally restricted to the most
 * probable symbols and renormalised. Equally probable symbols rank by id, the lowest first.
 *
 * @param temperature divides the logits, at least 0; 0 takes the most probable symbol
 * @param topK        keeps the k most probable symbols, at least 1; {@link #ALL} keeps all
 * @param topP        nucleus sampling of Holtzman et al., "The curious case of neural text degeneration" (2020): of the
 *                    symbols that topK keeps, keeps the fewest whose probabilities add up to this share, above 0; 1
 *                    keeps all
 */
public record Draw(double temperature, int topK, double topP) {
    /** A k that keeps every symbol. */
    public static final int ALL = Integer.MAX_VALUE;

    /** Checks the ranges. */
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

    /** Whether the draw may exclude some of a number of symbols. */
    public boolean leavesOut(int symbols) {
        return topK < symbols || topP < 1;
    }
}
