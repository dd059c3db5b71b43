package org.charlstm.random;

/** {@link Philox}'s random numbers of a fixed (seed, purpose, index) in step order, for a single thread. */
public final class RandomStream {
    private final long seed;
    private final Purpose purpose;
    private final long index;
    private int step;

    /** A stream that begins at step 0. */
    public RandomStream(long seed, Purpose purpose, long index) {
        this.seed = seed;
        this.purpose = purpose;
        this.index = index;
    }

    /** The next uniform number from [0, 1). */
    public double uniform() {
        return Philox.uniform(seed, purpose, index, step++);
    }

    /** The next integer from 0 to below a bound of at least 1; the bias is below bound / 2^32. */
    public int below(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("the bound is " + bound + "; it must be at least 1");
        }
        return (int) (((Philox.bits(seed, purpose, index, step++) >>> 32) * bound) >>> 32);
    }

    /**
     * The next number from the standard normal distribution, by the Box-Muller transform; the cosine half of the pair.
     */
    public double gaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        return radius * StrictMath.cos(2 * StrictMath.PI * uniform());
    }
}
